//===- ConvertMQAToNVGPU.cpp - attention to kernels -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that a kernel cannot do is refused here, with the op's place, so
// that what comes later cannot fail.
//
//===----------------------------------------------------------------------===//

#include "KernelFill.h"
#include "KernelMma.h"
#include "KernelWgmma.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mqa/CodeGen/NVVM/Passes.h"
#include "mqa/Dialect/MQA/Utils/IterationSizes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_CONVERTMQATONVGPUPASS
#include "mqa/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

//===----------------------------------------------------------------------===//
// What kernels can do
//===----------------------------------------------------------------------===//

static LogicalResult checkTypes(AttentionOp op) {
  if (!op.hasPureBufferSemantics())
    return op.emitOpError("expected memref operands, got tensors");
  Type element = getElementTypeOrSelf(op.getQuery().getType());
  if (!element.isF16() && !element.isBF16())
    return op.emitOpError("expected f16 or bf16 queries on a GPU, got ")
           << element;
  for (Value operand : {op.getKey(), op.getValue()})
    if (Type other = getElementTypeOrSelf(operand.getType()); other != element)
      return op.emitOpError("expected queries, keys and values of one element "
                            "type on a GPU, got ")
             << element << " and " << other;
  Type output = getElementTypeOrSelf(op.getOutput().getType());
  if (output.isF64())
    return op.emitOpError("expected an f16, bf16 or f32 output on a GPU, got ")
           << output;
  return success();
}

static LogicalResult checkShape(AttentionOp op) {
  AttentionShape shape = op.getShape();
  for (DimRole role : {DimRole::Depth, DimRole::Value, DimRole::Key})
    if (size_t count = shape.getDims(role).size(); count != 1)
      return op.emitOpError("not yet on a GPU: expected one ")
             << stringifyDimRole(role) << " dimension, got " << count;
  OpBuilder b(op);
  SmallVector<OpFoldResult> sizes =
      getIterationSizes(b, op, op.getIndexingMapsArray());
  for (DimRole role : {DimRole::Depth, DimRole::Value}) {
    std::optional<int64_t> size =
        getConstantIntValue(sizes[shape.getDims(role).back()]);
    if (!size || *size < 1 || *size > 256)
      return op.emitOpError("expected a ")
             << stringifyDimRole(role) << " size of 1 to 256 on a GPU, got "
             << (size ? Twine(*size) : Twine("a dynamic one"));
  }
  return success();
}

static FailureOr<GpuScheduleAttr> getSchedule(AttentionOp op) {
  auto schedule = op->getAttrOfType<GpuScheduleAttr>("mqa.gpu_schedule");
  if (!schedule)
    return op.emitOpError("expected attribute 'mqa.gpu_schedule' (run "
                          "mqa-select-gpu-schedule), got none");
  return schedule;
}

/// Nothing but attention, and what folding makes of it, may touch the contents
/// of buffers: they are in device memory.
static LogicalResult checkHostOps(func::FuncOp func) {
  WalkResult result = func.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<AttentionOp>(op))
      return WalkResult::skip();
    if (auto fill = dyn_cast<linalg::FillOp>(op); fill && isFillOfBuffer(fill))
      return WalkResult::skip();
    auto onBuffers = [](Type type) { return isa<BaseMemRefType>(type); };
    if (llvm::none_of(op->getOperandTypes(), onBuffers) ||
        isa<memref::DeallocOp>(op) || op->hasTrait<OpTrait::IsTerminator>() ||
        isMemoryEffectFree(op))
      return WalkResult::advance();
    op->emitOpError("not yet on a GPU: expected attention alone to read and "
                    "write buffers");
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

namespace {
/// Emits the kernels of one op, and what the host does.
class AttentionLowering {
public:
  AttentionLowering(AttentionOp op, GpuScheduleAttr schedule,
                    KernelFactory &factory)
      : op(op), schedule(schedule), factory(factory), interface(op),
        host(op.getLoc(), op) {}

  LogicalResult lower();

private:
  using EmitBody = function_ref<void(AttentionKernel &, const SplitBuffers &)>;
  Kernel createKernel(StringRef name, KernelShape shape, EmitBody emit);
  void checkAlignment();
  Value getWorkspace(OpFoldResult lines, int64_t width);
  void launchWithSplits(const TaskGrid &grid, const Kernel &main, Value blocks);

  AttentionOp op;
  GpuScheduleAttr schedule;
  KernelFactory &factory;
  KernelInterface interface;
  ImplicitLocOpBuilder host;
};
} // namespace

/// A kernel with the parameters of the interface, and two more with splits.
Kernel AttentionLowering::createKernel(StringRef name, KernelShape shape,
                                       EmitBody emit) {
  bool hasSplits = schedule.getSplitKeys() != 0;
  SmallVector<Type> types(interface.getTypes());
  if (hasSplits)
    types.append(2, LLVM::LLVMPointerType::get(op.getContext(), GlobalSpace));
  return factory.create(
      op.getLoc(), name, types, shape,
      [&](DeviceBuilder &b, ValueRange arguments) {
        SplitBuffers splits;
        if (hasSplits) {
          splits = {arguments[arguments.size() - 2], arguments.back()};
          arguments = arguments.drop_back(2);
        }
        AttentionKernel kernel(b, interface, arguments, schedule);
        emit(kernel, splits);
        kernel.op.erase();
      });
}

//===----------------------------------------------------------------------===//
// The host
//===----------------------------------------------------------------------===//

/// Checks the addresses of buffers that are read or written in wider pieces
/// than their elements.
void AttentionLowering::checkAlignment() {
  AttentionShape shape = op.getShape();
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  auto check = [&](OpOperand &operand, DimRole inner, StringRef name,
                   int64_t most) {
    auto type = cast<MemRefType>(operand.get().getType());
    int64_t bytes =
        std::min(most, getPieceBytes(type, maps[operand.getOperandNumber()],
                                     shape.getDims(inner).back()));
    if (bytes <= type.getElementTypeBitWidth() / 8)
      return;
    Value address = emitAddress(host, host.getLoc(), operand.get());
    Value low = arith::AndIOp::create(
        host, address,
        arith::ConstantOp::create(host, host.getI64IntegerAttr(bytes - 1)));
    Value isAligned = arith::CmpIOp::create(
        host, arith::CmpIPredicate::eq, low,
        arith::ConstantOp::create(host, host.getI64IntegerAttr(0)));
    cf::AssertOp::create(host, isAligned,
                         ("expected " + name + " aligned to " + Twine(bytes) +
                          " bytes, got another address")
                             .str());
  };
  check(op.getQueryMutable(), DimRole::Depth, "query", 16);
  check(op.getKeyMutable(), DimRole::Depth, "key", 16);
  check(op.getValueMutable(), DimRole::Value, "value", 16);
  Type output = getElementTypeOrSelf(op.getOutput().getType());
  check(op.getOutputMutable(), DimRole::Value, "output",
        output.getIntOrFloatBitWidth() / 4);
}

Value AttentionLowering::getWorkspace(OpFoldResult lines, int64_t width) {
  OpFoldResult size =
      multiply(host, host.getLoc(), lines, host.getIndexAttr(width));
  auto type = MemRefType::get({ShapedType::kDynamic}, host.getF32Type());
  return memref::AllocOp::create(
      host, type,
      ValueRange{getValueOrCreateConstantIndexOp(host, host.getLoc(), size)});
}

/// One launch leaves the state of every split in a workspace, the next one
/// combines them.
void AttentionLowering::launchWithSplits(const TaskGrid &grid,
                                         const Kernel &main, Value blocks) {
  Location loc = host.getLoc();
  Kernel combine =
      createKernel("combine", {32 * kCombineWarps},
                   [](AttentionKernel &kernel, const SplitBuffers &splits) {
                     emitCombineKernel(kernel, splits);
                   });
  OpFoldResult rows = multiply(host, loc, OpFoldResult(blocks),
                               host.getIndexAttr(schedule.getRowBlock()));
  OpFoldResult lines = multiply(host, loc, rows, grid.numSplits);
  SmallVector<OpFoldResult> sizes =
      getIterationSizes(host, op, op.getIndexingMapsArray());
  unsigned valueDim = op.getShape().getDims(DimRole::Value).back();
  SmallVector<Value> arguments = interface.emitArguments(host);
  Type pointer = LLVM::LLVMPointerType::get(op.getContext(), GlobalSpace);
  for (int64_t width : {*getConstantIntValue(sizes[valueDim]), int64_t(1)})
    arguments.push_back(LLVM::IntToPtrOp::create(
        host, pointer, emitAddress(host, loc, getWorkspace(lines, width))));
  factory.launch(host, main, blocks,
                 getValueOrCreateConstantIndexOp(host, loc, grid.numSplits),
                 arguments);
  int64_t blocksPerBox = schedule.getRowBlock() / kCombineWarps;
  Value blocksOfRows = arith::MulIOp::create(
      host, blocks, arith::ConstantIndexOp::create(host, blocksPerBox));
  factory.launch(host, combine, blocksOfRows,
                 arith::ConstantIndexOp::create(host, 1), arguments);
}

LogicalResult AttentionLowering::lower() {
  LogicalResult analysed = success();
  bool usesWarpgroups = schedule.getKernel() == "wgmma";
  Kernel main = createKernel(
      "kernel",
      usesWarpgroups ? getWgmmaKernelShape(op, schedule)
                     : getMmaKernelShape(op, schedule),
      [&](AttentionKernel &kernel, const SplitBuffers &splits) {
        auto *emit = usesWarpgroups ? emitWgmmaKernel : emitMmaKernel;
        analysed = emit(kernel, factory.getShared(kernel.b), splits);
      });
  if (failed(analysed))
    return op.emitOpError("the mask could not be analysed");
  host.setInsertionPoint(op);
  checkAlignment();
  Location loc = host.getLoc();
  TaskGrid grid = TaskGrid::get(
      host, loc, op.getShape(),
      getIterationSizes(host, op, op.getIndexingMapsArray()), schedule);
  Value blocks = getValueOrCreateConstantIndexOp(
      host, loc, multiply(host, loc, grid.numBatches, grid.numBoxes));
  if (schedule.getSplitKeys() != 0)
    launchWithSplits(grid, main, blocks);
  else
    factory.launch(host, main, blocks, arith::ConstantIndexOp::create(host, 1),
                   interface.emitArguments(host));
  op.erase();
  return success();
}

namespace {
struct ConvertMQAToNVGPUPass final
    : mqa::impl::ConvertMQAToNVGPUPassBase<ConvertMQAToNVGPUPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    kernels = nullptr;
    SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
    for (func::FuncOp func : functions)
      if (failed(lower(func)))
        return signalPassFailure();
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    UnitAttr::get(&getContext()));
  }

private:
  LogicalResult lower(func::FuncOp func) {
    if (func.isExternal())
      return success();
    if (failed(checkHostOps(func)))
      return failure();
    SmallVector<AttentionOp> ops;
    SmallVector<linalg::FillOp> fills;
    func.walk([&](AttentionOp op) { ops.push_back(op); });
    func.walk([&](linalg::FillOp op) { fills.push_back(op); });
    if (ops.empty() && fills.empty())
      return success();
    if (!kernels) {
      OpBuilder b(func);
      b.setInsertionPointToEnd(getOperation().getBody());
      kernels = gpu::GPUModuleOp::create(b, func.getLoc(), "kernels");
      SymbolTable(getOperation()).insert(kernels);
    }
    KernelFactory factory(kernels, func.getSymName());
    for (linalg::FillOp op : fills)
      lowerFill(op, factory);
    for (AttentionOp op : ops) {
      FailureOr<GpuScheduleAttr> schedule = getSchedule(op);
      if (failed(checkTypes(op)) || failed(checkShape(op)) ||
          failed(schedule) ||
          failed(AttentionLowering(op, *schedule, factory).lower()))
        return failure();
    }
    return success();
  }

  gpu::GPUModuleOp kernels; ///< Of all functions: one image.
};
} // namespace
