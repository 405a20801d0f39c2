//===- TileKeys.cpp - one block of keys -------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tile op has the iteration space (panel, key, lane, depth, value). Keys
// and values are used where they lie when that is f32 with the inner dimension
// contiguous; otherwise, and in a partial block, they are staged: computed into
// scratch (see TileSources.h), with the last key repeated.
//
// The regions of the tile op are those of the original op; what they knew as
// index arguments becomes a captured scalar (batch), a packed input (row) or
// the start of the block plus the local key.
//
//===----------------------------------------------------------------------===//

#include "TileSources.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::mqa;

/// Iteration dimensions of the tile op; the last two only with depth in lanes.
enum TileDim : unsigned { Panel, Key, Lane, Depth, Value_, DepthIn, ValueIn };

static AffineMap getTileMap(TileContext &tile, ArrayRef<unsigned> dims) {
  unsigned rank = tile.schedule.getLaneDepth() == 1 ? 5 : 7;
  auto exprs = llvm::map_to_vector(
      dims, [&](unsigned dim) { return tile.b.getAffineDimExpr(dim); });
  return AffineMap::get(rank, 0, exprs, tile.b.getContext());
}

namespace {

/// How an extra input depends on the dimensions.
struct ExtraRoles {
  bool onRows = false, onKeys = false;
  static ExtraRoles get(const AttentionShape &shape, AffineMap map) {
    ExtraRoles roles;
    for (AffineExpr expr : map.getResults()) {
      DimRole role = shape.getRole(cast<AffineDimExpr>(expr).getPosition());
      roles.onRows |= role == DimRole::Row;
      roles.onKeys |= role == DimRole::Key;
    }
    return roles;
  }
};

} // namespace

/// Booleans lie in scratch as bytes: vectors of i1 would be packed bits.
static Type getStorageType(Type element) {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8)
                              : element;
}

static Value toStorage(TileContext &tile, Value scalar) {
  Type storage = getStorageType(scalar.getType());
  if (storage == scalar.getType())
    return scalar;
  return arith::ExtUIOp::create(tile.b, tile.loc, storage, scalar);
}

//===----------------------------------------------------------------------===//
// Inputs that depend on rows only
//===----------------------------------------------------------------------===//

/// Whether a region of the op uses its index argument of `dim`.
static bool usesIndexOf(OnlineAttentionOp op, const AttentionShape &shape,
                        unsigned dim) {
  SmallVector<unsigned> regionDims = shape.getRegionDims();
  unsigned number = llvm::find(regionDims, dim) - regionDims.begin();
  for (Region *region : {&op.getMask(), &op.getScore()}) {
    if (region->empty())
      continue;
    unsigned first = region->getNumArguments() - regionDims.size();
    if (!region->getArgument(first + number).use_empty())
      return true;
  }
  return false;
}

RowInputs mlir::mqa::packRowInputs(TileContext &tile) {
  RowInputs rows;
  OnlineAttentionOp op = tile.op;
  for (auto [number, input] : llvm::enumerate(op.getInputs())) {
    Value extra = input;
    AffineMap map = tile.maps[3 + number];
    ExtraRoles roles = ExtraRoles::get(tile.shape, map);
    Type element = getElementTypeOrSelf(extra.getType());
    if (roles.onKeys)
      rows.extras.push_back(nullptr);
    else if (roles.onRows)
      rows.extras.push_back(packRowScalars(
          tile, getStorageType(element), [&](ArrayRef<OpFoldResult> position) {
            return toStorage(tile, tile.elementAt(extra, map, position));
          }));
    else
      rows.extras.push_back(tile.elementAt(extra, map, tile.offsets));
  }
  for (unsigned dim : tile.shape.getDims(DimRole::Row))
    if (usesIndexOf(op, tile.shape, dim))
      rows.positions.emplace_back(
          dim, packRowScalars(tile, tile.b.getIndexType(),
                              [&](ArrayRef<OpFoldResult> position) {
                                return tile.materialize(position[dim]);
                              }));
  return rows;
}

//===----------------------------------------------------------------------===//
// Keys and values
//===----------------------------------------------------------------------===//

/// The position of key `x` of `block`, which repeats its last key.
static SmallVector<OpFoldResult> getKeyPosition(TileContext &tile,
                                                ArrayRef<OpFoldResult> base,
                                                const KeyBlock &block,
                                                Value x) {
  SmallVector<OpFoldResult> position(base);
  Value key = arith::AddIOp::create(tile.b, tile.loc, block.start, x);
  if (block.isGuarded()) {
    Value last =
        arith::SubIOp::create(tile.b, tile.loc, block.end, tile.index(1));
    key = arith::MinUIOp::create(tile.b, tile.loc, key, last);
  }
  position[tile.keyDim] = key;
  return position;
}

/// Reinterprets between [outer, width] and [outer, inner sizes...].
static Value reshapeInner(TileContext &tile, Value value,
                          ArrayRef<unsigned> inner, int64_t outer,
                          bool expand) {
  if (inner.size() == 1)
    return value;
  SmallVector<ReassociationIndices> split{{0}, {}};
  for (unsigned i = 0; i < inner.size(); ++i)
    split[1].push_back(1 + i);
  if (!expand)
    return tensor::CollapseShapeOp::create(tile.b, tile.loc, value, split);
  SmallVector<int64_t> sizes{outer};
  llvm::append_range(sizes, tile.staticSizes(inner));
  return tensor::ExpandShapeOp::create(
      tile.b, tile.loc,
      tile.tensorOf(sizes, getElementTypeOrSelf(value.getType())), value,
      split);
}

/// Whether a full block of `operand` can be used where it lies.
static bool isUsableInPlace(TileContext &tile, Value operand, AffineMap map,
                            ArrayRef<unsigned> inner, int64_t padded) {
  return getElementTypeOrSelf(operand.getType()) == tile.compute &&
         inner.size() == 1 &&
         cast<AffineDimExpr>(map.getResults().back()).getPosition() ==
             inner[0] &&
         tile.staticSizes(inner)[0] == padded;
}

/// Computes a block into scratch [block.size, padded] of the compute type, in
/// steps of `run` keys.
static Value stageBlock(TileContext &tile, KeySource &source,
                        ArrayRef<unsigned> inner, int64_t padded,
                        const KeyBlock &block, int64_t run) {
  OpBuilder &b = tile.b;
  int64_t width = 1;
  for (int64_t size : tile.staticSizes(inner))
    width *= size;
  Value scratch = tile.empty({block.size, padded}, tile.compute);
  if (padded != width)
    scratch = tile.fill(scratch, 0.0);

  // `run` keys at `position`, into rows `at`... of the scratch.
  auto copyKeys = [&](Value into, ArrayRef<OpFoldResult> position,
                      OpFoldResult at) -> Value {
    SmallVector<OpFoldResult> offsets{at, b.getIndexAttr(0)};
    SmallVector<OpFoldResult> extents{b.getIndexAttr(run),
                                      b.getIndexAttr(width)};
    SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
    Value part = tensor::ExtractSliceOp::create(b, tile.loc, into, offsets,
                                                extents, strides);
    Value copied =
        source.copy(position, run, reshapeInner(tile, part, inner, run, true));
    copied = reshapeInner(tile, copied, inner, run, false);
    return tensor::InsertSliceOp::create(b, tile.loc, copied, into, offsets,
                                         extents, strides);
  };
  if (run == block.size) {
    SmallVector<OpFoldResult> position = tile.offsets;
    position[tile.keyDim] = block.start;
    return copyKeys(scratch, position, b.getIndexAttr(0));
  }
  return buildCountedLoop(
      tile, tile.index(block.size / run), scratch,
      [&](Value number, Value carried) {
        Value x =
            b.createOrFold<arith::MulIOp>(tile.loc, number, tile.index(run));
        return copyKeys(carried, getKeyPosition(tile, tile.offsets, block, x),
                        OpFoldResult(x));
      });
}

/// A block of keys or values as [block.size, padded].
static Value getBlock(TileContext &tile, Value operand, AffineMap map,
                      DimRole role, int64_t padded, const KeyBlock &block) {
  SmallVector<unsigned> inner = tile.shape.getDims(role);
  KeySource source = KeySource::get(tile, operand, map, inner);
  int64_t run = block.isGuarded() ? 1 : source.getRun(block.start, block.size);
  if (run != block.size || !source.isSlice() ||
      !isUsableInPlace(tile, operand, map, inner, padded))
    return stageBlock(tile, source, inner, padded, block, run);
  SmallVector<OpFoldResult> position = tile.offsets;
  position[tile.keyDim] = block.start;
  return source.slice(position, block.size);
}

//===----------------------------------------------------------------------===//
// Inputs that depend on keys
//===----------------------------------------------------------------------===//

/// One element per key, [block.size].
static Value stageKeyScalars(TileContext &tile, Value source, AffineMap map,
                             const KeyBlock &block) {
  Type element = getElementTypeOrSelf(source.getType());
  if (!block.isGuarded() && getStorageType(element) == element) {
    SmallVector<OpFoldResult> position = tile.offsets;
    position[tile.keyDim] = block.start;
    SmallVector<unsigned> dims{tile.keyDim};
    if (llvm::is_contained(map.getResults(),
                           tile.b.getAffineDimExpr(tile.keyDim)))
      return tile.extractAt(source, map, position, dims,
                            {OpFoldResult(tile.b.getIndexAttr(block.size))});
  }
  Value into = tile.empty({block.size}, getStorageType(element));
  return buildCountedLoop(
      tile, tile.index(block.size), into, [&](Value x, Value carried) -> Value {
        Value scalar = toStorage(
            tile, tile.elementAt(source, map,
                                 getKeyPosition(tile, tile.offsets, block, x)));
        return tensor::InsertOp::create(tile.b, tile.loc, scalar, carried, x);
      });
}

/// One element per row and key, [panels, block.size, lanes].
static Value stageRowKeyScalars(TileContext &tile, Value source, AffineMap map,
                                const KeyBlock &block) {
  OpBuilder &b = tile.b;
  Type element = getElementTypeOrSelf(source.getType());
  Type storage = getStorageType(element);
  int64_t rowBlock = tile.schedule.getRowBlock();
  bool rowwise =
      !block.isGuarded() && storage == element && isa<FloatType>(element) &&
      llvm::is_contained(map.getResults(), b.getAffineDimExpr(tile.keyDim));
  Value rows = tile.empty({rowBlock, block.size}, storage);
  rows = buildCountedLoop(
      tile, tile.index(rowBlock), rows, [&](Value x, Value carried) -> Value {
        SmallVector<OpFoldResult> position = getRowPosition(tile, x);
        if (!rowwise)
          return buildCountedLoop(
              tile, tile.index(block.size), carried,
              [&](Value y, Value inner) -> Value {
                SmallVector<OpFoldResult> at =
                    getKeyPosition(tile, position, block, y);
                Value scalar = toStorage(tile, tile.elementAt(source, map, at));
                return tensor::InsertOp::create(b, tile.loc, scalar, inner,
                                                ValueRange{x, y});
              });
        position[tile.keyDim] = block.start;
        SmallVector<unsigned> dims{tile.keyDim};
        Value from = tile.extractAt(source, map, position, dims,
                                    {OpFoldResult(b.getIndexAttr(block.size))});
        SmallVector<OpFoldResult> offsets{x, b.getIndexAttr(0)};
        SmallVector<OpFoldResult> sizes{b.getIndexAttr(1),
                                        b.getIndexAttr(block.size)};
        SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
        Value into = tensor::ExtractSliceOp::create(
            b, tile.loc, RankedTensorType::get({block.size}, storage), carried,
            offsets, sizes, strides);
        return tensor::InsertSliceOp::create(b, tile.loc,
                                             tile.copy(from, dims, into, dims),
                                             carried, offsets, sizes, strides);
      });
  return rowsToLanes(tile, rows);
}

//===----------------------------------------------------------------------===//
// Regions of the tile op
//===----------------------------------------------------------------------===//

namespace {

/// The extra inputs of the tile op, and the regions that read them.
class TileRegions {
public:
  TileRegions(TileContext &tile, const RowInputs &rows, const KeyBlock &keys)
      : tile(tile), rows(rows), keys(keys) {
    stageExtras();
  }

  ArrayRef<Value> getInputs() const { return inputs; }
  ArrayRef<AffineMap> getMaps() const { return maps; }
  void build(OnlineAttentionOp tiled);

private:
  bool isRead(unsigned number);
  void stageExtras();
  unsigned addInput(Value value, ArrayRef<unsigned> dims);
  Block *createBlock(Region &region, bool isScore);
  Value cloneBody(OpBuilder &b, Block *into, Region &from, bool isScore);

  TileContext &tile;
  const RowInputs &rows;
  const KeyBlock &keys;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  /// For each extra input of the op, its number in `inputs`, or -1 when it is
  /// a captured scalar or not read.
  SmallVector<int64_t> extraInputs;
  /// The same for `rows.positions`.
  SmallVector<int64_t> positionInputs;
};

} // namespace

unsigned TileRegions::addInput(Value value, ArrayRef<unsigned> dims) {
  inputs.push_back(value);
  maps.push_back(getTileMap(tile, dims));
  return inputs.size() - 1;
}

/// Whether a region of the tile op will read argument `number`, counted from
/// the first extra input: full blocks need nothing that only the mask reads.
bool TileRegions::isRead(unsigned number) {
  Region &mask = tile.op.getMask(), &score = tile.op.getScore();
  if (keys.masked && !mask.empty() && !mask.getArgument(number).use_empty())
    return true;
  return !score.empty() && !score.getArgument(1 + number).use_empty();
}

void TileRegions::stageExtras() {
  constexpr int64_t isScalar = -1;
  for (auto [number, input] : llvm::enumerate(tile.op.getInputs())) {
    if (!isRead(number)) {
      extraInputs.push_back(isScalar);
      continue;
    }
    AffineMap map = tile.maps[3 + number];
    ExtraRoles roles = ExtraRoles::get(tile.shape, map);
    if (!roles.onRows && !roles.onKeys)
      extraInputs.push_back(isScalar);
    else if (!roles.onKeys)
      extraInputs.push_back(addInput(rows.extras[number], {Panel, Lane}));
    else if (!roles.onRows)
      extraInputs.push_back(
          addInput(stageKeyScalars(tile, input, map, keys), {Key}));
    else
      extraInputs.push_back(addInput(stageRowKeyScalars(tile, input, map, keys),
                                     {Panel, Key, Lane}));
  }
  SmallVector<unsigned> regionDims = tile.shape.getRegionDims();
  for (const auto &[dim, packed] : rows.positions) {
    unsigned index = llvm::find(regionDims, dim) - regionDims.begin();
    bool read = isRead(tile.op.getInputs().size() + index);
    positionInputs.push_back(read ? addInput(packed, {Panel, Lane}) : isScalar);
  }
}

/// The block of a region of the tile op, without body.
Block *TileRegions::createBlock(Region &region, bool isScore) {
  SmallVector<Type> types;
  if (isScore)
    types.push_back(tile.compute);
  for (Value input : inputs)
    types.push_back(getElementTypeOrSelf(input.getType()));
  types.append(3, tile.b.getIndexType());
  SmallVector<Location> locs(types.size(), tile.loc);
  Block *block = new Block();
  block->addArguments(types, locs);
  region.push_back(block);
  return block;
}

/// Clones the body of `from` into `into`; returns what it yields.
Value TileRegions::cloneBody(OpBuilder &b, Block *into, Region &from,
                             bool isScore) {
  IRMapping mapping;
  unsigned first = isScore ? 1 : 0;
  ValueRange args = into->getArguments();
  Block &body = from.front();
  if (isScore)
    mapping.map(body.getArgument(0), args[0]);
  for (auto [number, target] : llvm::enumerate(extraInputs)) {
    BlockArgument source = body.getArgument(first + number);
    if (source.use_empty())
      continue;
    Value value = target < 0 ? rows.extras[number] : args[first + target];
    if (value.getType() != source.getType())
      value = arith::TruncIOp::create(b, tile.loc, source.getType(), value);
    mapping.map(source, value);
  }
  unsigned indices = first + extraInputs.size();
  for (auto [number, dim] : llvm::enumerate(tile.shape.getRegionDims())) {
    BlockArgument source = body.getArgument(indices + number);
    if (source.use_empty())
      continue;
    if (dim == tile.keyDim) {
      Value local = args[first + inputs.size() + 1];
      mapping.map(source,
                  arith::AddIOp::create(b, tile.loc, keys.start, local));
    } else if (tile.shape.getRole(dim) == DimRole::Row) {
      for (auto [position, input] : llvm::zip(rows.positions, positionInputs))
        if (position.first == dim)
          mapping.map(source, args[first + input]);
    } else {
      mapping.map(source, getValueOrCreateConstantIndexOp(b, tile.loc,
                                                          tile.offsets[dim]));
    }
  }
  for (Operation &op : body.without_terminator())
    b.clone(op, mapping);
  return mapping.lookupOrDefault(
      cast<YieldOp>(body.getTerminator()).getValue());
}

void TileRegions::build(OnlineAttentionOp tiled) {
  OnlineAttentionOp op = tile.op;
  if (!op.getScore().empty()) {
    Block *block = createBlock(tiled.getScore(), /*isScore=*/true);
    OpBuilder b = OpBuilder::atBlockEnd(block);
    Value score = cloneBody(b, block, op.getScore(), /*isScore=*/true);
    YieldOp::create(b, tile.loc, score);
  }
  bool masked = keys.masked && !op.getMask().empty();
  if (!masked && !keys.isGuarded())
    return;
  Block *block = createBlock(tiled.getMask(), /*isScore=*/false);
  OpBuilder b = OpBuilder::atBlockEnd(block);
  Value keep;
  if (masked)
    keep = cloneBody(b, block, op.getMask(), /*isScore=*/false);
  if (keys.isGuarded()) {
    Value local = block->getArgument(inputs.size() + 1);
    Value key = arith::AddIOp::create(b, tile.loc, keys.start, local);
    Value exists = arith::CmpIOp::create(b, tile.loc, arith::CmpIPredicate::ult,
                                         key, keys.end);
    keep = keep ? arith::AndIOp::create(b, tile.loc, keep, exists).getResult()
                : exists;
  }
  YieldOp::create(b, tile.loc, keep);
}

/// A block [keys, width] as [keys, width / r, r].
static Value splitDepth(TileContext &tile, Value block) {
  auto type = cast<RankedTensorType>(block.getType());
  int64_t depth = tile.schedule.getLaneDepth();
  SmallVector<ReassociationIndices> split{{0}, {1, 2}};
  Type wide =
      tile.tensorOf({type.getDimSize(0), type.getDimSize(1) / depth, depth},
                    type.getElementType());
  return tensor::ExpandShapeOp::create(tile.b, tile.loc, wide, block, split);
}

SmallVector<Value> mlir::mqa::buildKeyBlock(TileContext &tile,
                                            const RowInputs &rows,
                                            Value packedQuery,
                                            const KeyBlock &block,
                                            ValueRange state) {
  OpBuilder &b = tile.b;
  OnlineAttentionOp op = tile.op;
  TileRegions regions(tile, rows, block);
  Value keys = getBlock(tile, op.getKey(), tile.maps[1], DimRole::Depth,
                        tile.paddedDepth, block);
  Value values = getBlock(tile, op.getValue(), tile.maps[2], DimRole::Value,
                          tile.paddedValue, block);
  SmallVector<unsigned> query{Panel, Depth, Lane}, key{Key, Depth};
  SmallVector<unsigned> value{Key, Value_}, acc{Panel, Value_, Lane};
  if (tile.schedule.getLaneDepth() > 1) {
    keys = splitDepth(tile, keys);
    values = splitDepth(tile, values);
    query.push_back(DepthIn);
    key.push_back(DepthIn);
    value.push_back(ValueIn);
    acc.push_back(ValueIn);
  }
  SmallVector<AffineMap> maps{getTileMap(tile, query), getTileMap(tile, key),
                              getTileMap(tile, value)};
  llvm::append_range(maps, regions.getMaps());
  maps.push_back(getTileMap(tile, acc));
  maps.append(2, getTileMap(tile, {Panel, Lane}));
  // The scale is already in the packed queries.
  auto tiled = OnlineAttentionOp::create(
      b, tile.loc, state.getTypes(), packedQuery, keys, values,
      regions.getInputs(), state[0], state[1], state[2],
      b.getAffineMapArrayAttr(maps), /*scale=*/TypedAttr(), tile.schedule);
  regions.build(tiled);
  return llvm::to_vector_of<Value>(tiled.getResults());
}
