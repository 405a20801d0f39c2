//===- Interpreter.cpp - runs emitted integer code --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::mqa;

unsigned mqa::getWidth(Type type) {
  if (type.isIndex())
    return 64;
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? integer.getWidth() : 0;
}

int64_t mqa::wrap(int64_t value, unsigned width) {
  if (width == 0 || width >= 64)
    return value;
  if (width == 1)
    return value & 1;
  return int64_t(uint64_t(value) << (64 - width)) >> (64 - width);
}

/// What a stored value means as a signed number: i1 is stored as 0 or 1.
static int64_t asSigned(int64_t value, unsigned width) {
  return width == 1 ? -value : value;
}
static uint64_t asUnsigned(int64_t value, unsigned width) {
  return width >= 64 ? uint64_t(value)
                     : uint64_t(value) & ((uint64_t(1) << width) - 1);
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

bool Program::fail(const Twine &message) {
  error = message.str();
  return false;
}

unsigned Program::getSlot(Value value) {
  auto [it, isNew] = numbers.try_emplace(value, slots.size());
  if (isNew) {
    slots.push_back(0);
    poison.push_back(0);
    shaped.push_back(nullptr);
  }
  return it->second;
}

/// The ops of `block` that `results` need, and the level of each.
static llvm::DenseMap<Operation *, unsigned>
getLevels(Block &block, ArrayRef<Value> results, ArrayRef<unsigned> levels) {
  llvm::SmallPtrSet<Operation *, 32> needed;
  auto need = [&](Value value) {
    Operation *def = value.getDefiningOp();
    if (def && def->getBlock() == &block)
      needed.insert(def);
  };
  llvm::for_each(results, need);
  for (Operation &op : llvm::reverse(block))
    if (needed.contains(&op))
      op.walk([&](Operation *inner) {
        llvm::for_each(inner->getOperands(), need);
      });
  llvm::DenseMap<Operation *, unsigned> found;
  for (Operation &op : block) {
    if (!needed.contains(&op))
      continue;
    unsigned level = 0;
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        if (auto argument = dyn_cast<BlockArgument>(operand))
          level = std::max(level, argument.getOwner() == &block
                                      ? levels[argument.getArgNumber()]
                                      : 0);
        else
          level = std::max(level, found.lookup(operand.getDefiningOp()));
      }
    });
    found[&op] = level;
  }
  return found;
}

Program::Program(Block &block, ArrayRef<Value> wanted,
                 ArrayRef<unsigned> levels) {
  for (BlockArgument argument : block.getArguments())
    arguments.push_back(getSlot(argument));
  auto found = getLevels(block, wanted, levels);
  for (Operation &op : block) {
    auto level = found.find(&op);
    if (level != found.end() && !compileOp(&op, code[level->second]))
      return;
  }
  for (Value value : wanted)
    results.push_back(getSlot(value));
}

bool Program::compileBlock(Block &block, Code &body, Instruction &parent) {
  parent.arguments.emplace_back();
  for (BlockArgument argument : block.getArguments())
    parent.arguments.back().push_back(getSlot(argument));
  for (Operation &op : block.without_terminator())
    if (!compileOp(&op, body))
      return false;
  parent.yields.emplace_back();
  for (Value value : block.getTerminator()->getOperands())
    parent.yields.back().push_back(getSlot(value));
  return true;
}

bool Program::compileNested(Operation *op, Instruction &in) {
  in.kind = isa<scf::ForOp>(op)  ? Kind::For
            : isa<scf::IfOp>(op) ? Kind::If
                                 : Kind::While;
  for (Value result : op->getResults())
    in.results.push_back(getSlot(result));
  for (Region &region : op->getRegions()) {
    in.bodies.emplace_back();
    if (region.empty()) {
      in.arguments.emplace_back();
      in.yields.emplace_back();
    } else if (!compileBlock(region.front(), in.bodies.back(), in)) {
      return false;
    }
  }
  return true;
}

bool Program::compileReads(Operation *op, Instruction &in) {
  if (isa<tensor::ExtractOp, memref::LoadOp>(op))
    in.kind = Kind::Read;
  else if (isa<tensor::DimOp, memref::DimOp>(op))
    in.kind = Kind::Dim;
  else if (auto apply = dyn_cast<affine::AffineApplyOp>(op))
    in.kind = Kind::Affine, in.map = apply.getMap();
  else if (auto min = dyn_cast<affine::AffineMinOp>(op))
    in.kind = Kind::Affine, in.map = min.getMap(), in.immediate = -1;
  else if (auto max = dyn_cast<affine::AffineMaxOp>(op))
    in.kind = Kind::Affine, in.map = max.getMap(), in.immediate = 1;
  else
    return fail("no interpretation of " + op->getName().getStringRef());
  return true;
}

bool Program::compileOp(Operation *op, Code &body) {
  static const llvm::StringMap<Kind> plain = {
      {"arith.addi", Kind::AddI},
      {"arith.subi", Kind::SubI},
      {"arith.muli", Kind::MulI},
      {"arith.divsi", Kind::DivSI},
      {"arith.divui", Kind::DivUI},
      {"arith.floordivsi", Kind::FloorDivSI},
      {"arith.ceildivsi", Kind::CeilDivSI},
      {"arith.ceildivui", Kind::CeilDivUI},
      {"arith.remsi", Kind::RemSI},
      {"arith.remui", Kind::RemUI},
      {"arith.andi", Kind::AndI},
      {"arith.ori", Kind::OrI},
      {"arith.xori", Kind::XOrI},
      {"arith.shli", Kind::ShLI},
      {"arith.shrsi", Kind::ShRSI},
      {"arith.shrui", Kind::ShRUI},
      {"arith.minsi", Kind::MinSI},
      {"arith.maxsi", Kind::MaxSI},
      {"arith.minui", Kind::MinUI},
      {"arith.maxui", Kind::MaxUI},
      {"arith.select", Kind::Select},
      {"arith.extsi", Kind::SExt},
      {"arith.index_cast", Kind::SExt},
      {"arith.trunci", Kind::SExt},
      {"arith.extui", Kind::ZExt},
      {"arith.index_castui", Kind::ZExt},
      {"arith.cmpi", Kind::CmpI},
      {"arith.cmpf", Kind::CmpF},
      {"arith.constant", Kind::Constant}};
  ++numOps;
  Instruction in;
  for (Value operand : op->getOperands())
    in.operands.push_back(getSlot(operand));
  if (op->getNumResults()) {
    in.result = getSlot(op->getResult(0));
    in.width = getWidth(op->getResult(0).getType());
  }
  if (op->getNumOperands())
    in.from = getWidth(op->getOperand(0).getType());
  auto it = plain.find(op->getName().getStringRef());
  if (it != plain.end())
    in.kind = it->second;
  else if (isa<scf::ForOp, scf::IfOp, scf::WhileOp>(op)) {
    if (!compileNested(op, in))
      return false;
  } else if (!compileReads(op, in)) {
    return false;
  }
  if (auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op)) {
    in.nsw = flags.hasNoSignedWrap();
    in.nuw = flags.hasNoUnsignedWrap();
  }
  if (auto cmp = dyn_cast<arith::CmpIOp>(op))
    in.immediate = int64_t(cmp.getPredicate());
  if (auto cmp = dyn_cast<arith::CmpFOp>(op))
    in.immediate = int64_t(cmp.getPredicate());
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto integer = dyn_cast<IntegerAttr>(constant.getValue()))
      in.immediate = wrap(integer.getValue().getSExtValue(), in.width);
    else if (auto real = dyn_cast<FloatAttr>(constant.getValue()))
      in.immediate = llvm::bit_cast<int64_t>(real.getValueAsDouble());
    else
      return fail("no interpretation of this constant");
  }
  body.push_back(std::move(in));
  return true;
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

void Program::set(unsigned argument, int64_t value) {
  slots[arguments[argument]] = value;
}
void Program::set(unsigned argument, const Elements &elements) {
  shaped[arguments[argument]] = &elements;
}

bool Program::execute(const Code &body) {
  for (const Instruction &in : body)
    if (!executeOp(in))
      return false;
  return true;
}

/// Quotient and remainder of every kind, in 128 bits, so that nothing wraps.
bool Program::divide(const Instruction &in, int64_t a, int64_t b,
                     int64_t &result) {
  using Wide = __int128;
  if (b == 0)
    return fail("division by zero");
  bool isUnsigned = in.kind == Kind::DivUI || in.kind == Kind::RemUI ||
                    in.kind == Kind::CeilDivUI;
  Wide x =
      isUnsigned ? Wide(asUnsigned(a, in.width)) : Wide(asSigned(a, in.width));
  Wide y =
      isUnsigned ? Wide(asUnsigned(b, in.width)) : Wide(asSigned(b, in.width));
  Wide quotient = x / y, rest = x % y;
  if (!isUnsigned && (quotient >> (in.width - 1)) > 0)
    return fail("division that overflows");
  if (in.kind == Kind::RemSI || in.kind == Kind::RemUI)
    quotient = rest;
  else if (in.kind == Kind::FloorDivSI && rest != 0 && (rest < 0) != (y < 0))
    quotient -= 1;
  else if ((in.kind == Kind::CeilDivSI || in.kind == Kind::CeilDivUI) &&
           rest != 0 && (rest < 0) == (y < 0))
    quotient += 1;
  result = int64_t(quotient);
  return true;
}

static bool compare(arith::CmpIPredicate predicate, int64_t a, int64_t b,
                    unsigned width) {
  int64_t x = asSigned(a, width), y = asSigned(b, width);
  uint64_t u = asUnsigned(a, width), v = asUnsigned(b, width);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return u == v;
  case arith::CmpIPredicate::ne:
    return u != v;
  case arith::CmpIPredicate::slt:
    return x < y;
  case arith::CmpIPredicate::sle:
    return x <= y;
  case arith::CmpIPredicate::sgt:
    return x > y;
  case arith::CmpIPredicate::sge:
    return x >= y;
  case arith::CmpIPredicate::ult:
    return u < v;
  case arith::CmpIPredicate::ule:
    return u <= v;
  case arith::CmpIPredicate::ugt:
    return u > v;
  case arith::CmpIPredicate::uge:
    return u >= v;
  }
  return false;
}

/// Of numbers; there is no NaN among the inputs.
static bool compareFloats(int64_t predicate, int64_t a, int64_t b) {
  double x = llvm::bit_cast<double>(a), y = llvm::bit_cast<double>(b);
  unsigned relation = x == y ? 1 : x > y ? 2 : 4;
  unsigned wanted = predicate <= 7 ? predicate : predicate - 7;
  return (wanted & relation) != 0;
}

/// The full result of a sum, difference, product or shift to the left.
static __int128 computeWide(unsigned which, __int128 a, __int128 b) {
  return which == 0 ? a + b : which == 1 ? a - b : a * b;
}

bool Program::executeBinary(const Instruction &in) {
  int64_t a = slots[in.operands[0]], b = slots[in.operands[1]], r = 0;
  unsigned w = in.width;
  bool isPoison = poison[in.operands[0]] | poison[in.operands[1]];
  switch (in.kind) {
  case Kind::AddI:
  case Kind::SubI:
  case Kind::MulI: {
    unsigned which = unsigned(in.kind) - unsigned(Kind::AddI);
    r = wrap(int64_t(computeWide(which, a, b)), w);
    if (in.nsw &&
        computeWide(which, asSigned(a, w), asSigned(b, w)) != asSigned(r, w))
      isPoison = true;
    if (in.nuw && computeWide(which, asUnsigned(a, w), asUnsigned(b, w)) !=
                      asUnsigned(r, w))
      isPoison = true;
    break;
  }
  case Kind::AndI:
    r = a & b;
    break;
  case Kind::OrI:
    r = a | b;
    break;
  case Kind::XOrI:
    r = a ^ b;
    break;
  case Kind::ShLI:
  case Kind::ShRSI:
  case Kind::ShRUI: {
    uint64_t by = asUnsigned(b, w);
    if (by >= w)
      isPoison = true;
    else if (in.kind == Kind::ShLI)
      r = wrap(int64_t(uint64_t(a) << by), w);
    else
      r = wrap(in.kind == Kind::ShRSI ? asSigned(a, w) >> by
                                      : int64_t(asUnsigned(a, w) >> by),
               w);
    if (in.kind == Kind::ShLI && by < w &&
        ((in.nsw && asSigned(r, w) >> by != asSigned(a, w)) ||
         (in.nuw && asUnsigned(r, w) >> by != asUnsigned(a, w))))
      isPoison = true;
    break;
  }
  case Kind::MinSI:
  case Kind::MaxSI:
    r = (asSigned(a, w) < asSigned(b, w)) == (in.kind == Kind::MinSI) ? a : b;
    break;
  case Kind::MinUI:
  case Kind::MaxUI:
    r = (asUnsigned(a, w) < asUnsigned(b, w)) == (in.kind == Kind::MinUI) ? a
                                                                          : b;
    break;
  default:
    // A poison divisor may be zero.
    if (poison[in.operands[1]])
      return fail("division by poison");
    if (!divide(in, a, b, r))
      return false;
    r = wrap(r, w);
  }
  slots[in.result] = r;
  poison[in.result] = isPoison;
  return true;
}

bool Program::executeRead(const Instruction &in) {
  const Elements *elements = shaped[in.operands[0]];
  if (!elements)
    return fail("read of an unknown tensor");
  if (in.kind == Kind::Dim) {
    int64_t dim = slots[in.operands[1]];
    if (dim < 0 || dim >= int64_t(elements->shape.size()))
      return fail("dimension that does not exist");
    slots[in.result] = elements->shape[dim];
    return true;
  }
  int64_t offset = 0;
  for (auto [index, size] :
       llvm::zip_equal(ArrayRef(in.operands).drop_front(), elements->shape)) {
    if (poison[index] || slots[index] < 0 || slots[index] >= size)
      return fail("read out of bounds: " + Twine(slots[index]) + " of " +
                  Twine(size));
    offset = offset * size + slots[index];
  }
  slots[in.result] = elements->data[offset];
  poison[in.result] = false;
  return true;
}

void Program::move(ArrayRef<unsigned> from, ArrayRef<unsigned> to) {
  SmallVector<std::pair<int64_t, char>, 8> values;
  for (unsigned slot : from)
    values.push_back({slots[slot], poison[slot]});
  for (auto [slot, value] : llvm::zip_equal(to, values))
    std::tie(slots[slot], poison[slot]) = value;
}

bool Program::executeFor(const Instruction &in) {
  int64_t end = slots[in.operands[1]], step = slots[in.operands[2]];
  for (unsigned i = 0; i < 3; ++i)
    if (poison[in.operands[i]])
      return fail("loop bound is poison");
  if (step <= 0)
    return fail("step that is not positive");
  ArrayRef<unsigned> state = ArrayRef(in.arguments[0]).drop_front();
  move(ArrayRef(in.operands).drop_front(3), state);
  for (int64_t i = slots[in.operands[0]]; i < end; i += step) {
    slots[in.arguments[0][0]] = i;
    if (!execute(in.bodies[0]))
      return false;
    move(in.yields[0], state);
  }
  move(state, in.results);
  return true;
}

bool Program::executeWhile(const Instruction &in) {
  move(in.operands, in.arguments[0]);
  for (int count = 0; count < 10000; ++count) {
    if (!execute(in.bodies[0]))
      return false;
    unsigned condition = in.yields[0].front();
    ArrayRef<unsigned> passed = ArrayRef(in.yields[0]).drop_front();
    if (poison[condition])
      return fail("loop condition is poison");
    if (!slots[condition]) {
      move(passed, in.results);
      return true;
    }
    move(passed, in.arguments[1]);
    if (!execute(in.bodies[1]))
      return false;
    move(in.yields[1], in.arguments[0]);
  }
  return fail("loop that does not end");
}

bool Program::executeOp(const Instruction &in) {
  if (in.kind <= Kind::MaxUI)
    return executeBinary(in);
  const auto *operands = in.operands.data();
  switch (in.kind) {
  case Kind::Constant:
    slots[in.result] = in.immediate;
    return true;
  case Kind::CmpI:
  case Kind::CmpF: {
    int64_t a = slots[operands[0]], b = slots[operands[1]];
    slots[in.result] =
        in.kind == Kind::CmpF
            ? compareFloats(in.immediate, a, b)
            : compare(arith::CmpIPredicate(in.immediate), a, b, in.from);
    poison[in.result] = poison[operands[0]] | poison[operands[1]];
    return true;
  }
  case Kind::SExt:
  case Kind::ZExt: {
    int64_t a = slots[operands[0]];
    slots[in.result] =
        wrap(in.kind == Kind::SExt ? asSigned(a, in.from)
                                   : int64_t(asUnsigned(a, in.from)),
             in.width);
    poison[in.result] = poison[operands[0]];
    return true;
  }
  case Kind::Select: {
    unsigned chosen = operands[slots[operands[0]] ? 1 : 2];
    slots[in.result] = slots[chosen];
    poison[in.result] = poison[operands[0]] | poison[chosen];
    return true;
  }
  case Kind::Affine: {
    SmallVector<int64_t> values;
    poison[in.result] = false;
    for (unsigned slot : in.operands) {
      values.push_back(slots[slot]);
      poison[in.result] |= poison[slot];
    }
    SmallVector<int64_t> out = in.map.compose(values);
    slots[in.result] =
        in.immediate > 0 ? *llvm::max_element(out) : *llvm::min_element(out);
    return true;
  }
  case Kind::For:
    return executeFor(in);
  case Kind::While:
    return executeWhile(in);
  case Kind::If: {
    if (poison[operands[0]])
      return fail("branch on poison");
    unsigned taken = slots[operands[0]] ? 0 : 1;
    if (!execute(in.bodies[taken]))
      return false;
    move(in.yields[taken], in.results);
    return true;
  }
  default:
    return executeRead(in);
  }
}
