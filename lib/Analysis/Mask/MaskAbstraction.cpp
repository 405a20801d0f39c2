//===- MaskAbstraction.cpp - from a mask region to its formula ------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values and truth; the arithmetic is in NumberAbstraction.cpp.
//
//===----------------------------------------------------------------------===//

#include "MaskAbstraction.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;
using arith::CmpIPredicate;

/// Larger formulas are given up.
static constexpr unsigned kMaxAtoms = 48;
/// How far the definition of a captured value is followed.
static constexpr unsigned kMaxCapturedOps = 8;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Formula MaskAbstraction::run() {
  if (!model.block)
    return Formula::get(true);
  for (Operation &op : model.block->without_terminator())
    for (Value result : op.getResults()) {
      AbstractValue value = transfer(&op);
      values[result] = value.isKnown() ? value : opaque(result);
    }
  Value yielded = model.block->getTerminator()->getOperand(0);
  return get(yielded).truth.value_or(Formula::unknown(yielded));
}

AbstractValue MaskAbstraction::get(Value value) {
  auto known = values.find(value);
  if (known != values.end())
    return known->second;
  AbstractValue made;
  auto argument = dyn_cast<BlockArgument>(value);
  if (value.getParentBlock() != model.block) {
    made = getCaptured(value);
  } else {
    // Whatever is not an argument, `run` has met before.
    std::optional<unsigned> dim = model.getPositionDim(argument);
    if (dim && model.getDependence(value) != Dependence::Point)
      made.number = IntTree::leaf(model.getPosition(*dim));
    else
      made = opaque(value);
  }
  values[value] = made;
  return made;
}

/// A captured value is a symbol, unless it is a constant or made of sizes.
AbstractValue MaskAbstraction::getCaptured(Value value) {
  AbstractValue made = opaque(value);
  APInt constant;
  if (!isNumber(value.getType()))
    return made;
  if (matchPattern(value, m_ConstantInt(&constant))) {
    if (value.getType().isInteger(1))
      return {std::nullopt, Formula::get(!constant.isZero())};
    return {IntTree::leaf(LinearForm::of(Int(constant.getSExtValue()))),
            std::nullopt};
  }
  if (std::optional<unsigned> dim = model.getSizeDim(value))
    return {IntTree::leaf(model.getSize(*dim)), std::nullopt};
  Operation *def = value.getDefiningOp();
  if (!def || def->getNumResults() != 1 || values.size() > 64 ||
      !isa<arith::ArithDialect>(def->getDialect()))
    return made;
  // Not beyond a few operations: what is long has a reason to be computed once.
  values[value] = made;
  unsigned steps = 0;
  for (Operation *at = def;
       at && at->getNumOperands() && steps <= kMaxCapturedOps; ++steps)
    at = at->getOperand(0).getDefiningOp();
  if (steps > kMaxCapturedOps)
    return made;
  AbstractValue seen = transfer(def);
  return seen.isKnown() ? seen : made;
}

AbstractValue MaskAbstraction::opaque(Value value) {
  Type type = value.getType();
  if (type.isInteger(1)) {
    bool both = model.getDependence(value) == Dependence::Both;
    return {std::nullopt,
            both ? Formula::unknown(value) : Formula::flag(value)};
  }
  if (!isNumber(type))
    return {};
  return {IntTree::leaf(LinearForm::of(model.getOpaque(value))), std::nullopt};
}

/// Values made of elements of rows alone, or of keys alone, are computed
/// element by element: exact, and no question of overflow.
bool MaskAbstraction::isComputedByElement(Operation *op, Operands operands) {
  Dependence dependence = model.getDependence(op->getResult(0));
  if (dependence != Dependence::Rows && dependence != Dependence::Keys)
    return false;
  Type type = op->getResult(0).getType();
  if (type.isInteger(1) ||
      isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp, arith::TruncIOp>(op))
    return false;
  return !llvm::all_of(operands, [&](const AbstractValue &operand) {
    return operand.truth || operand.number->all([&](const LinearForm &form) {
      TermSet leaves;
      model.terms.collectLeaves(form, leaves);
      return llvm::none_of(leaves, [&](TermId leaf) {
        Term::Kind kind = model.terms[leaf].kind;
        return kind == Term::Kind::RowValue || kind == Term::Kind::KeyValue;
      });
    });
  });
}

/// Whether there is a size among the operands, or nothing but constants.
bool MaskAbstraction::isOfSizes(Operands operands) {
  bool constant = true, size = false;
  for (const AbstractValue &operand : operands) {
    if (operand.truth) {
      constant &= operand.truth->is(Formula::Kind::True) ||
                  operand.truth->is(Formula::Kind::False);
      continue;
    }
    constant &= operand.number->isConstant();
    size |= !operand.number->all([&](const LinearForm &form) {
      return llvm::none_of(form.terms, [&](auto &pair) {
        return model.terms[pair.first].kind == Term::Kind::Size;
      });
    });
  }
  return constant || size;
}

AbstractValue MaskAbstraction::transfer(Operation *op) {
  Value result = op->getResult(0);
  if (op->getNumResults() != 1 || op->getNumRegions() ||
      !isNumber(result.getType()))
    return {};
  APInt constant;
  if (matchPattern(op, m_ConstantInt(&constant))) {
    if (result.getType().isInteger(1))
      return {std::nullopt, Formula::get(!constant.isZero())};
    return {IntTree::leaf(LinearForm::of(Int(constant.getSExtValue()))),
            std::nullopt};
  }
  SmallVector<AbstractValue, 3> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(get(operand));
    if (!operands.back().isKnown())
      return {};
  }
  if (isComputedByElement(op, operands))
    return {};
  bool point = model.getDependence(result) == Dependence::Point;
  if (point && !isOfSizes(operands))
    return {};
  Guards before = assumptions.guards;
  AbstractValue made = transferTruth(op, operands);
  if (!made.isKnown() && !result.getType().isInteger(1)) {
    made.number = transferNumber(op, operands);
    if (made.number && !fits(*made.number, op))
      made.number.reset();
  }
  if (made.truth && getSize(*made.truth) > kMaxAtoms)
    made.truth.reset();
  // What is not accepted needs no guard; a symbol is exact without.
  if (!made.isKnown() ||
      (point && before.size() != assumptions.guards.size())) {
    assumptions.guards = before;
    return {};
  }
  return made;
}

//===----------------------------------------------------------------------===//
// Truth
//===----------------------------------------------------------------------===//

static Formula exclusiveOr(const Formula &a, const Formula &b) {
  return choice(a, negation(b), b);
}

AbstractValue MaskAbstraction::transferTruth(Operation *op, Operands operands) {
  if (!op->getResult(0).getType().isInteger(1))
    return {};
  if (auto cmp = dyn_cast<arith::CmpIOp>(op))
    return {std::nullopt,
            compare(cmp.getPredicate(), operands[0], operands[1])};
  if (isa<arith::TruncIOp>(op) && operands[0].number) {
    MaybeTree odd =
        divide(Term::Kind::Remainder, *operands[0].number, {Int(2)}, op);
    IntTree zero = IntTree::leaf({});
    return {std::nullopt, odd ? lessThan(zero, *odd) : std::nullopt};
  }
  if (!llvm::all_of(operands, [](auto &operand) { return operand.truth; }))
    return {};
  auto at = [&](unsigned index) -> const Formula & {
    return *operands[index].truth;
  };
  std::optional<Formula> truth =
      llvm::TypeSwitch<Operation *, std::optional<Formula>>(op)
          .Case<arith::AndIOp, arith::MulIOp, arith::MinUIOp, arith::MaxSIOp>(
              [&](auto) { return conjunction({at(0), at(1)}); })
          .Case<arith::OrIOp, arith::MaxUIOp, arith::MinSIOp>(
              [&](auto) { return disjunction({at(0), at(1)}); })
          .Case<arith::XOrIOp, arith::AddIOp, arith::SubIOp>(
              [&](auto) { return exclusiveOr(at(0), at(1)); })
          .Case<arith::SelectOp>(
              [&](auto) { return choice(at(0), at(1), at(2)); })
          .Default([](Operation *) { return std::nullopt; });
  return {std::nullopt, truth};
}

std::optional<Formula> MaskAbstraction::compare(CmpIPredicate predicate,
                                                const AbstractValue &a,
                                                const AbstractValue &b) {
  if (a.truth && b.truth) {
    const Formula &x = *a.truth, &y = *b.truth;
    switch (predicate) {
    case CmpIPredicate::eq:
      return negation(exclusiveOr(x, y));
    case CmpIPredicate::ne:
      return exclusiveOr(x, y);
    // True is -1 for a signed comparison.
    case CmpIPredicate::slt:
    case CmpIPredicate::ugt:
      return conjunction({x, negation(y)});
    case CmpIPredicate::sle:
    case CmpIPredicate::uge:
      return disjunction({x, negation(y)});
    case CmpIPredicate::sgt:
    case CmpIPredicate::ult:
      return conjunction({negation(x), y});
    case CmpIPredicate::sge:
    case CmpIPredicate::ule:
      return disjunction({negation(x), y});
    }
  }
  if (!a.number || !b.number)
    return std::nullopt;
  const IntTree &x = *a.number, &y = *b.number;
  switch (predicate) {
  case CmpIPredicate::eq:
  case CmpIPredicate::ne: {
    std::optional<Formula> up = lessEqual(x, y), down = lessEqual(y, x);
    if (!up || !down)
      return std::nullopt;
    Formula equal = conjunction({*up, *down});
    return predicate == CmpIPredicate::eq ? equal : negation(equal);
  }
  case CmpIPredicate::slt:
    return lessThan(x, y);
  case CmpIPredicate::sle:
    return lessEqual(x, y);
  case CmpIPredicate::sgt:
    return lessThan(y, x);
  case CmpIPredicate::sge:
    return lessEqual(y, x);
  case CmpIPredicate::ult:
  case CmpIPredicate::ule:
    return compareUnsigned(predicate, x, y);
  case CmpIPredicate::ugt:
    return compareUnsigned(CmpIPredicate::ult, y, x);
  case CmpIPredicate::uge:
    return compareUnsigned(CmpIPredicate::ule, y, x);
  }
  llvm_unreachable("a predicate of another kind");
}

/// `b >= 0 ? (a >= 0 and a < b) : (a >= 0 or a < b)`, signed, without the tests
/// that are known.
std::optional<Formula> MaskAbstraction::compareUnsigned(CmpIPredicate predicate,
                                                        const IntTree &a,
                                                        const IntTree &b) {
  IntTree zero = IntTree::leaf({});
  bool strict = predicate == CmpIPredicate::ult;
  std::optional<Formula> less = strict ? lessThan(a, b) : lessEqual(a, b);
  std::optional<Formula> aSign =
      isNonNegative(a) ? Formula::get(true) : lessEqual(zero, a);
  std::optional<Formula> bSign =
      isNonNegative(b) ? Formula::get(true) : lessEqual(zero, b);
  if (!less || !aSign || !bSign)
    return std::nullopt;
  return choice(*bSign, conjunction({*aSign, *less}),
                disjunction({*aSign, *less}));
}
