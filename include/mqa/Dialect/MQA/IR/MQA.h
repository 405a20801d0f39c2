//===- MQA.h - the mqa dialect ----------------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_IR_MQA_H
#define MQA_DIALECT_MQA_IR_MQA_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mqa/Dialect/MQA/Utils/AttentionShape.h"

#include "mqa/Dialect/MQA/IR/MQADialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "mqa/Dialect/MQA/IR/MQAAttrs.h.inc"

#define GET_OP_CLASSES
#include "mqa/Dialect/MQA/IR/MQAOps.h.inc"

#endif // MQA_DIALECT_MQA_IR_MQA_H
