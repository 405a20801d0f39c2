//===- ComposedMasks.cpp - chunks, unions, narrow types ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskLibrary.h"

// lint: long because it is a table.

using namespace mlir::mqa;

const std::vector<MaskSpec> &mlir::mqa::getComposedMasks() {
  static const std::vector<MaskSpec> masks = {
      {"window + 2 sink keys",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %r = arith.andi %a, %inside : i1
         %s = arith.constant 2 : index
         %g = arith.cmpi slt, %n, %s : index
         %ca = arith.andi %g, %a : i1
         %k = arith.ori %r, %ca : i1
         mqa.yield %k : i1)"},
      {"chunked, divui",
       R"(
         %c = arith.constant 4 : index
         %qm = arith.divui %m, %c : index
         %qn = arith.divui %n, %c : index
         %e = arith.cmpi eq, %qm, %qn : index
         mqa.yield %e : i1)"},
      {"chunked causal (Llama 4), divsi",
       R"(
         %c = arith.constant 4 : index
         %qm = arith.divsi %m, %c : index
         %qn = arith.divsi %n, %c : index
         %e = arith.cmpi eq, %qm, %qn : index
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %e, %a : i1
         mqa.yield %k : i1)"},
      {"chunked, chunk captured as a power of two",
       R"(
         %qm = arith.shrui %m, %s : index
         %qn = arith.shrui %n, %s : index
         %e = arith.cmpi eq, %qm, %qn : index
         mqa.yield %e : i1)",
       {{"shift", "index"}},
       {},
       R"(
         %lo = arith.constant 0 : index
         %hi = arith.constant 63 : index
         %s0 = arith.maxsi %shift, %lo : index
         %s = arith.minsi %s0, %hi : index)"},
      {"(m floordiv 4)*4 <= n <= m",
       R"(
         %c = arith.constant 4 : index
         %q = arith.floordivsi %m, %c : index
         %s = arith.muli %q, %c : index
         %g = arith.cmpi sge, %n, %s : index
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %g, %a : i1
         mqa.yield %k : i1)"},
      {"chunk with offset (m+off) div 4",
       R"(
         %c = arith.constant 4 : index
         %x = arith.addi %m, %off : index
         %qm = arith.floordivsi %x, %c : index
         %qn = arith.floordivsi %n, %c : index
         %k = arith.cmpi eq, %qm, %qn : index
         mqa.yield %k : i1)",
       {{"off", "index"}}},
      {"block causal (n div 2 <= m div 2)",
       R"(
         %c = arith.constant 2 : index
         %qm = arith.divui %m, %c : index
         %qn = arith.divui %n, %c : index
         %e = arith.cmpi ule, %qn, %qm : index
         mqa.yield %e : i1)"},
      {"dilated (m-n) rem 3 == 0, causal",
       R"(
         %c = arith.constant 3 : index
         %z = arith.constant 0 : index
         %d = arith.subi %m, %n : index
         %r = arith.remsi %d, %c : index
         %e = arith.cmpi eq, %r, %z : index
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.andi %e, %a : i1
         mqa.yield %k : i1)"},
      {"strided: window or n rem 4 == 3",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %r = arith.andi %a, %inside : i1
         %c = arith.constant 4 : index
         %x = arith.remui %n, %c : index
         %e = arith.cmpi eq, %x, %w : index
         %f = arith.andi %e, %a : i1
         %k = arith.ori %r, %f : i1
         mqa.yield %k : i1)"},
      {"block-sparse checkerboard 4x4",
       R"(
         %c = arith.constant 4 : index
         %t = arith.constant 2 : index
         %z = arith.constant 0 : index
         %qm = arith.divui %m, %c : index
         %qn = arith.divui %n, %c : index
         %s = arith.addi %qm, %qn : index
         %r = arith.remui %s, %t : index
         %k = arith.cmpi eq, %r, %z : index
         mqa.yield %k : i1)"},
      {"Longformer: |m-n|<=1 or n<2 or m<2",
       R"(
         %w = arith.constant 1 : index
         %g = arith.constant 2 : index
         %d = arith.subi %m, %n : index
         %e = arith.subi %n, %m : index
         %x = arith.maxsi %d, %e : index
         %a = arith.cmpi sle, %x, %w : index
         %inside = arith.cmpi slt, %n, %g : index
         %c = arith.cmpi slt, %m, %g : index
         %f = arith.ori %a, %inside : i1
         %k = arith.ori %f, %c : i1
         mqa.yield %k : i1)"},
      {"Gemma: select(global, causal, window)",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %r = arith.andi %a, %inside : i1
         %k = arith.select %glob, %a, %r : i1
         mqa.yield %k : i1)",
       {{"glob", "i1"}}},
      {"not window, and causal",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %r = arith.andi %a, %inside : i1
         %o = arith.constant true
         %x = arith.xori %r, %o : i1
         %k = arith.andi %x, %a : i1
         mqa.yield %k : i1)"},
      {"window without the diagonal (n != m)",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %r = arith.andi %a, %inside : i1
         %x = arith.cmpi ne, %n, %m : index
         %k = arith.andi %x, %r : i1
         mqa.yield %k : i1)"},
      {"select(n < p, true, causal)",
       R"(
         %g = arith.cmpi slt, %n, %p : index
         %t = arith.constant true
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.select %g, %t, %a : i1
         mqa.yield %k : i1)",
       {{"p", "index"}}},
      {"causal, static 8x8",
       R"(
         %a = arith.cmpi sle, %n, %m : index
         mqa.yield %a : i1)",
       {},
       {},
       "",
       1,
       1,
       8,
       8},
      {"window left 3, static 8x8",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %r = arith.andi %a, %inside : i1
         mqa.yield %r : i1)",
       {},
       {},
       "",
       1,
       1,
       8,
       8},
      {"causal bottom-right of the sizes",
       R"(
         %o = arith.subi %keys, %rows : index
         %x = arith.addi %m, %o : index
         %k = arith.cmpi sle, %n, %x : index
         mqa.yield %k : i1)",
       {},
       {},
       R"(
         %one = arith.constant 1 : index
         %two = arith.constant 2 : index
         %keys = tensor.dim %key, %one : tensor<?x?x2xf32>
         %rows = tensor.dim %query, %two : tensor<?x?x?x2xf32>)"},
      {"causal, all in i8",
       R"(
         %mi = arith.index_cast %m : index to i8
         %ni = arith.index_cast %n : index to i8
         %x = arith.addi %mi, %off : i8
         %k = arith.cmpi sge, %x, %ni : i8
         mqa.yield %k : i1)",
       {{"off", "i8"}}},
      {"window of i8, unsigned",
       R"(
         %mi = arith.index_cast %m : index to i8
         %ni = arith.index_cast %n : index to i8
         %d = arith.subi %mi, %ni : i8
         %k = arith.cmpi ult, %d, %w : i8
         mqa.yield %k : i1)",
       {{"w", "i8"}}},
      {"scaled position in i8",
       R"(
         %c = arith.constant 37 : i8
         %mi = arith.index_cast %m : index to i8
         %ni = arith.index_cast %n : index to i8
         %x = arith.muli %mi, %c : i8
         %k = arith.cmpi slt, %ni, %x : i8
         mqa.yield %k : i1)"},
      {"no key",
       R"(
         %k = arith.constant false
         mqa.yield %k : i1)"},
      {"offset by head and batch",
       R"(
         %o = arith.addi %h, %b : index
         %x = arith.addi %m, %o : index
         %k = arith.cmpi sle, %n, %x : index
         mqa.yield %k : i1)",
       {},
       {},
       "",
       2,
       3},
      {"every second head is causal",
       R"(
         %c = arith.constant 2 : index
         %z = arith.constant 0 : index
         %r = arith.remui %h, %c : index
         %g = arith.cmpi eq, %r, %z : index
         %a = arith.cmpi sle, %n, %m : index
         %k = arith.ori %g, %a : i1
         mqa.yield %k : i1)",
       {},
       {},
       "",
       1,
       3},
      {"window left 3 of an online attention",
       R"(
         %w = arith.constant 3 : index
         %d = arith.subi %m, %n : index
         %a = arith.cmpi sle, %n, %m : index
         %inside = arith.cmpi slt, %d, %w : index
         %k = arith.andi %a, %inside : i1
         mqa.yield %k : i1)",
       {},
       {},
       "",
       1,
       1,
       0,
       0,
       true},
      {"conditional region op",
       R"(
         %r = scf.if %glob -> (i1) {
           %a = arith.cmpi sle, %n, %m : index
           scf.yield %a : i1
         } else {
           %t = arith.constant 3 : index
           %a = arith.cmpi slt, %n, %t : index
           scf.yield %a : i1
         }
         mqa.yield %r : i1)",
       {{"glob", "i1"}}},
      {"blocks by an affine map", R"(
         %qm = affine.apply affine_map<(x) -> (x floordiv 4)>(%m)
         %qn = affine.apply affine_map<(x) -> (x floordiv 4)>(%n)
         %k = arith.cmpi sle, %qn, %qm : index
         mqa.yield %k : i1)"},
      {"window by a truncating division", R"(
         %c = arith.constant 3 : index
         %z = arith.constant 0 : index
         %d = arith.subi %m, %n : index
         %q = arith.divsi %d, %c : index
         %k = arith.cmpi eq, %q, %z : index
         mqa.yield %k : i1)"},
      {"remainder with the sign of the distance", R"(
         %c = arith.constant 3 : index
         %one = arith.constant 1 : index
         %d = arith.subi %m, %n : index
         %r = arith.remsi %d, %c : index
         %k = arith.cmpi sge, %r, %one : index
         mqa.yield %k : i1)"}};
  return masks;
}
