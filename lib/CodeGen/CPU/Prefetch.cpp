//===- Prefetch.cpp - spread prefetches over the products -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product loop runs J = 0 .. N-1 times per block of keys, over all loops of
// its nest. In iteration J it asks for the lines [J T / N, (J + 1) T / N) of
// the T lines of a block further on, so that there is no burst of requests,
// which would fill the line buffers that the loads need.
//
// The rows that a task writes when it is done are asked for in the same way,
// over as many blocks of keys as that takes.
//
//===----------------------------------------------------------------------===//

#include "KeyStream.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mqa/CodeGen/CPU/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_PREFETCHPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

/// LLVM's locality of what is prefetched: for the second level cache.
static constexpr unsigned kLocality = 2;
/// Lines of the output that are asked for at a time.
static constexpr int64_t kOutputLines = 2;

namespace {

/// A product loop, and the loops around it inside of a loop over keys,
/// outermost first, all from 0 and with constant bounds.
struct ProductNest {
  SmallVector<scf::ForOp> loops;
  int64_t iterations = 1;

  static std::optional<ProductNest> get(scf::ForOp product, scf::ForOp keyLoop);
  scf::ForOp getProduct() { return loops.back(); }
  /// The number of this iteration over the first `depth` loops.
  Value getIteration(OpBuilder &b, Location loc, unsigned depth);
};

struct PrefetchPass final : mqa::impl::PrefetchPassBase<PrefetchPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    if (distance < 1 || cache < 0)
      return emitError(UnknownLoc::get(context))
             << "expected a distance of at least 1 and a cache of at least 0, "
                "got "
             << distance.getValue() << " and " << cache.getValue();
    return success();
  }

  void runOnOperation() override;

private:
  bool prefetchKeys(scf::ForOp keyLoop, ArrayRef<ProductNest> nests);
  void emitStream(const KeyStream &stream, ProductNest &nest,
                  scf::ForOp keyLoop);
  void prefetchOutput(scf::ForOp keyLoop, ProductNest &nest);
};

} // namespace

static Value constant(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

/// `value * factor / divisor` for non-negative values.
static Value scale(OpBuilder &b, Location loc, Value value, int64_t factor,
                   int64_t divisor) {
  int64_t common = std::gcd(factor, divisor);
  factor /= common;
  divisor /= common;
  if (factor != 1)
    value = b.createOrFold<arith::MulIOp>(loc, value, constant(b, loc, factor));
  if (divisor != 1)
    value =
        b.createOrFold<arith::DivUIOp>(loc, value, constant(b, loc, divisor));
  return value;
}

static std::optional<int64_t> getTripCount(scf::ForOp loop) {
  std::optional<int64_t> lower = getConstantIntValue(loop.getLowerBound());
  std::optional<int64_t> upper = getConstantIntValue(loop.getUpperBound());
  std::optional<int64_t> step = getConstantIntValue(loop.getStep());
  if (!lower || !upper || !step || *step < 1 || *upper <= *lower)
    return std::nullopt;
  return llvm::divideCeil(*upper - *lower, *step);
}

std::optional<ProductNest> ProductNest::get(scf::ForOp product,
                                            scf::ForOp keyLoop) {
  ProductNest nest;
  for (scf::ForOp loop = product; loop != keyLoop;
       loop = dyn_cast<scf::ForOp>(loop->getParentOp())) {
    if (!loop)
      return std::nullopt;
    std::optional<int64_t> trips = getTripCount(loop);
    if (!trips || !isZeroInteger(loop.getLowerBound()))
      return std::nullopt;
    nest.loops.insert(nest.loops.begin(), loop);
    nest.iterations *= *trips;
  }
  return nest;
}

Value ProductNest::getIteration(OpBuilder &b, Location loc, unsigned depth) {
  Value number = constant(b, loc, 0);
  for (scf::ForOp loop : ArrayRef(loops).take_front(depth)) {
    Value trips = constant(b, loc, *getTripCount(loop));
    Value local = scale(b, loc, loop.getInductionVar(), 1,
                        *getConstantIntValue(loop.getStep()));
    number = b.createOrFold<arith::MulIOp>(loc, number, trips);
    number = b.createOrFold<arith::AddIOp>(loc, number, local);
  }
  return number;
}

/// Whether `loop` carries accumulators of a product.
static bool isProductLoop(scf::ForOp loop) {
  return llvm::any_of(*loop.getBody(), [](Operation &op) {
    return isa<vector::ContractionOp, vector::FMAOp>(op);
  });
}

/// The innermost loop around `product` that has another product in it.
static scf::ForOp getKeyLoop(scf::ForOp product,
                             ArrayRef<scf::ForOp> products) {
  for (auto loop = product->getParentOfType<scf::ForOp>(); loop;
       loop = loop->getParentOfType<scf::ForOp>())
    if (llvm::any_of(products, [&](scf::ForOp other) {
          return other != product && loop->isProperAncestor(other);
        }))
      return loop;
  return nullptr;
}

/// Asks for the block of `stream` that comes `distance` blocks later.
void PrefetchPass::emitStream(const KeyStream &stream, ProductNest &nest,
                              scf::ForOp keyLoop) {
  Location loc = nest.getProduct().getLoc();
  OpBuilder b(nest.loops.front());
  SmallVector<OpFoldResult> operands = getAsOpFoldResult(stream.operands);
  SmallVector<Value> start;
  for (unsigned dim = 0; dim < stream.origin.getNumResults(); ++dim) {
    OpFoldResult index = affine::makeComposedFoldedAffineApply(
        b, loc, stream.origin.getSubMap(dim), operands);
    start.push_back(getValueOrCreateConstantIndexOp(b, loc, index));
  }
  // Not beyond the last block: addresses stay inside of the buffer.
  Value size = b.createOrFold<memref::DimOp>(loc, stream.base, stream.keyDim);
  Value last =
      b.createOrFold<arith::SubIOp>(loc, size, constant(b, loc, stream.keys));
  Value ahead = b.createOrFold<arith::AddIOp>(
      loc, start[stream.keyDim], constant(b, loc, distance * stream.keys));
  start[stream.keyDim] = b.createOrFold<arith::MinSIOp>(loc, ahead, last);

  b.setInsertionPointToStart(nest.getProduct().getBody());
  int64_t lines = stream.getLines(), perRow = stream.getLinesPerRow();
  Value number = nest.getIteration(b, loc, nest.loops.size());
  Value first = scale(b, loc, number, lines, nest.iterations);
  bool hasGaps = !stream.hasAdjacentRows();
  auto prefetch = [&](Value row, Value column) {
    SmallVector<Value> indices = start;
    auto advance = [&](const KeyStream::Dim &dim, Value by) {
      indices[dim.number] =
          b.createOrFold<arith::AddIOp>(loc, indices[dim.number], by);
    };
    advance(stream.dims.back(), column);
    ArrayRef<KeyStream::Dim> outer = ArrayRef(stream.dims).drop_back();
    for (const KeyStream::Dim &dim : llvm::reverse(outer)) {
      Value extent = constant(b, loc, dim.extent);
      bool isFirst = dim.number == outer.front().number;
      advance(dim,
              isFirst ? row : b.createOrFold<arith::RemUIOp>(loc, row, extent));
      row = b.createOrFold<arith::DivUIOp>(loc, row, extent);
    }
    memref::PrefetchOp::create(b, loc, stream.base, indices, /*isWrite=*/false,
                               kLocality, /*isDataCache=*/true);
  };
  for (int64_t i = 0, end = llvm::divideCeil(lines, nest.iterations); i < end;
       ++i) {
    Value line = b.createOrFold<arith::AddIOp>(loc, first, constant(b, loc, i));
    Value row = scale(b, loc, line, 1, perRow);
    Value column =
        b.createOrFold<arith::RemUIOp>(loc, line, constant(b, loc, perRow));
    prefetch(row, scale(b, loc, column, stream.getLineElements(), 1));
    // A row that does not begin with a line ends in one more.
    if (hasGaps && i % perRow == 0)
      prefetch(row, constant(b, loc, stream.dims.back().extent - 1));
  }
}

/// Whether keys or values were found, even if they need no prefetch.
bool PrefetchPass::prefetchKeys(scf::ForOp keyLoop,
                                ArrayRef<ProductNest> nests) {
  SmallVector<std::pair<KeyStream, ProductNest>> streams;
  int64_t bytes = 0;
  bool isKnown = true;
  for (ProductNest nest : nests) {
    std::optional<KeyStream> stream;
    for (Operation &op : *nest.getProduct().getBody())
      if (!stream)
        stream = findKeyStream(&op, keyLoop);
    if (!stream)
      continue;
    std::optional<int64_t> total = stream->getTotalBytes();
    isKnown &= total.has_value();
    bytes += total.value_or(0);
    streams.emplace_back(*stream, nest);
  }
  if (isKnown && bytes <= cache)
    return !streams.empty();
  for (auto &[stream, nest] : streams)
    emitStream(stream, nest, keyLoop);
  return !streams.empty();
}

/// A loop over rows, and the part of a buffer that it writes for one of them.
struct RowWrite {
  scf::ForOp loop;
  Value target;
};

/// The first rows after `keyLoop` that do not go to scratch.
static std::optional<RowWrite> findOutput(scf::ForOp keyLoop) {
  for (Operation *op = keyLoop->getNextNode(); op; op = op->getNextNode()) {
    auto loop = dyn_cast<scf::ForOp>(op);
    if (!loop)
      continue;
    Value target;
    loop.walk([&](Operation *inner) {
      Value written;
      if (auto copy = dyn_cast<memref::CopyOp>(inner))
        written = copy.getTarget();
      else if (auto write = dyn_cast<vector::TransferWriteOp>(inner))
        written = write.getBase();
      if (written && !isa_and_nonnull<memref::AllocaOp, memref::AllocOp>(
                         getBaseBuffer(written).getDefiningOp()))
        target = written;
    });
    if (target)
      return RowWrite{loop, target};
  }
  return std::nullopt;
}

/// Clones what `value` is computed from and is not there yet, `mapping`
/// applied.
static Value cloneSlice(OpBuilder &b, Value value, Operation *before,
                        DominanceInfo &dominance, IRMapping &mapping) {
  if (mapping.contains(value))
    return mapping.lookup(value);
  if (dominance.properlyDominates(value, before))
    return value;
  Operation *def = value.getDefiningOp();
  for (Value operand : def->getOperands())
    mapping.map(operand, cloneSlice(b, operand, before, dominance, mapping));
  b.clone(*def, mapping);
  return mapping.lookup(value);
}

/// Whether `value` is there before `before`, or can be computed there from
/// `iv` and what is.
static bool isAvailable(Value value, Value iv, Operation *before,
                        DominanceInfo &dominance) {
  if (value == iv || dominance.properlyDominates(value, before))
    return true;
  Operation *def = value.getDefiningOp();
  return def && isPure(def) && def->getNumRegions() == 0 &&
         llvm::all_of(def->getOperands(), [&](Value operand) {
           return isAvailable(operand, iv, before, dominance);
         });
}

/// Asks for the rows that the task writes when it is done.
void PrefetchPass::prefetchOutput(scf::ForOp keyLoop, ProductNest &nest) {
  std::optional<RowWrite> output = findOutput(keyLoop);
  std::optional<int64_t> step = getConstantIntValue(keyLoop.getStep());
  if (!output || !step || nest.loops.size() < 2)
    return;
  scf::ForOp rowLoop = output->loop;
  auto type = cast<MemRefType>(output->target.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  DominanceInfo dominance(getOperation());
  if (type.getRank() != 1 || type.isDynamicDim(0) ||
      failed(type.getStridesAndOffset(strides, offset)) || strides[0] != 1 ||
      !isZeroInteger(rowLoop.getLowerBound()) ||
      !isOneInteger(rowLoop.getStep()) ||
      !dominance.properlyDominates(rowLoop.getUpperBound(), keyLoop) ||
      !isAvailable(output->target, rowLoop.getInductionVar(), keyLoop,
                   dominance))
    return;
  Location loc = rowLoop.getLoc();
  int64_t elements =
      kLineBytes / llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  int64_t perRow = llvm::divideCeil(type.getDimSize(0), elements);

  scf::ForOp tileLoop = nest.loops.front();
  OpBuilder b = OpBuilder::atBlockBegin(tileLoop.getBody());
  Value block = b.createOrFold<arith::SubIOp>(loc, keyLoop.getInductionVar(),
                                              keyLoop.getLowerBound());
  block = scale(b, loc, block, *getTripCount(tileLoop), *step);
  Value number = b.createOrFold<arith::AddIOp>(
      loc, block, nest.getIteration(b, loc, /*depth=*/1));
  int64_t lines = std::min(kOutputLines, perRow);
  int64_t partsPerRow = llvm::divideCeil(perRow, lines);
  Value row = scale(b, loc, number, 1, partsPerRow);
  Value lastRow = b.createOrFold<arith::SubIOp>(loc, rowLoop.getUpperBound(),
                                                constant(b, loc, 1));
  row = b.createOrFold<arith::MinUIOp>(loc, row, lastRow);
  IRMapping mapping;
  mapping.map(rowLoop.getInductionVar(), row);
  Value target = cloneSlice(b, output->target, keyLoop, dominance, mapping);
  Value part = b.createOrFold<arith::RemUIOp>(loc, number,
                                              constant(b, loc, partsPerRow));
  for (int64_t i = 0; i < lines; ++i) {
    Value column = scale(b, loc, part, lines * elements, 1);
    column = b.createOrFold<arith::AddIOp>(loc, column,
                                           constant(b, loc, i * elements));
    memref::PrefetchOp::create(b, loc, target, column, /*isWrite=*/true,
                               kLocality, /*isDataCache=*/true);
  }
}

void PrefetchPass::runOnOperation() {
  SmallVector<scf::ForOp> products;
  getOperation()->walk([&](scf::ForOp loop) {
    if (isProductLoop(loop))
      products.push_back(loop);
  });
  llvm::MapVector<Operation *, SmallVector<ProductNest>> nests;
  for (scf::ForOp product : products)
    if (scf::ForOp keyLoop = getKeyLoop(product, products))
      if (std::optional<ProductNest> nest = ProductNest::get(product, keyLoop))
        nests[keyLoop].push_back(*nest);
  for (auto &[keyLoop, found] : nests) {
    // A loop over the last, partial block is too short for the output.
    if (prefetchKeys(cast<scf::ForOp>(keyLoop), found))
      prefetchOutput(cast<scf::ForOp>(keyLoop), found.front());
  }
}
