//===- PlaceScratch.cpp - scratch of tasks on the stack ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mqa/CodeGen/CPU/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_PLACESCRATCHPASS
#include "mqa/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

/// A cache line, and the widest vector.
static constexpr int64_t kAlignment = 64;
/// Bytes of the stack that one task uses at most for its scratch.
static constexpr int64_t kStackLimit = 1024 * 1024;
/// Bytes of an allocation outside of a task that may go to the stack.
static constexpr int64_t kFunctionLimit = 128 * 1024;

/// Whether `buffer` or a view of it leaves its block: as a value that a loop
/// carries, or into something that may keep it.
static bool escapes(Value buffer) {
  for (Operation *user : buffer.getUsers()) {
    if (user->hasTrait<OpTrait::IsTerminator>())
      return true;
    if (isa<scf::ForOp, CallOpInterface>(user))
      return true;
    if (isa<ViewLikeOpInterface>(user))
      for (Value result : user->getResults())
        if (escapes(result))
          return true;
  }
  return false;
}

/// Bytes of a static memref type, at least 1 per element.
static int64_t getBytes(MemRefType type) {
  Type element = type.getElementType();
  int64_t width =
      element.isIntOrFloat() ? (element.getIntOrFloatBitWidth() + 7) / 8 : 8;
  return type.getNumElements() * width;
}

namespace {
struct PlaceScratchPass final
    : mqa::impl::PlaceScratchPassBase<PlaceScratchPass> {
  using Base::Base;

  void runOnOperation() override {
    SmallVector<memref::AllocOp> allocs;
    getOperation()->walk([&](memref::AllocOp alloc) {
      if (alloc.getType().hasStaticShape() &&
          alloc.getType().getLayout().isIdentity() && !escapes(alloc))
        allocs.push_back(alloc);
    });
    // Small buffers first: they are used most. Each is put at the start of its
    // block, so the last one comes first.
    llvm::stable_sort(allocs, [](memref::AllocOp lhs, memref::AllocOp rhs) {
      return getBytes(lhs.getType()) < getBytes(rhs.getType());
    });
    DenseMap<Block *, int64_t> used;
    for (memref::AllocOp alloc : allocs)
      place(alloc, used);
  }

private:
  /// The block that is entered once per task. A single task may have lost its
  /// loop; then it is the function's, which may hold other tensors too.
  static Block *getTaskBlock(memref::AllocOp alloc) {
    for (Operation *parent = alloc->getParentOp(); parent;
         parent = parent->getParentOp()) {
      if (isa<scf::ForallOp>(parent) && parent->hasAttr(kTasksAttr))
        return cast<scf::ForallOp>(parent).getBody();
      if (auto func = dyn_cast<func::FuncOp>(parent))
        return &func.getBody().front();
    }
    return nullptr;
  }

  static void place(memref::AllocOp alloc, DenseMap<Block *, int64_t> &used) {
    Block *block = getTaskBlock(alloc);
    if (!block)
      return;
    int64_t bytes = llvm::alignTo(getBytes(alloc.getType()), kAlignment);
    bool isTask = isa<scf::ForallOp>(block->getParentOp());
    if (!isTask && bytes > kFunctionLimit)
      return;
    IRRewriter rewriter(alloc->getContext());
    rewriter.setInsertionPointToStart(block);
    Location loc = alloc.getLoc();
    IntegerAttr alignment = rewriter.getI64IntegerAttr(kAlignment);
    Value scratch;
    if (used[block] + bytes <= kStackLimit) {
      used[block] += bytes;
      scratch =
          memref::AllocaOp::create(rewriter, loc, alloc.getType(), alignment);
    } else {
      scratch =
          memref::AllocOp::create(rewriter, loc, alloc.getType(), alignment);
    }
    for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
      if (isa<memref::DeallocOp>(user))
        rewriter.eraseOp(user);
    rewriter.replaceOp(alloc, scratch);
  }
};
} // namespace
