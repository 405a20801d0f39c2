//===- TileSources.cpp - what keys and values are read from -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The element of an elementwise op at a point of the attention's iteration
// space needs the elements of its operands at the same point. So every operand,
// however deep, gets a map from that space, and the whole expression becomes
// one linalg.generic over a block of keys, whose inputs are slices of the
// tensors in memory.
//
// A paged view adds two dimensions to the space, the page and the position in
// it, which follow from the key and the block table. A range of keys within a
// page is then a slice of the pool.
//
//===----------------------------------------------------------------------===//

#include "TileSources.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include <numeric>

using namespace mlir;
using namespace mlir::mqa;

/// Arithmetic ops of a producer that are computed again for every block of
/// rows; a longer one is rather computed once.
static constexpr unsigned kCheapOps = 16;

//===----------------------------------------------------------------------===//
// What is looked through
//===----------------------------------------------------------------------===//

static bool isCheap(Operation &op) {
  return isa<arith::ArithDialect>(op.getDialect()) ||
         isa<math::AbsFOp, math::FmaOp, math::FloorOp, math::CeilOp,
             math::RoundEvenOp, math::TruncOp>(op);
}

/// Why the elements of `op` are not computed where they are used, or nothing.
static std::optional<StringRef> findObstacle(linalg::LinalgOp op,
                                             unsigned result) {
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  OpOperand *init = op.getDpsInitOperand(result);
  if (!op.getMatchingIndexingMap(init).isPermutation())
    return "its result leaves out a dimension of its loops";
  for (OpOperand *input : op.getDpsInputOperands())
    if (isa<ShapedType>(input->get().getType()) &&
        !op.getMatchingIndexingMap(input).isProjectedPermutation())
      return "an operand is not read element by element";
  Block *body = op.getBlock();
  for (OpOperand &output : op.getDpsInitsMutable())
    if (!op.getMatchingBlockArgument(&output).use_empty())
      return "it reads its destination";
  if (std::distance(body->begin(), body->end()) > kCheapOps + 1)
    return "it has too many operations";
  for (Operation &inner : body->without_terminator())
    if (!isCheap(inner))
      return "not all of its operations are cheap arithmetic";
  return std::nullopt;
}

/// Whether ranges of the view are ranges of its pool: no range is over pages.
bool KeySource::canReadThrough(PagedViewOp view, AffineMap map) {
  auto isRange = [&](int64_t position) {
    unsigned dim = map.getDimPosition(position);
    return dim == tile.keyDim || llvm::is_contained(inner, dim);
  };
  for (int64_t batch = 0; batch < view.getNumBatches(); ++batch)
    if (isRange(batch))
      return false;
  return !isRange(view.getKeyDim()) ||
         map.getDimPosition(view.getKeyDim()) == tile.keyDim;
}

int64_t KeySource::addLeaf(Leaf leaf) {
  Node node;
  node.leaf = leaves.size();
  leaves.push_back(std::move(leaf));
  nodes.push_back(std::move(node));
  return nodes.size() - 1;
}

int64_t KeySource::addNode(Value value, AffineMap map) {
  OpBuilder &b = tile.b;
  if (auto cast = value.getDefiningOp<tensor::CastOp>())
    if (isa<RankedTensorType>(cast.getSource().getType()))
      return addNode(cast.getSource(), map);
  unsigned numDims = map.getNumDims();
  if (auto view = value.getDefiningOp<PagedViewOp>();
      view && canReadThrough(view, map)) {
    SmallVector<AffineExpr> exprs;
    for (int64_t dim = 0; dim < view.getPool().getType().getRank(); ++dim) {
      if (dim == int64_t(view.getPageDim()))
        exprs.push_back(b.getAffineDimExpr(numDims));
      else if (dim == int64_t(view.getSlotDim()))
        exprs.push_back(b.getAffineDimExpr(numDims + 1));
      else
        exprs.push_back(map.getResult(view.getResultDim(dim)));
    }
    return addLeaf({view.getPool(),
                    AffineMap::get(numDims + 2, 0, exprs, b.getContext()), view,
                    map});
  }
  auto op = value.getDefiningOp<linalg::LinalgOp>();
  if (op && op.getNumParallelLoops() == op.getNumLoops()) {
    unsigned result = cast<OpResult>(value).getResultNumber();
    std::optional<StringRef> obstacle = findObstacle(op, result);
    if (!obstacle) {
      Node node;
      node.op = op;
      node.result = result;
      AffineMap toSpace = inversePermutation(op.getMatchingIndexingMap(
                                                 op.getDpsInitOperand(result)))
                              .compose(map);
      for (OpOperand *input : op.getDpsInputOperands()) {
        bool isUsed = !op.getMatchingBlockArgument(input).use_empty();
        bool isScalar = !isa<ShapedType>(input->get().getType());
        node.operands.push_back(
            isScalar || !isUsed
                ? -1
                : addNode(input->get(),
                          op.getMatchingIndexingMap(input).compose(toSpace)));
      }
      nodes.push_back(std::move(node));
      return nodes.size() - 1;
    }
    if (tile.reported.insert(op).second)
      op->emitRemark("keys or values are computed as a whole: ") << *obstacle;
  }
  AffineMap wide =
      AffineMap::get(numDims + 2, 0, map.getResults(), b.getContext());
  return addLeaf({value, wide, nullptr, map});
}

KeySource KeySource::get(TileContext &tile, Value value, AffineMap map,
                         ArrayRef<unsigned> inner) {
  KeySource source(tile, inner);
  source.addNode(value, map);
  return source;
}

//===----------------------------------------------------------------------===//
// Pages
//===----------------------------------------------------------------------===//

/// Whether a multiple of `factor` is all that `value` can be.
static bool isMultiple(OpFoldResult value, int64_t factor);

/// The same for an affine expression of `operands`.
static bool isMultiple(AffineExpr expr, ValueRange operands, unsigned numDims,
                       int64_t factor) {
  if (expr.isMultipleOf(factor))
    return true;
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return isMultiple(operands[dim.getPosition()], factor);
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return isMultiple(operands[numDims + symbol.getPosition()], factor);
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  bool lhs = isMultiple(binary.getLHS(), operands, numDims, factor);
  bool rhs = isMultiple(binary.getRHS(), operands, numDims, factor);
  if (expr.getKind() == AffineExprKind::Add)
    return lhs && rhs;
  return expr.getKind() == AffineExprKind::Mul && (lhs || rhs);
}

static bool isMultiple(OpFoldResult value, int64_t factor) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant % factor == 0;
  auto ssa = cast<Value>(value);
  if (auto argument = dyn_cast<BlockArgument>(ssa)) {
    auto loop =
        dyn_cast_or_null<scf::ForOp>(argument.getOwner()->getParentOp());
    return loop && argument == loop.getInductionVar() &&
           isMultiple(OpFoldResult(loop.getLowerBound()), factor) &&
           isMultiple(OpFoldResult(loop.getStep()), factor);
  }
  Operation *def = ssa.getDefiningOp();
  auto isMultipleMap = [&](AffineMap map) {
    return llvm::all_of(map.getResults(), [&](AffineExpr expr) {
      return isMultiple(expr, def->getOperands(), map.getNumDims(), factor);
    });
  };
  if (auto apply = dyn_cast<affine::AffineApplyOp>(def))
    return isMultipleMap(apply.getAffineMap());
  if (auto min = dyn_cast<affine::AffineMinOp>(def))
    return isMultipleMap(min.getMap());
  if (auto max = dyn_cast<affine::AffineMaxOp>(def))
    return isMultipleMap(max.getMap());
  if (isa<arith::MaxUIOp, arith::MinUIOp, arith::MaxSIOp, arith::MinSIOp,
          arith::AddIOp>(def))
    return isMultiple(OpFoldResult(def->getOperand(0)), factor) &&
           isMultiple(OpFoldResult(def->getOperand(1)), factor);
  return false;
}

unsigned KeySource::getKeyDim(const Leaf &leaf) {
  PagedViewOp view = leaf.view;
  bool isPaged =
      view && leaf.viewMap.getDimPosition(view.getKeyDim()) == tile.keyDim;
  return isPaged ? leaf.map.getNumDims() - 1 : tile.keyDim;
}

int64_t KeySource::getRun(Value start, int64_t size) {
  int64_t run = size;
  bool isPaged = false;
  for (const Leaf &leaf : leaves) {
    if (getKeyDim(leaf) == tile.keyDim)
      continue;
    isPaged = true;
    int64_t pageSize = PagedViewOp(leaf.view).getPageSize();
    run = ShapedType::isDynamic(pageSize) ? 1 : std::gcd(run, pageSize);
  }
  return !isPaged || isMultiple(OpFoldResult(start), run) ? run : 1;
}

/// `position`, which has one entry per dimension of the attention, with page
/// and position in the page. A number that is no page stands for the last.
SmallVector<OpFoldResult> KeySource::resolve(const Leaf &leaf,
                                             ArrayRef<OpFoldResult> position) {
  OpBuilder &b = tile.b;
  Location loc = tile.loc;
  SmallVector<OpFoldResult> at(position);
  at.append(2, b.getIndexAttr(0));
  if (!leaf.view)
    return at;
  PagedViewOp view = leaf.view;
  auto sizeOf = [&](int64_t dim) {
    return tile.materialize(tensor::getMixedSize(b, loc, leaf.tensor, dim));
  };
  auto positionOf = [&](int64_t dim) {
    return tile.materialize(position[leaf.viewMap.getDimPosition(dim)]);
  };
  SmallVector<Value> entry;
  for (int64_t batch = 0; batch < view.getNumBatches(); ++batch)
    entry.push_back(positionOf(batch));
  Value key = positionOf(view.getKeyDim()), size = sizeOf(view.getSlotDim());
  entry.push_back(arith::DivUIOp::create(b, loc, key, size));
  Value page = tensor::ExtractOp::create(b, loc, view.getTable(), entry);
  if (!page.getType().isIndex())
    page = arith::IndexCastOp::create(b, loc, b.getIndexType(), page);
  Value last =
      arith::SubIOp::create(b, loc, sizeOf(view.getPageDim()), tile.index(1));
  at[position.size()] = arith::MinUIOp::create(b, loc, page, last).getResult();
  at[position.size() + 1] =
      arith::RemUIOp::create(b, loc, key, size).getResult();
  return at;
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// The dimensions of which a range of the leaf is read, in the order of memory.
SmallVector<unsigned> KeySource::getKept(const Leaf &leaf) {
  SmallVector<unsigned> dims{getKeyDim(leaf)};
  llvm::append_range(dims, inner);
  return tile.inMapOrder(leaf.map, dims);
}

Value KeySource::sliceLeaf(const Leaf &leaf, ArrayRef<OpFoldResult> position,
                           int64_t count) {
  SmallVector<unsigned> kept = getKept(leaf);
  SmallVector<OpFoldResult> at = resolve(leaf, position);
  auto sizes = llvm::map_to_vector(kept, [&](unsigned dim) {
    return dim == getKeyDim(leaf) ? OpFoldResult(tile.b.getIndexAttr(count))
                                  : tile.sizes[dim];
  });
  return tile.extractAt(leaf.tensor, leaf.map, at, kept, sizes);
}

Value KeySource::slice(ArrayRef<OpFoldResult> position, int64_t count) {
  return sliceLeaf(leaves.front(), position, count);
}

/// The element of a node from those of the leaves.
Value KeySource::emit(OpBuilder &b, const Node &node,
                      ArrayRef<Value> elements) {
  if (!node.op)
    return elements[node.leaf];
  IRMapping mapping;
  linalg::LinalgOp op = node.op;
  for (auto [operand, input] :
       llvm::zip(node.operands, op.getDpsInputOperands())) {
    BlockArgument argument = op.getMatchingBlockArgument(input);
    if (argument.use_empty())
      continue;
    mapping.map(argument,
                operand < 0 ? input->get() : emit(b, nodes[operand], elements));
  }
  for (Operation &inner : op.getBlock()->without_terminator())
    b.clone(inner, mapping);
  return mapping.lookupOrDefault(
      op.getBlock()->getTerminator()->getOperand(node.result));
}

Value KeySource::copy(ArrayRef<OpFoldResult> position, int64_t count,
                      Value into) {
  OpBuilder &b = tile.b;
  unsigned rank = 1 + inner.size();
  // A leaf without a range is one element, read outside of the loops.
  SmallVector<Value> inputs, elements;
  SmallVector<AffineMap> maps;
  for (const Leaf &leaf : leaves) {
    SmallVector<AffineExpr> exprs;
    for (unsigned dim : getKept(leaf))
      exprs.push_back(b.getAffineDimExpr(
          dim == getKeyDim(leaf)
              ? 0
              : 1 + (llvm::find(inner, dim) - inner.begin())));
    if (exprs.empty()) {
      elements.push_back(
          tile.elementAt(leaf.tensor, leaf.map, resolve(leaf, position)));
      continue;
    }
    elements.push_back(nullptr);
    inputs.push_back(sliceLeaf(leaf, position, count));
    maps.push_back(AffineMap::get(rank, 0, exprs, b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> parallel(rank,
                                            utils::IteratorType::parallel);
  Type element = getElementTypeOrSelf(into.getType());
  auto generic = linalg::GenericOp::create(
      b, tile.loc, into.getType(), inputs, into, maps, parallel,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        SmallVector<Value> all(elements);
        unsigned number = 0;
        for (Value &value : all)
          if (!value)
            value = args[number++];
        Value result = emit(b, nodes.back(), all);
        if (result.getType() != element)
          result = arith::ExtFOp::create(b, loc, element, result);
        linalg::YieldOp::create(b, loc, result);
      });
  generic->setAttr("mqa.role", b.getStringAttr("copy"));
  return generic.getResult(0);
}
