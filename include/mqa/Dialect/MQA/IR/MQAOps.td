//===- MQAOps.td - operations of the mqa dialect -----------*- tablegen -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_DIALECT_MQA_IR_MQAOPS_TD
#define MQA_DIALECT_MQA_IR_MQAOPS_TD

include "mqa/Dialect/MQA/IR/MQADialect.td"
include "mqa/Dialect/MQA/IR/MQAAttrs.td"
include "mlir/Dialect/Linalg/IR/LinalgInterfaces.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def MQA_Float : AnyTypeOf<[F16, BF16, F32, F64]>;
def MQA_StateFloat : AnyTypeOf<[F32, F64]>;
def MQA_Element : AnyTypeOf<[AnySignlessInteger, Index, F16, BF16, F32, F64]>;

class MQA_ShapedOf<list<Type> elements, string descr> : AnyTypeOf<
    [RankedTensorOf<elements>, StridedMemRefOf<elements>], descr>;
def MQA_Data : MQA_ShapedOf<[MQA_Float],
    "ranked tensor or strided memref of f16, bf16, f32 or f64">;
def MQA_State : MQA_ShapedOf<[MQA_StateFloat],
    "ranked tensor or strided memref of f32 or f64">;
def MQA_Extra : MQA_ShapedOf<[MQA_Element],
    "ranked tensor or strided memref of signless integers, index or floats">;
def MQA_Pool : RankedTensorOf<[MQA_Element]>;
def MQA_Table : RankedTensorOf<[I32, I64, Index]>;

//===----------------------------------------------------------------------===//
// Bases
//===----------------------------------------------------------------------===//

class MQA_Op<string mnemonic, list<Trait> traits = []>
    : Op<MQA_Dialect, mnemonic, traits>;

/// An op with indexing maps and destinations, on tensors or on memrefs.
class MQA_StructuredOp<string mnemonic, list<Trait> traits = []>
    : MQA_Op<mnemonic, !listconcat([
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ConditionallySpeculatable>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
          ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<AggregatedOpInterface, ["decomposeOperation"]>
      ], traits)> {
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// mqa.yield
//===----------------------------------------------------------------------===//

def MQA_YieldOp : MQA_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["AttentionOp", "OnlineAttentionOp"]>]> {
  let summary = "ends a mask or score region";
  let description = [{
    Yields the one value of a region: `i1` of a `mask`, the score of a `score`.

    Example:

    ```mlir
    mqa.yield %keep : i1
    ```
  }];
  let arguments = (ins
    AnyType:$value /* I1: YIELD_C1, YIELD_C2 */);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

//===----------------------------------------------------------------------===//
// mqa.attention
//===----------------------------------------------------------------------===//

def MQA_AttentionOp : MQA_StructuredOp<"attention", [
    AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<TilingInterface,
      ["getIterationDomain", "getLoopIteratorTypes", "getResultTilePosition",
       "getTiledImplementation", "generateResultTileValue",
       "getIterationDomainTileFromResultTile"]>]> {
  let summary = "multi-query, grouped-query and multi-head attention";
  let description = [{
    `o = softmax(score(scale * q k^T) masked) v`, over one iteration space
    whose dimensions take their role from who mentions them: *batch* in Q, K, V
    and O; *row* in Q and O (the query position and every head that shares its
    keys and values); *key* in K and V, the softmax reduction; *depth* in Q and
    K; *value* in V and O. Several dimensions may share a role.

    Multi-query attention has maps of K and V that do not mention the head.
    Grouped-query attention has the key/value head as one more batch dimension.
    Multi-head attention mentions the head everywhere. Extra inputs follow Q, K
    and V, each with a map over batch, row and key dimensions. The maps are in
    the order: query, key, value, extra inputs, sink, output, log-sum-exp.

    The regions are pure functions of one element per extra input and of one
    `index` per batch, row and key dimension, in the order of the iteration
    space; `score` has the scaled score as its first argument. Both may capture
    scalars. In order: `s = scale * <q, k>`; `s = score(s)`; where `mask` is
    false, `s` is minus infinity; softmax over the keys in f32 (f64 for f64). A
    `sink` is the logit of one more key that has no value. A row without a live
    key gives 0 and the log-sum-exp minus infinity (the sink, if there is one).

    `convert-mqa-to-linalg` is its reference lowering, `mqa-to-cpu-pipeline`
    the fused one.

    Example:

    ```mlir
    #q = affine_map<(b, h, m, n, d, e) -> (b, h, m, d)>
    #k = affine_map<(b, h, m, n, d, e) -> (b, n, d)>
    #v = affine_map<(b, h, m, n, d, e) -> (b, n, e)>
    #o = affine_map<(b, h, m, n, d, e) -> (b, h, m, e)>
    %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.125 : f32}
           ins(%q, %k, %v : tensor<2x32x?x64xbf16>, tensor<2x?x64xbf16>, tensor<2x?x64xbf16>)
           outs(%init : tensor<2x32x?x64xbf16>)
           mask {
           ^bb0(%b: index, %h: index, %m: index, %n: index):
             %keep = arith.cmpi ule, %n, %m : index
             mqa.yield %keep : i1
           } -> tensor<2x32x?x64xbf16>
    ```
  }];
  let arguments = (ins
    Arg<MQA_Data, "queries, over batch, row and depth">:$query /* I1: ATTENTION_C1, C4 to C8, C12, C13 */,
    Arg<MQA_Data, "keys, over batch, key and depth">:$key /* I2: ATTENTION_C1, C4 to C8, C12, C13 */,
    Arg<MQA_Data, "values, over batch, key and value">:$value /* I3: ATTENTION_C1, C4 to C8, C12, C13 */,
    Arg<Variadic<MQA_Extra>, "extra inputs, over batch, row and key">:$inputs /* I4: ATTENTION_C1, C4 to C6, C9, C12 */,
    Arg<Optional<MQA_Data>, "sink logits, over batch and row">:$sink /* I5: ATTENTION_C1, C4 to C6, C10, C12, C13 */,
    Arg<MQA_Data, "output, over batch, row and value">:$output /* I6: ATTENTION_C1, C2, C4 to C8, C12, C13, C16 */,
    Arg<Optional<MQA_State>, "log-sum-exp (natural), over batch and row">:$logsumexp /* I7: ATTENTION_C1, C2, C4 to C6, C11, C12, C14, C16 */,
    AffineMapArrayAttr:$indexing_maps /* I8: ATTENTION_C3 to C11 */,
    OptionalAttr<AnyAttrOf<[F32Attr, F64Attr]>>:$scale /* I9: ATTENTION_C15 */,
    OptionalAttr<MQA_ScheduleAttr>:$schedule /* I10: SCHEDULE_C1 to C7 */);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region AnyRegion:$mask /* ATTENTION_C17 to C21 */,
                        AnyRegion:$score /* ATTENTION_C17 to C21 */);
  let assemblyFormat = [{
    attr-dict
    `ins` `(` $query `,` $key `,` $value (`,` $inputs^)? `:`
              type($query) `,` type($key) `,` type($value) (`,` type($inputs)^)? `)`
    (`sink` `(` $sink^ `:` type($sink) `)`)?
    `outs` `(` $output (`,` $logsumexp^)? `:` type($output) (`,` type($logsumexp)^)? `)`
    `` custom<Regions>($mask, $score) (`->` type($results)^)?
  }];
  let hasCanonicalizer = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    MutableOperandRange getDpsInitsMutable();
    /// The maps as values, in the order of the operands.
    SmallVector<AffineMap> getIndexingMapsArray();
    /// The roles of the dimensions; the op must be valid.
    AttentionShape getShape();
    /// The scale as a number, 1 when there is none.
    double getScaleValue();
  }];
}

//===----------------------------------------------------------------------===//
// mqa.online_attention
//===----------------------------------------------------------------------===//

def MQA_OnlineAttentionOp : MQA_StructuredOp<"online_attention", [
    DeclareOpInterfaceMethods<TilingInterface,
      ["getIterationDomain", "getLoopIteratorTypes", "getResultTilePosition",
       "getTiledImplementation", "generateResultTileValue",
       "getIterationDomainTileFromResultTile"]>,
    DeclareOpInterfaceMethods<PartialReductionOpInterface,
      ["generateInitialTensorForPartialReduction", "tileToPartialReduction",
       "mergeReductions", "getPartialResultTilePosition"]>]> {
  let summary = "updates a running softmax state over keys";
  let description = [{
    The state of a row is its accumulator `acc` (over the value dimensions), the
    running maximum `max` of its scores (natural, minus infinity when it has
    seen no live key) and the running sum `sum` of `exp(s - max)`. With the
    scores `s` of this op's keys, computed as in `mqa.attention`:
    `max' = max(max, max s)`, `sum' = exp(max - max') sum + sum exp(s - max')`,
    `acc' = exp(max - max') acc + sum exp(s - max') v`; a row whose `max'` is
    minus infinity has `sum'` and `acc'` 0. The maps are in the order: query,
    key, value, extra inputs, acc, max, sum. The state is f32 (f64 for f64).

    Example:

    ```mlir
    #q = affine_map<(h, m, n, d, e) -> (h, m, d)>
    #k = affine_map<(h, m, n, d, e) -> (n, d)>
    #v = affine_map<(h, m, n, d, e) -> (n, e)>
    #a = affine_map<(h, m, n, d, e) -> (h, m, e)>
    #r = affine_map<(h, m, n, d, e) -> (h, m)>
    %s:3 = mqa.online_attention {indexing_maps = [#q, #k, #v, #a, #r, #r], scale = 0.125 : f32}
             ins(%q, %k, %v : tensor<32x5x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>)
             outs(%acc, %max, %sum : tensor<32x5x64xf32>, tensor<32x5xf32>, tensor<32x5xf32>)
             -> tensor<32x5x64xf32>, tensor<32x5xf32>, tensor<32x5xf32>
    ```
  }];
  let arguments = (ins
    Arg<MQA_Data, "queries, over batch, row and depth">:$query /* I1: ONLINE_C1, C4 to C8, C11, C12 */,
    Arg<MQA_Data, "keys, over batch, key and depth">:$key /* I2: ONLINE_C1, C4 to C8, C11, C12 */,
    Arg<MQA_Data, "values, over batch, key and value">:$value /* I3: ONLINE_C1, C4 to C8, C11, C12 */,
    Arg<Variadic<MQA_Extra>, "extra inputs, over batch, row and key">:$inputs /* I4: ONLINE_C1, C4 to C6, C9, C11 */,
    Arg<MQA_State, "accumulator, over batch, row and value">:$acc /* I5: ONLINE_C1, C2, C4 to C8, C11, C12, C14 */,
    Arg<MQA_State, "running maximum, over batch and row">:$max /* I6: ONLINE_C1, C2, C4 to C6, C10 to C12, C14 */,
    Arg<MQA_State, "running sum, over batch and row">:$sum /* I7: ONLINE_C1, C2, C4 to C6, C10 to C12, C14 */,
    AffineMapArrayAttr:$indexing_maps /* I8: ONLINE_C3 to C10 */,
    OptionalAttr<AnyAttrOf<[F32Attr, F64Attr]>>:$scale /* I9: ONLINE_C13 */,
    OptionalAttr<MQA_ScheduleAttr>:$schedule /* I10: SCHEDULE_C1 to C7 */);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region AnyRegion:$mask /* ONLINE_C15 to C19 */,
                        AnyRegion:$score /* ONLINE_C15 to C19 */);
  let assemblyFormat = [{
    attr-dict
    `ins` `(` $query `,` $key `,` $value (`,` $inputs^)? `:`
              type($query) `,` type($key) `,` type($value) (`,` type($inputs)^)? `)`
    `outs` `(` $acc `,` $max `,` $sum `:` type($acc) `,` type($max) `,` type($sum) `)`
    `` custom<Regions>($mask, $score) (`->` type($results)^)?
  }];
  let hasCanonicalizer = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    MutableOperandRange getDpsInitsMutable();
    /// The maps as values, in the order of the operands.
    SmallVector<AffineMap> getIndexingMapsArray();
    /// The roles of the dimensions; the op must be valid.
    AttentionShape getShape();
    /// The scale as a number, 1 when there is none.
    double getScaleValue();
  }];
}

//===----------------------------------------------------------------------===//
// mqa.merge
//===----------------------------------------------------------------------===//

def MQA_MergeOp : MQA_StructuredOp<"merge", [
    DeclareOpInterfaceMethods<TilingInterface,
      ["getIterationDomain", "getLoopIteratorTypes", "getResultTilePosition",
       "getTiledImplementation", "generateResultTileValue",
       "getIterationDomainTileFromResultTile"]>]> {
  let summary = "joins two softmax states of the same rows";
  let description = [{
    With the states `(a, m, s)` in `ins` and `(a', m', s')` in `outs`:
    `m'' = max(m, m')`, `s'' = exp(m - m'') s + exp(m' - m'') s'`, and the same
    for the accumulator. Associative and commutative up to rounding; the empty
    state (0, minus infinity, 0) is its identity. The maps, over the row and
    value dimensions, are in the order: acc, max, sum of `ins`, then of `outs`.

    Example:

    ```mlir
    #a = affine_map<(h, m, e) -> (h, m, e)>
    #r = affine_map<(h, m, e) -> (h, m)>
    %s:3 = mqa.merge {indexing_maps = [#a, #r, #r, #a, #r, #r]}
             ins(%a0, %m0, %s0 : tensor<32x5x64xf32>, tensor<32x5xf32>, tensor<32x5xf32>)
             outs(%a1, %m1, %s1 : tensor<32x5x64xf32>, tensor<32x5xf32>, tensor<32x5xf32>)
             -> tensor<32x5x64xf32>, tensor<32x5xf32>, tensor<32x5xf32>
    ```
  }];
  let arguments = (ins
    Arg<MQA_State, "accumulator of the first state">:$lhsAcc /* I1: MERGE_C1, C4 to C7, C9, C10 */,
    Arg<MQA_State, "running maximum of the first state">:$lhsMax /* I2: MERGE_C1, C4 to C6, C8 to C10 */,
    Arg<MQA_State, "running sum of the first state">:$lhsSum /* I3: MERGE_C1, C4 to C6, C8 to C10 */,
    Arg<MQA_State, "accumulator of the second state">:$acc /* I4: MERGE_C1, C2, C4 to C7, C9 to C11 */,
    Arg<MQA_State, "running maximum of the second state">:$max /* I5: MERGE_C1, C2, C4 to C6, C8 to C11 */,
    Arg<MQA_State, "running sum of the second state">:$sum /* I6: MERGE_C1, C2, C4 to C6, C8 to C11 */,
    AffineMapArrayAttr:$indexing_maps /* I7: MERGE_C3 to C8 */);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    attr-dict
    `ins` `(` $lhsAcc `,` $lhsMax `,` $lhsSum `:`
              type($lhsAcc) `,` type($lhsMax) `,` type($lhsSum) `)`
    `outs` `(` $acc `,` $max `,` $sum `:` type($acc) `,` type($max) `,` type($sum) `)`
    (`->` type($results)^)?
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    MutableOperandRange getDpsInitsMutable();
    /// The maps as values, in the order of the operands.
    SmallVector<AffineMap> getIndexingMapsArray();
  }];
}

//===----------------------------------------------------------------------===//
// mqa.finalize
//===----------------------------------------------------------------------===//

def MQA_FinalizeOp : MQA_StructuredOp<"finalize", [
    DeclareOpInterfaceMethods<TilingInterface,
      ["getIterationDomain", "getLoopIteratorTypes", "getResultTilePosition",
       "getTiledImplementation", "generateResultTileValue",
       "getIterationDomainTileFromResultTile"]>]> {
  let summary = "turns a softmax state into output and log-sum-exp";
  let description = [{
    `o = acc / sum` and `lse = max + log(sum)`; a row whose sum is 0 gives 0 and
    minus infinity. The maps, over the row and value dimensions, are in the
    order: acc, max, sum, output, log-sum-exp.

    Example:

    ```mlir
    #a = affine_map<(h, m, e) -> (h, m, e)>
    #r = affine_map<(h, m, e) -> (h, m)>
    %o = mqa.finalize {indexing_maps = [#a, #r, #r, #a]}
           ins(%acc, %max, %sum : tensor<32x5x64xf32>, tensor<32x5xf32>, tensor<32x5xf32>)
           outs(%init : tensor<32x5x64xbf16>) -> tensor<32x5x64xbf16>
    ```
  }];
  let arguments = (ins
    Arg<MQA_State, "accumulator, over row and value">:$acc /* I1: FINALIZE_C1, C4 to C7, C9 to C11 */,
    Arg<MQA_State, "running maximum, over row">:$max /* I2: FINALIZE_C1, C4 to C6, C8 to C10 */,
    Arg<MQA_State, "running sum, over row">:$sum /* I3: FINALIZE_C1, C4 to C6, C8 to C10 */,
    Arg<MQA_Data, "output, over row and value">:$output /* I4: FINALIZE_C1, C2, C4 to C7, C9, C11, C12 */,
    Arg<Optional<MQA_State>, "log-sum-exp (natural), over row">:$logsumexp /* I5: FINALIZE_C1, C2, C4 to C6, C8 to C10, C12 */,
    AffineMapArrayAttr:$indexing_maps /* I6: FINALIZE_C3 to C8 */);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    attr-dict
    `ins` `(` $acc `,` $max `,` $sum `:` type($acc) `,` type($max) `,` type($sum) `)`
    `outs` `(` $output (`,` $logsumexp^)? `:` type($output) (`,` type($logsumexp)^)? `)`
    (`->` type($results)^)?
  }];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    MutableOperandRange getDpsInitsMutable();
    /// The maps as values, in the order of the operands.
    SmallVector<AffineMap> getIndexingMapsArray();
  }];
}

//===----------------------------------------------------------------------===//
// mqa.paged_view
//===----------------------------------------------------------------------===//

def MQA_PagedViewOp : MQA_Op<"paged_view", [
    Pure,
    AllElementTypesMatch<["pool", "result"]>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
      ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<AggregatedOpInterface, ["decomposeOperation"]>]> {
  let summary = "pages of a pool as one tensor of keys or values";
  let description = [{
    Presents the pages that a block table selects as one logical tensor. Of the
    pool, dimension `page_dim` numbers the pages and `slot_dim` the positions in
    a page, of which there are `P`; the last dimension of the table numbers the
    pages of one sequence, the dimensions before it are batches. The result has
    the batches of the table, then the dimensions of the pool without the pages,
    where the keys stand in place of the positions:
    `result[b.., x.., n, y..] = pool[table[b.., n / P], x.., n mod P, y..]` (with
    the page number at its place).

    `P` is any number; the size of a key block need not be a multiple. The
    number of keys is the static size of the result, the operand `keys`, or, with
    neither, all positions that the table has. Table entries of keys that no row
    of an attention sees may be anything: a number that is no page stands
    for the last page, so that reading it does no harm.

    As key or value of an attention, also through elementwise ops (that convert
    an int8 pool, say), a view is never materialised: its table is read where
    blocks of keys are. Elsewhere, and in the reference lowering, it is a gather.

    Example:

    ```mlir
    %k = mqa.paged_view %pool[%table] keys(%n) page_dim(0) slot_dim(1)
           : tensor<?x16x8x64xf32>, tensor<2x?xi32> -> tensor<2x?x8x64xf32>
    ```
  }];
  let arguments = (ins
    Arg<MQA_Pool, "the pages, of all sequences">:$pool /* I1: PAGED_C1 to C6 */,
    Arg<MQA_Table, "page numbers, over batches and pages of a sequence">:$table /* I2: PAGED_C1, C3, C4, C7 */,
    Arg<Optional<Index>, "number of keys">:$keys /* I3: PAGED_C6 */,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$page_dim /* I4: PAGED_C2 */,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$slot_dim /* I5: PAGED_C2 */);
  let results = (outs MQA_Pool:$result /* PAGED_C1, C4 to C7 */);
  let assemblyFormat = [{
    $pool `[` $table `]` (`keys` `(` $keys^ `)`)?
    `page_dim` `(` $page_dim `)` `slot_dim` `(` $slot_dim `)` attr-dict
    `:` type($pool) `,` type($table) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// Batches: the dimensions of the table without the last.
    int64_t getNumBatches() { return getTable().getType().getRank() - 1; }
    /// The dimension of the result that numbers the keys.
    int64_t getKeyDim() { return getResultDim(getSlotDim()); }
    /// The dimension of the result for one of the pool that is not the pages.
    int64_t getResultDim(int64_t poolDim) {
      return getNumBatches() + poolDim - (poolDim > int64_t(getPageDim()));
    }
    /// Positions of a page, or dynamic.
    int64_t getPageSize() { return getPool().getType().getDimSize(getSlotDim()); }
  }];
}

#endif // MQA_DIALECT_MQA_IR_MQAOPS_TD
