//===- NumberAbstraction.cpp - the arithmetic of a mask region ------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskAbstraction.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;

bool MaskAbstraction::isNonNegative(const IntTree &tree) {
  return tree.all([&](const LinearForm &form) {
    return model.getRange(form, assumptions).lo >= 0;
  });
}

/// Whether `op` cannot have left its type; if it promises so, it is poison
/// where it does.
bool MaskAbstraction::fits(const IntTree &tree, Operation *op) {
  auto overflow = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op);
  if (overflow && overflow.hasNoSignedWrap())
    return true;
  return tree.all([&](const LinearForm &form) {
    return model.fits(form, op->getResult(0).getType(), assumptions);
  });
}

static IntTree negate(const IntTree &tree) { return scaleTree(tree, Int(-1)); }

MaybeTree MaskAbstraction::transferNumber(Operation *op, Operands operands) {
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp, arith::TruncIOp>(op))
    return transferCast(op, operands[0]);
  if (isa<arith::SelectOp>(op)) {
    if (!operands[0].truth || !operands[1].number || !operands[2].number)
      return std::nullopt;
    const Formula &condition = *operands[0].truth;
    const IntTree &a = *operands[1].number, &b = *operands[2].number;
    if (condition.is(Formula::Kind::True) || a == b)
      return a;
    if (condition.is(Formula::Kind::False))
      return b;
    return IntTree::choice(condition, a, b);
  }
  if (operands.size() != 2 || !operands[0].number || !operands[1].number)
    return std::nullopt;
  return transferArithmetic(op, *operands[0].number, *operands[1].number);
}

MaybeTree MaskAbstraction::transferCast(Operation *op,
                                        const AbstractValue &operand) {
  bool isUnsigned = isa<arith::IndexCastUIOp, arith::ExtUIOp>(op);
  if (operand.truth)
    return IntTree::choice(
        *operand.truth, IntTree::leaf(LinearForm::of(Int(isUnsigned ? 1 : -1))),
        IntTree::leaf({}));
  if (isUnsigned && !isNonNegative(*operand.number))
    return std::nullopt;
  return operand.number;
}

MaybeTree MaskAbstraction::transferArithmetic(Operation *op, const IntTree &a,
                                              const IntTree &b) {
  auto extreme = [&](IntTree::Kind kind) -> MaybeTree {
    if (a == b)
      return a;
    if (a.countLeaves() + b.countLeaves() > 12)
      return std::nullopt;
    return IntTree::node(kind, a, b);
  };
  bool positive = isNonNegative(a) && isNonNegative(b);
  bool constant = b.isConstant() && b.form.constant >= 0;
  return llvm::TypeSwitch<Operation *, MaybeTree>(op)
      .Case<arith::AddIOp>([&](auto) { return addTrees(a, b); })
      .Case<arith::SubIOp>([&](auto) { return addTrees(a, b, -1); })
      .Case<arith::MulIOp>([&](auto) -> MaybeTree {
        if (b.isConstant())
          return scaleTree(a, b.form.constant);
        if (a.isConstant())
          return scaleTree(b, a.form.constant);
        return std::nullopt;
      })
      .Case<arith::MinSIOp>([&](auto) { return extreme(IntTree::Kind::Min); })
      .Case<arith::MaxSIOp>([&](auto) { return extreme(IntTree::Kind::Max); })
      .Case<arith::MinUIOp>([&](auto) -> MaybeTree {
        return positive ? extreme(IntTree::Kind::Min) : std::nullopt;
      })
      .Case<arith::MaxUIOp>([&](auto) -> MaybeTree {
        return positive ? extreme(IntTree::Kind::Max) : std::nullopt;
      })
      .Case<arith::AndIOp>([&](auto) -> MaybeTree {
        // The low bits, of negative numbers too.
        if (!constant || b.form.constant > (int64_t(1) << 61))
          return std::nullopt;
        uint64_t mask = int64_t(b.form.constant);
        if (mask & (mask + 1))
          return std::nullopt;
        return divide(Term::Kind::Remainder, a, {b.form.constant + 1}, op);
      })
      .Case<arith::ShRSIOp, arith::ShRUIOp>(
          [&](Operation *) { return transferShift(op, a, b); })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::CeilDivSIOp,
            arith::CeilDivUIOp, arith::FloorDivSIOp, arith::RemSIOp,
            arith::RemUIOp>(
          [&](Operation *) { return transferDivision(op, a, b); })
      .Default([](Operation *) { return std::nullopt; });
}

/// To the right, which is rounding down.
MaybeTree MaskAbstraction::transferShift(Operation *op, const IntTree &a,
                                         const IntTree &b) {
  if (isa<arith::ShRUIOp>(op) && !isNonNegative(a))
    return std::nullopt;
  if (!b.isConstant()) {
    std::optional<Divisor> divisor = getDivisor(b, Guard::Exponent);
    return divisor ? divide(Term::Kind::Quotient, a, *divisor, op)
                   : std::nullopt;
  }
  if (b.form.constant < 0 || b.form.constant > 61)
    return std::nullopt;
  Int divisor(int64_t(1) << int64_t(b.form.constant));
  return divide(Term::Kind::Quotient, a, {divisor}, op);
}

/// `tree`, if it is a symbol, as a divisor; what `guard` allows is guarded.
std::optional<Divisor> MaskAbstraction::getDivisor(const IntTree &tree,
                                                   Guard guard) {
  if (!tree.isLeaf() || tree.form.terms.size() != 1 ||
      tree.form.constant != 0 || tree.form.terms[0].second != 1)
    return std::nullopt;
  Divisor divisor;
  divisor.term = tree.form.terms[0].first;
  divisor.isExponent = guard == Guard::Exponent;
  if (model.terms[divisor.term].kind != Term::Kind::Symbol)
    return std::nullopt;
  auto known = assumptions.guards.find(divisor.term);
  if (known != assumptions.guards.end() && known->second != guard &&
      known->second != Guard::Bounded)
    return std::nullopt;
  IntRange range = model.getRange(divisor.term, assumptions);
  IntRange allowed = model.getAllowed(guard);
  if (range.lo < allowed.lo || (divisor.isExponent && range.hi > allowed.hi))
    assumptions.guards[divisor.term] = guard;
  return divisor;
}

/// Quotients that truncate are those of magnitudes, by the sign.
MaybeTree MaskAbstraction::transferDivision(Operation *op, const IntTree &a,
                                            const IntTree &b) {
  bool isUnsigned = isa<arith::DivUIOp, arith::CeilDivUIOp, arith::RemUIOp>(op);
  bool isRemainder = isa<arith::RemSIOp, arith::RemUIOp>(op);
  if (isUnsigned && !isNonNegative(a))
    return std::nullopt;
  std::optional<Divisor> divisor;
  IntTree x = a;
  if (b.isConstant()) {
    // Without bounds, the magnitude of the least number is one too.
    Int value = b.form.constant;
    if (value == 0 || (isUnsigned && value < 0))
      return std::nullopt;
    if (value < 0 && !isRemainder)
      x = negate(x);
    divisor = Divisor{abs(value)};
  } else {
    divisor = getDivisor(b, Guard::Positive);
  }
  if (!divisor)
    return std::nullopt;
  Term::Kind kind = isRemainder ? Term::Kind::Remainder : Term::Kind::Quotient;
  auto floor = [&](const IntTree &tree) {
    return divide(kind, tree, *divisor, op);
  };
  auto minusFloorOfMinus = [&](const IntTree &tree) -> MaybeTree {
    MaybeTree quotient = floor(negate(tree));
    return quotient ? MaybeTree(negate(*quotient)) : std::nullopt;
  };
  if (isa<arith::FloorDivSIOp>(op))
    return floor(x);
  if (isa<arith::CeilDivSIOp, arith::CeilDivUIOp>(op))
    return minusFloorOfMinus(x);
  MaybeTree forward = floor(x);
  if (isNonNegative(x) || !forward)
    return forward;
  MaybeTree backward = minusFloorOfMinus(x);
  std::optional<Formula> sign = lessEqual(IntTree::leaf({}), x);
  if (!backward || !sign ||
      forward->countLeaves() + backward->countLeaves() > 12)
    return std::nullopt;
  return IntTree::choice(*sign, *forward, *backward);
}

MaybeTree MaskAbstraction::divide(Term::Kind kind, const IntTree &tree,
                                  const Divisor &divisor, Operation *origin) {
  bool isQuotient = kind == Term::Kind::Quotient;
  if (divisor.constant == 1)
    return isQuotient ? tree : IntTree::leaf({});
  return mapLeaves(tree, isQuotient ? Monotone::Up : Monotone::No,
                   [&](const LinearForm &form) {
                     return model.getDivision(kind, form, divisor, origin);
                   });
}
