//===- AttentionKernel.cpp - one attention in a kernel ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mqa/Dialect/MQA/Utils/IterationSizes.h"

using namespace mlir;
using namespace mlir::mqa;

AttentionKernel::AttentionKernel(DeviceBuilder &b,
                                 const KernelInterface &interface,
                                 ValueRange arguments, GpuScheduleAttr schedule)
    : b(b), op(interface.emitClone(b, arguments, buffers)),
      shape(op.getShape()), maps(op.getIndexingMapsArray()),
      schedule(schedule) {
  b.setInsertionPoint(op);
  sizes = getIterationSizes(b, op, maps);
  grid = TaskGrid::get(b, b.getLoc(), shape, sizes, schedule);
  element = buffers[0].getElementType();
}

/// Splits `number` into coordinates of `sizes`, the last one innermost; the
/// first one is not reduced.
static SmallVector<Value> delinearize(DeviceBuilder &b, Value number,
                                      ArrayRef<OpFoldResult> sizes) {
  SmallVector<Value> coordinates(sizes.size());
  for (size_t i = sizes.size(); i-- > 1;) {
    if (getConstantIntValue(sizes[i]) == 1) {
      coordinates[i] = b.i32(0);
      continue;
    }
    Value size = b.toI32(sizes[i]);
    Value quotient = b.div(number, size);
    coordinates[i] = b.sub(number, b.mul(quotient, size));
    number = quotient;
  }
  if (!sizes.empty())
    coordinates[0] = number;
  return coordinates;
}

void AttentionKernel::locate(Value box) {
  number = box;
  Value numBoxes = b.toI32(grid.numBoxes);
  Value batch = b.div(box, numBoxes);
  Value inBatch = b.sub(box, b.mul(batch, numBoxes));
  inBatch = b.sub(b.add(numBoxes, -1), inBatch);
  position.assign(shape.getNumDims(), b.getIndexAttr(0));
  SmallVector<Value> batches = delinearize(b, batch, grid.batchSizes);
  for (auto [dim, coordinate] : llvm::zip(grid.batchDims, batches))
    position[dim] = getAsOpFoldResult(b.toIndex(coordinate));
  boxExtents.clear();
  SmallVector<Value> boxes = delinearize(b, inBatch, grid.boxes);
  for (auto [dim, coordinate, extent] :
       llvm::zip(grid.rowDims, boxes, grid.extents)) {
    Value whole = b.toI32(extent);
    Value first = b.mul(coordinate, whole);
    position[dim] = getAsOpFoldResult(b.toIndex(first));
    boxExtents.push_back(b.min(whole, b.sub(b.toI32(sizes[dim]), first)));
  }
}

RowPosition AttentionKernel::getRow(Value row) {
  RowPosition result{position, b.flag(true)};
  SmallVector<Value> coordinates = delinearize(b, row, grid.extents);
  for (auto [dim, coordinate, extent] :
       llvm::zip(grid.rowDims, coordinates, boxExtents)) {
    result.exists = b.both(result.exists, b.less(coordinate, extent));
    Value clamped = b.min(coordinate, b.add(extent, -1));
    Value index = b.toIndex(b.add(b.toI32(position[dim]), clamped));
    result.position[dim] = getAsOpFoldResult(index);
  }
  // Without row dimensions there is one row.
  if (grid.rowDims.empty())
    result.exists = b.equal(row, 0);
  return result;
}

RowBox AttentionKernel::getBox() {
  RowBox box{position, position};
  for (auto [dim, extent] : llvm::zip(grid.rowDims, boxExtents)) {
    Value last = b.add(b.add(b.toI32(position[dim]), extent), -1);
    box.last[dim] = getAsOpFoldResult(b.toIndex(last));
  }
  return box;
}

Value AttentionKernel::getStride(const KernelBuffer &buffer, unsigned dim) {
  for (auto [number, expr] : llvm::enumerate(buffer.map.getResults()))
    if (cast<AffineDimExpr>(expr).getPosition() == dim)
      return buffer.strides[number];
  return b.materialize(b.getIndexAttr(0));
}

Value AttentionKernel::getOffset(const KernelBuffer &buffer,
                                 ArrayRef<OpFoldResult> position) {
  Value offset = b.materialize(b.getIndexAttr(0));
  for (auto [number, expr] : llvm::enumerate(buffer.map.getResults())) {
    unsigned dim = cast<AffineDimExpr>(expr).getPosition();
    offset = b.add(offset,
                   b.mul(b.materialize(position[dim]), buffer.strides[number]));
  }
  return offset;
}

Value AttentionKernel::getAddress(const KernelBuffer &buffer,
                                  ArrayRef<OpFoldResult> position) {
  int64_t bytes = buffer.getElementType().getIntOrFloatBitWidth() / 8;
  return b.advance(buffer.pointer,
                   b.toI64(b.mul(getOffset(buffer, position), bytes)));
}

Value AttentionKernel::loadElement(const KernelBuffer &buffer,
                                   ArrayRef<OpFoldResult> position) {
  SmallVector<Value> indices;
  for (AffineExpr expr : buffer.map.getResults())
    indices.push_back(
        b.materialize(position[cast<AffineDimExpr>(expr).getPosition()]));
  return memref::LoadOp::create(b, buffer.memref, indices);
}

int64_t AttentionKernel::getStaticSize(DimRole role) {
  return *getConstantIntValue(sizes[getDim(role)]);
}

const KernelBuffer &AttentionKernel::getOutput() {
  return buffers[op.getOutputMutable().getOperandNumber()];
}
const KernelBuffer *AttentionKernel::getSink() {
  return op.getSink()
             ? &buffers[op.getSinkMutable().begin()->getOperandNumber()]
             : nullptr;
}
const KernelBuffer *AttentionKernel::getLogSumExp() {
  return op.getLogsumexp()
             ? &buffers[op.getLogsumexpMutable().begin()->getOperandNumber()]
             : nullptr;
}
