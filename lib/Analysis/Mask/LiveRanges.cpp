//===- LiveRanges.cpp - the keys that a box of rows can see ---------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LiveRanges.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;
using Kind = Formula::Kind;

//===----------------------------------------------------------------------===//
// Atoms
//===----------------------------------------------------------------------===//

/// All keys, if the condition holds.
Intervals LiveRanges::gate(OpFoldResult condition) {
  if (getKnownTruth(condition) == false)
    return {};
  Bound zero = out.constant(0);
  return {{zero, out.select(condition, query.getNumKeys(), zero)}};
}

/// The keys with `form <= limit` (0 without), for some or for all rows, where
/// the key sits under a chain of monotone functions.
std::optional<Interval> LiveRanges::invert(const LinearForm &form,
                                           const Bound *limit,
                                           Quantifier quantifier) {
  std::optional<std::pair<TermId, Int>> only;
  for (auto &[id, coefficient] : form.terms) {
    if (!model.terms[id].dependsOnKeys)
      continue;
    if (only)
      return std::nullopt;
    only = {id, coefficient};
  }
  Term term = model.terms[only->first];
  if (term.kind != Term::Kind::Key && term.kind != Term::Kind::Quotient)
    return std::nullopt;
  bool up = only->second > 0;
  bool may = quantifier == Quantifier::May;
  Int factor = abs(only->second);
  // With a positive factor it is k t <= x, and t < floor(x / k) + 1; with a
  // negative one it is k t >= -x, and t >= ceil(-x / k).
  LinearForm x = form.without(only->first).negated();
  Bound bound;
  if (up) {
    bound = query.getEnd(x.plus(LinearForm::of(factor)), may);
    if (limit)
      bound = out.add(bound, *limit);
  } else {
    bound = query.getEnd(x.negated().plus(LinearForm::of(factor - 1)), !may);
    if (limit)
      bound = out.subtract(bound, *limit);
  }
  bound = out.floorDivide(bound, out.constant(factor));
  if (out.hasFailed())
    return std::nullopt;
  if (term.kind == Term::Kind::Key) {
    if (up)
      return Interval{out.constant(0), bound};
    return Interval{bound, query.getNumKeys()};
  }
  // floor(f / c) < b is f <= c b - 1; floor(f / c) >= b is -f <= -c b.
  Bound scaled = out.multiply(query.getDivisor(term.divisor), bound);
  Bound next = up ? out.subtract(scaled, out.constant(1))
                  : out.subtract(out.constant(0), scaled);
  return invert(up ? term.operand : term.operand.negated(), &next, quantifier);
}

Intervals LiveRanges::solveAtom(const Formula &atom, Quantifier quantifier) {
  if (!model.terms.dependsOnKeys(atom.form))
    return gate(query.test(atom, quantifier));
  // The number of keys takes part, and may be guarded.
  TermSet leaves;
  model.terms.collectLeaves(atom.form, leaves);
  leaves.insert(model.getSizeTerm(model.keyDim));
  std::optional<Interval> found;
  bool isInvertible = query.attempt(
      leaves, [&] { found = invert(atom.form, nullptr, quantifier); });
  if (isInvertible && found)
    return {*found};
  exact = false;
  return gate(query.test(atom, quantifier));
}

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

/// Whether the formula is the same for all rows and keys.
bool LiveRanges::isUniform(const Formula &formula) {
  bool uniform = true;
  forEachLeaf(formula, [&](const Formula &leaf) {
    if (leaf.is(Kind::Unknown))
      uniform = false;
    else if (leaf.is(Kind::Flag))
      uniform &= model.getDependence(leaf.value) == Dependence::Point;
    for (auto &[id, coefficient] : leaf.form.terms)
      uniform &= model.getDependence(model.terms[id].dims) == Dependence::Point;
  });
  return uniform;
}

Intervals LiveRanges::solveChoice(const Formula &condition,
                                  const Formula &whenTrue,
                                  const Formula &whenFalse,
                                  Quantifier quantifier) {
  Intervals a = solve(whenTrue, quantifier);
  Intervals b = solve(whenFalse, quantifier);
  if (isUniform(condition) && a.size() <= 1 && b.size() <= 1) {
    // Either the one or the other, if the test could be emitted.
    OpFoldResult truth = query.test(condition, Quantifier::Must);
    Interval none{out.constant(0), out.constant(0)};
    Interval x = a.empty() ? none : a.front(), y = b.empty() ? none : b.front();
    if (truth == query.test(condition, Quantifier::May))
      return {{out.select(truth, x.lo, y.lo), out.select(truth, x.hi, y.hi)}};
  }
  Intervals c = solve(condition, quantifier);
  Intervals notC = solve(negation(condition), quantifier);
  if (quantifier == Quantifier::Must)
    return meet(join(notC, a), join(c, b), quantifier);
  return join(meet(c, a, quantifier), meet(notC, b, quantifier));
}

Intervals LiveRanges::solveList(const Formula &list, Quantifier quantifier) {
  bool isAnd = list.is(Kind::And);
  if (!isAnd)
    // One that holds for all rows and keys or for none decides alone.
    for (auto [index, arg] : llvm::enumerate(list.args))
      if (isUniform(arg)) {
        SmallVector<Formula> rest(list.args.begin(), list.args.end());
        rest.erase(rest.begin() + index);
        return solveChoice(arg, Formula::get(true), disjunction(rest),
                           quantifier);
      }
  Intervals found = solve(list.args.front(), quantifier);
  for (const Formula &arg : ArrayRef(list.args).drop_front()) {
    Intervals next = solve(arg, quantifier);
    found = isAnd ? meet(found, next, quantifier) : join(found, next);
  }
  return found;
}

Intervals LiveRanges::solve(const Formula &f, Quantifier quantifier) {
  switch (f.kind) {
  case Kind::Ite:
    return solveChoice(f.args[0], f.args[1], f.args[2], quantifier);
  case Kind::And:
  case Kind::Or:
    return solveList(f, quantifier);
  case Kind::Atom:
    return solveAtom(f, quantifier);
  case Kind::Unknown:
    exact = false;
    break;
  case Kind::Flag:
    if (model.getDependence(f.value) == Dependence::Keys)
      exact = false;
    break;
  case Kind::True:
  case Kind::False:
    break;
  }
  return gate(query.test(f, quantifier));
}

//===----------------------------------------------------------------------===//
// Lists of intervals
//===----------------------------------------------------------------------===//

Intervals LiveRanges::meet(Intervals a, Intervals b, Quantifier quantifier) {
  if (a.size() * b.size() > 4) {
    a = reduce(a, 2, quantifier);
    b = reduce(b, 2, quantifier);
  }
  Intervals both;
  for (const Interval &x : a)
    for (const Interval &y : b)
      both.push_back({out.maximum(x.lo, y.lo), out.minimum(x.hi, y.hi)});
  return both;
}

Intervals LiveRanges::join(Intervals a, const Intervals &b) {
  for (const Interval &x : b) {
    bool merged = false;
    for (Interval &y : a) {
      // One of them contains the other.
      if (x.lo == y.lo)
        y.hi = out.maximum(x.hi, y.hi);
      else if (x.hi == y.hi)
        y.lo = out.minimum(x.lo, y.lo);
      else
        continue;
      merged = true;
      break;
    }
    if (!merged)
      a.push_back(x);
  }
  return a;
}

/// The hull of those that are not empty.
Interval LiveRanges::mergeLive(const Interval &a, const Interval &b) {
  OpFoldResult noA = out.lessEqual(a.hi, a.lo), noB = out.lessEqual(b.hi, b.lo);
  Bound lo = out.minimum(a.lo, b.lo), hi = out.maximum(a.hi, b.hi);
  return {out.select(noA, b.lo, out.select(noB, a.lo, lo)),
          out.select(noA, b.hi, out.select(noB, a.hi, hi))};
}

/// The union of intervals that touch, else the longer one.
Interval LiveRanges::mergeFull(const Interval &a, const Interval &b) {
  OpFoldResult someA = out.lessThan(a.lo, a.hi),
               someB = out.lessThan(b.lo, b.hi);
  OpFoldResult touch = out.all(
      {out.lessEqual(a.lo, b.hi), out.lessEqual(b.lo, a.hi), someA, someB});
  // Lengths within [0, N], which cannot overflow.
  Bound zero = out.constant(0), keys = query.getNumKeys();
  auto length = [&](const Interval &x) {
    Bound lo = out.minimum(out.maximum(x.lo, zero), keys);
    return out.subtract(out.maximum(out.minimum(x.hi, keys), lo), lo);
  };
  OpFoldResult first = out.lessEqual(length(b), length(a));
  auto pick = [&](const Bound &merged, const Bound &x, const Bound &y) {
    return out.select(touch, merged, out.select(first, x, y));
  };
  return {pick(out.minimum(a.lo, b.lo), a.lo, b.lo),
          pick(out.maximum(a.hi, b.hi), a.hi, b.hi)};
}

Intervals LiveRanges::reduce(Intervals intervals, unsigned limit,
                             Quantifier quantifier) {
  while (intervals.size() > limit) {
    exact = false;
    Interval a = intervals.pop_back_val(), b = intervals.pop_back_val();
    intervals.push_back(quantifier == Quantifier::Must ? mergeFull(a, b)
                                                       : mergeLive(a, b));
  }
  return intervals;
}

Interval LiveRanges::clip(const Interval &interval) {
  return {out.maximum(interval.lo, out.constant(0)),
          out.minimum(interval.hi, query.getNumKeys())};
}

/// Puts the first one first, the empty ones last, and makes them disjoint.
void LiveRanges::sort(Interval &a, Interval &b) {
  Bound keys = query.getNumKeys();
  a.lo = out.select(out.lessEqual(a.hi, a.lo), keys, a.lo);
  b.lo = out.select(out.lessEqual(b.hi, b.lo), keys, b.lo);
  OpFoldResult swap = out.lessThan(b.lo, a.lo);
  Interval x = a, y = b;
  a = {out.select(swap, y.lo, x.lo), out.select(swap, y.hi, x.hi)};
  b = {out.select(swap, x.lo, y.lo), out.select(swap, x.hi, y.hi)};
  b.lo = out.maximum(b.lo, a.hi);
  b.hi = out.maximum(b.hi, b.lo);
}

Intervals LiveRanges::get(Quantifier quantifier, unsigned limit) {
  Intervals found =
      reduce(solve(query.getFormula(), quantifier), limit, quantifier);
  for (Interval &interval : found)
    interval = clip(interval);
  if (found.empty())
    found.push_back({out.constant(0), out.constant(0)});
  if (found.size() == 2)
    sort(found[0], found[1]);
  return found;
}
