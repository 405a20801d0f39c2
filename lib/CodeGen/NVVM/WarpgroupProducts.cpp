//===- WarpgroupProducts.cpp - matrix products by wgmma -------- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpgroupProducts.h"
#include "TransactionBarriers.h"

using namespace mlir;
using namespace mlir::mqa;

/// Inline assembly whose first operands are registers that it changes, in
/// place; `$N` on are `others`, with `constraints`.
static void assemble(DeviceBuilder &b, StringRef text,
                     MutableArrayRef<Value> registers, bool areRead,
                     ValueRange others, StringRef constraints) {
  std::string all;
  SmallVector<Type> types;
  for (Value value : registers) {
    types.push_back(value ? value.getType() : b.getF32Type());
    all += types.back().isF32() ? "=f," : "=r,";
  }
  all += constraints;
  SmallVector<Value> operands(others);
  for (size_t i = 0; areRead && i < registers.size(); ++i) {
    all += (all.empty() || all.back() == ',' ? "" : ",") + std::to_string(i);
    operands.push_back(registers[i]);
  }
  if (!all.empty() && all.back() == ',')
    all.pop_back();
  Type result = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  auto op = LLVM::InlineAsmOp::create(
      b, TypeRange(result), operands, text, all, /*has_side_effects=*/true,
      /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr(), ArrayAttr());
  for (auto [i, value] : llvm::enumerate(registers))
    value = LLVM::ExtractValueOp::create(b, op.getResult(0), i);
}

Value mlir::mqa::getDescriptor(DeviceBuilder &b, const SharedTile &tile,
                               Value address) {
  // Addresses and distances are in 16 bytes; groups of eight lines follow each
  // other, and the leading distance is that of panels.
  constexpr uint64_t swizzle128 = uint64_t(1) << 62;
  uint64_t constant = swizzle128 | uint64_t(8 * kLineBytes >> 4) << 32 |
                      uint64_t(tile.getPanelBytes() >> 4 & 0x3fff) << 16;
  Value place = LLVM::PtrToIntOp::create(b, b.getI32Type(), address);
  place = b.bitAnd(b.div(place, 16), 0x3fff);
  return arith::OrIOp::create(b, b.toI64(place),
                              b.i64(static_cast<int64_t>(constant)));
}

Value mlir::mqa::advanceDescriptor(DeviceBuilder &b, Value descriptor,
                                   int64_t bytes) {
  return bytes == 0 ? descriptor : b.add(descriptor, bytes / 16);
}

void mlir::mqa::fenceProducts(DeviceBuilder &b,
                              MutableArrayRef<Value> registers) {
  if (registers.empty()) {
    NVVM::WgmmaFenceAlignedOp::create(b);
    return;
  }
  assemble(b, "wgmma.fence.sync.aligned;", registers, /*areRead=*/true, {}, "");
}
void mlir::mqa::commitProducts(DeviceBuilder &b) {
  NVVM::WgmmaGroupSyncAlignedOp::create(b);
}

void mlir::mqa::awaitProducts(DeviceBuilder &b, int64_t pending,
                              MutableArrayRef<Value> registers) {
  assemble(b, "wgmma.wait_group.sync.aligned " + std::to_string(pending) + ";",
           registers, /*areRead=*/true, {}, "");
}

/// "{$first,...}", `count` operands.
static std::string listOperands(int64_t first, int64_t count) {
  std::string text = "{";
  for (int64_t i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(first + i);
  return text + "}";
}

static std::string getOpcode(Type element, int64_t columns) {
  std::string type = element.isF16() ? "f16" : "bf16";
  return "wgmma.mma_async.sync.aligned.m64n" + std::to_string(columns) +
         "k16.f32." + type + "." + type + " ";
}

void mlir::mqa::multiplyShared(DeviceBuilder &b, Type element, Value a,
                               Value bDescriptor, int64_t columns,
                               SmallVectorImpl<Value> &acc) {
  int64_t count = columns / 2;
  bool adds = !acc.empty();
  acc.resize(count);
  std::string text = getOpcode(element, columns) + listOperands(0, count) +
                     ", $" + std::to_string(count) + ", $" +
                     std::to_string(count + 1) + (adds ? ", 1" : ", 0") +
                     ", 1, 1, 0, 0;";
  assemble(b, text, acc, adds, {a, bDescriptor}, "l,l");
}

void mlir::mqa::multiplyRegisters(DeviceBuilder &b, Type element,
                                  const Matrix &a, Value bDescriptor,
                                  int64_t columns,
                                  SmallVectorImpl<Value> &acc) {
  int64_t count = columns / 2;
  std::string text = getOpcode(element, columns) + listOperands(0, count) +
                     ", " + listOperands(count, 4) + ", $" +
                     std::to_string(count + 4) + ", 1, 1, 1, 1;";
  assemble(b, text, acc, /*areRead=*/true,
           {a[0], a[1], a[2], a[3], bDescriptor}, "r,r,r,r,l");
}

void mlir::mqa::keepAboveWait(DeviceBuilder &b, Value value, Value shared) {
  Value address = LLVM::PtrToIntOp::create(b, b.getI32Type(), shared);
  emitAssembly(b,
               "{ .reg .pred p; setp.lt.f32 p, $0, 0f00000000; "
               "@p st.volatile.shared.f32 [$1], $0; }",
               "f,r", {value, address});
}
