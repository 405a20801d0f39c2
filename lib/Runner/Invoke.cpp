//===- Invoke.cpp - calls of compiled functions -----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Invoke.h"
#include "Reference.h"
#include "Thunk.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::mqa;

//===----------------------------------------------------------------------===//
// CompiledEntry
//===----------------------------------------------------------------------===//

CompiledEntry::CompiledEntry() = default;
CompiledEntry::~CompiledEntry() = default;

llvm::Expected<std::unique_ptr<CompiledEntry>>
CompiledEntry::create(ModuleOp module, const Entry &entry,
                      const CompileOptions &options, bool rearrange,
                      Device *device) {
  OwningOpRef<ModuleOp> copy(module.clone());
  CompileOptions lowered = options;
  bool promote = options.lowering == Lowering::Oracle;
  if (promote || rearrange) {
    if (llvm::Error error = prepareReference(*copy, promote))
      return error;
    lowered.lowering = Lowering::Reference;
  }
  bool onDevice = lowered.isGpu() && device;
  llvm::Expected<std::unique_ptr<CompiledModule>> code = CompiledModule::create(
      *copy, lowered,
      onDevice ? device->getSymbols() : ArrayRef<CompiledModule::Symbol>());
  if (!code)
    return code.takeError();
  std::unique_ptr<CompiledEntry> compiled(new CompiledEntry());
  compiled->code = std::move(*code);
  compiled->device = onDevice ? device : nullptr;
  Entry called = promote    ? entry.promote()
                 : onDevice ? entry.onDevice()
                            : entry;
  if (llvm::Error error = compiled->setEntry(called))
    return error;
  return compiled;
}

llvm::Error CompiledEntry::setEntry(const Entry &other) {
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit = compileThunk(other);
  if (!jit)
    return jit.takeError();
  auto address = (*jit)->lookup("thunk");
  if (!address)
    return address.takeError();
  entry = other;
  thunk = address->toPtr<void (*)(void *, void **)>();
  thunkJit = std::move(*jit);
  function = code->lookup("_mlir_ciface_" + entry.name);
  if (!function)
    return makeError("expected the compiled module to define '_mlir_ciface_" +
                     entry.name + "', got no such symbol");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

/// Strides of C order.
static SmallVector<int64_t> getDenseStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t dim = shape.size(); dim-- > 1;)
    strides[dim - 1] = strides[dim] * std::max<int64_t>(shape[dim], 1);
  return strides;
}

/// The strides of a value with this shape, in its type's layout.
static SmallVector<int64_t> getStrides(const EntryValue &type,
                                       ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides = getDenseStrides(shape);
  for (auto [stride, fixed] : llvm::zip(strides, type.strides))
    if (!ShapedType::isDynamic(fixed))
      stride = fixed;
  return strides;
}

/// Calls `visit(position in C order, offset in elements)` for every element.
static void visitElements(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides,
                          llvm::function_ref<void(int64_t, int64_t)> visit) {
  SmallVector<int64_t> index(shape.size(), 0);
  std::optional<int64_t> count = countElements(shape);
  int64_t offset = 0;
  for (int64_t i = 0; i < *count; ++i) {
    visit(i, offset);
    for (size_t dim = shape.size(); dim-- > 0;) {
      offset += strides[dim];
      if (++index[dim] < shape[dim])
        break;
      offset -= strides[dim] * shape[dim];
      index[dim] = 0;
    }
  }
}

static std::vector<int64_t> makeDescriptor(char *data, int64_t offset,
                                           ArrayRef<int64_t> shape,
                                           ArrayRef<int64_t> strides) {
  auto address = static_cast<int64_t>(reinterpret_cast<intptr_t>(data));
  std::vector<int64_t> words = {address, address, offset};
  words.insert(words.end(), shape.begin(), shape.end());
  words.insert(words.end(), strides.begin(), strides.end());
  return words;
}

//===----------------------------------------------------------------------===//
// Invocation
//===----------------------------------------------------------------------===//

Invocation::Invocation(const CompiledEntry &compiled,
                       std::vector<Array> &arguments)
    : compiled(compiled) {
  const Entry &entry = compiled.entry;
  layOutResults();
  resultPointer = results.data();
  if (returnsThroughPointer(entry))
    slots.push_back(resultPointer);
  for (auto [number, array] : llvm::enumerate(arguments))
    addArgument(entry.arguments[number], array, number);
  if (compiled.device) {
    stream = compiled.device->getStream();
    slots.push_back(&stream);
  }
  slots.push_back(resultPointer);
}

Invocation::~Invocation() {
  release();
  for (void *address : uploaded)
    compiled.device->release(address);
}

/// The address of an argument for the code: its own, or that on the device.
char *Invocation::upload(const EntryValue &type, char *data, int64_t bytes,
                         unsigned number) {
  if (!compiled.device)
    return data;
  llvm::Expected<void *> address = compiled.device->upload(
      data, bytes, type.isDestination, "argument " + std::to_string(number));
  if (!address) {
    uploadError = llvm::toString(address.takeError());
    return nullptr;
  }
  uploaded.push_back(*address);
  return static_cast<char *>(*address);
}

llvm::Error Invocation::getStatus() const {
  if (!compiled.device)
    return llvm::Error::success();
  if (!uploadError.empty())
    return makeError(uploadError);
  int32_t status;
  std::memcpy(&status,
              reinterpret_cast<const char *>(results.data()) +
                  resultOffsets.back(),
              sizeof status);
  return status == 0 ? llvm::Error::success()
                     : makeError(compiled.device->getLastError());
}

void Invocation::addArgument(const EntryValue &type, Array &array,
                             unsigned number) {
  strided.emplace_back();
  descriptors.emplace_back();
  if (!type.isShaped) {
    slots.push_back(array.getData());
    return;
  }
  ArrayRef<int64_t> shape = array.getShape();
  SmallVector<int64_t> strides = getStrides(type, shape);
  char *data = array.getData();
  int64_t bytes = array.getNumBytes();
  if (!type.strides.empty()) {
    int64_t size = getElementSize(type.kind), span = 1 + type.offset;
    for (auto [extent, stride] : llvm::zip(shape, strides))
      span += std::max<int64_t>(extent - 1, 0) * stride;
    strided.back().assign(span * size, 0);
    data = strided.back().data();
    bytes = span * size;
    visitElements(shape, strides, [&](int64_t position, int64_t offset) {
      std::memcpy(data + (type.offset + offset) * size,
                  array.getData() + position * size, size);
    });
  }
  data = upload(type, data, bytes, number);
  descriptors.back() = makeDescriptor(data, type.offset, shape, strides);
  slots.push_back(descriptors.back().data());
}

void Invocation::layOutResults() {
  int64_t bytes = 0;
  for (const EntryValue &result : compiled.entry.results) {
    resultOffsets.push_back(-1);
    if (result.destination >= 0)
      continue;
    int64_t size = getElementSize(result.kind);
    int64_t alignment = result.isShaped ? 8 : size;
    if (result.isShaped)
      size = 24 + 16 * int64_t(result.shape.size());
    bytes = llvm::alignTo(bytes, alignment);
    resultOffsets.back() = bytes;
    bytes += size;
  }
  results.assign(llvm::divideCeil(bytes, 8) + 1, 0);
}

void Invocation::release() {
  llvm::SmallPtrSet<void *, 8> kept;
  for (const std::vector<int64_t> &descriptor : descriptors)
    if (!descriptor.empty())
      kept.insert(reinterpret_cast<void *>(descriptor.front()));
  for (auto [type, offset] : llvm::zip(compiled.entry.results, resultOffsets)) {
    if (offset < 0 || !type.isShaped)
      continue;
    void *&allocated = *reinterpret_cast<void **>(
        reinterpret_cast<char *>(results.data()) + offset);
    if (allocated && kept.insert(allocated).second) {
      if (compiled.device)
        compiled.device->release(allocated);
      else
        std::free(allocated);
    }
    allocated = nullptr;
  }
}

llvm::Expected<Array> Invocation::copyOut(const EntryValue &type,
                                          const char *record) {
  if (!type.isShaped) {
    llvm::Expected<Array> array = Array::create(type.kind, {});
    if (array)
      std::memcpy(array->getData(), record, getElementSize(type.kind));
    return array;
  }
  SmallVector<int64_t> words(3 + 2 * type.shape.size());
  std::memcpy(words.data(), record, words.size() * sizeof(int64_t));
  auto shape = ArrayRef<int64_t>(words).slice(3, type.shape.size());
  auto strides = ArrayRef<int64_t>(words).drop_front(3 + shape.size());
  llvm::Expected<Array> array = Array::create(type.kind, shape);
  if (!array)
    return array;
  int64_t size = getElementSize(type.kind);
  const char *data = reinterpret_cast<const char *>(words[1]) + words[2] * size;
  std::vector<char> downloaded;
  if (compiled.device && array->getNumElements()) {
    int64_t span = 1;
    for (auto [extent, stride] : llvm::zip(shape, strides))
      span += (extent - 1) * stride;
    downloaded.resize(span * size);
    if (llvm::Error error = compiled.device->download(downloaded.data(), data,
                                                      downloaded.size()))
      return error;
    data = downloaded.data();
  }
  if (strides == ArrayRef<int64_t>(getDenseStrides(shape))) {
    if (array->getNumBytes())
      std::memcpy(array->getData(), data, array->getNumBytes());
    return array;
  }
  visitElements(shape, strides, [&](int64_t position, int64_t offset) {
    std::memcpy(array->getData() + position * size, data + offset * size, size);
  });
  return array;
}

llvm::Expected<std::vector<Array>> Invocation::getOutputs() {
  std::vector<Array> outputs;
  for (auto [i, type] : llvm::enumerate(compiled.entry.outputs)) {
    const char *record = nullptr;
    if (type.destination >= 0)
      record =
          reinterpret_cast<const char *>(descriptors[type.destination].data());
    else
      record =
          reinterpret_cast<const char *>(results.data()) + resultOffsets[i];
    llvm::Expected<Array> output = copyOut(type, record);
    if (!output)
      return output.takeError();
    outputs.push_back(std::move(*output));
  }
  return outputs;
}
