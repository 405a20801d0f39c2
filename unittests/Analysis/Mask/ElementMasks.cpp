//===- ElementMasks.cpp - masks that read inputs ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskLibrary.h"

// lint: long because it is a table.

using namespace mlir::mqa;

const std::vector<MaskSpec> &mlir::mqa::getElementMasks() {
  static const std::vector<MaskSpec> masks = {
      {"window per head (element of h)",
       R"(
         %w = arith.index_cast %win : i32 to index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %k = arith.andi %a, %inside : i1
         mqa.yield %k : i1)",
       {},
       {{"win", "i32", "h", Draw::Extreme}},
       "",
       1,
       2},
      {"prefix-LM (per batch)",
       R"(
         %p = arith.index_cast %pre : i32 to index
         %g = arith.cmpi slt, %n, %p : index
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.ori %g, %a : i1
         mqa.yield %k : i1)",
       {},
       {{"pre", "i32", "b", Draw::Extreme}},
       "",
       2},
      {"length per batch",
       R"(
         %l = arith.index_cast %len : i32 to index
         %k = arith.cmpi slt, %n, %l : index
         mqa.yield %k : i1)",
       {},
       {{"len", "i32", "b", Draw::Extreme}},
       "",
       2},
      {"length + causal bottom-right",
       R"(
         %l = arith.index_cast %len : i32 to index
         %q = arith.index_cast %qlen : i32 to index
         %g = arith.cmpi slt, %n, %l : index
         %o = arith.subi %l, %q : index
         %x = arith.addi %m, %o : index
         %inside = arith.cmpi sle, %n, %x : index
         %k = arith.andi %g, %inside : i1
         mqa.yield %k : i1)",
       {},
       {{"len", "i32", "b", Draw::Extreme},
        {"qlen", "i32", "b", Draw::Extreme}},
       "",
       2},
      {"padding at the left + causal",
       R"(
         %s = arith.index_cast %st : i32 to index
         %g = arith.cmpi sge, %n, %s : index
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %g, %a : i1
         mqa.yield %k : i1)",
       {},
       {{"st", "i32", "b", Draw::Extreme}},
       "",
       2},
      {"documents",
       R"(
         %e = arith.cmpi eq, %qd, %kd : i32
         mqa.yield %e : i1)",
       {},
       {{"qd", "i32", "m", Draw::Documents},
        {"kd", "i32", "n", Draw::Documents}}},
      {"documents in order",
       R"(
         %e = arith.cmpi eq, %qd, %kd : i32
         mqa.yield %e : i1)",
       {},
       {{"qd", "i32", "m", Draw::Documents},
        {"kd", "i32", "n", Draw::Documents}}},
      {"documents in order, causal",
       R"(
         %e = arith.cmpi eq, %qd, %kd : i32
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %e, %a : i1
         mqa.yield %k : i1)",
       {},
       {{"qd", "i32", "m", Draw::Documents},
        {"kd", "i32", "n", Draw::Documents}}},
      {"documents, self-attention, causal",
       R"(
         %e = arith.cmpi eq, %qd, %kd : i32
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %e, %a : i1
         mqa.yield %k : i1)",
       {},
       {{"qd", "i32", "m", Draw::Documents},
        {"kd", "i32", "n", Draw::Documents, "qd"}}},
      {"documents, random ids",
       R"(
         %e = arith.cmpi eq, %qd, %kd : i32
         mqa.yield %e : i1)",
       {},
       {{"qd", "i32", "m", Draw::Extreme}, {"kd", "i32", "n", Draw::Few}}},
      {"row spans start[m] <= n < end[m]",
       R"(
         %a = arith.cmpi sge, %n, %s : index
         %inside = arith.cmpi slt, %n, %e : index
         %k = arith.andi %a, %inside : i1
         mqa.yield %k : i1)",
       {},
       {{"s", "index", "m", Draw::Spans}, {"e", "index", "m", Draw::Spans}}},
      {"key valid flag (i1 of n) + causal",
       R"(
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %v, %a : i1
         mqa.yield %k : i1)",
       {},
       {{"v", "i1", "n", Draw::Prefix}}},
      {"boolean tensor",
       R"(
         mqa.yield %t : i1)",
       {},
       {{"t", "i1", "mn", Draw::LowerTriangle}}},
      {"boolean tensor, i8, and causal",
       R"(
         %z = arith.constant 0 : i8
         %x = arith.cmpi ne, %t, %z : i8
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %x, %a : i1
         mqa.yield %k : i1)",
       {},
       {{"t", "i8", "mn", Draw::Bits}}},
      {"n < min(len, m+1)",
       R"(
         %l = arith.index_cast %len : i32 to index
         %o = arith.constant 1 : index
         %x = arith.addi %m, %o : index
         %y = arith.minsi %l, %x : index
         %k = arith.cmpi sgt, %y, %n : index
         mqa.yield %k : i1)",
       {},
       {{"len", "i32", "b", Draw::Extreme}},
       "",
       2},
      {"speculative tree: n < p or draft[m,n]",
       R"(
         %g = arith.cmpi slt, %n, %p : index
         %k = arith.ori %g, %t : i1
         mqa.yield %k : i1)",
       {{"p", "index"}},
       {{"t", "i1", "mn", Draw::Bits}}},
      {"length and float bias",
       R"(
         %l = arith.index_cast %len : i32 to index
         %g = arith.cmpi slt, %n, %l : index
         %low = arith.constant -1.0 : f32
         %x = arith.cmpf ogt, %bias, %low : f32
         %k = arith.andi %g, %x : i1
         mqa.yield %k : i1)",
       {},
       {{"len", "i32", "b", Draw::Extreme}, {"bias", "f32", "mn", Draw::Zeros}},
       "",
       2},
      {"length of a memref",
       R"(
         %l = arith.index_cast %len : i32 to index
         %k = arith.cmpi slt, %n, %l : index
         mqa.yield %k : i1)",
       {},
       {{"len", "i32", "b", Draw::Extreme}},
       "",
       2,
       1,
       0,
       0,
       false,
       true},
      {"offset of every row, in i8",
       R"(
         %x = arith.index_cast %off : i8 to index
         %y = arith.addi %m, %x : index
         %k = arith.cmpi sle, %n, %y : index
         mqa.yield %k : i1)",
       {},
       {{"off", "i8", "hm", Draw::Extreme}},
       "",
       1,
       2},
  };
  return masks;
}
