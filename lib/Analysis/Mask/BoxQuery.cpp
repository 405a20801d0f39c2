//===- BoxQuery.cpp - one question about a box of positions ---------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BoxQuery.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;

BoxQuery::BoxQuery(MaskModel &model, OpBuilder &builder, Location loc,
                   const RowBox &rows, std::optional<KeyRange> keys,
                   const Formula &formula, const Assumptions &assumptions)
    : model(model), out(builder, loc), rows(rows), keys(keys), formula(formula),
      assumptions(assumptions) {
  SmallVector<OpFoldResult> first = rows.first, last = rows.last;
  if (keys) {
    int64_t most =
        model.getStaticSize(model.keyDim).value_or(model.options.maxDim);
    IntRange range{Int(1), Int(std::max<int64_t>(most, 1))};
    lastKey = out.subtract(out.known(keys->end, range), out.constant(1));
    first[model.keyDim] = keys->begin;
    last[model.keyDim] = lastKey.value;
  }
  reader.emplace(model, builder, loc, first, last);
}

//===----------------------------------------------------------------------===//
// Ends of terms
//===----------------------------------------------------------------------===//

Bound BoxQuery::emitSizeOf(unsigned dim, const IntRange &range) {
  OpFoldResult &size = sizes[dim];
  if (!size)
    size = emitSize(out.getBuilder(), out.getLoc(), model, dim);
  if (auto value = dyn_cast<Value>(size))
    return toBound(value, range);
  return out.known(size, range);
}

Bound BoxQuery::getNumKeys() {
  if (std::optional<int64_t> size = model.getStaticSize(model.keyDim))
    return out.constant(*size);
  TermId term = model.getSizeTerm(model.keyDim);
  return emitSizeOf(model.keyDim, model.getRange(term, assumptions));
}

/// An integer as an index.
Bound BoxQuery::toBound(Value value, const IntRange &range) {
  OpBuilder &b = out.getBuilder();
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return out.constant(constant.getSExtValue());
  if (value.getType().isIndex())
    return out.known(value, range);
  Value &cast = casts[value];
  if (!cast)
    cast = b.createOrFold<arith::IndexCastOp>(out.getLoc(), b.getIndexType(),
                                              value);
  return out.known(cast, range);
}

Bound BoxQuery::getPositionEnd(const Term &term, bool upper,
                               const IntRange &range) {
  if (range.lo == range.hi)
    return out.constant(range.lo);
  if (term.kind == Term::Kind::Row)
    return out.known((upper ? rows.last : rows.first)[term.dim], range);
  if (!keys)
    return upper ? out.subtract(getNumKeys(), out.constant(1))
                 : out.constant(0);
  if (!upper)
    return out.known(keys->begin, range);
  // The range may be tighter than the one that the box was built with.
  return out.known(lastKey.value, range);
}

const Extremes &BoxQuery::getExtremes(Value value) {
  auto known = extremes.find(value);
  if (known != extremes.end())
    return known->second;
  // All values of the formula over the same dimensions share their loops.
  llvm::SmallBitVector dims = model.getDims(value);
  SmallVector<Value> values{value};
  auto add = [&](Value other) {
    if (other && model.getDims(other) == dims && isNumber(other.getType()) &&
        !llvm::is_contained(values, other) && !extremes.contains(other))
      values.push_back(other);
  };
  forEachLeaf(formula, [&](const Formula &leaf) {
    if (leaf.is(Formula::Kind::Flag))
      add(leaf.value);
    TermSet terms;
    model.terms.collectLeaves(leaf.form, terms);
    for (TermId term : terms)
      add(model.terms[term].value);
  });
  SmallVector<Extremes> found = reader->getExtremes(values);
  for (auto [each, both] : llvm::zip_equal(values, found))
    extremes[each] = both;
  return extremes[value];
}

Bound BoxQuery::getElementEnd(TermId id, bool upper, const IntRange &range) {
  Value value = model.terms[id].value;
  const Extremes &ends = getExtremes(value);
  return toBound(upper ? ends.greatest : ends.least, range);
}

Bound BoxQuery::getDivisor(const Divisor &divisor) {
  if (divisor.constant != 0)
    return out.constant(divisor.constant);
  // Clamped on what is known without guards: it must not trap.
  const Term &symbol = model.terms[divisor.term];
  Bound value = toBound(reader->getAtPoint(symbol.value), symbol.range);
  if (divisor.isExponent) {
    IntRange allowed = model.getAllowed(Guard::Exponent);
    value = out.minimum(out.maximum(value, out.constant(allowed.lo)),
                        out.constant(allowed.hi));
    return out.powerOfTwo(value);
  }
  value = out.maximum(value, out.constant(1));
  IntRange range = model.getDivisorRange(divisor, assumptions);
  if (!value.isConstant()) {
    value.lo = std::max(value.lo, range.lo);
    value.hi = std::max(value.lo, std::min(value.hi, range.hi));
  }
  return value;
}

Bound BoxQuery::getDivisionEnd(const Term &term, bool upper) {
  Bound divisor = getDivisor(term.divisor);
  Bound lower = getEnd(term.operand, false),
        higher = getEnd(term.operand, true);
  Bound lowest = out.floorDivide(lower, divisor);
  Bound highest = out.floorDivide(higher, divisor);
  if (term.kind == Term::Kind::Quotient)
    return upper ? highest : lowest;
  // The remainders go up as long as the quotient stays.
  const Bound &x = upper ? higher : lower;
  Bound rest = out.subtract(x, out.multiply(upper ? highest : lowest, divisor));
  if (!rest.isConstant()) {
    rest.lo = std::max(rest.lo, Int(0));
    rest.hi = std::min(rest.hi, divisor.hi - 1);
  }
  Bound other =
      upper ? out.subtract(divisor, out.constant(1)) : out.constant(0);
  return out.select(out.lessEqual(highest, lowest), rest, other);
}

Bound BoxQuery::getTermEnd(TermId id, bool upper, const Assumptions &known) {
  // A copy: the table may grow meanwhile.
  Term term = model.terms[id];
  IntRange range = model.getRange(id, known);
  switch (term.kind) {
  case Term::Kind::Key:
  case Term::Kind::Row:
    return getPositionEnd(term, upper, range);
  case Term::Kind::Size:
    return emitSizeOf(term.dim, range);
  case Term::Kind::Symbol:
    return toBound(reader->getAtPoint(term.value), range);
  case Term::Kind::RowValue:
    return getElementEnd(id, upper, range);
  case Term::Kind::KeyValue:
    // Of all keys only the type is known, and no guard has looked at them.
    if (!keys)
      return out.constant(upper ? term.range.hi : term.range.lo);
    return getElementEnd(id, upper, range);
  case Term::Kind::Any:
    return out.constant(upper ? term.range.hi : term.range.lo);
  case Term::Kind::Quotient:
  case Term::Kind::Remainder:
    return getDivisionEnd(term, upper);
  }
  llvm_unreachable("a term of another kind");
}

Bound BoxQuery::getEnd(const LinearForm &form, bool upper) {
  // What is added comes before what is subtracted.
  bool anyPositive =
      llvm::any_of(form.terms, [](auto &pair) { return pair.second > 0; });
  Bound sum = out.constant(anyPositive ? Int(0) : form.constant);
  for (bool positive : {true, false})
    for (auto &[id, coefficient] : form.terms) {
      if (positive != (coefficient > 0))
        continue;
      Bound end = getTermEnd(id, upper == positive, assumptions);
      Bound part = out.multiply(end, out.constant(abs(coefficient)));
      sum = positive ? out.add(sum, part) : out.subtract(sum, part);
    }
  return anyPositive ? out.add(sum, out.constant(form.constant)) : sum;
}

//===----------------------------------------------------------------------===//
// Formulas
//===----------------------------------------------------------------------===//

bool BoxQuery::attempt(const TermSet &leaves, function_ref<void()> emit) {
  return model.guarded(leaves, assumptions, [&] { return out.attempt(emit); });
}

/// `form <= 0` as a comparison of its positive terms with the negative ones;
/// the constant goes where nothing can overflow.
OpFoldResult BoxQuery::testAtom(const LinearForm &form, Quantifier quantifier) {
  LinearForm left, right;
  for (auto &[id, coefficient] : form.terms) {
    if (coefficient > 0)
      left.terms.push_back({id, coefficient});
    else
      right.terms.push_back({id, -coefficient});
  }
  bool must = quantifier == Quantifier::Must;
  OpFoldResult result = out.truth(!must);
  auto compare = [&](bool toGrow) {
    bool onLeft = (form.constant >= 0) == toGrow;
    left.constant = onLeft ? form.constant : Int(0);
    right.constant = onLeft ? Int(0) : -form.constant;
    return out.attempt([&] {
      Bound a = getEnd(left, must), b = getEnd(right, !must);
      OpFoldResult emitted = out.lessEqual(a, b);
      if (!out.hasFailed())
        result = emitted;
    });
  };
  TermSet leaves;
  model.terms.collectLeaves(form, leaves);
  model.guarded(leaves, assumptions,
                [&] { return compare(true) || compare(false); });
  return result;
}

OpFoldResult BoxQuery::toTruth(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return out.truth(!constant.isZero());
  return value;
}

OpFoldResult BoxQuery::testFlag(const Formula &flag, Quantifier quantifier) {
  bool must = quantifier == Quantifier::Must;
  Value value;
  switch (model.getDependence(flag.value)) {
  case Dependence::Point:
    value = reader->getAtPoint(flag.value);
    break;
  case Dependence::Both:
    return out.truth(!must);
  case Dependence::Keys:
    if (!keys)
      return out.truth(!must);
    [[fallthrough]];
  case Dependence::Rows: {
    const Extremes &ends = getExtremes(flag.value);
    value = must != flag.negated ? ends.least : ends.greatest;
    break;
  }
  }
  OpFoldResult truth = toTruth(value);
  return flag.negated ? out.negate(truth) : truth;
}

OpFoldResult BoxQuery::test(const Formula &f, Quantifier quantifier) {
  bool must = quantifier == Quantifier::Must;
  switch (f.kind) {
  case Formula::Kind::True:
  case Formula::Kind::False:
    return out.truth(f.is(Formula::Kind::True));
  case Formula::Kind::Unknown:
    return out.truth(!must);
  case Formula::Kind::Atom:
    return testAtom(f.form, quantifier);
  case Formula::Kind::Flag:
    return testFlag(f, quantifier);
  case Formula::Kind::And:
  case Formula::Kind::Or: {
    SmallVector<OpFoldResult> parts;
    for (const Formula &arg : f.args)
      parts.push_back(test(arg, quantifier));
    return f.is(Formula::Kind::And) ? out.all(parts) : out.any(parts);
  }
  case Formula::Kind::Ite: {
    OpFoldResult c = test(f.args[0], quantifier);
    OpFoldResult notC = test(negation(f.args[0]), quantifier);
    OpFoldResult a = test(f.args[1], quantifier);
    OpFoldResult b = test(f.args[2], quantifier);
    if (must)
      return out.all({out.any({notC, a}), out.any({c, b})});
    return out.any({out.all({c, a}), out.all({notC, b})});
  }
  }
  llvm_unreachable("a formula of another kind");
}

//===----------------------------------------------------------------------===//
// The guard
//===----------------------------------------------------------------------===//

OpFoldResult BoxQuery::getGuard() {
  Assumptions nothing;
  SmallVector<OpFoldResult> checks;
  Guards guards = assumptions.guards;
  for (auto &[term, kind] : guards) {
    IntRange allowed = model.getAllowed(kind);
    Bound low = getTermEnd(term, false, nothing);
    Bound high = getTermEnd(term, true, nothing);
    checks.push_back(out.lessEqual(out.constant(allowed.lo), low));
    checks.push_back(out.lessEqual(high, out.constant(allowed.hi)));
  }
  return out.all(checks);
}
