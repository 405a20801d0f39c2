//===- MaskFormula.h - what a mask says, as a formula -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Truth values are formulas in negation normal form over atoms `form <= 0`;
// integers are trees of min, max and choice over linear forms. Comparisons pull
// the inner nodes of trees out of atoms, exactly.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_MASKFORMULA_H
#define MQA_LIB_ANALYSIS_MASK_MASKFORMULA_H

#include "LinearForm.h"
#include <optional>
#include <vector>

namespace mlir::mqa::mask {

/// A truth value, as a function of positions.
struct Formula {
  enum class Kind {
    True,
    False,
    Unknown, ///< `value`, of which nothing is known.
    Atom,    ///< form <= 0
    Flag,    ///< `value` (an i1 that is a symbol, or depends on rows, or keys)
    And,
    Or,
    Ite ///< args[0] ? args[1] : args[2]
  };
  Kind kind = Kind::True;
  LinearForm form;
  Value value;
  bool negated = false; ///< Of a flag.
  std::vector<Formula> args;

  static Formula get(bool value) {
    return {value ? Kind::True : Kind::False, {}, {}, false, {}};
  }
  static Formula atom(const LinearForm &form);
  static Formula flag(Value value) {
    return {Kind::Flag, {}, value, false, {}};
  }
  static Formula unknown(Value value) {
    return {Kind::Unknown, {}, value, false, {}};
  }

  bool is(Kind wanted) const { return kind == wanted; }
  bool isLiteral() const { return is(Kind::Atom) || is(Kind::Flag); }
  bool operator==(const Formula &other) const;
};

/// Conjunction and disjunction, simplified: what one literal says about the
/// others is used.
Formula conjunction(ArrayRef<Formula> args);
Formula disjunction(ArrayRef<Formula> args);
Formula negation(const Formula &formula);
Formula choice(const Formula &condition, const Formula &a, const Formula &b);

/// Number of literals.
unsigned getSize(const Formula &formula);
/// Calls `visit` for every literal and every unknown.
void forEachLeaf(const Formula &formula,
                 function_ref<void(const Formula &)> visit);

/// An integer, as a function of positions.
struct IntTree {
  enum class Kind { Leaf, Min, Max, Ite };
  Kind kind = Kind::Leaf;
  LinearForm form;
  std::vector<Formula> condition; ///< One, of Ite.
  std::vector<IntTree> args;      ///< Two, unless it is a leaf.

  static IntTree leaf(LinearForm form) {
    return {Kind::Leaf, std::move(form), {}, {}};
  }
  static IntTree node(Kind kind, IntTree a, IntTree b) {
    return {kind, {}, {}, {std::move(a), std::move(b)}};
  }
  static IntTree choice(Formula condition, IntTree a, IntTree b) {
    return {
        Kind::Ite, {}, {std::move(condition)}, {std::move(a), std::move(b)}};
  }
  bool isLeaf() const { return kind == Kind::Leaf; }
  bool isConstant() const { return isLeaf() && form.isConstant(); }
  unsigned countLeaves() const;
  bool all(function_ref<bool(const LinearForm &)> holds) const;
  bool operator==(const IntTree &other) const;
};
using MaybeTree = std::optional<IntTree>;

/// How a function of one form goes.
enum class Monotone { Down = -1, No = 0, Up = 1 };
using MapForm = function_ref<LinearForm(const LinearForm &)>;

/// A function of every leaf.
IntTree mapLeaves(const IntTree &tree, Monotone monotone, MapForm map);
/// `a + factor * b`; nothing if that has too many leaves.
MaybeTree addTrees(const IntTree &a, const IntTree &b, int64_t factor = 1);
IntTree scaleTree(const IntTree &tree, const Int &factor);

/// a <= b, a < b; nothing if that is too large.
std::optional<Formula> lessEqual(const IntTree &a, const IntTree &b);
std::optional<Formula> lessThan(const IntTree &a, const IntTree &b);
/// tree <= 0
Formula notPositive(const IntTree &tree);

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_MASKFORMULA_H
