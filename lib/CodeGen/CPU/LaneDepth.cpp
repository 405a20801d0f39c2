//===- LaneDepth.cpp - depth elements in vector lanes -----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The products of a tile with g rows times r elements of depth in its lanes.
// The operand that has no rows is read r elements at a time and repeated for
// all rows, which is one broadcasting load:
//
//   acc[n] += repeat(K[n, d, 0..r]) * Q[d, 0..g, 0..r]         over d
//   S[n, 0..g] = sum of acc[n] over 0..r                       once
//   acc[e] += repeat(V[n, e, 0..r]) * P[n, 0..g, 0..r]         over n
//
// P is the same for all r. Upstream's vectorization would make a reduction
// within a vector in every step.
//
//===----------------------------------------------------------------------===//

#include "LaneDepth.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mqa/CodeGen/CPU/Passes.h"

using namespace mlir;
using namespace mlir::mqa;

/// Elements of a row, and of all rows, that lanes hold at most.
static constexpr int64_t kMaxElements = 16, kMaxLanes = 64;

static StringRef getRole(Operation *op) {
  auto role = op->getAttrOfType<StringAttr>(kRoleAttr);
  return role ? role.getValue() : StringRef();
}

bool mlir::mqa::isLaneDepthProduct(linalg::LinalgOp op) {
  StringRef role = getRole(op);
  return op.getNumLoops() == 5 && (role == "scores" || role == "output");
}

bool mlir::mqa::isLaneDepthElementwise(linalg::LinalgOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic || generic.getNumLoops() != 4 || generic.hasIndexSemantics() ||
      generic.getNumDpsInits() != 1 ||
      generic.getNumParallelLoops() != generic.getNumLoops())
    return false;
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  SmallVector<int64_t> sizes = generic.getStaticLoopRanges();
  Type element = getElementTypeOrSelf(generic.getDpsInits()[0]);
  bool isUniform = llvm::all_of(generic->getOperands(), [&](Value operand) {
    return getElementTypeOrSelf(operand) == element;
  });
  // The same op over whole tensors is left to upstream.
  if (!maps.back().isIdentity() || !isUniform ||
      llvm::any_of(sizes, ShapedType::isDynamic) || sizes[3] > kMaxElements ||
      sizes[2] * sizes[3] > kMaxLanes)
    return false;
  return llvm::any_of(ArrayRef(maps).drop_back(), [](AffineMap map) {
    return map.getNumResults() > 0 && !map.isFunctionOfDim(3) &&
           map.getResults().back() == getAffineDimExpr(2, map.getContext());
  });
}

linalg::GenericOp mlir::mqa::spreadProbabilities(RewriterBase &rewriter,
                                                 linalg::GenericOp output) {
  // Loops: panel, value, row, element, key.
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(output);
  Location loc = output.getLoc();
  MLIRContext *context = rewriter.getContext();
  Value weights = output.getInputs()[1];
  auto type = cast<RankedTensorType>(weights.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.push_back(output.getStaticLoopRanges()[3]);
  Value empty =
      tensor::EmptyOp::create(rewriter, loc, shape, type.getElementType());
  AffineMap all = rewriter.getMultiDimIdentityMap(4);
  SmallVector<utils::IteratorType> parallel(4, utils::IteratorType::parallel);
  auto spread = linalg::GenericOp::create(
      rewriter, loc, empty.getType(), weights, empty,
      ArrayRef<AffineMap>{all.dropResult(3), all}, parallel,
      [](OpBuilder &b, Location loc, ValueRange args) {
        linalg::YieldOp::create(b, loc, args[0]);
      });
  spread->setAttr(kRoleAttr, rewriter.getStringAttr("spread"));
  rewriter.modifyOpInPlace(output, [&] {
    output.getInputsMutable().slice(1, 1).assign(spread.getResult(0));
    SmallVector<AffineMap> maps = output.getIndexingMapsArray();
    maps[1] = AffineMap::getMultiDimMapWithTargets(5, {0, 4, 2, 3}, context);
    output.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  });
  return spread;
}

namespace {

/// Vectors of the `rows * elements` lanes of a tile.
class LaneBuilder {
public:
  LaneBuilder(OpBuilder &b, Location loc, int64_t rows, int64_t elements,
              Type element)
      : b(b), loc(loc), rows(rows), elements(elements),
        flat(VectorType::get({rows * elements}, element)) {}

  VectorType getType() const { return flat; }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value zero() {
    return arith::ConstantOp::create(b, loc, b.getZeroAttr(flat));
  }

  /// `source[indices, 0..g, 0..r]`.
  Value readAll(Value source, ArrayRef<Value> indices) {
    Value value = read(source, indices, {rows, elements});
    return vector::ShapeCastOp::create(b, loc, flat, value);
  }
  /// `source[indices, 0..g]`, each `r` times.
  Value readRows(Value source, ArrayRef<Value> indices) {
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane < flat.getNumElements(); ++lane)
      lanes.push_back(lane / elements);
    return shuffle(read(source, indices, {rows}), lanes);
  }
  /// `source[indices, 0..r]`, for each of the rows.
  Value readElements(Value source, ArrayRef<Value> indices) {
    SmallVector<int64_t> lanes;
    for (int64_t lane = 0; lane < flat.getNumElements(); ++lane)
      lanes.push_back(lane % elements);
    return shuffle(read(source, indices, {elements}), lanes);
  }
  /// `into[indices, 0..shape]` with `value` in it.
  Value write(Value value, Value into, ArrayRef<Value> indices,
              ArrayRef<int64_t> shape) {
    SmallVector<Value> all(indices);
    all.append(shape.size(), index(0));
    SmallVector<bool> inBounds(shape.size(), true);
    Value shaped = vector::ShapeCastOp::create(
        b, loc, VectorType::get(shape, flat.getElementType()), value);
    return vector::TransferWriteOp::create(b, loc, shaped, into, all,
                                           ArrayRef<bool>(inBounds))
        .getResult();
  }
  Value writeAll(Value value, Value into, ArrayRef<Value> indices) {
    return write(value, into, indices, {rows, elements});
  }
  /// The sums over the elements of rows, of `accs` in their order: each vector
  /// of the result holds the rows of `r` of them.
  SmallVector<Value> sumElements(SmallVector<Value> accs) {
    while (accs.size() % elements)
      accs.push_back(zero());
    SmallVector<int64_t> even, odd;
    for (int64_t lane = 0; lane < flat.getNumElements(); ++lane) {
      even.push_back(2 * lane);
      odd.push_back(2 * lane + 1);
    }
    for (int64_t width = elements; width > 1; width /= 2) {
      SmallVector<Value> sums;
      for (size_t i = 0; i < accs.size(); i += 2) {
        auto pick = [&](ArrayRef<int64_t> lanes) -> Value {
          return vector::ShuffleOp::create(b, loc, accs[i], accs[i + 1], lanes);
        };
        sums.push_back(arith::AddFOp::create(b, loc, pick(even), pick(odd)));
      }
      accs = std::move(sums);
    }
    return accs;
  }

private:
  Value read(Value source, ArrayRef<Value> indices, ArrayRef<int64_t> shape) {
    SmallVector<Value> all(indices);
    all.append(shape.size(), index(0));
    SmallVector<bool> inBounds(shape.size(), true);
    Value padding = ub::PoisonOp::create(b, loc, flat.getElementType());
    return vector::TransferReadOp::create(
        b, loc, VectorType::get(shape, flat.getElementType()), source, all,
        padding, ArrayRef<bool>(inBounds));
  }
  Value shuffle(Value value, ArrayRef<int64_t> lanes) {
    return vector::ShuffleOp::create(b, loc, value, value, lanes);
  }

  OpBuilder &b;
  Location loc;
  int64_t rows, elements;
  VectorType flat;
};

} // namespace

/// A loop that adds `step` products at a time to `accs`: in each step, one
/// vector of lanes times one repeated vector for every accumulator.
static SmallVector<Value>
createProductLoop(OpBuilder &b, Location loc, int64_t size, int64_t step,
                  ArrayRef<Value> accs, function_ref<Value(Value at)> getLanes,
                  function_ref<Value(int64_t number, Value at)> getRepeated) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  Value from = constant(0), to = constant(size), by = constant(step);
  auto loop = scf::ForOp::create(
      b, loc, from, to, by, accs,
      [&](OpBuilder &, Location, Value iv, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(iv.getParentBlock());
        SmallVector<Value> sums(carried);
        for (int64_t i = 0; i < step; ++i) {
          Value at = b.createOrFold<arith::AddIOp>(loc, iv, constant(i));
          Value lanes = getLanes(at);
          for (auto [number, sum] : llvm::enumerate(sums))
            sum = vector::FMAOp::create(b, loc, getRepeated(number, at), lanes,
                                        sum);
        }
        scf::YieldOp::create(b, loc, sums);
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}

/// Loops: panel (1), key, row, depth, element.
static LogicalResult vectorizeScores(RewriterBase &rewriter,
                                     linalg::GenericOp op, int64_t step) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  Value keys = op.getInputs()[0], query = op.getInputs()[1];
  Value out = op.getDpsInits()[0];
  auto fill = out.getDefiningOp<linalg::FillOp>();
  if (sizes[0] != 1 || !llvm::isPowerOf2_64(sizes[4]) || sizes[3] % step ||
      !fill || !matchPattern(fill.value(), m_AnyZeroFloat()))
    return failure();
  // Every score is overwritten: the zeros need not be.
  out = fill.getDpsInits()[0];
  Location loc = op.getLoc();
  LaneBuilder lanes(rewriter, loc, sizes[2], sizes[4],
                    getElementTypeOrSelf(out.getType()));
  Value panel = lanes.index(0);
  SmallVector<Value> accs(sizes[1], lanes.zero());
  accs = createProductLoop(
      rewriter, loc, sizes[3], step, accs,
      [&](Value at) { return lanes.readAll(query, {panel, at}); },
      [&](int64_t number, Value at) {
        return lanes.readElements(keys, {lanes.index(number), at});
      });
  accs = lanes.sumElements(accs);
  for (auto [number, sums] : llvm::enumerate(accs)) {
    int64_t first = number * sizes[4];
    int64_t count = std::min(sizes[4], sizes[1] - first);
    if (count < sizes[4])
      sums = vector::ExtractStridedSliceOp::create(
          rewriter, loc, sums, ArrayRef<int64_t>{0},
          ArrayRef<int64_t>{count * sizes[2]}, ArrayRef<int64_t>{1});
    Value at = lanes.index(first);
    Value shaped = vector::ShapeCastOp::create(
        rewriter, loc,
        VectorType::get({count, sizes[2]}, lanes.getType().getElementType()),
        sums);
    SmallVector<bool> inBounds(2, true);
    out = vector::TransferWriteOp::create(rewriter, loc, shaped, out,
                                          ValueRange{panel, at, panel},
                                          ArrayRef<bool>(inBounds))
              .getResult();
  }
  rewriter.replaceOp(op, out);
  return success();
}

/// Loops: panel (1), value, row, element, key.
static LogicalResult vectorizeOutput(RewriterBase &rewriter,
                                     linalg::GenericOp op, int64_t step) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  Value values = op.getInputs()[0], weights = op.getInputs()[1];
  Value out = op.getDpsInits()[0];
  if (sizes[0] != 1 || sizes[4] % step)
    return failure();
  Location loc = op.getLoc();
  LaneBuilder lanes(rewriter, loc, sizes[2], sizes[3],
                    getElementTypeOrSelf(out.getType()));
  Value panel = lanes.index(0);
  SmallVector<Value> accs;
  for (int64_t number = 0; number < sizes[1]; ++number)
    accs.push_back(lanes.readAll(out, {panel, lanes.index(number)}));
  accs = createProductLoop(
      rewriter, loc, sizes[4], step, accs,
      [&](Value at) { return lanes.readAll(weights, {panel, at}); },
      [&](int64_t number, Value at) {
        return lanes.readElements(values, {at, lanes.index(number)});
      });
  for (auto [number, acc] : llvm::enumerate(accs))
    out = lanes.writeAll(acc, out, {panel, lanes.index(number)});
  rewriter.replaceOp(op, out);
  return success();
}

/// The body of `op` on vectors of `type`.
static FailureOr<Value> cloneBody(OpBuilder &b, linalg::GenericOp op,
                                  ArrayRef<Value> args, VectorType type) {
  IRMapping mapping;
  mapping.map(op.getBlock()->getArguments(), args);
  auto get = [&](Value value) -> Value {
    if (mapping.contains(value))
      return mapping.lookup(value);
    auto wide = VectorType::get(type.getShape(), value.getType());
    return vector::BroadcastOp::create(b, op.getLoc(), wide, value);
  };
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (isa<arith::ConstantOp>(inner)) {
      b.clone(inner, mapping);
      Value scalar = mapping.lookup(inner.getResult(0));
      mapping.erase(inner.getResult(0));
      mapping.map(inner.getResult(0), get(scalar));
      continue;
    }
    if (!OpTrait::hasElementwiseMappableTraits(&inner))
      return failure();
    OperationState state(inner.getLoc(), inner.getName());
    for (Value operand : inner.getOperands())
      state.addOperands(get(operand));
    for (Type result : inner.getResultTypes())
      state.addTypes(VectorType::get(type.getShape(), result));
    state.addAttributes(inner.getAttrs());
    mapping.map(inner.getResults(), b.create(state)->getResults());
  }
  return get(op.getBlock()->getTerminator()->getOperand(0));
}

/// Loops: two (unrolled), row, element. All reads come before all writes, so
/// that no write needs a buffer of its own.
static LogicalResult vectorizeElementwise(RewriterBase &rewriter,
                                          linalg::GenericOp op) {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  Value out = op.getDpsInits()[0];
  Location loc = op.getLoc();
  LaneBuilder lanes(rewriter, loc, sizes[2], sizes[3],
                    getElementTypeOrSelf(out.getType()));
  int64_t count = sizes[0] * sizes[1];
  auto getLeading = [&](int64_t i) {
    return SmallVector<Value>{lanes.index(i / sizes[1]),
                              lanes.index(i % sizes[1])};
  };
  SmallVector<Value> results;
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<Value> leading = getLeading(i), args;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      SmallVector<Value> at;
      unsigned inLanes = 0;
      for (AffineExpr expr : map.getResults()) {
        unsigned dim = cast<AffineDimExpr>(expr).getPosition();
        if (dim < 2)
          at.push_back(leading[dim]);
        else
          ++inLanes;
      }
      if (inLanes == 2)
        args.push_back(lanes.readAll(operand.get(), at));
      else if (inLanes == 1 && map.isFunctionOfDim(2))
        args.push_back(lanes.readRows(operand.get(), at));
      else
        return failure();
    }
    FailureOr<Value> result = cloneBody(rewriter, op, args, lanes.getType());
    if (failed(result))
      return failure();
    results.push_back(*result);
  }
  for (int64_t i = 0; i < count; ++i)
    out = lanes.writeAll(results[i], out, getLeading(i));
  rewriter.replaceOp(op, out);
  return success();
}

LogicalResult mlir::mqa::vectorizeLaneDepth(RewriterBase &rewriter,
                                            linalg::GenericOp op,
                                            int64_t step) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  if (!isLaneDepthProduct(op))
    return vectorizeElementwise(rewriter, op);
  return getRole(op) == "scores" ? vectorizeScores(rewriter, op, step)
                                 : vectorizeOutput(rewriter, op, step);
}
