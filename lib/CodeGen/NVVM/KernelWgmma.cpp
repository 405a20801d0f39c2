//===- KernelWgmma.cpp - attention by wgmma -------------------- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel for sm_90a (Shah et al., "FlashAttention-3", 2024). One warpgroup
// copies blocks of K and V into a ring of stages; one or two others have 64
// rows each. The scores of a block are computed while the output of the block
// before is:
//
//   for block i:  S = Q K(i)^T;  O += P V(i - 1)        both in flight
//                 wait for S; release K(i);  P' = softmax(S), state
//                 wait for O; release V(i - 1);  O = O * factors;  P = P'
//
// Two warpgroups take turns to issue products, so that the softmax of one runs
// under the products of the other.
//
//===----------------------------------------------------------------------===//

#include "KernelWgmma.h"
#include "KernelMma.h"
#include "KeyBlocks.h"
#include "OnlineSoftmax.h"
#include "TileCopy.h"
#include "TransactionBarriers.h"
#include "WarpgroupProducts.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// Registers of a thread after the warpgroups have divided them: those of three
/// warpgroups are the 65536 of a multiprocessor.
constexpr uint32_t kProducerRegisters = 72, kConsumerRegisters = 216;
/// Named barriers: 1 and 2 for the rows of a warpgroup, 3 and 4 for its turn.
constexpr int64_t kRowsBarrier = 1, kTurnBarrier = 3;

/// Shared memory: Q, stages of K and V, barriers.
struct WgmmaTiles {
  SharedTile query, key, value;
  int64_t stages;

  static WgmmaTiles get(AttentionOp op, GpuScheduleAttr schedule) {
    int64_t depth = llvm::alignTo(getInnerSize(op, DimRole::Depth), kMmaDepth);
    int64_t value = llvm::alignTo(getInnerSize(op, DimRole::Value), kMmaDepth);
    int64_t rows = schedule.getRowBlock(), keys = schedule.getKeyBlock();
    return {{rows, depth, rows},
            {keys, depth, keys},
            {keys, value, keys},
            schedule.getStages()};
  }
  int64_t getStageBytes() const { return key.getBytes() + value.getBytes(); }
  int64_t getBarrierOffset() const {
    return query.getBytes() + stages * getStageBytes();
  }
  int64_t getBytes() const {
    return getBarrierOffset() + 4 * stages * BarrierRing::kBarrierBytes;
  }
};

class WgmmaKernel {
public:
  WgmmaKernel(AttentionKernel &kernel, Value shared, const SplitBuffers &splits,
              MaskAnalysis &mask);
  void emit();

private:
  /// What the loop of a consumer carries: P, and where its block lies.
  struct State {
    SmallVector<Value> acc;
    SoftmaxState softmax;
    SmallVector<Matrix> weights;
    KeyBlocks::Cursor next;
    RingPosition at;
  };
  SmallVector<Value> pack(const State &state);
  State unpack(ValueRange values);

  int64_t getConsumers() { return tiles.query.rows / kWarpgroupRows; }
  int64_t getThreads() { return (getConsumers() + 1) * kWarpgroupThreads; }
  TileCopy getCopy(const SharedTile &tile, const KernelBuffer &buffer,
                   DimRole inner, int64_t threads);
  BarrierRing getRing(int64_t number) {
    int64_t offset = number * tiles.stages * BarrierRing::kBarrierBytes;
    return BarrierRing(b.advance(shared, tiles.getBarrierOffset() + offset),
                       tiles.stages);
  }
  Value getStage(Value stage);
  void emitSetup();
  // The producer.
  void emitProducer();
  Value fill(const BarrierRing &empty, const BarrierRing &full, RingPosition at,
             Value pending, function_ref<void()> copy);
  void copyKeys(const KernelBuffer &buffer, const SharedTile &tile,
                DimRole inner, Value base, const KeyBlocks::Cursor &cursor);
  // The consumers.
  void emitConsumer();
  void copyQuery();
  void release(const BarrierRing &empty, RingPosition at);
  SmallVector<Value> startScores(RingPosition at);
  void startOutput(RingPosition at, ArrayRef<Matrix> weights,
                   SmallVectorImpl<Value> &acc);
  void prepareScores(SmallVectorImpl<Value> &scores,
                     const KeyBlocks::Cursor &cursor);
  SmallVector<Matrix> packWeights(ArrayRef<Value> probabilities);
  SmallVector<Value> emitRows(const State &initial);
  State emitFirstBlock(State state);
  State emitBlock(State state);

  AttentionKernel &kernel;
  DeviceBuilder &b;
  Value shared;
  SplitBuffers splits;
  WgmmaTiles tiles;
  Value thread, warpgroup, split;
  std::optional<KeyBlocks> blocks;
  BarrierRing fullKeys, fullValues, emptyKeys, emptyValues;
  // Of a consumer.
  Value consumer, threadOfGroup, isLeader, firstRow, queryDescriptor;
  std::array<RowPosition, kLaneRows> rows;
  OnlineSoftmax softmax;
};

} // namespace

KernelShape mlir::mqa::getWgmmaKernelShape(AttentionOp op,
                                           GpuScheduleAttr schedule) {
  WgmmaTiles tiles = WgmmaTiles::get(op, schedule);
  int64_t consumers = schedule.getRowBlock() / kWarpgroupRows;
  return {(consumers + 1) * kWarpgroupThreads, tiles.getBytes(),
          /*needsRegisters=*/true};
}

WgmmaKernel::WgmmaKernel(AttentionKernel &kernel, Value shared,
                         const SplitBuffers &splits, MaskAnalysis &mask)
    : kernel(kernel), b(kernel.b), shared(shared), splits(splits),
      tiles(WgmmaTiles::get(kernel.op, kernel.schedule)), fullKeys(getRing(0)),
      fullValues(getRing(1)), emptyKeys(getRing(2)), emptyValues(getRing(3)),
      softmax(kernel) {
  thread = getThread(b);
  // The same in all lanes of a warp, and known to be.
  warpgroup = NVVM::ShflOp::create(b, b.getI32Type(), b.i32(-1),
                                   b.div(thread, kWarpgroupThreads), b.i32(0),
                                   b.i32(31), NVVM::ShflKind::idx, UnitAttr());
  kernel.locate(NVVM::BlockIdXOp::create(b, b.getI32Type()));
  if (splits.output)
    split = NVVM::BlockIdYOp::create(b, b.getI32Type());
  blocks.emplace(kernel, mask, split);
}

TileCopy WgmmaKernel::getCopy(const SharedTile &tile,
                              const KernelBuffer &buffer, DimRole inner,
                              int64_t threads) {
  unsigned dim = kernel.getDim(inner);
  return {tile, kernel.getStaticSize(inner),
          getPieceBytes(buffer.hostType, buffer.map, dim), threads,
          b.toI64(kernel.getStride(buffer, dim))};
}

Value WgmmaKernel::getStage(Value stage) {
  return b.advance(b.advance(shared, b.mul(stage, tiles.getStageBytes())),
                   tiles.query.getBytes());
}

/// Initialises barriers and the columns that only the tiles have.
void WgmmaKernel::emitSetup() {
  int64_t threads = getThreads();
  getCopy(tiles.query, kernel.getQuery(), DimRole::Depth, threads)
      .clearPadding(b, thread, shared);
  for (int64_t stage = 0; stage < tiles.stages; ++stage) {
    Value keys = getStage(b.i32(stage));
    getCopy(tiles.key, kernel.getKey(), DimRole::Depth, threads)
        .clearPadding(b, thread, keys);
    getCopy(tiles.value, kernel.getValue(), DimRole::Value, threads)
        .clearPadding(b, thread, b.advance(keys, tiles.key.getBytes()));
  }
  b.ifThen(b.equal(thread, 0), [&] {
    fullKeys.initialize(b, kWarpgroupThreads);
    fullValues.initialize(b, kWarpgroupThreads);
    int64_t warps = getConsumers() * kWarpgroupThreads / 32;
    emptyKeys.initialize(b, warps);
    emptyValues.initialize(b, warps);
  });
  fenceAsyncProxy(b);
  b.barrier();
}

//===----------------------------------------------------------------------===//
// The producer
//===----------------------------------------------------------------------===//

void WgmmaKernel::copyKeys(const KernelBuffer &buffer, const SharedTile &tile,
                           DimRole inner, Value base,
                           const KeyBlocks::Cursor &cursor) {
  Value firstKey = blocks->getFirstKey(cursor.block);
  Value limit;
  if (!blocks->isAlwaysWhole())
    limit = blocks->getLimit(cursor.block, firstKey);
  Value stride =
      b.mul(b.toI64(kernel.getStride(buffer, kernel.getDim(DimRole::Key))),
            kElementBytes);
  Value from = kernel.getAddress(buffer, kernel.position);
  from = b.advance(from, b.mul(b.toI64(firstKey), stride));
  TileCopy copy = getCopy(tile, buffer, inner, kWarpgroupThreads);
  copy.start(b, thread, base, [&](Value first, int64_t offset) {
    Value row = b.advance(from, b.mul(b.toI64(first), stride));
    TileCopy::Row result{b.advance(row, b.mul(stride, offset)), Value()};
    if (limit)
      result.exists = b.less(b.add(first, offset), limit);
    return result;
  });
}

/// Begins to copy into a stage when it is empty. The copy before it, whose
/// barrier is `pending` (an offset; negative: there is none), has landed then.
/// Returns what is pending now.
Value WgmmaKernel::fill(const BarrierRing &empty, const BarrierRing &full,
                        RingPosition at, Value pending,
                        function_ref<void()> copy) {
  awaitPhase(b, empty.get(b, at.stage), b.bitXor(at.parity, b.i32(1)));
  copy();
  commitCopies(b);
  awaitCopies(b, 1);
  fenceAsyncProxy(b);
  b.ifThen(b.lessEqual(b.i32(0), pending),
           [&] { arriveAt(b, b.advance(shared, pending)); });
  Value address =
      LLVM::PtrToIntOp::create(b, b.getI32Type(), full.get(b, at.stage));
  Value base = LLVM::PtrToIntOp::create(b, b.getI32Type(), shared);
  return b.sub(address, base);
}

void WgmmaKernel::emitProducer() {
  NVVM::SetMaxRegisterOp::create(b, kProducerRegisters,
                                 NVVM::SetMaxRegisterAction::decrease);
  SmallVector<Value> values;
  blocks->append(values, blocks->seek(b.i32(0)));
  values.append({b.i32(0), b.i32(0), b.i32(-1)});
  SmallVector<Value> last = b.loopWhile(
      values,
      [&](ValueRange values) { return blocks->isValid(blocks->take(values)); },
      [&](ValueRange values) {
        KeyBlocks::Cursor cursor = blocks->take(values);
        RingPosition at{values[0], values[1]};
        Value keys = getStage(at.stage);
        Value pending = fill(emptyKeys, fullKeys, at, values[2], [&] {
          copyKeys(kernel.getKey(), tiles.key, DimRole::Depth, keys, cursor);
        });
        pending = fill(emptyValues, fullValues, at, pending, [&] {
          copyKeys(kernel.getValue(), tiles.value, DimRole::Value,
                   b.advance(keys, tiles.key.getBytes()), cursor);
        });
        SmallVector<Value> next;
        blocks->append(next, blocks->next(cursor));
        at = advanceRing(b, at, tiles.stages);
        next.append({at.stage, at.parity, pending});
        return next;
      });
  awaitCopies(b, 0);
  fenceAsyncProxy(b);
  b.ifThen(b.lessEqual(b.i32(0), last.back()),
           [&] { arriveAt(b, b.advance(shared, last.back())); });
}

//===----------------------------------------------------------------------===//
// The consumers
//===----------------------------------------------------------------------===//

void WgmmaKernel::copyQuery() {
  const KernelBuffer &query = kernel.getQuery();
  SharedTile part = tiles.query;
  part.rows = kWarpgroupRows;
  TileCopy copy = getCopy(part, query, DimRole::Depth, kWarpgroupThreads);
  Value before = b.mul(consumer, kWarpgroupRows);
  Value base = b.advance(shared, b.mul(before, kLineBytes));
  copy.start(b, threadOfGroup, base, [&](Value first, int64_t offset) {
    RowPosition row = kernel.getRow(b.add(b.add(before, first), offset));
    return TileCopy::Row{kernel.getAddress(query, row.position), row.exists};
  });
  commitCopies(b);
  awaitCopies(b, 0);
  fenceAsyncProxy(b);
  syncNamed(b, b.add(consumer, kRowsBarrier), kWarpgroupThreads);
  queryDescriptor = getDescriptor(b, tiles.query, base);
}

SmallVector<Value> WgmmaKernel::pack(const State &state) {
  SmallVector<Value> values(state.acc);
  llvm::append_range(values, state.softmax.max);
  llvm::append_range(values, state.softmax.sum);
  for (const Matrix &part : state.weights)
    llvm::append_range(values, part);
  blocks->append(values, state.next);
  values.append({state.at.stage, state.at.parity});
  return values;
}

WgmmaKernel::State WgmmaKernel::unpack(ValueRange values) {
  State state;
  int64_t size = tiles.value.width / 2;
  state.acc.assign(values.begin(), values.begin() + size);
  values = values.drop_front(size);
  state.softmax = {{values[0], values[1]}, {values[2], values[3]}};
  values = values.drop_front(2 * kLaneRows);
  for (int64_t i = 0; i < tiles.key.rows / kMmaDepth; ++i) {
    state.weights.push_back({values[0], values[1], values[2], values[3]});
    values = values.drop_front(4);
  }
  state.next = blocks->take(values);
  state.at = {values[0], values[1]};
  return state;
}

void WgmmaKernel::release(const BarrierRing &empty, RingPosition at) {
  arriveAt(b, empty.get(b, at.stage), isLeader);
}

SmallVector<Value> WgmmaKernel::startScores(RingPosition at) {
  Value keys = getDescriptor(b, tiles.key, getStage(at.stage));
  SmallVector<Value> scores;
  fenceProducts(b, {});
  for (int64_t step = 0; step < tiles.key.width / kMmaDepth; ++step) {
    int64_t perLine = kLineElements / kMmaDepth;
    int64_t inLine = step % perLine * kMmaDepth * kElementBytes;
    int64_t panel = step / perLine;
    multiplyShared(
        b, kernel.element,
        advanceDescriptor(b, queryDescriptor,
                          panel * tiles.query.getPanelBytes() + inLine),
        advanceDescriptor(b, keys, panel * tiles.key.getPanelBytes() + inLine),
        tiles.key.rows, scores);
  }
  commitProducts(b);
  return scores;
}

void WgmmaKernel::startOutput(RingPosition at, ArrayRef<Matrix> weights,
                              SmallVectorImpl<Value> &acc) {
  Value base = b.advance(getStage(at.stage), tiles.key.getBytes());
  Value values = getDescriptor(b, tiles.value, base);
  SmallVector<Value> registers(acc.begin(), acc.end());
  for (const Matrix &part : weights)
    llvm::append_range(registers, part);
  fenceProducts(b, registers);
  acc.assign(registers.begin(), registers.begin() + acc.size());
  for (size_t step = 0; step < weights.size(); ++step) {
    Value *part = &registers[acc.size() + step * 4];
    multiplyRegisters(
        b, kernel.element, {part[0], part[1], part[2], part[3]},
        advanceDescriptor(b, values, step * kMmaDepth * kLineBytes),
        tiles.value.width, acc);
  }
  commitProducts(b);
}

void WgmmaKernel::prepareScores(SmallVectorImpl<Value> &scores,
                                const KeyBlocks::Cursor &cursor) {
  Value firstKey = blocks->getFirstKey(cursor.block);
  softmax.prepare(scores, rows, firstKey,
                  blocks->getLimit(cursor.block, firstKey),
                  blocks->isFull(cursor));
}

SmallVector<Matrix> WgmmaKernel::packWeights(ArrayRef<Value> probabilities) {
  SmallVector<Matrix> weights;
  for (int64_t block = 0; block < tiles.key.rows / kMmaDepth; ++block)
    weights.push_back(packOperand(b, kernel.element, probabilities, block));
  return weights;
}

/// The scores of the first block, `state.next`; nothing to overlap with.
WgmmaKernel::State WgmmaKernel::emitFirstBlock(State state) {
  awaitPhase(b, fullKeys.get(b, state.at.stage), state.at.parity);
  SmallVector<Value> scores = startScores(state.at);
  awaitProducts(b, 0, scores);
  release(emptyKeys, state.at);
  prepareScores(scores, state.next);
  softmax.update(scores, state.softmax);
  state.weights = packWeights(scores);
  state.next = blocks->next(state.next);
  return state;
}

WgmmaKernel::State WgmmaKernel::emitBlock(State state) {
  bool takesTurns = getConsumers() == 2;
  RingPosition before = state.at;
  state.at = advanceRing(b, before, tiles.stages);
  awaitPhase(b, fullKeys.get(b, state.at.stage), state.at.parity);
  if (takesTurns)
    syncNamed(b, b.add(consumer, kTurnBarrier), 2 * kWarpgroupThreads);
  SmallVector<Value> scores = startScores(state.at);
  awaitPhase(b, fullValues.get(b, before.stage), before.parity);
  startOutput(before, state.weights, state.acc);
  if (takesTurns)
    arriveNamed(b, b.sub(b.i32(kTurnBarrier + 1), consumer),
                2 * kWarpgroupThreads);
  awaitProducts(b, 1, scores);
  release(emptyKeys, state.at);
  prepareScores(scores, state.next);
  PerRow factors = softmax.update(scores, state.softmax);
  keepAboveWait(b, b.fadd(state.softmax.sum[0], state.softmax.sum[1]), shared);
  awaitProducts(b, 0, state.acc);
  release(emptyValues, before);
  for (auto [index, value] : llvm::enumerate(state.acc))
    value = b.fmul(value, factors[getPosition(index).row]);
  state.weights = packWeights(scores);
  state.next = blocks->next(state.next);
  return state;
}

/// All blocks, of which there is at least one. Returns accumulators and state.
SmallVector<Value> WgmmaKernel::emitRows(const State &initial) {
  if (getConsumers() == 2)
    // The first turn is that of consumer 0.
    b.ifThen(b.equal(consumer, 1), [&] {
      arriveNamed(b, b.i32(kTurnBarrier), 2 * kWarpgroupThreads);
    });
  State first = emitFirstBlock(initial);
  State last = unpack(b.loopWhile(
      pack(first),
      [&](ValueRange values) { return blocks->isValid(unpack(values).next); },
      [&](ValueRange values) { return pack(emitBlock(unpack(values))); }));
  awaitPhase(b, fullValues.get(b, last.at.stage), last.at.parity);
  startOutput(last.at, last.weights, last.acc);
  awaitProducts(b, 0, last.acc);
  SmallVector<Value> values(last.acc);
  llvm::append_range(values, last.softmax.max);
  llvm::append_range(values, last.softmax.sum);
  return values;
}

void WgmmaKernel::emitConsumer() {
  NVVM::SetMaxRegisterOp::create(b, kConsumerRegisters,
                                 NVVM::SetMaxRegisterAction::increase);
  consumer = b.add(warpgroup, -1);
  threadOfGroup = b.bitAnd(thread, kWarpgroupThreads - 1);
  Value lane = b.bitAnd(thread, 31);
  isLeader = b.equal(lane, 0);
  Value ofWarp = b.mul(b.div(threadOfGroup, 32), kMmaRows);
  firstRow =
      b.add(b.add(b.mul(consumer, kWarpgroupRows), ofWarp), b.div(lane, 4));
  rows = {kernel.getRow(firstRow), kernel.getRow(b.add(firstRow, 8))};
  copyQuery();
  State state;
  state.acc.assign(tiles.value.width / 2, b.f32(0));
  state.softmax = softmax.getInitialState();
  state.at = {b.i32(0), b.i32(0)};
  state.next = blocks->seek(b.i32(0));
  SmallVector<Value> none(state.acc);
  llvm::append_range(none, state.softmax.max);
  llvm::append_range(none, state.softmax.sum);
  SmallVector<Value> values = b.ifChanges(blocks->isValid(state.next), none,
                                          [&] { return emitRows(state); });
  ArrayRef<Value> end = ArrayRef(values).take_back(2 * kLaneRows);
  state.softmax = {{end[0], end[1]}, {end[2], end[3]}};
  emitRowResults(kernel, softmax, state.softmax,
                 MutableArrayRef(values).drop_back(2 * kLaneRows), rows,
                 {splits, split, firstRow});
}

void WgmmaKernel::emit() {
  emitSetup();
  Value isProducer = b.equal(warpgroup, 0);
  b.ifThen(isProducer, [&] { emitProducer(); });
  b.ifThen(b.negate(isProducer), [&] { emitConsumer(); });
}

LogicalResult mlir::mqa::emitWgmmaKernel(AttentionKernel &kernel, Value shared,
                                         const SplitBuffers &splits) {
  FailureOr<MaskAnalysis> mask = MaskAnalysis::compute(kernel.op);
  if (failed(mask))
    return failure();
  WgmmaKernel(kernel, shared, splits, *mask).emit();
  return success();
}
