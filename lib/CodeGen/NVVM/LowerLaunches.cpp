//===- LowerLaunches.cpp - launches to calls of the runtime -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The status of a function is in a stack slot, which LLVM turns into a value:
// whatever control flow there is around the launches, the first error stays and
// nothing is launched after it.
//
//===----------------------------------------------------------------------===//

#include "BufferDescriptor.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
#include "mqa/CodeGen/NVVM/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_LOWERLAUNCHESPASS
#include "mqa/CodeGen/NVVM/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// What the module has of the runtime and of kernel images.
class RuntimeSymbols {
public:
  explicit RuntimeSymbols(ModuleOp module)
      : symbols(module), module(module), context(module.getContext()) {}

  /// The runtime function `name`, which returns a status.
  LLVM::LLVMFuncOp getFunction(StringRef name, ArrayRef<Type> arguments);
  /// The `mqa_cuda_kernel` of a kernel.
  FailureOr<LLVM::GlobalOp> getKernel(gpu::LaunchFuncOp launch);
  /// A NUL-terminated string.
  LLVM::GlobalOp getString(StringRef name, StringRef text);

private:
  SymbolTable symbols;
  ModuleOp module;
  MLIRContext *context;
  llvm::StringMap<LLVM::GlobalOp> strings;
};

/// Lowers one function.
class FunctionLowering {
public:
  FunctionLowering(func::FuncOp func, RuntimeSymbols &runtime)
      : func(func), runtime(runtime), b(func.getLoc(), func.getContext()) {
    pointer = LLVM::LLVMPointerType::get(func.getContext());
  }
  LogicalResult lower();

private:
  void addInterface();
  Value allocate(Type type, int64_t count);
  Value constant(int64_t value) {
    return LLVM::ConstantOp::create(b, b.getI64Type(),
                                    b.getI64IntegerAttr(value));
  }
  Value toI64(Value value);
  void ifWell(function_ref<Value()> call);
  LogicalResult lowerLaunch(gpu::LaunchFuncOp launch);
  LogicalResult lowerAlloc(memref::AllocOp alloc);
  void lowerDealloc(memref::DeallocOp dealloc);
  void emitFree(Value address);
  void lowerAssert(cf::AssertOp assertion);

  func::FuncOp func;
  RuntimeSymbols &runtime;
  ImplicitLocOpBuilder b;
  Type pointer;
  Value stream, status;
};

} // namespace

LLVM::LLVMFuncOp RuntimeSymbols::getFunction(StringRef name,
                                             ArrayRef<Type> arguments) {
  if (auto found = symbols.lookup<LLVM::LLVMFuncOp>(name))
    return found;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  auto type = LLVM::LLVMFunctionType::get(b.getI32Type(), arguments);
  auto function = LLVM::LLVMFuncOp::create(b, module.getLoc(), name, type);
  symbols.insert(function);
  return function;
}

LLVM::GlobalOp RuntimeSymbols::getString(StringRef name, StringRef text) {
  LLVM::GlobalOp &global = strings[text];
  if (global)
    return global;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  std::string bytes = text.str();
  bytes.push_back('\0');
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
  global = LLVM::GlobalOp::create(b, module.getLoc(), type, /*isConstant=*/true,
                                  LLVM::Linkage::Internal, name,
                                  b.getStringAttr(bytes), /*alignment=*/16);
  symbols.insert(global);
  return global;
}

/// The one object of a binary: all kernels for one chip.
static FailureOr<StringRef> getImage(gpu::LaunchFuncOp launch,
                                     gpu::BinaryOp binary) {
  if (!binary || binary.getObjects().size() != 1) {
    launch.emitOpError("expected its kernel as a gpu.binary with one object "
                       "(run gpu-module-to-binary), got ")
        << (binary ? "several" : "none");
    return failure();
  }
  return cast<gpu::ObjectAttr>(binary.getObjects()[0]).getObject().getValue();
}

FailureOr<LLVM::GlobalOp> RuntimeSymbols::getKernel(gpu::LaunchFuncOp launch) {
  StringRef moduleName = launch.getKernelModuleName();
  StringRef kernelName = launch.getKernelName();
  std::string name = (moduleName + "_" + kernelName).str();
  if (auto found = symbols.lookup<LLVM::GlobalOp>(name))
    return found;
  auto binary = symbols.lookup<gpu::BinaryOp>(moduleName);
  FailureOr<StringRef> bytes = getImage(launch, binary);
  if (failed(bytes))
    return failure();
  LLVM::GlobalOp image = getString((moduleName + "_image").str(), *bytes);
  LLVM::GlobalOp text = getString(name + "_name", kernelName);
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  b.setInsertionPointAfter(image);
  Location loc = launch.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(context), i64 = b.getI64Type();
  auto type = LLVM::LLVMStructType::getLiteral(
      context, {pointer, i64, pointer, pointer});
  auto global = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/false,
                                       LLVM::Linkage::Internal, name,
                                       Attribute(), /*alignment=*/16);
  b.createBlock(&global.getInitializerRegion());
  Value fields[] = {
      LLVM::AddressOfOp::create(b, loc, image),
      LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(bytes->size())),
      LLVM::AddressOfOp::create(b, loc, text),
      LLVM::ZeroOp::create(b, loc, pointer)};
  Value record = LLVM::PoisonOp::create(b, loc, type);
  for (auto [number, field] : llvm::enumerate(fields))
    record = LLVM::InsertValueOp::create(b, loc, record, field, number);
  LLVM::ReturnOp::create(b, loc, record);
  symbols.insert(global);
  return global;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// The stream becomes the last argument, the status the last result.
void FunctionLowering::addInterface() {
  Block &entry = func.getBody().front();
  stream = entry.addArgument(pointer, func.getLoc());
  b.setInsertionPointToStart(&entry);
  status = allocate(b.getI32Type(), 1);
  LLVM::StoreOp::create(
      b, LLVM::ConstantOp::create(b, b.getI32Type(), b.getI32IntegerAttr(0)),
      status);
  SmallVector<Type> results(func.getResultTypes());
  results.push_back(b.getI32Type());
  func.removeArgAttrsAttr();
  func.removeResAttrsAttr();
  func.setType(b.getFunctionType(entry.getArgumentTypes(), results));
  func.walk([&](func::ReturnOp op) {
    b.setInsertionPoint(op);
    op->insertOperands(op->getNumOperands(), ValueRange(LLVM::LoadOp::create(
                                                 b, b.getI32Type(), status)));
  });
}

/// A stack slot of the function; created at its entry, so that loops do not
/// grow the stack.
Value FunctionLowering::allocate(Type type, int64_t count) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&func.getBody().front());
  return LLVM::AllocaOp::create(b, pointer, type, constant(count));
}

Value FunctionLowering::toI64(Value value) {
  if (value.getType().isInteger(64))
    return value;
  if (value.getType().isIndex())
    return arith::IndexCastOp::create(b, b.getI64Type(), value);
  return arith::ExtUIOp::create(b, b.getI64Type(), value);
}

/// Makes a call that returns a status, unless something failed before.
void FunctionLowering::ifWell(function_ref<Value()> call) {
  Value current = LLVM::LoadOp::create(b, b.getI32Type(), status);
  Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
  Value isWell =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, current, zero);
  auto branch = scf::IfOp::create(b, isWell, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  LLVM::StoreOp::create(b, call(), status);
}

LogicalResult FunctionLowering::lowerLaunch(gpu::LaunchFuncOp launch) {
  FailureOr<LLVM::GlobalOp> kernel = runtime.getKernel(launch);
  if (failed(kernel))
    return failure();
  b.setLoc(launch.getLoc());
  b.setInsertionPoint(launch);
  OperandRange operands = launch.getKernelOperands();
  Value parameters = allocate(pointer, std::max<size_t>(operands.size(), 1));
  for (auto [number, operand] : llvm::enumerate(operands)) {
    Value slot = allocate(operand.getType(), 1);
    LLVM::StoreOp::create(b, operand, slot);
    Value place = LLVM::GEPOp::create(
        b, pointer, pointer, parameters,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(number)});
    LLVM::StoreOp::create(b, slot, place);
  }
  Type i64 = b.getI64Type();
  LLVM::LLVMFuncOp function = runtime.getFunction(
      "mqa_cuda_launch", {pointer, i64, i64, i64, i64, i64, pointer, pointer});
  ifWell([&]() -> Value {
    Value bytes = launch.getDynamicSharedMemorySize();
    return LLVM::CallOp::create(
               b, function,
               ValueRange{
                   LLVM::AddressOfOp::create(b, *kernel),
                   toI64(launch.getGridSizeX()), toI64(launch.getGridSizeY()),
                   toI64(launch.getGridSizeZ()), toI64(launch.getBlockSizeX()),
                   bytes ? toI64(bytes) : constant(0), stream, parameters})
        .getResult();
  });
  launch.erase();
  return success();
}

/// Who has a buffer when the block that allocates it ends.
enum class Owner { Block, Caller, Unknown };

static Owner getOwner(Value buffer) {
  Owner owner = Owner::Block;
  for (Operation *user : buffer.getUsers()) {
    if (isa<memref::DeallocOp>(user))
      return Owner::Caller;
    if (isa<func::ReturnOp>(user))
      owner = Owner::Caller;
    else if (user->hasTrait<OpTrait::IsTerminator>())
      return Owner::Unknown;
    for (Value result : user->getResults())
      if (isa<BaseMemRefType>(result.getType()))
        if (Owner other = getOwner(result); other != Owner::Block)
          owner = other;
  }
  return owner;
}

LogicalResult FunctionLowering::lowerAlloc(memref::AllocOp alloc) {
  Owner owner = getOwner(alloc);
  if (owner == Owner::Unknown)
    return alloc.emitOpError("not yet on a GPU: expected a buffer that does "
                             "not leave its block, but for a result");
  b.setLoc(alloc.getLoc());
  b.setInsertionPoint(alloc);
  MemRefType type = alloc.getType();
  SmallVector<Value> sizes, strides(type.getRank());
  auto dynamic = alloc.getDynamicSizes().begin();
  for (int64_t size : type.getShape())
    sizes.push_back(ShapedType::isDynamic(size) ? toI64(*dynamic++)
                                                : constant(size));
  Value count = constant(1);
  for (int64_t dim = type.getRank(); dim-- > 0;) {
    strides[dim] = count;
    count = LLVM::MulOp::create(b, count, sizes[dim]);
  }
  unsigned bits =
      type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
  Value bytes =
      LLVM::MulOp::create(b, count, constant(llvm::divideCeil(bits, 8u)));
  Value slot = allocate(pointer, 1);
  LLVM::StoreOp::create(b, LLVM::ZeroOp::create(b, pointer), slot);
  LLVM::LLVMFuncOp function =
      runtime.getFunction("mqa_cuda_alloc", {pointer, b.getI64Type(), pointer});
  ifWell([&]() -> Value {
    return LLVM::CallOp::create(b, function, ValueRange{slot, bytes, stream})
        .getResult();
  });
  Value address = LLVM::LoadOp::create(b, pointer, slot);
  Value buffer = emitBufferDescriptor(b, type, address, sizes, strides);
  alloc.replaceAllUsesWith(buffer);
  if (owner == Owner::Block) {
    b.setInsertionPoint(alloc->getBlock()->getTerminator());
    emitFree(address);
  }
  alloc.erase();
  return success();
}

/// Also after an error, which stays.
void FunctionLowering::emitFree(Value address) {
  LLVM::LLVMFuncOp function =
      runtime.getFunction("mqa_cuda_free", {pointer, pointer});
  Value result = LLVM::CallOp::create(b, function, ValueRange{address, stream})
                     .getResult();
  ifWell([&] { return result; });
}

void FunctionLowering::lowerDealloc(memref::DeallocOp dealloc) {
  b.setLoc(dealloc.getLoc());
  b.setInsertionPoint(dealloc);
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(b, dealloc.getMemref());
  emitFree(LLVM::IntToPtrOp::create(b, pointer, toI64(address)));
  dealloc.erase();
}

void FunctionLowering::lowerAssert(cf::AssertOp assertion) {
  b.setLoc(assertion.getLoc());
  b.setInsertionPoint(assertion);
  LLVM::GlobalOp text = runtime.getString("mqa_message", assertion.getMsg());
  LLVM::LLVMFuncOp function = runtime.getFunction("mqa_cuda_fail", {pointer});
  ifWell([&]() -> Value {
    auto branch = scf::IfOp::create(
        b, assertion.getArg(),
        [](OpBuilder &b, Location loc) {
          Value well =
              arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
          scf::YieldOp::create(b, loc, well);
        },
        [&](OpBuilder &b, Location loc) {
          Value message = LLVM::AddressOfOp::create(b, loc, text);
          Value failed =
              LLVM::CallOp::create(b, loc, function, message).getResult();
          scf::YieldOp::create(b, loc, failed);
        });
    return branch.getResult(0);
  });
  assertion.erase();
}

LogicalResult FunctionLowering::lower() {
  addInterface();
  SmallVector<Operation *> ops;
  func.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op)) {
      if (failed(lowerLaunch(launch)))
        return failure();
    } else if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      if (failed(lowerAlloc(alloc)))
        return failure();
    } else if (auto dealloc = dyn_cast<memref::DeallocOp>(op)) {
      lowerDealloc(dealloc);
    } else if (auto assertion = dyn_cast<cf::AssertOp>(op)) {
      lowerAssert(assertion);
    }
  }
  return success();
}

namespace {
struct LowerLaunchesPass final
    : mqa::impl::LowerLaunchesPassBase<LowerLaunchesPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    RuntimeSymbols runtime(module);
    SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
    for (func::FuncOp func : functions)
      if (!func.isExternal() && failed(FunctionLowering(func, runtime).lower()))
        return signalPassFailure();
    for (auto binary :
         llvm::make_early_inc_range(module.getOps<gpu::BinaryOp>()))
      binary.erase();
    module->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};
} // namespace
