//===- KeyStream.h - what a loop over keys reads ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to the prefetching of keys and values. A key stream is the part of a
// buffer that one iteration of a loop over blocks of keys reads: some rows of
// some length, which start further along one dimension in every iteration.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_CPU_KEYSTREAM_H
#define MQA_LIB_CODEGEN_CPU_KEYSTREAM_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::mqa {

/// Bytes of a cache line.
constexpr int64_t kLineBytes = 64;

/// The block of a buffer that an iteration of a loop over keys reads.
struct KeyStream {
  /// A dimension that the block covers more than one element of.
  struct Dim {
    unsigned number;
    int64_t extent;
  };

  Value base;                  ///< Defined outside of the loop.
  AffineMap origin;            ///< First index in every dimension of `base`.
  SmallVector<Value> operands; ///< Of `origin`.
  unsigned keyDim;             ///< The one that the loop steps along.
  int64_t keys;                ///< By as much as this.
  SmallVector<Dim> dims;       ///< Outermost first; the last one is contiguous.

  int64_t getElementBytes() const;
  int64_t getLineElements() const { return kLineBytes / getElementBytes(); }
  int64_t getLinesPerRow() const {
    return llvm::divideCeil(dims.back().extent, getLineElements());
  }
  int64_t getLines() const;
  /// Whether the end of a row is known to be the begin of the next one.
  bool hasAdjacentRows() const;
  /// Bytes that all iterations read together, or none if that is dynamic.
  std::optional<int64_t> getTotalBytes() const;
};

/// The stream that `read`, somewhere inside of `keyLoop`, belongs to: its own
/// source, or what the scratch that it reads was filled from in this iteration.
std::optional<KeyStream> findKeyStream(Operation *read, scf::ForOp keyLoop);

/// The buffer below the views `memref`.
Value getBaseBuffer(Value memref);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_CPU_KEYSTREAM_H
