//===- BufferizableOpInterfaceImpl.cpp - attention on buffers ---*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Dialect/MQA/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"
#include "mqa/Dialect/MQA/IR/MQA.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::bufferization;

namespace {
struct AttentionBufferization final
    : DstBufferizableOpInterfaceExternalModel<AttentionBufferization,
                                              AttentionOp> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto attention = cast<AttentionOp>(op);
    if (attention.hasPureBufferSemantics())
      return success();
    rewriter.setInsertionPoint(op);
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    OperationState onBuffers(op->getLoc(), op->getName());
    onBuffers.addOperands(buffers);
    onBuffers.addAttributes(op->getDiscardableAttrDictionary().getValue());
    onBuffers.propertiesAttr = op->getPropertiesAsAttribute();
    for (Region &region : op->getRegions())
      onBuffers.addRegion()->takeBody(region);
    rewriter.create(onBuffers);
    SmallVector<Value> results;
    for (OpOperand &init : attention.getDpsInitsMutable())
      results.push_back(buffers[init.getOperandNumber()]);
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};
} // namespace

void mlir::mqa::registerBufferizableOpInterfaceExternalModels(
    DialectRegistry &registry) {
  registry.insert<BufferizationDialect>();
  registry.addExtension(+[](MLIRContext *context, MQADialect *) {
    AttentionOp::attachInterface<AttentionBufferization>(*context);
  });
}
