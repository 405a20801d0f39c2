//===- WarpgroupProducts.h - matrix products by wgmma ---------- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A warpgroup multiplies 64 rows at a time; accumulators lie in the registers
// of a lane as those of `mma.sync` do, each warp having 16 of the rows.
// Products are asynchronous: what they read and write must not be touched
// before `awaitProducts`, and their registers pass through it, so that nothing
// that uses them can be moved above it.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_CODEGEN_NVVM_WARPGROUPPRODUCTS_H
#define MQA_LIB_CODEGEN_NVVM_WARPGROUPPRODUCTS_H

#include "MmaFragments.h"
#include "SharedTile.h"

namespace mlir::mqa {

/// Rows of a product, and threads of a warpgroup.
constexpr int64_t kWarpgroupRows = 64;
constexpr int64_t kWarpgroupThreads = 128;

/// The descriptor of an operand in panels (PTX ISA, "Matrix descriptor format")
/// at `address`, a multiple of 1024 bytes. Its rows or, transposed, its lines
/// are 128 bytes with a swizzle.
Value getDescriptor(DeviceBuilder &b, const SharedTile &tile, Value address);
Value advanceDescriptor(DeviceBuilder &b, Value descriptor, int64_t bytes);

/// Orders ordinary writes to registers before the products that follow.
/// `registers`, of f32 or i32, pass through it: those that the products change
/// or read must be written before, constants too.
void fenceProducts(DeviceBuilder &b, MutableArrayRef<Value> registers);
/// Ends a group of products.
void commitProducts(DeviceBuilder &b);
/// Waits until at most `pending` groups are not complete; `registers` are
/// results of complete ones.
void awaitProducts(DeviceBuilder &b, int64_t pending,
                   MutableArrayRef<Value> registers);

/// A B^T, A and B in shared memory, 16 elements of each row from where the
/// descriptors point: `acc` has one value for each element of a lane of 64 x
/// `columns`, and is added to if it is not empty.
void multiplyShared(DeviceBuilder &b, Type element, Value a, Value bDescriptor,
                    int64_t columns, SmallVectorImpl<Value> &acc);
/// `acc` + A B, A in registers and B of 16 rows in shared memory.
void multiplyRegisters(DeviceBuilder &b, Type element, const Matrix &a,
                       Value bDescriptor, int64_t columns,
                       SmallVectorImpl<Value> &acc);

/// Keeps what `value`, which is never negative, is computed from above the next
/// wait: a store that never happens, which the assembler does not move. Without
/// it the exponentials sink below the wait and overlap with nothing.
void keepAboveWait(DeviceBuilder &b, Value value, Value shared);

} // namespace mlir::mqa

#endif // MQA_LIB_CODEGEN_NVVM_WARPGROUPPRODUCTS_H
