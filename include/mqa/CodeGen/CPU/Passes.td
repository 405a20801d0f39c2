//===- Passes.td - passes of the CPU code generator --------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_CODEGEN_CPU_PASSES_TD
#define MQA_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def PrepareEntriesPass : Pass<"mqa-prepare-entries", "::mlir::ModuleOp"> {
  let summary = "Give public functions the calling convention of memrefs";
  let description = [{
    Rewrites public functions on tensors to functions on contiguous memrefs. A
    tensor result that is tied to a tensor argument through destination-passing
    ops is written into that argument and dropped; any other tensor result
    becomes a freshly allocated memref that the caller frees. Attention ops on
    memrefs become attention ops on tensors that read and write those memrefs.

    Before:

    ```mlir
    func.func @f(%q: tensor<8x64xf32>, ..., %init: tensor<8x64xf32>) -> tensor<8x64xf32> {
      %o = mqa.attention ... outs(%init : tensor<8x64xf32>) -> tensor<8x64xf32>
      return %o : tensor<8x64xf32>
    }
    ```

    After:

    ```mlir
    func.func @f(%q: memref<8x64xf32>, ..., %init: memref<8x64xf32>) attributes {llvm.emit_c_interface} {
      %qt = bufferization.to_tensor %q restrict : memref<8x64xf32> to tensor<8x64xf32>
      %it = bufferization.to_tensor %init restrict writable : memref<8x64xf32> to tensor<8x64xf32>
      %o = mqa.attention ... outs(%it : tensor<8x64xf32>) -> tensor<8x64xf32>
      bufferization.materialize_in_destination %o in writable %init : (tensor<8x64xf32>, memref<8x64xf32>) -> ()
      return
    }
    ```

    Calls of a public function on tensors go to a private copy of it.

    Requires: functions on tensors have a single block. Run first: the calling
    convention is that of the program as written, before anything folds.
    Guarantees: no public function has a tensor in
    its type; no mqa op is on memrefs. Run `mqa-select-schedule` next.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
    "::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect",
    "::mlir::tensor::TensorDialect"];
}

def MicroTilePass : Pass<"mqa-micro-tile", "::mlir::func::FuncOp"> {
  let summary = "Tile the linalg ops of a task to register tiles";
  let description = [{
    Tiles every `linalg` op that `mqa-decompose` gave a role, by loops whose
    bodies fit vector registers: the score and output products to
    `key_tile` x `row_panel` and `value_tile` x `row_panel` accumulators with
    `depth_step` reduction steps, elementwise ops to a few vectors. The zero of
    the scores and the rescaling of the accumulator move into the product loops.

    Before:

    ```mlir
    %s = linalg.generic {...} ins(%k, %qT : tensor<64x128xf32>, tensor<1x128x64xf32>)
           outs(%zero : tensor<1x64x64xf32>) attrs = {mqa.role = "scores", mqa.schedule = #mqa.schedule<...>}
    ```

    After:

    ```mlir
    %s = scf.for %n = %c0 to %c64 step %c4 iter_args(...) {
      %z = linalg.fill ... : tensor<1x4x64xf32>
      %t = scf.for %d = %c0 to %c128 step %c4 iter_args(...) {
        %u = linalg.generic {...} ins(... : tensor<4x4xf32>, tensor<1x4x64xf32>) outs(... : tensor<1x4x64xf32>)
      }
    }
    ```

    Requires: `mqa-decompose`. Run `mqa-vectorize` next.
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", "16", "f32 elements of a vector">,
    Option<"registers", "registers", "int64_t", "32", "vector registers">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"];
}

def VectorizePass : Pass<"mqa-vectorize", "::mlir::func::FuncOp"> {
  let summary = "Vectorize register tiles and keep them in registers";
  let description = [{
    Vectorizes the `linalg` ops inside of task loops, turns product tiles into
    `vector.contract`, unrolls reductions over keys, and carries accumulators
    through the reduction loops as vectors. An op that cannot be vectorized (a
    region with control flow, say) stays in linalg and becomes scalar loops
    later; a remark says so.

    Before:

    ```mlir
    %t = scf.for %d = ... iter_args(%acc = %z) -> (tensor<1x4x64xf32>) {
      %u = linalg.generic {...} ins(... : tensor<4x4xf32>, tensor<1x4x64xf32>) outs(... : tensor<1x4x64xf32>)
    ```

    After:

    ```mlir
    %t = scf.for %d = ... iter_args(%acc = %zero) -> (vector<4x64xf32>) {
      %k = vector.transfer_read ... : tensor<64x128xf32>, vector<4x4xf32>
      %q = vector.transfer_read ... : tensor<1x128x64xf32>, vector<4x64xf32>
      %u = vector.contract {...} %k, %q, %acc : vector<4x4xf32>, vector<4x64xf32> into vector<4x64xf32>
    ```

    Requires: `mqa-micro-tile`. Run bufferization next.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect",
    "::mlir::tensor::TensorDialect", "::mlir::ub::UBDialect"];
}

def PlaceScratchPass : Pass<"mqa-place-scratch", "::mlir::func::FuncOp"> {
  let summary = "Put the scratch of a task on its stack";
  let description = [{
    Moves every static `memref.alloc` inside of a task loop to the start of the
    task, as an aligned `memref.alloca`, so that no loop over keys allocates.
    Beyond 1 MiB of stack the largest buffers are allocated once per task. An
    allocation that is carried from one iteration of a loop to the next stays.

    Before:

    ```mlir
    scf.forall (%i) in (%n) {
      scf.for %k = ... {
        %s = memref.alloc() {alignment = 64 : i64} : memref<1x64x64xf32>
    ```

    After:

    ```mlir
    scf.forall (%i) in (%n) {
      %s = memref.alloca() {alignment = 64 : i64} : memref<1x64x64xf32>
      scf.for %k = ... {
    ```

    Requires: bufferized tasks. Run `mqa-outline-tasks` next.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def PrefetchPass : Pass<"mqa-prefetch", "::mlir::func::FuncOp"> {
  let summary = "Prefetch keys, values and output, spread over the products";
  let description = [{
    Puts `memref.prefetch` into the product loops of every loop over blocks of
    keys: for the keys and values `distance` blocks further on, where they lie
    or where they are staged from, each line once per block and evenly over the
    iterations; and, into the loop around the first product, for the rows that
    the task writes after the loop. Addresses stay inside of the buffers.

    Before:

    ```mlir
    scf.for %k = %c0 to %n step %c64 {
      scf.for %t = %c0 to %c64 step %c8 {
        scf.for %d = %c0 to %c128 step %c4 iter_args(%acc = %zero) -> (vector<8x32xf32>) {
          %x = vector.transfer_read %K[...] : memref<?x128xf32>, vector<8x4xf32>
          %y = vector.contract ...
    ```

    After:

    ```mlir
    scf.for %k = %c0 to %n step %c64 {
      %ahead = arith.addi %k, %c128 : index
      %block = arith.minsi %ahead, %last : index
      scf.for %t = %c0 to %c64 step %c8 {
        scf.for %d = %c0 to %c128 step %c4 iter_args(%acc = %zero) -> (vector<8x32xf32>) {
          memref.prefetch %K[%row, %column], read, locality<2>, data : memref<?x128xf32>
          ...
    ```

    Keys whose address is not an affine function of the loops (pages, say) are
    not prefetched, nor are keys and values that fit into `cache` bytes together.

    Requires: bufferized tasks, affine indices. Run `mqa-outline-tasks` next.
  }];
  let options = [
    Option<"distance", "distance", "int64_t", "1",
           "blocks of keys between a prefetch and its use">,
    Option<"cache", "cache", "int64_t", "1048576",
           "bytes of keys and values that need no prefetch">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def SlicePartialWritesPass : Pass<"mqa-slice-partial-writes", "::mlir::func::FuncOp"> {
  let summary = "Write vectors that cover a part of a tensor into slices";
  let description = [{
    Rewrites every `vector.transfer_write` at offset 0 of a vector that covers
    the first dimensions of a tensor of higher rank, but not the tensor.
    MLIR 22's bufferization takes it for a write of the whole tensor and, where
    the write needs a buffer of its own, loses what it leaves alone.

    Before:

    ```mlir
    %1 = vector.transfer_write %v, %t[%c0, %c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<4x4x4xf32>
    ```

    After:

    ```mlir
    %slice = tensor.extract_slice %t[0, 0, 0] [1, 4, 4] [1, 1, 1] : tensor<4x4x4xf32> to tensor<4x4xf32>
    %0 = vector.transfer_write %v, %slice[%c0, %c0] {in_bounds = [true, true]} : vector<4x4xf32>, tensor<4x4xf32>
    %1 = tensor.insert_slice %0 into %t[0, 0, 0] [1, 4, 4] [1, 1, 1] : tensor<4x4xf32> into tensor<4x4x4xf32>
    ```

    Requires: nothing. Run `one-shot-bufferize` next.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect",
    "::mlir::vector::VectorDialect"];
}

def FlattenTransfersPass : Pass<"mqa-flatten-transfers", "::mlir::func::FuncOp"> {
  let summary = "Transfer short contiguous rows as one vector";
  let description = [{
    Rewrites `vector.transfer_read` and `vector.transfer_write` of several rows
    of fewer than `bits` bits that lie one after the other in memory to one
    transfer of a vector with one dimension. Tiles with depth in their lanes
    have such rows.

    Before:

    ```mlir
    %0 = vector.transfer_read %a[%i, %c0, %c0], %p {in_bounds = [true, true]} : memref<64x8x2xf32>, vector<8x2xf32>
    %1 = vector.shape_cast %0 : vector<8x2xf32> to vector<16xf32>
    ```

    After:

    ```mlir
    %flat = memref.collapse_shape %a [[0], [1, 2]] : memref<64x8x2xf32> into memref<64x16xf32>
    %1 = vector.transfer_read %flat[%i, %c0], %p {in_bounds = [true]} : memref<64x16xf32>, vector<16xf32>
    ```

    Requires: memrefs. Run before transfers are lowered.
  }];
  let options = [
    Option<"bits", "bits", "unsigned", "256",
           "bits of a row that is a vector already">];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::memref::MemRefDialect", "::mlir::vector::VectorDialect"];
}

def ExpandCopiesPass : Pass<"mqa-expand-copies", "::mlir::func::FuncOp"> {
  let summary = "Turn memref copies into linalg";
  let description = [{
    Replaces `memref.copy` by `linalg.generic`, so that a copy between strided
    memrefs becomes loops and not a call into a runtime library.

    Before:

    ```mlir
    memref.copy %a, %b : memref<8x4xf32, strided<[16, 1]>> to memref<8x4xf32>
    ```

    After:

    ```mlir
    linalg.generic {...} ins(%a : memref<8x4xf32, strided<[16, 1]>>) outs(%b : memref<8x4xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    }
    ```

    Requires: memrefs. Run `convert-linalg-to-loops` later.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def OutlineTasksPass : Pass<"mqa-outline-tasks", "::mlir::ModuleOp"> {
  let summary = "Outline task loops to functions run by mqa_parallel_for";
  let description = [{
    Turns every `scf.forall` marked `mqa.tasks` into a function of a context
    pointer and a task number, and a call of
    `void mqa_parallel_for(int64_t n, void (*task)(void *, int64_t), void *ctx)`.
    What the body captures travels in a struct on the caller's stack.

    Before:

    ```mlir
    func.func @f(%q: memref<?x64xf32>) {
      scf.forall (%i) = (0) to (%n) step (64) { "use"(%q, %i) } {mqa.tasks}
    ```

    After:

    ```mlir
    func.func private @f_task_0(%ctx: !llvm.ptr, %task: i64) {
      %captures = llvm.load %ctx : !llvm.ptr -> !llvm.struct<...>
      ...
    func.func @f(%q: memref<?x64xf32>) {
      %ctx = llvm.alloca ... x !llvm.struct<...>
      func.call @mqa_parallel_for(%count, %task, %ctx) : (i64, !llvm.ptr, !llvm.ptr) -> ()
    ```

    Requires: bufferized tasks. Guarantees: no `scf.forall` with `mqa.tasks`.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect",
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect"];
}

def ExpandMathPass : Pass<"mqa-expand-math", "::mlir::func::FuncOp"> {
  let summary = "Expand exponentials, other math and bf16 conversions";
  let description = [{
    Replaces math that would become a library call by vector code: `exp2` of f32
    by a polynomial of degree 5 with p(0) = 1 exactly (on AVX-512 with
    `vreduceps` and `vscalefps`), rounding to and widening of bf16 by integer
    operations, and the functions that MLIR has polynomials for by those.

    Before:

    ```mlir
    %p = math.exp2 %x : vector<16xf32>
    ```

    After:

    ```mlir
    %f = llvm.call_intrinsic "llvm.x86.avx512.mask.reduce.ps.512"(%x, ...) : ...
    %0 = math.fma %c5, %f, %c4 : vector<16xf32>
    ...
    %p = llvm.call_intrinsic "llvm.x86.avx512.mask.scalef.ps.512"(%4, %x, ...) : ...
    ```

    Requires: nothing. What has no expansion (f64, say) stays and becomes a call
    of libm.
  }];
  let options = [
    Option<"avx512", "avx512", "bool", "false",
           "use AVX-512 instructions for exp2">,
    Option<"fma", "fma", "bool", "true",
           "the target has fused multiply-add">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect"];
}

#endif // MQA_CODEGEN_CPU_PASSES_TD
