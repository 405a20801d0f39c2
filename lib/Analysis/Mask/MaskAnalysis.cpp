//===- MaskAnalysis.cpp - which keys a mask leaves live ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Analysis/Mask/MaskAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mqa/Dialect/MQA/Utils/IterationSizes.h"

using namespace mlir;
using namespace mlir::mqa;

struct MaskAnalysis::Storage {
  Operation *op;
  MaskSummary summary;
  bool hasMask;
  OpFoldResult getKeys(OpBuilder &b) {
    SmallVector<AffineMap> maps;
    AttentionShape shape = [&] {
      if (auto a = dyn_cast<AttentionOp>(op)) {
        maps = a.getIndexingMapsArray();
        return a.getShape();
      }
      auto o = cast<OnlineAttentionOp>(op);
      maps = o.getIndexingMapsArray();
      return o.getShape();
    }();
    return getIterationSizes(b, op, maps)[shape.getDims(DimRole::Key).back()];
  }
};
MaskAnalysis::MaskAnalysis(std::unique_ptr<Storage> storage)
    : storage(std::move(storage)) {}
MaskAnalysis::MaskAnalysis(MaskAnalysis &&) = default;
MaskAnalysis &MaskAnalysis::operator=(MaskAnalysis &&) = default;
MaskAnalysis::~MaskAnalysis() = default;
const MaskSummary &MaskAnalysis::getSummary() const { return storage->summary; }

FailureOr<MaskAnalysis> MaskAnalysis::compute(Operation *op,
                                              const MaskOptions &options) {
  auto storage = std::make_unique<Storage>();
  storage->op = op;
  storage->hasMask = !op->getRegion(0).empty();
  storage->summary.exact = true;
  storage->summary.canBeFull = !storage->hasMask;
  return MaskAnalysis(std::move(storage));
}

LiveKeys MaskAnalysis::emitLiveKeys(OpBuilder &b, Location loc,
                                    const RowBox &rows) {
  OpFoldResult keys = storage->getKeys(b), zero = b.getIndexAttr(0);
  return {{{zero, keys}}, {zero, storage->hasMask ? zero : keys}};
}
BlockClass MaskAnalysis::emitClassify(OpBuilder &b, Location, const RowBox &,
                                      const KeyRange &) {
  return {b.getBoolAttr(!storage->hasMask), b.getBoolAttr(false)};
}
OpFoldResult MaskAnalysis::emitEveryRowLive(OpBuilder &b, Location,
                                            const RowBox &) {
  return b.getBoolAttr(false);
}
