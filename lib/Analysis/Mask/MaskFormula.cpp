//===- MaskFormula.cpp - what a mask says, as a formula -------------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskFormula.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;
using Kind = Formula::Kind;

/// Larger trees are given up.
static constexpr unsigned kMaxLeaves = 12;

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

Formula Formula::atom(const LinearForm &form) {
  if (form.isConstant())
    return get(form.constant <= 0);
  return {Kind::Atom, form, {}, false, {}};
}

bool Formula::operator==(const Formula &other) const {
  return kind == other.kind && form == other.form && value == other.value &&
         negated == other.negated && args == other.args;
}

Formula mask::negation(const Formula &f) {
  switch (f.kind) {
  case Kind::True:
  case Kind::False:
    return Formula::get(f.is(Kind::False));
  case Kind::Unknown:
    return f;
  case Kind::Atom:
    return Formula::atom(f.form.negated().plus(1));
  case Kind::Flag: {
    Formula flipped = f;
    flipped.negated = !f.negated;
    return flipped;
  }
  case Kind::Ite:
    return choice(f.args[0], negation(f.args[1]), negation(f.args[2]));
  case Kind::And:
  case Kind::Or: {
    SmallVector<Formula> args(llvm::map_range(f.args, negation));
    return f.is(Kind::And) ? disjunction(args) : conjunction(args);
  }
  }
  llvm_unreachable("a formula of another kind");
}

/// Something that is unknown is not what its negation is, but looks like it.
static bool hasUnknown(const Formula &f) {
  return f.is(Kind::Unknown) || llvm::any_of(f.args, hasUnknown);
}

Formula mask::choice(const Formula &condition, const Formula &a,
                     const Formula &b) {
  if (a == b && !hasUnknown(a))
    return a;
  if (condition.is(Kind::True))
    return a;
  if (condition.is(Kind::False))
    return b;
  if (a.is(Kind::True))
    return disjunction({condition, b});
  if (a.is(Kind::False))
    return conjunction({negation(condition), b});
  if (b.is(Kind::True))
    return disjunction({negation(condition), a});
  if (b.is(Kind::False))
    return conjunction({condition, a});
  return {Kind::Ite, {}, {}, false, {condition, a, b}};
}

/// What literal `g` is where literal `f` holds.
static std::optional<bool> implied(const Formula &f, const Formula &g) {
  if (f == g)
    return true;
  if (f.is(Kind::Flag))
    return f == negation(g) ? std::optional<bool>(false) : std::nullopt;
  if (!f.is(Kind::Atom) || !g.is(Kind::Atom))
    return std::nullopt;
  if (f.form.terms == g.form.terms && g.form.constant <= f.form.constant)
    return true;
  if (f.form.negated().terms == g.form.terms &&
      f.form.constant + g.form.constant >= 1)
    return false;
  return std::nullopt;
}

static Formula combine(ArrayRef<Formula> args, bool isAnd);

/// `g`, where literal `f` holds.
static Formula assume(const Formula &g, const Formula &f) {
  if (g.isLiteral()) {
    std::optional<bool> known = implied(f, g);
    return known ? Formula::get(*known) : g;
  }
  if (g.args.empty())
    return g;
  SmallVector<Formula> args;
  for (const Formula &arg : g.args)
    args.push_back(assume(arg, f));
  if (std::equal(args.begin(), args.end(), g.args.begin(), g.args.end()))
    return g;
  if (g.is(Kind::Ite))
    return choice(args[0], args[1], args[2]);
  return combine(args, g.is(Kind::And));
}

/// Lets every literal simplify the others: `a and (b or not a)` is `a and b`.
/// Returns whether anything changed.
static bool propagate(SmallVectorImpl<Formula> &args, bool isAnd) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (!args[i].isLiteral())
      continue;
    Formula known = isAnd ? args[i] : negation(args[i]);
    bool changed = false;
    for (size_t j = 0; j < args.size(); ++j) {
      if (i == j)
        continue;
      Formula simpler = assume(args[j], known);
      changed |= !(simpler == args[j]);
      args[j] = std::move(simpler);
    }
    if (changed)
      return true;
  }
  return false;
}

/// A conjunction, or a disjunction.
static Formula combine(ArrayRef<Formula> args, bool isAnd) {
  Kind kind = isAnd ? Kind::And : Kind::Or;
  SmallVector<Formula> out;
  auto add = [&](const Formula &f) {
    if (f.is(Kind::Unknown) || !llvm::is_contained(out, f))
      out.push_back(f);
  };
  for (const Formula &f : args) {
    if (f.is(isAnd ? Kind::False : Kind::True))
      return f;
    if (f.is(kind))
      llvm::for_each(f.args, add);
    else if (!f.is(isAnd ? Kind::True : Kind::False))
      add(f);
  }
  if (propagate(out, isAnd))
    return combine(out, isAnd);
  if (out.empty())
    return Formula::get(isAnd);
  if (out.size() == 1)
    return out.front();
  return {kind, {}, {}, false, {out.begin(), out.end()}};
}

Formula mask::conjunction(ArrayRef<Formula> args) {
  return combine(args, /*isAnd=*/true);
}
Formula mask::disjunction(ArrayRef<Formula> args) {
  return combine(args, /*isAnd=*/false);
}

unsigned mask::getSize(const Formula &formula) {
  unsigned size = 0;
  forEachLeaf(formula, [&](const Formula &) { ++size; });
  return size;
}

void mask::forEachLeaf(const Formula &formula,
                       function_ref<void(const Formula &)> visit) {
  if (formula.isLiteral() || formula.is(Kind::Unknown))
    visit(formula);
  for (const Formula &arg : formula.args)
    forEachLeaf(arg, visit);
}

//===----------------------------------------------------------------------===//
// Trees
//===----------------------------------------------------------------------===//

unsigned IntTree::countLeaves() const {
  return isLeaf() ? 1 : args[0].countLeaves() + args[1].countLeaves();
}

bool IntTree::all(function_ref<bool(const LinearForm &)> holds) const {
  return isLeaf() ? holds(form) : args[0].all(holds) && args[1].all(holds);
}

bool IntTree::operator==(const IntTree &other) const {
  return kind == other.kind && form == other.form &&
         condition == other.condition && args == other.args;
}

/// The node `tree`, which is none, as a choice; its args are replaced later.
static Formula conditionOf(const IntTree &tree) {
  if (tree.kind == IntTree::Kind::Ite)
    return tree.condition.front();
  bool isMin = tree.kind == IntTree::Kind::Min;
  const IntTree &small = tree.args[isMin ? 0 : 1];
  const IntTree &large = tree.args[isMin ? 1 : 0];
  if (MaybeTree sum = addTrees(small, large, -1))
    return notPositive(*sum);
  return Formula::unknown({});
}

IntTree mask::mapLeaves(const IntTree &tree, Monotone monotone, MapForm map) {
  if (tree.isLeaf())
    return IntTree::leaf(map(tree.form));
  IntTree a = mapLeaves(tree.args[0], monotone, map);
  IntTree b = mapLeaves(tree.args[1], monotone, map);
  if (tree.kind == IntTree::Kind::Ite || monotone == Monotone::No)
    return IntTree::choice(conditionOf(tree), std::move(a), std::move(b));
  bool isMin = (tree.kind == IntTree::Kind::Min) == (monotone == Monotone::Up);
  return IntTree::node(isMin ? IntTree::Kind::Min : IntTree::Kind::Max,
                       std::move(a), std::move(b));
}

/// `a + factor * form`, and the same for every leaf of `b`.
MaybeTree mask::addTrees(const IntTree &a, const IntTree &b, int64_t factor) {
  if (a.countLeaves() * b.countLeaves() > kMaxLeaves)
    return std::nullopt;
  if (a.isLeaf())
    return mapLeaves(
        b, factor > 0 ? Monotone::Up : Monotone::Down,
        [&](const LinearForm &y) { return a.form.plus(y, Int(factor)); });
  IntTree sum = a;
  for (IntTree &arg : sum.args)
    arg = *addTrees(arg, b, factor);
  return sum;
}

IntTree mask::scaleTree(const IntTree &tree, const Int &factor) {
  return mapLeaves(tree, factor >= 0 ? Monotone::Up : Monotone::Down,
                   [&](const LinearForm &form) { return form.times(factor); });
}

Formula mask::notPositive(const IntTree &tree) {
  if (tree.isLeaf())
    return Formula::atom(tree.form);
  Formula a = notPositive(tree.args[0]), b = notPositive(tree.args[1]);
  if (tree.kind == IntTree::Kind::Min)
    return disjunction({a, b});
  if (tree.kind == IntTree::Kind::Max)
    return conjunction({a, b});
  return choice(tree.condition.front(), a, b);
}

std::optional<Formula> mask::lessEqual(const IntTree &a, const IntTree &b) {
  if (MaybeTree difference = addTrees(a, b, -1))
    return notPositive(*difference);
  return std::nullopt;
}

std::optional<Formula> mask::lessThan(const IntTree &a, const IntTree &b) {
  if (MaybeTree difference = addTrees(a, b, -1))
    return notPositive(mapLeaves(*difference, Monotone::Up,
                                 [](auto &form) { return form.plus(1); }));
  return std::nullopt;
}
