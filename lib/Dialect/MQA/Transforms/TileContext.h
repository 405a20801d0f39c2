//===- TileContext.h - one online attention being tiled ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the tiling of online attention. `TileContext` is what all parts
// know of the op and of the task that is being built; `TileRows` moves rows in
// and out of the lanes; `TileKeys` makes one block of keys.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_DIALECT_MQA_TRANSFORMS_TILECONTEXT_H
#define MQA_LIB_DIALECT_MQA_TRANSFORMS_TILECONTEXT_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mqa/Analysis/Mask/MaskAnalysis.h"
#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {

/// The op, its sizes, and the position of the task in the iteration space.
struct TileContext {
  OpBuilder &b;
  OnlineAttentionOp op;
  Location loc;
  AttentionShape shape;
  SmallVector<AffineMap> maps;
  SmallVector<OpFoldResult> sizes; ///< Of every dimension of the space.
  ScheduleAttr schedule;
  Type compute; ///< f32: scores, state and packed operands.

  int64_t lanes, panels;      ///< Of the tile; their product is row_block.
  int64_t depth, paddedDepth; ///< Product of the depth dimensions.
  int64_t value, paddedValue; ///< Product of the value dimensions.
  unsigned keyDim;            ///< The key dimension that is blocked.

  /// Where the task is, by dimension: batch and row dimensions once the task
  /// loop exists, outer key dimensions once their loops exist.
  SmallVector<OpFoldResult> offsets;
  /// Extent of the task in every row dimension, by dimension.
  SmallVector<OpFoldResult> extents;
  Value rowCount; ///< Rows that the task has, at least 1, at most row_block.
  std::shared_ptr<MaskAnalysis> mask;
  /// Of the innermost key dimension, the keys that the task has, when they are
  /// split over tasks.
  std::optional<OpFoldResult> splitBegin, splitEnd;
  /// Producers of keys and values that a remark was made about.
  llvm::SmallPtrSet<Operation *, 2> reported = {};

  /// Collects what is static; reports what cannot be tiled.
  static FailureOr<TileContext> get(OpBuilder &b, OnlineAttentionOp op);

  Value index(int64_t value);
  Value materialize(OpFoldResult value);
  Type tensorOf(ArrayRef<int64_t> sizes, Type element) {
    return RankedTensorType::get(sizes, element);
  }
  Value empty(ArrayRef<int64_t> sizes, Type element);
  Value fill(Value into, double value);

  /// The shape of `width` elements of every row in lanes: [panels, width,
  /// lanes], or with depth in lanes [panels, width / r, lanes, r].
  SmallVector<int64_t> getPackedShape(int64_t width);
  /// Maps of a state in lanes (acc, max, sum) over (panel, lane, value...).
  SmallVector<AffineMap> getStateMaps();

  /// The slice of `source`, which `map` describes, at `at` (by dimension):
  /// `kept` dimensions have their size in `keptSizes`, every other dimension
  /// one element, and is dropped from the type.
  Value extractAt(Value source, AffineMap map, ArrayRef<OpFoldResult> at,
                  ArrayRef<unsigned> kept, ArrayRef<OpFoldResult> keptSizes);
  /// Writes `tile`, of the shape that `extractAt` gives, back.
  Value insertAt(Value tile, Value into, AffineMap map,
                 ArrayRef<OpFoldResult> at, ArrayRef<unsigned> kept,
                 ArrayRef<OpFoldResult> keptSizes);
  /// The single element of `source` at `at`.
  Value elementAt(Value source, AffineMap map, ArrayRef<OpFoldResult> at);

  /// Copies `from`, whose dimensions are `fromDims`, into `to`, whose
  /// dimensions are `toDims` (a permutation), converting floats, times `scale`.
  Value copy(Value from, ArrayRef<unsigned> fromDims, Value to,
             ArrayRef<unsigned> toDims, double scale = 1.0);

  /// The dimensions `dims` in the order in which `map` has them.
  SmallVector<unsigned> inMapOrder(AffineMap map, ArrayRef<unsigned> dims);
  /// Static sizes of `dims`.
  SmallVector<int64_t> staticSizes(ArrayRef<unsigned> dims);
  SmallVector<OpFoldResult> sizesOf(ArrayRef<unsigned> dims);
};

/// The loop `for %i = 0 to `count` step 1` that carries one tensor.
Value buildCountedLoop(TileContext &tile, Value count, Value init,
                       function_ref<Value(Value iv, Value carried)> body);

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Positions (by dimension) of the row that lies in lane `x`; lanes beyond the
/// last row repeat it. `local` counts from the start of the task.
SmallVector<OpFoldResult> getRowPosition(TileContext &tile, Value x,
                                         bool local = false);

/// The rows of `source` (over `inner` dimensions and any rows) in lanes, as
/// `getPackedShape(padded)` says, of the compute type, times `scale`.
Value packRows(TileContext &tile, Value source, AffineMap map,
               ArrayRef<unsigned> inner, int64_t padded, double scale);

/// One scalar per row, from `get` at the row's position, as [panels, lanes].
Value packRowScalars(TileContext &tile, Type element,
                     function_ref<Value(ArrayRef<OpFoldResult> position)> get);

/// [row_block, width] to [panels, width, lanes].
Value rowsToLanes(TileContext &tile, Value rows);

/// The shape of `getPackedShape(width)` to [row_block, width].
Value lanesToRows(TileContext &tile, Value lanes);

/// Writes rows [row_block, padded] into the task's part `into` of a tensor that
/// `map` describes.
Value unpackRows(TileContext &tile, Value rows, Value into, AffineMap map,
                 ArrayRef<unsigned> inner);

/// Writes one scalar per row, [panels, lanes], into the task's part.
Value unpackRowScalars(TileContext &tile, Value scalars, Value into,
                       AffineMap map);

/// How many positions of every row dimension a task takes, in the order of the
/// row dimensions; at least 1 each, at most row_block rows together.
SmallVector<Value> getRowExtents(TileContext &tile);

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

/// What the regions see of the rows: packed once per task.
struct RowInputs {
  /// For each extra input of the op: its packed rows, or its scalar, or null
  /// when it depends on keys.
  SmallVector<Value> extras;
  /// For each row dimension whose index a region uses: its packed positions.
  SmallVector<std::pair<unsigned, Value>> positions;
};

/// Packs everything that depends on rows but not on keys.
RowInputs packRowInputs(TileContext &tile);

/// One block of keys, as the loops over keys hand it to the tile op.
struct KeyBlock {
  Value start;  ///< The first key.
  int64_t size; ///< Keys of the tile op.
  /// When set, keys from here on may lie in the block. They do not exist for
  /// the task: nothing of them is read, the last key before is repeated, and
  /// their scores are masked. At least one key of the block lies before.
  Value end;
  bool masked = false; ///< Whether the mask region is applied.

  bool isGuarded() const { return static_cast<bool>(end); }
};

/// Updates `state` (acc, max, sum) with a block of keys.
SmallVector<Value> buildKeyBlock(TileContext &tile, const RowInputs &rows,
                                 Value packedQuery, const KeyBlock &block,
                                 ValueRange state);

/// Updates `state` with all keys of the task that can be live.
SmallVector<Value> buildKeyLoops(TileContext &tile, const RowInputs &rows,
                                 Value packedQuery, ValueRange state);

//===----------------------------------------------------------------------===//
// Splits
//===----------------------------------------------------------------------===//

/// Uninitialised states (acc, max, sum) of `lines` tasks.
SmallVector<Value> makeSplitStates(TileContext &tile, OpFoldResult lines);

/// Makes `forall`, whose shared outputs are states of `makeSplitStates`, write
/// the state of its task.
void storeSplitState(TileContext &tile, scf::ForallOp forall, ValueRange state,
                     OpFoldResult line);

/// `initial` merged with the states of `splits` lines from `firstLine` on.
SmallVector<Value> mergeSplitStates(TileContext &tile, ValueRange states,
                                    OpFoldResult firstLine, OpFoldResult splits,
                                    ValueRange initial);

} // namespace mlir::mqa

#endif // MQA_LIB_DIALECT_MQA_TRANSFORMS_TILECONTEXT_H
