//===- MQADialect.td - the mqa dialect ---------------------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_IR_MQADIALECT_TD
#define MQA_DIALECT_MQA_IR_MQADIALECT_TD

include "mlir/IR/DialectBase.td"

def MQA_Dialect : Dialect {
  let name = "mqa";
  let cppNamespace = "::mlir::mqa";
  let summary = "multi-query attention and its online-softmax algebra";
  let description = [{
    Multi-query attention (Shazeer, "Fast Transformer Decoding: One Write-Head
    is All You Need", 2019): every token has several queries, all of which share
    one key and one value per token. Grouped-query and multi-head attention are
    the same op with other indexing maps.

    `mqa.attention` is the mathematical op; `mqa.online_attention`, `mqa.merge`
    and `mqa.finalize` work on running softmax states (Milakov and Gimelshein,
    "Online normalizer calculation for softmax", 2018; Dao et al.,
    "FlashAttention", 2022). `docs/Spec.md` is normative.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

#endif // MQA_DIALECT_MQA_IR_MQADIALECT_TD
