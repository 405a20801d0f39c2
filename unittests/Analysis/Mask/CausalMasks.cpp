//===- CausalMasks.cpp - causal, windows, lengths of scalars ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskLibrary.h"

// lint: long because it is a table.

using namespace mlir::mqa;

const std::vector<MaskSpec> &mlir::mqa::getCausalMasks() {
  static const std::vector<MaskSpec> masks = {
      {"none",
       R"(
         %k = arith.constant true
         mqa.yield %k : i1)"},
      {"causal top-left",
       R"(
         %a = arith.cmpi sle, %n, %m : index
         mqa.yield %a : i1)"},
      {"causal offset (captured)",
       R"(
         %x = arith.addi %m, %off : index
         %k = arith.cmpi sle, %n, %x : index
         mqa.yield %k : i1)",
       {{"off", "index"}}},
      {"causal offset, all in i32",
       R"(
         %mi = arith.index_cast %m : index to i32
         %ni = arith.index_cast %n : index to i32
         %x = arith.addi %mi, %off : i32
         %k = arith.cmpi sge, %x, %ni : i32
         mqa.yield %k : i1)",
       {{"off", "i32"}}},
      {"causal offset constant 2",
       R"(
         %o = arith.constant 2 : index
         %x = arith.addi %m, %o : index
         %k = arith.cmpi sle, %n, %x : index
         mqa.yield %k : i1)"},
      {"causal offset >= 0 known",
       R"(
         %x = arith.addi %m, %off : index
         %k = arith.cmpi sle, %n, %x : index
         mqa.yield %k : i1)",
       {{"off_any", "index"}},
       {},
       R"(
         %lo = arith.constant 0 : index
         %hi = arith.constant 10 : index
         %x0 = arith.maxsi %off_any, %lo : index
         %off = arith.minsi %x0, %hi : index)"},
      {"causal bottom-right (n - m <= N - M)",
       R"(
         %o = arith.subi %klen, %qlen : index
         %d = arith.subi %n, %m : index
         %k = arith.cmpi sle, %d, %o : index
         mqa.yield %k : i1)",
       {{"klen", "index"}, {"qlen", "index"}}},
      {"anti-causal",
       R"(
         %k = arith.cmpi sgt, %n, %m : index
         mqa.yield %k : i1)"},
      {"window left 3",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %r = arith.andi %a, %inside : i1
         mqa.yield %r : i1)"},
      {"window left, dynamic",
       R"(
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %k = arith.andi %a, %inside : i1
         mqa.yield %k : i1)",
       {{"w", "index"}}},
      {"window, unsigned trick",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %k = arith.cmpi ult, %d, %w : index
         mqa.yield %k : i1)"},
      {"window both sides (2,1)",
       R"(
         %l = arith.constant 2 : index
         %r = arith.constant 1 : index
         %d = arith.subi %m, %n : index
         %e = arith.subi %n, %m : index
         %a = arith.cmpi sle, %d, %l : index
         %inside = arith.cmpi sle, %e, %r : index
         %k = arith.andi %a, %inside : i1
         mqa.yield %k : i1)"},
      {"window |m-n| <= 2 by maxsi",
       R"(
         %w = arith.constant 2 : index
         %d = arith.subi %m, %n : index
         %e = arith.subi %n, %m : index
         %x = arith.maxsi %d, %e : index
         %a = arith.cmpi sle, %x, %w : index
         mqa.yield %a : i1)"},
      {"window start = max(m-w+1, 0)",
       R"(
         %w = arith.constant -2 : index
         %z = arith.constant 0 : index
         %s = arith.addi %m, %w : index
         %t = arith.maxsi %s, %z : index
         %g = arith.cmpi sge, %n, %t : index
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %g, %a : i1
         mqa.yield %k : i1)"},
      {"length i64, no guard",
       R"(
         %k = arith.cmpi slt, %n, %len : index
         mqa.yield %k : i1)",
       {{"len", "index"}}},
  };
  return masks;
}
