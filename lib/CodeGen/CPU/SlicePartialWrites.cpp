//===- SlicePartialWrites.cpp - vectors that cover a part -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR 22's bufferization takes a vector.transfer_write at offset 0 for one of
// the whole tensor if the sizes of the vector, counted from the *first*
// dimension of the tensor, cover it; a write of vector<4x4xf32> into
// tensor<1x4x4x4xf32> is one. If that write needs a buffer of its own, what it
// leaves alone is not copied there. Such a write goes through a slice here,
// whose size nobody can misread.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mqa/CodeGen/CPU/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_SLICEPARTIALWRITESPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

/// Whether bufferization could take `op` for a write of the whole tensor
/// although it is one of its last dimensions only.
static bool isMisread(vector::TransferWriteOp op) {
  auto tensorType = dyn_cast<RankedTensorType>(op.getBase().getType());
  VectorType vectorType = op.getVectorType();
  if (!tensorType || !tensorType.hasStaticShape() || op.getMask() ||
      vectorType.isScalable() || vectorType.getRank() == 0 ||
      vectorType.getRank() >= tensorType.getRank() ||
      !op.getPermutationMap().isMinorIdentity())
    return false;
  if (!llvm::all_of(op.getIndices(), [](Value index) {
        return isZeroInteger(getAsOpFoldResult(index));
      }))
    return false;
  ArrayRef<int64_t> sizes = tensorType.getShape();
  ArrayRef<int64_t> written = vectorType.getShape();
  for (auto [size, part] : llvm::zip(sizes, written))
    if (part < size)
      return false;
  // Nothing is lost where it does write the whole tensor.
  return !llvm::all_of(sizes.drop_back(written.size()), [](int64_t size) {
    return size == 1;
  }) || sizes.take_back(written.size()) != written;
}

/// Writes into a slice of the size of the vector.
static void writeThroughSlice(RewriterBase &rewriter,
                              vector::TransferWriteOp op) {
  Location loc = op.getLoc();
  Value tensor = op.getBase();
  auto tensorType = cast<RankedTensorType>(tensor.getType());
  VectorType vectorType = op.getVectorType();
  int64_t outer = tensorType.getRank() - vectorType.getRank();
  SmallVector<int64_t> part;
  for (auto [size, written] : llvm::zip(tensorType.getShape().drop_front(outer),
                                        vectorType.getShape()))
    part.push_back(std::min(size, written));

  OpFoldResult zero = rewriter.getIndexAttr(0), one = rewriter.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets(tensorType.getRank(), zero);
  SmallVector<OpFoldResult> strides(tensorType.getRank(), one);
  SmallVector<OpFoldResult> sizes(outer, one);
  llvm::append_range(sizes,
                     getAsIndexOpFoldResult(rewriter.getContext(), part));

  rewriter.setInsertionPoint(op);
  auto sliceType = RankedTensorType::get(part, tensorType.getElementType());
  Value slice = tensor::ExtractSliceOp::create(rewriter, loc, sliceType, tensor,
                                               offsets, sizes, strides);
  SmallVector<Value> indices(op.getIndices().drop_front(outer));
  Value written = vector::TransferWriteOp::create(
                      rewriter, loc, sliceType, op.getVector(), slice, indices,
                      AffineMapAttr::get(rewriter.getMultiDimIdentityMap(
                          vectorType.getRank())),
                      /*mask=*/Value(), op.getInBoundsAttr())
                      .getResult();
  rewriter.replaceOpWithNewOp<tensor::InsertSliceOp>(op, written, tensor,
                                                     offsets, sizes, strides);
}

namespace {
struct SlicePartialWritesPass final
    : mqa::impl::SlicePartialWritesPassBase<SlicePartialWritesPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<vector::TransferWriteOp> writes;
    getOperation()->walk([&](vector::TransferWriteOp op) {
      if (isMisread(op))
        writes.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (vector::TransferWriteOp op : writes)
      writeThroughSlice(rewriter, op);
  }
};
} // namespace
