//===- TileSources.h - what keys and values are read from -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keys and values need not lie in memory as the attention sees them: they may
// be pages of a pool, and the result of elementwise ops on tensors (a
// dequantisation). A `KeySource` is that expression, over the tensors that it
// starts from, its leaves; blocks of keys are computed from blocks of these.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_DIALECT_MQA_TRANSFORMS_TILESOURCES_H
#define MQA_LIB_DIALECT_MQA_TRANSFORMS_TILESOURCES_H

#include "TileContext.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::mqa {

class KeySource {
public:
  /// The expression of `value`, which `map` describes; of the dimensions
  /// `inner` and of the blocked keys, ranges are read, of the others single
  /// positions. An elementwise op that is not looked through gets a remark.
  static KeySource get(TileContext &tile, Value value, AffineMap map,
                       ArrayRef<unsigned> inner);

  /// Whether reading is a slice of one tensor.
  bool isSlice() const { return nodes.back().op == nullptr; }
  /// Of a block of `size` keys from `start` on, how many can be read at a time:
  /// a divisor of `size`. It is smaller where the block may cross pages.
  int64_t getRun(Value start, int64_t size);

  /// The slice of `count` keys, as [key, inner...] in the order of memory.
  Value slice(ArrayRef<OpFoldResult> position, int64_t count);
  /// Computes `count` keys at `position` into `into` [key, inner...], with the
  /// element type of `into`.
  Value copy(ArrayRef<OpFoldResult> position, int64_t count, Value into);

private:
  /// A tensor in memory.
  struct Leaf {
    Value tensor;
    AffineMap map;     ///< Over the space of the attention, then page, slot.
    PagedViewOp view;  ///< Set if the tensor is the pool of a view.
    AffineMap viewMap; ///< Of the view, over the space of the attention.
  };
  /// An elementwise op, or a leaf.
  struct Node {
    linalg::LinalgOp op;
    unsigned result = 0;           ///< The result of `op` that is meant.
    SmallVector<int64_t> operands; ///< Nodes of the inputs; -1: a scalar.
    unsigned leaf = 0;
  };

  KeySource(TileContext &tile, ArrayRef<unsigned> inner)
      : tile(tile), inner(inner) {}
  int64_t addNode(Value value, AffineMap map);
  int64_t addLeaf(Leaf leaf);
  bool canReadThrough(PagedViewOp view, AffineMap map);
  /// The dimension whose range of keys a leaf is read over.
  unsigned getKeyDim(const Leaf &leaf);
  SmallVector<unsigned> getKept(const Leaf &leaf);
  SmallVector<OpFoldResult> resolve(const Leaf &leaf,
                                    ArrayRef<OpFoldResult> position);
  Value sliceLeaf(const Leaf &leaf, ArrayRef<OpFoldResult> position,
                  int64_t count);
  Value emit(OpBuilder &b, const Node &node, ArrayRef<Value> elements);

  TileContext &tile;
  SmallVector<unsigned> inner;
  SmallVector<Leaf> leaves;
  SmallVector<Node> nodes; ///< Operands first.
};

} // namespace mlir::mqa

#endif // MQA_LIB_DIALECT_MQA_TRANSFORMS_TILESOURCES_H
