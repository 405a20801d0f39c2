//===- MQADialect.cpp - the mqa dialect -------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::mqa;

#include "mqa/Dialect/MQA/IR/MQADialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "mqa/Dialect/MQA/IR/MQAAttrs.cpp.inc"

namespace {
/// Every op of the dialect may be inlined anywhere.
struct MQAInlinerInterface : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
  bool isLegalToInline(Region *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void MQADialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "mqa/Dialect/MQA/IR/MQAAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "mqa/Dialect/MQA/IR/MQAOps.cpp.inc"
      >();
  addInterfaces<MQAInlinerInterface>();
}
