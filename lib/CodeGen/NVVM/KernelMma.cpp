//===- KernelMma.cpp - attention by mma.sync --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel for sm_80 and later (Dao, "FlashAttention-2", 2023). A warp has 16
// rows. Q lies in shared memory; blocks of K and V go through a ring of stages
// that `cp.async` fills ahead:
//
//   for block i:  wait for block i; barrier; begin to copy block i + stages - 1
//                 S = Q K^T;  P = softmax(S), state;  O = O * factors + P V
//
// The barrier also says that all warps are done with block i - 1, whose stage
// the copy overwrites.
//
//===----------------------------------------------------------------------===//

#include "KernelMma.h"
#include "KeyBlocks.h"
#include "MmaFragments.h"
#include "OnlineSoftmax.h"
#include "RowStore.h"
#include "TileCopy.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// The tiles of a kernel in shared memory: Q, then stages of K and V.
struct MmaTiles {
  SharedTile query, key, value;
  int64_t stages;

  static MmaTiles get(AttentionOp op, GpuScheduleAttr schedule);
  int64_t getStageBytes() const { return key.getBytes() + value.getBytes(); }
  int64_t getBytes() const {
    return query.getBytes() + stages * getStageBytes();
  }
};

class MmaKernel {
public:
  MmaKernel(AttentionKernel &kernel, Value shared, const SplitBuffers &splits,
            MaskAnalysis &mask);
  void emit();

private:
  using Cursors = SmallVector<KeyBlocks::Cursor>;
  /// What the loop over blocks carries.
  struct State {
    SmallVector<Value> acc;
    SoftmaxState softmax;
    Cursors cursors;
    Value stage;
  };
  SmallVector<Value> pack(const State &state);
  State unpack(ValueRange values);

  TileCopy getCopy(const SharedTile &tile, const KernelBuffer &buffer,
                   DimRole inner);
  void copyQuery();
  void copyBlock(const KeyBlocks::Cursor &cursor, Value stage);
  void copyKeys(const KernelBuffer &buffer, const TileCopy &copy, Value base,
                Value firstKey, Value limit);
  Value getStage(Value number);
  State emitPrologue();
  State emitBlock(State state);
  SmallVector<Value> emitScores(Value keys);
  void emitOutput(Value values, ArrayRef<Value> probabilities,
                  SmallVectorImpl<Value> &acc);
  void emitEpilogue(State state);

  AttentionKernel &kernel;
  DeviceBuilder &b;
  Value shared;
  SplitBuffers splits;
  MmaTiles tiles;
  int64_t threads;
  Value thread, lane, split, firstRow;
  std::array<RowPosition, kLaneRows> rows;
  std::optional<KeyBlocks> blocks;
  OnlineSoftmax softmax;
  std::optional<LaneAddresses> queryLanes, keyLanes, valueLanes;
};

} // namespace

int64_t mlir::mqa::getInnerSize(AttentionOp op, DimRole role) {
  AttentionShape shape = op.getShape();
  unsigned dim = shape.getDims(role).back();
  AffineMap map = op.getIndexingMapsArray()[role == DimRole::Depth ? 1 : 2];
  Value operand = role == DimRole::Depth ? op.getKey() : op.getValue();
  for (auto [number, expr] : llvm::enumerate(map.getResults()))
    if (cast<AffineDimExpr>(expr).getPosition() == dim)
      return cast<ShapedType>(operand.getType()).getDimSize(number);
  return ShapedType::kDynamic;
}

MmaTiles MmaTiles::get(AttentionOp op, GpuScheduleAttr schedule) {
  int64_t depth = llvm::alignTo(getInnerSize(op, DimRole::Depth), kMmaDepth);
  int64_t value = llvm::alignTo(getInnerSize(op, DimRole::Value), kMmaDepth);
  return {{schedule.getRowBlock(), depth},
          {schedule.getKeyBlock(), depth},
          {schedule.getKeyBlock(), value},
          schedule.getStages()};
}

KernelShape mlir::mqa::getMmaKernelShape(AttentionOp op,
                                         GpuScheduleAttr schedule) {
  MmaTiles tiles = MmaTiles::get(op, schedule);
  return {schedule.getRowBlock() / kMmaRows * 32, tiles.getBytes(),
          /*needsRegisters=*/std::max(tiles.key.width, tiles.value.width) > 64};
}

int64_t mlir::mqa::getPieceBytes(MemRefType type, AffineMap map,
                                 unsigned innerDim) {
  int64_t offset, bytes = type.getElementTypeBitWidth() / 8;
  SmallVector<int64_t> strides;
  if (failed(type.getStridesAndOffset(strides, offset)))
    return bytes;
  // In C order a dynamic stride is still a multiple of the sizes behind it.
  int64_t behind = 1;
  bool isDense = type.getLayout().isIdentity();
  if (ShapedType::isDynamic(offset))
    return bytes;
  uint64_t common = std::gcd(uint64_t(kChunkBytes), uint64_t(offset * bytes));
  for (size_t i = strides.size(); i-- > 0;) {
    bool isInner =
        cast<AffineDimExpr>(map.getResult(i)).getPosition() == innerDim;
    if (isInner && strides[i] != 1)
      return bytes;
    int64_t divisor =
        ShapedType::isDynamic(strides[i]) ? (isDense ? behind : 1) : strides[i];
    if (isInner)
      divisor = type.getDimSize(i);
    common = std::gcd(common, uint64_t(divisor * bytes));
    if (!type.isDynamicDim(i))
      behind *= type.getDimSize(i);
  }
  return std::max<int64_t>(common, bytes);
}

MmaKernel::MmaKernel(AttentionKernel &kernel, Value shared,
                     const SplitBuffers &splits, MaskAnalysis &mask)
    : kernel(kernel), b(kernel.b), shared(shared), splits(splits),
      tiles(MmaTiles::get(kernel.op, kernel.schedule)),
      threads(getMmaKernelShape(kernel.op, kernel.schedule).threads),
      softmax(kernel) {
  thread = getThread(b);
  lane = b.rem(thread, 32);
  kernel.locate(NVVM::BlockIdXOp::create(b, b.getI32Type()));
  if (splits.output)
    split = NVVM::BlockIdYOp::create(b, b.getI32Type());
  firstRow = b.mul(b.div(thread, 32), kMmaRows);
  Value row = b.add(firstRow, b.div(lane, 4));
  rows = {kernel.getRow(row), kernel.getRow(b.add(row, 8))};
  blocks.emplace(kernel, mask, split);
  queryLanes =
      getLaneAddresses(b, tiles.query, lane, LaneOrder::RowsFirst, firstRow);
  keyLanes =
      getLaneAddresses(b, tiles.key, lane, LaneOrder::ColumnsFirst, b.i32(0));
  valueLanes =
      getLaneAddresses(b, tiles.value, lane, LaneOrder::RowsFirst, b.i32(0));
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

TileCopy MmaKernel::getCopy(const SharedTile &tile, const KernelBuffer &buffer,
                            DimRole inner) {
  unsigned dim = kernel.getDim(inner);
  return {tile, kernel.getStaticSize(inner),
          getPieceBytes(buffer.hostType, buffer.map, dim), threads,
          b.toI64(kernel.getStride(buffer, dim))};
}

void MmaKernel::copyQuery() {
  const KernelBuffer &query = kernel.getQuery();
  TileCopy copy = getCopy(tiles.query, query, DimRole::Depth);
  copy.start(b, thread, shared, [&](Value first, int64_t offset) {
    RowPosition row = kernel.getRow(b.add(first, offset));
    return TileCopy::Row{kernel.getAddress(query, row.position), row.exists};
  });
  copy.clearPadding(b, thread, shared);
}

Value MmaKernel::getStage(Value number) {
  Value offset = b.mul(number, tiles.getStageBytes());
  return b.advance(b.advance(shared, tiles.query.getBytes()), offset);
}

/// Begins to copy keys or values `firstKey`...; from `limit` on they are zero.
void MmaKernel::copyKeys(const KernelBuffer &buffer, const TileCopy &copy,
                         Value base, Value firstKey, Value limit) {
  Value stride =
      b.mul(b.toI64(kernel.getStride(buffer, kernel.getDim(DimRole::Key))),
            kElementBytes);
  Value from = kernel.getAddress(buffer, kernel.position);
  from = b.advance(from, b.mul(b.toI64(firstKey), stride));
  copy.start(b, thread, base, [&](Value first, int64_t offset) {
    Value row = b.advance(from, b.mul(b.toI64(first), stride));
    TileCopy::Row result{b.advance(row, b.mul(stride, offset)), Value()};
    if (limit)
      result.exists = b.less(b.add(first, offset), limit);
    return result;
  });
}

/// Begins to copy a block, if there is one; always one group.
void MmaKernel::copyBlock(const KeyBlocks::Cursor &cursor, Value stage) {
  b.ifThen(blocks->isValid(cursor), [&] {
    Value firstKey = blocks->getFirstKey(cursor.block);
    Value limit;
    if (!blocks->isAlwaysWhole())
      limit = blocks->getLimit(cursor.block, firstKey);
    Value keys = getStage(stage);
    Value values = b.advance(keys, tiles.key.getBytes());
    copyKeys(kernel.getKey(),
             getCopy(tiles.key, kernel.getKey(), DimRole::Depth), keys,
             firstKey, limit);
    copyKeys(kernel.getValue(),
             getCopy(tiles.value, kernel.getValue(), DimRole::Value), values,
             firstKey, limit);
  });
  commitCopies(b);
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

SmallVector<Value> MmaKernel::pack(const State &state) {
  SmallVector<Value> values(state.acc);
  llvm::append_range(values, state.softmax.max);
  llvm::append_range(values, state.softmax.sum);
  for (const KeyBlocks::Cursor &cursor : state.cursors)
    blocks->append(values, cursor);
  values.push_back(state.stage);
  return values;
}

MmaKernel::State MmaKernel::unpack(ValueRange values) {
  State state;
  int64_t size = tiles.value.width / kAccumulatorColumns * kAccumulatorSize;
  state.acc.assign(values.begin(), values.begin() + size);
  values = values.drop_front(size);
  state.softmax = {{values[0], values[1]}, {values[2], values[3]}};
  values = values.drop_front(2 * kLaneRows);
  for (int64_t i = 0; i < tiles.stages; ++i)
    state.cursors.push_back(blocks->take(values));
  state.stage = values.front();
  return state;
}

/// Begins the first copies: Q with the first block.
MmaKernel::State MmaKernel::emitPrologue() {
  State state;
  copyQuery();
  for (int64_t stage = 0; stage < tiles.stages; ++stage) {
    Value keys = getStage(b.i32(stage));
    getCopy(tiles.key, kernel.getKey(), DimRole::Depth)
        .clearPadding(b, thread, keys);
    getCopy(tiles.value, kernel.getValue(), DimRole::Value)
        .clearPadding(b, thread, b.advance(keys, tiles.key.getBytes()));
  }
  KeyBlocks::Cursor cursor = blocks->seek(b.i32(0));
  for (int64_t stage = 0; stage < tiles.stages; ++stage) {
    state.cursors.push_back(cursor);
    if (stage + 1 == tiles.stages)
      break;
    copyBlock(cursor, b.i32(stage));
    cursor = blocks->next(cursor);
  }
  int64_t size = tiles.value.width / kAccumulatorColumns * kAccumulatorSize;
  state.acc.assign(size, b.f32(0));
  state.softmax = softmax.getInitialState();
  state.stage = b.i32(0);
  return state;
}

SmallVector<Value> MmaKernel::emitScores(Value keys) {
  int64_t columns = tiles.key.rows / kAccumulatorColumns;
  Value zero = b.f32(0);
  SmallVector<Accumulator> acc(columns, {zero, zero, zero, zero});
  for (int64_t pair = 0; pair < tiles.key.width / kMmaDepth; ++pair) {
    Matrix query = loadMatrices(b, queryLanes->get(b, shared, 0, pair), false);
    for (int64_t column = 0; column < columns; column += 2) {
      Matrix key = loadMatrices(
          b, keyLanes->get(b, keys, column * kAccumulatorColumns, pair), false);
      for (int64_t half = 0; half < 2; ++half)
        acc[column + half] =
            multiplyAdd(b, kernel.element, query, key[2 * half],
                        key[2 * half + 1], acc[column + half]);
    }
  }
  SmallVector<Value> scores;
  for (const Accumulator &part : acc)
    llvm::append_range(scores, part);
  return scores;
}

void MmaKernel::emitOutput(Value values, ArrayRef<Value> probabilities,
                           SmallVectorImpl<Value> &acc) {
  int64_t columns = tiles.value.width / kAccumulatorColumns;
  for (int64_t block = 0; block < tiles.value.rows / kMmaDepth; ++block) {
    Matrix weights = packOperand(b, kernel.element, probabilities, block);
    for (int64_t column = 0; column < columns; column += 2) {
      Matrix value = loadMatrices(
          b, valueLanes->get(b, values, block * kMmaDepth, column / 2), true);
      for (int64_t half = 0; half < 2; ++half) {
        Value *part = &acc[(column + half) * kAccumulatorSize];
        Accumulator sum = multiplyAdd(b, kernel.element, weights,
                                      value[2 * half], value[2 * half + 1],
                                      {part[0], part[1], part[2], part[3]});
        llvm::copy(sum, part);
      }
    }
  }
}

MmaKernel::State MmaKernel::emitBlock(State state) {
  KeyBlocks::Cursor cursor = state.cursors.front();
  awaitCopies(b, tiles.stages - 2);
  b.barrier();
  Value isFirst = b.equal(state.stage, 0);
  Value previous =
      b.select(isFirst, b.i32(tiles.stages - 1), b.add(state.stage, -1));
  copyBlock(state.cursors.back(), previous);
  Value keys = getStage(state.stage);
  SmallVector<Value> scores = emitScores(keys);
  Value firstKey = blocks->getFirstKey(cursor.block);
  softmax.prepare(scores, rows, firstKey,
                  blocks->getLimit(cursor.block, firstKey),
                  blocks->isFull(cursor));
  PerRow factors = softmax.update(scores, state.softmax);
  for (auto [index, value] : llvm::enumerate(state.acc))
    value = b.fmul(value, factors[getPosition(index).row]);
  emitOutput(b.advance(keys, tiles.key.getBytes()), scores, state.acc);
  state.cursors.erase(state.cursors.begin());
  state.cursors.push_back(blocks->next(state.cursors.back()));
  Value next = b.add(state.stage, 1);
  state.stage = b.select(b.equal(next, tiles.stages), b.i32(0), next);
  return state;
}

void MmaKernel::emitEpilogue(State state) {
  awaitCopies(b, 0);
  Value row = b.add(firstRow, b.div(lane, 4));
  emitRowResults(kernel, softmax, state.softmax, state.acc, rows,
                 {splits, split, row});
}

void MmaKernel::emit() {
  State initial = emitPrologue();
  SmallVector<Value> final = b.loopWhile(
      pack(initial),
      [&](ValueRange values) {
        return blocks->isValid(unpack(values).cursors.front());
      },
      [&](ValueRange values) { return pack(emitBlock(unpack(values))); });
  emitEpilogue(unpack(final));
}

LogicalResult mlir::mqa::emitMmaKernel(AttentionKernel &kernel, Value shared,
                                       const SplitBuffers &splits) {
  FailureOr<MaskAnalysis> mask = MaskAnalysis::compute(kernel.op);
  if (failed(mask))
    return failure();
  MmaKernel(kernel, shared, splits, *mask).emit();
  return success();
}
