//===- Passes.td - reference lowering to linalg ------------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_CONVERSION_MQATOLINALG_PASSES_TD
#define MQA_CONVERSION_MQATOLINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertMQAToLinalgPass : Pass<"convert-mqa-to-linalg"> {
  let summary = "Lower mqa ops to linalg by their definitions";
  let description = [{
    The reference lowering: every mqa op becomes the linalg ops that its
    definition reads as. All scores of an `mqa.attention` exist at one time, the
    softmax takes two passes over them, and exponentials are `math.exp`. It is
    what fused code is compared with, never what is shipped.

    Before:

    ```mlir
    %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
           ins(%q, %k, %v : tensor<5x8xf32>, tensor<7x8xf32>, tensor<7x3xf32>)
           outs(%init : tensor<5x3xf32>) -> tensor<5x3xf32>
    ```

    After (abridged; the attribute `mqa.role` names the step):

    ```mlir
    %scores = linalg.generic {...} ins(%k, %q) outs(%zeros : tensor<5x7xf32>)
                attrs = {mqa.role = "scores"} { mulf, addf }
    %max    = linalg.generic ... attrs = {mqa.role = "row_max"} { maximumf }
    %shift  = linalg.generic ... attrs = {mqa.role = "row_shift"} { select }
    %p      = linalg.generic ... attrs = {mqa.role = "exp"} { subf, exp }
    %sum    = linalg.generic ... attrs = {mqa.role = "row_sum"} { addf }
    %acc    = linalg.generic ... attrs = {mqa.role = "output"} { mulf, addf }
    %o      = linalg.generic ... attrs = {mqa.role = "quotient"} { divf, select }
    ```

    An `mqa.paged_view` becomes a gather, a generic with `tensor.extract`. An op
    on memrefs is lowered on tensors that `bufferization.to_tensor` and
    `bufferization.materialize_in_destination` tie to its memrefs.

    Requires: valid ops. Attributes of other dialects (`other.name`) are put on
    every linalg op; an attribute that nobody knows is an error.
    Guarantees: no mqa op is left. Run `one-shot-bufferize` next.
  }];
  let dependentDialects = [
    "arith::ArithDialect", "bufferization::BufferizationDialect",
    "linalg::LinalgDialect", "math::MathDialect", "tensor::TensorDialect"];
}

def PromoteToF64Pass : Pass<"mqa-promote-to-f64"> {
  let summary = "Make every float of a module f64";
  let description = [{
    Turns f16, bf16 and f32 into f64 everywhere: in the types of functions,
    blocks and values, in constants and in attributes, whose values stay what
    they are. Conversions between floats that become superfluous vanish. What
    the module then computes is what it would compute without rounding, as far
    as f64 can tell: the oracle of the accuracy rule.

    Before:

    ```mlir
    func.func @f(%a: tensor<4xbf16>, %i: tensor<4xf32>) -> tensor<4xf32> {
      %0 = linalg.generic ... ins(%a : tensor<4xbf16>) outs(%i : tensor<4xf32>) {
      ^bb0(%x: bf16, %y: f32):
        %z = arith.extf %x : bf16 to f32
        linalg.yield %z : f32
      } -> tensor<4xf32>
    ```

    After:

    ```mlir
    func.func @f(%a: tensor<4xf64>, %i: tensor<4xf64>) -> tensor<4xf64> {
      %0 = linalg.generic ... ins(%a : tensor<4xf64>) outs(%i : tensor<4xf64>) {
      ^bb0(%x: f64, %y: f64):
        linalg.yield %x : f64
      } -> tensor<4xf64>
    ```

    Requires: ops of upstream dialects above LLVM, or of mqa. What depends on the
    bits of a float (bitcasts, views of bytes) or on somebody else's idea of its
    type (functions without a body) is an error, as is an op of another dialect
    that has to do with floats.
    Guarantees: no f16, bf16 or f32 is left. Run `convert-mqa-to-linalg` next.
  }];
}

#endif // MQA_CONVERSION_MQATOLINALG_PASSES_TD
