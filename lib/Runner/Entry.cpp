//===- Entry.cpp - what a function takes and gives --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Entry.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mqa/CodeGen/CPU/EntryABI.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace mlir::mqa;

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Describes one type; `what` names it in the error.
static llvm::Expected<EntryValue> describe(Type type, const Twine &what) {
  EntryValue value;
  auto shaped = dyn_cast<ShapedType>(type);
  std::optional<ElementKind> kind =
      getElementKind(shaped ? shaped.getElementType() : type);
  bool ranked = isa<RankedTensorType, MemRefType>(type);
  if (!kind || (shaped && !ranked))
    return makeError("expected a scalar, or a ranked tensor or memref, of i1, "
                     "i8, i16, i32, i64, index, f16, bf16, f32 or f64 for " +
                     what + ", got " + print(type));
  value.kind = *kind;
  if (!shaped)
    return value;
  value.isShaped = true;
  llvm::append_range(value.shape, shaped.getShape());
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || memref.getLayout().isIdentity())
    return value;
  if (failed(memref.getStridesAndOffset(value.strides, value.offset)))
    return makeError("expected a strided memref for " + what + ", got " +
                     print(type));
  if (llvm::any_of(value.strides, [](int64_t stride) {
        return !ShapedType::isDynamic(stride) && stride < 0;
      }))
    return makeError("expected strides of at least 0 for " + what + ", got " +
                     print(type));
  if (ShapedType::isDynamic(value.offset))
    value.offset = 0;
  return value;
}

/// Marks in `written` the memref arguments that `op` writes.
static void markWritten(Operation *op, Block &entry,
                        llvm::SmallBitVector &written) {
  auto mark = [&](Value value) {
    while (auto view = value ? value.getDefiningOp<ViewLikeOpInterface>()
                             : ViewLikeOpInterface())
      value = view.getViewSource();
    auto argument = dyn_cast_if_present<BlockArgument>(value);
    if (argument && argument.getOwner() == &entry &&
        isa<MemRefType>(argument.getType()))
      written.set(argument.getArgNumber());
  };
  if (auto destinations = dyn_cast<DestinationStyleOpInterface>(op))
    for (Value init : destinations.getDpsInits())
      mark(init);
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  SmallVector<MemoryEffects::EffectInstance> instances;
  if (effects)
    effects.getEffects(instances);
  for (const MemoryEffects::EffectInstance &instance : instances)
    if (isa<MemoryEffects::Write>(instance.getEffect()))
      mark(instance.getValue());
}

Entry Entry::onDevice() const {
  Entry entry = *this;
  EntryValue stream, status;
  stream.kind = ElementKind::I64;
  status.kind = ElementKind::I32;
  entry.arguments.push_back(stream);
  entry.results.push_back(status);
  return entry;
}

Entry Entry::promote() const {
  Entry copy = *this;
  for (auto *values : {&copy.arguments, &copy.results, &copy.outputs})
    for (EntryValue &value : *values)
      if (isFloat(value.kind))
        value.kind = ElementKind::F64;
  return copy;
}

llvm::Expected<func::FuncOp> mqa::findEntry(ModuleOp module, StringRef name) {
  SmallVector<StringRef> names;
  func::FuncOp found;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.isExternal() || func.isPrivate())
      continue;
    names.push_back(func.getName());
    if (name.empty() || func.getName() == name)
      found = func;
  }
  if (names.empty())
    return makeError("expected a public function with a body, got none");
  if (name.empty() && names.size() > 1)
    return makeError("expected --entry to name one of " +
                     llvm::join(names, ", ") + ", got none");
  if (!found)
    return makeError("expected --entry to name one of " +
                     llvm::join(names, ", ") + ", got '" + name + "'");
  return found;
}

llvm::Expected<Entry> mqa::describeEntry(func::FuncOp func) {
  Entry entry;
  entry.name = func.getName().str();
  for (auto [i, type] : llvm::enumerate(func.getArgumentTypes())) {
    llvm::Expected<EntryValue> value =
        describe(type, "argument " + Twine(i) + " of '" + entry.name + "'");
    if (!value)
      return value.takeError();
    entry.arguments.push_back(*value);
  }
  std::string message;
  ScopedDiagnosticHandler handler(func.getContext(), [&](Diagnostic &found) {
    message = found.str();
    return success();
  });
  FailureOr<SmallVector<int64_t>> destinations = getResultDestinations(func);
  if (failed(destinations))
    return makeError("'" + entry.name + "': " + message);
  for (auto [i, type] : llvm::enumerate(func.getResultTypes())) {
    llvm::Expected<EntryValue> value =
        describe(type, "result " + Twine(i) + " of '" + entry.name + "'");
    if (!value)
      return value.takeError();
    value->destination = (*destinations)[i];
    if (value->destination >= 0)
      entry.arguments[value->destination].isDestination = true;
    entry.results.push_back(*value);
  }
  entry.outputs = entry.results;
  llvm::SmallBitVector written(func.getNumArguments());
  func.walk([&](Operation *op) { markWritten(op, func.front(), written); });
  for (unsigned i : written.set_bits()) {
    entry.arguments[i].isDestination = true;
    entry.outputs.push_back(entry.arguments[i]);
    entry.outputs.back().destination = i;
  }
  return entry;
}
