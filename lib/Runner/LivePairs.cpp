//===- LivePairs.cpp - useful work of attention -----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a copy of the module, every attention becomes a loop nest that evaluates
// its mask and adds to two counters; its results become its destinations. What
// is left of the function is compiled as the reference is, and called once.
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/LivePairs.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "mqa/Runner/Arguments.h"
#include "mqa/Runner/Invoke.h"
#include "llvm/ADT/SmallBitVector.h"
#include <cstring>

using namespace mlir;
using namespace mlir::mqa;

static constexpr StringLiteral countersName = "__mqa_live_counters";
static constexpr StringLiteral readerName = "__mqa_read_live_counters";

namespace {

/// Counts the live work of one op.
template <typename OpTy> class LiveCounter {
public:
  LiveCounter(OpTy op)
      : op(op), builder(op), loc(op.getLoc()), shape(op.getShape()),
        maps(op.getIndexingMapsArray()) {
    for (unsigned dim = 0; dim < shape.getNumDims(); ++dim)
      sizes.push_back(getSize(dim));
  }

  void run() {
    Value pairs = countMask();
    Value perPair = arith::ConstantIndexOp::create(builder, loc, 2);
    Value width = arith::AddIOp::create(
        builder, loc, multiply(shape.getDims(DimRole::Depth)),
        multiply(shape.getDims(DimRole::Value)));
    perPair = arith::MulIOp::create(builder, loc, perPair, width);
    add(0, pairs);
    add(1, arith::MulIOp::create(builder, loc, pairs, perPair));
  }

private:
  Value getSize(unsigned dim) {
    for (auto [operand, map] : llvm::zip(op->getOperands(), maps)) {
      std::optional<unsigned> position =
          map.getResultPosition(builder.getAffineDimExpr(dim));
      if (!position)
        continue;
      if (isa<TensorType>(operand.getType()))
        return tensor::DimOp::create(builder, loc, operand, *position);
      return memref::DimOp::create(builder, loc, operand, *position);
    }
    return arith::ConstantIndexOp::create(builder, loc, 1);
  }

  Value multiply(ArrayRef<unsigned> dims) {
    Value product = arith::ConstantIndexOp::create(builder, loc, 1);
    for (unsigned dim : dims)
      product = arith::MulIOp::create(builder, loc, product, sizes[dim]);
    return product;
  }

  /// The number of live pairs.
  Value countMask() {
    SmallVector<unsigned> dims = shape.getRegionDims();
    if (op.getMask().empty())
      return multiply(dims);
    Block &mask = op.getMask().front();
    llvm::SmallBitVector visited = getVisited(mask, dims);
    SmallVector<unsigned> loops, others;
    for (unsigned dim : dims)
      (visited.test(dim) ? loops : others).push_back(dim);
    Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    SmallVector<Value> lower(loops.size(), zero), upper,
        step(loops.size(), one);
    for (unsigned dim : loops)
      upper.push_back(sizes[dim]);
    SmallVector<Value> indices(shape.getNumDims(), zero);
    if (loops.empty())
      return arith::MulIOp::create(
          builder, loc, multiply(others),
          evaluate(builder, mask, dims, indices, zero));
    auto body = [&](OpBuilder &nested, Location, ValueRange ivs,
                    ValueRange counts) -> scf::ValueVector {
      for (auto [dim, iv] : llvm::zip(loops, ivs))
        indices[dim] = iv;
      return {evaluate(nested, mask, dims, indices, counts.front())};
    };
    scf::LoopNest nest =
        scf::buildLoopNest(builder, loc, lower, upper, step, zero, body);
    return arith::MulIOp::create(builder, loc, multiply(others),
                                 nest.results.front());
  }

  /// The dimensions that the mask depends on.
  llvm::SmallBitVector getVisited(Block &mask, ArrayRef<unsigned> dims) {
    llvm::SmallBitVector visited(shape.getNumDims());
    unsigned numInputs = op.getInputs().size();
    for (unsigned i = 0; i < numInputs; ++i)
      for (unsigned dim = 0; dim < shape.getNumDims(); ++dim)
        if (!mask.getArgument(i).use_empty() &&
            maps[3 + i].isFunctionOfDim(dim))
          visited.set(dim);
    for (auto [position, dim] : llvm::enumerate(dims))
      if (!mask.getArgument(numInputs + position).use_empty())
        visited.set(dim);
    return visited;
  }

  /// `count`, plus one if the mask keeps the pair at `indices`.
  Value evaluate(OpBuilder &nested, Block &mask, ArrayRef<unsigned> dims,
                 ArrayRef<Value> indices, Value count) {
    IRMapping mapping;
    unsigned numInputs = op.getInputs().size();
    for (auto [i, input] : llvm::enumerate(op.getInputs()))
      if (!mask.getArgument(i).use_empty())
        mapping.map(mask.getArgument(i),
                    loadElement(nested, input, maps[3 + i], indices));
    for (auto [position, dim] : llvm::enumerate(dims))
      mapping.map(mask.getArgument(numInputs + position), indices[dim]);
    for (Operation &inner : mask.without_terminator())
      nested.clone(inner, mapping);
    Value keep = mapping.lookupOrDefault(mask.getTerminator()->getOperand(0));
    Value one = arith::ConstantIndexOp::create(nested, loc, 1);
    Value more = arith::AddIOp::create(nested, loc, count, one);
    return arith::SelectOp::create(nested, loc, keep, more, count);
  }

  Value loadElement(OpBuilder &nested, Value input, AffineMap map,
                    ArrayRef<Value> indices) {
    SmallVector<Value> position;
    for (AffineExpr expr : map.getResults())
      position.push_back(indices[cast<AffineDimExpr>(expr).getPosition()]);
    if (isa<TensorType>(input.getType()))
      return tensor::ExtractOp::create(nested, loc, input, position);
    return memref::LoadOp::create(nested, loc, input, position);
  }

  /// Adds to a counter.
  void add(int64_t counter, Value value) {
    auto type = MemRefType::get({2}, builder.getI64Type());
    Value counters =
        memref::GetGlobalOp::create(builder, loc, type, countersName);
    Value index = arith::ConstantIndexOp::create(builder, loc, counter);
    Value old = memref::LoadOp::create(builder, loc, counters, index);
    Value more =
        arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
    more = arith::AddIOp::create(builder, loc, old, more);
    memref::StoreOp::create(builder, loc, more, counters, index);
  }

  OpTy op;
  OpBuilder builder;
  Location loc;
  AttentionShape shape;
  SmallVector<AffineMap> maps;
  SmallVector<Value> sizes;
};

} // namespace

template <typename OpTy> static void replaceByCount(OpTy op) {
  LiveCounter<OpTy>(op).run();
  op->replaceAllUsesWith(op.getDpsInits().take_front(op->getNumResults()));
  op->erase();
}

/// Adds the counters, and the function that reads one of them.
static void addCounters(ModuleOp module) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  Location loc = module.getLoc();
  auto type = MemRefType::get({2}, builder.getI64Type());
  auto zeros = DenseElementsAttr::get(
      RankedTensorType::get({2}, builder.getI64Type()), int64_t(0));
  memref::GlobalOp::create(builder, loc, countersName,
                           builder.getStringAttr("private"), type, zeros,
                           /*constant=*/false, /*alignment=*/IntegerAttr());
  auto reader = func::FuncOp::create(
      builder, loc, readerName,
      builder.getFunctionType(builder.getIndexType(), builder.getI64Type()));
  builder.setInsertionPointToStart(reader.addEntryBlock());
  Value counters =
      memref::GetGlobalOp::create(builder, loc, type, countersName);
  Value value =
      memref::LoadOp::create(builder, loc, counters, reader.getArgument(0));
  func::ReturnOp::create(builder, loc, value);
}

/// Removes the results of `func`, so that what only they need is dead.
static void dropResults(func::FuncOp func, Entry &entry) {
  auto uses = SymbolTable::getSymbolUses(func.getSymNameAttr(),
                                         func->getParentOfType<ModuleOp>());
  if (!uses || !uses->empty())
    return;
  func.walk([](func::ReturnOp op) { op->setOperands({}); });
  func.setFunctionType(
      FunctionType::get(func.getContext(), func.getArgumentTypes(), {}));
  func.removeResAttrsAttr();
  entry.results.clear();
  entry.outputs.clear();
}

static llvm::Expected<int64_t> readCounter(CompiledEntry &compiled,
                                           int64_t counter) {
  std::vector<Array> arguments;
  llvm::Expected<Array> argument = Array::create(ElementKind::Index, {});
  if (!argument)
    return argument.takeError();
  std::memcpy(argument->getData(), &counter, sizeof(counter));
  arguments.push_back(std::move(*argument));
  Invocation invocation(compiled, arguments);
  invocation.run();
  llvm::Expected<std::vector<Array>> outputs = invocation.getOutputs();
  if (!outputs)
    return outputs.takeError();
  std::memcpy(&counter, outputs->front().getData(), sizeof(counter));
  return counter;
}

llvm::Expected<LiveWork> mqa::countLiveWork(ModuleOp module, const Entry &entry,
                                            const std::vector<Array> &arguments,
                                            const CompileOptions &options) {
  LiveWork work;
  OwningOpRef<ModuleOp> counting(module.clone());
  SmallVector<Operation *> ops;
  counting->walk([&](Operation *op) {
    if (isa<AttentionOp, OnlineAttentionOp>(op))
      ops.push_back(op);
  });
  if (ops.empty())
    return work;
  for (Operation *op : ops) {
    if (auto attention = dyn_cast<AttentionOp>(op))
      replaceByCount(attention);
    else
      replaceByCount(cast<OnlineAttentionOp>(op));
  }
  addCounters(*counting);
  Entry counted = entry;
  dropResults(counting->lookupSymbol<func::FuncOp>(entry.name), counted);
  CompileOptions unfused = options;
  unfused.lowering = Lowering::Reference;
  auto compiled = CompiledEntry::create(*counting, counted, unfused);
  if (!compiled)
    return compiled.takeError();
  llvm::Expected<std::vector<Array>> copies = copyArguments(entry, arguments);
  if (!copies)
    return copies.takeError();
  Invocation(**compiled, *copies).run();
  Entry reader;
  reader.name = readerName.str();
  EntryValue scalar;
  scalar.kind = ElementKind::Index;
  reader.arguments.push_back(scalar);
  scalar.kind = ElementKind::I64;
  reader.results.push_back(scalar);
  reader.outputs = reader.results;
  if (llvm::Error error = (*compiled)->setEntry(reader))
    return error;
  for (auto [counter, value] : {std::pair(0, &work.pairs), {1, &work.flops}}) {
    llvm::Expected<int64_t> count = readCounter(**compiled, counter);
    if (!count)
      return count.takeError();
    *value = *count;
  }
  return work;
}
