//===- Array.cpp - arrays of the host ---------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Array.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>
#include <unistd.h>

using namespace mlir;
using namespace mlir::mqa;

namespace {

template <typename T> T load(const char *element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

template <typename T> void store(char *element, T value) {
  std::memcpy(element, &value, sizeof(T));
}

uint32_t getBits(float value) { return load<uint32_t>((const char *)&value); }
float fromBits(uint32_t bits) { return load<float>((const char *)&bits); }

float fromBF16(uint16_t half) { return fromBits(uint32_t(half) << 16); }

double fromF16(uint16_t half) {
  int exponent = (half >> 10) & 31, mantissa = half & 1023;
  double sign = half & 0x8000 ? -1.0 : 1.0;
  if (exponent == 31)
    return mantissa ? NAN : sign * INFINITY;
  if (exponent == 0)
    return sign * std::ldexp(double(mantissa), -24);
  return sign * std::ldexp(double(mantissa + 1024), exponent - 25);
}

/// Rounds to `precision` bits of mantissa, least exponent `minimum`; the ties
/// go to even. Larger than `largest` is infinite.
double roundTo(double value, int precision, int minimum, double largest) {
  if (value == 0 || !std::isfinite(value))
    return value;
  int exponent = std::max(std::ilogb(value), minimum);
  double unit = std::ldexp(1.0, exponent - precision);
  double rounded = std::nearbyint(value / unit) * unit;
  return std::fabs(rounded) > largest ? std::copysign(INFINITY, value)
                                      : rounded;
}

uint16_t toF16(double value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value))
    return sign | 0x7e00;
  double rounded = std::fabs(roundTo(value, 10, -14, 65504.0));
  if (std::isinf(rounded))
    return sign | 0x7c00;
  if (rounded < std::ldexp(1.0, -14))
    return sign | uint16_t(std::ldexp(rounded, 24));
  int exponent = std::ilogb(rounded);
  auto mantissa = uint16_t(std::ldexp(rounded, 10 - exponent)) - 1024;
  return sign | uint16_t((exponent + 15) << 10) | uint16_t(mantissa);
}

uint16_t toBF16(double value) {
  if (std::isnan(value))
    return std::signbit(value) ? 0xffc0 : 0x7fc0;
  double largest = std::ldexp(255.0, 120);
  return getBits(float(roundTo(value, 7, -126, largest))) >> 16;
}

int64_t toInteger(double value) {
  if (std::isnan(value))
    return 0;
  if (value >= 9223372036854775808.0)
    return INT64_MAX;
  return value < -9223372036854775808.0 ? INT64_MIN : int64_t(value);
}

} // namespace

std::optional<ElementKind> mqa::getElementKind(Type type) {
  if (type.isF16())
    return ElementKind::F16;
  if (type.isBF16())
    return ElementKind::BF16;
  if (type.isF32())
    return ElementKind::F32;
  if (type.isF64())
    return ElementKind::F64;
  if (type.isIndex())
    return ElementKind::Index;
  if (!type.isSignlessInteger())
    return std::nullopt;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return ElementKind::I1;
  case 8:
    return ElementKind::I8;
  case 16:
    return ElementKind::I16;
  case 32:
    return ElementKind::I32;
  case 64:
    return ElementKind::I64;
  default:
    return std::nullopt;
  }
}

StringRef mqa::stringifyElementKind(ElementKind kind) {
  static const char *const names[] = {"i1",    "i8",  "i16",  "i32", "i64",
                                      "index", "f16", "bf16", "f32", "f64"};
  return names[int(kind)];
}

int64_t mqa::getElementSize(ElementKind kind) {
  static const int8_t sizes[] = {1, 1, 2, 4, 8, 8, 2, 2, 4, 8};
  return sizes[int(kind)];
}

bool mqa::isFloat(ElementKind kind) { return kind >= ElementKind::F16; }

double mqa::readElement(ElementKind kind, const char *element) {
  switch (kind) {
  case ElementKind::I1:
    return *element != 0;
  case ElementKind::I8:
    return load<int8_t>(element);
  case ElementKind::I16:
    return load<int16_t>(element);
  case ElementKind::I32:
    return load<int32_t>(element);
  case ElementKind::I64:
  case ElementKind::Index:
    return double(load<int64_t>(element));
  case ElementKind::F16:
    return fromF16(load<uint16_t>(element));
  case ElementKind::BF16:
    return fromBF16(load<uint16_t>(element));
  case ElementKind::F32:
    return load<float>(element);
  case ElementKind::F64:
    return load<double>(element);
  }
  return 0;
}

void mqa::writeElement(ElementKind kind, char *element, double value) {
  switch (kind) {
  case ElementKind::I1:
    return store<int8_t>(element, value != 0);
  case ElementKind::I8:
    return store<int8_t>(element, int8_t(toInteger(value)));
  case ElementKind::I16:
    return store<int16_t>(element, int16_t(toInteger(value)));
  case ElementKind::I32:
    return store<int32_t>(element, int32_t(toInteger(value)));
  case ElementKind::I64:
  case ElementKind::Index:
    return store<int64_t>(element, toInteger(value));
  case ElementKind::F16:
    return store<uint16_t>(element, toF16(value));
  case ElementKind::BF16:
    return store<uint16_t>(element, toBF16(value));
  case ElementKind::F32:
    return store<float>(element, float(value));
  case ElementKind::F64:
    return store<double>(element, value);
  }
}

llvm::Error mqa::makeError(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

std::string mqa::printShape(ArrayRef<int64_t> shape, ElementKind kind) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (int64_t size : shape) {
    if (ShapedType::isDynamic(size))
      os << "?x";
    else
      os << size << 'x';
  }
  os << stringifyElementKind(kind);
  return text;
}

std::optional<int64_t> mqa::countElements(ArrayRef<int64_t> shape) {
  int64_t product = 1;
  bool overflow = false;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    if (size == 0)
      return 0;
    overflow |= llvm::MulOverflow(product, size, product);
  }
  if (overflow)
    return std::nullopt;
  return product;
}

double mqa::getMemorySize() {
  double size = double(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE);
  for (const char *limit : {"/sys/fs/cgroup/memory.max",
                            "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    auto file = llvm::MemoryBuffer::getFileAsStream(limit);
    uint64_t bytes = 0;
    if (file && !(*file)->getBuffer().trim().getAsInteger(10, bytes))
      size = std::min(size, double(bytes));
  }
  return size;
}

llvm::Expected<Array> Array::create(ElementKind kind, ArrayRef<int64_t> shape) {
  std::optional<int64_t> count = countElements(shape);
  char *data = nullptr;
  if (count && double(*count) * getElementSize(kind) < getMemorySize()) {
    // At least one line, so that there is an address.
    size_t bytes = llvm::alignTo(*count * getElementSize(kind) + 1, 64);
    data = static_cast<char *>(std::aligned_alloc(64, bytes));
    if (data)
      std::memset(data, 0, bytes);
  }
  if (!data)
    return makeError("expected arrays that fit into memory, got " +
                     printShape(shape, kind));
  Array array;
  array.kind = kind;
  array.shape.assign(shape.begin(), shape.end());
  array.numElements = *count;
  array.data.reset(data);
  return array;
}

llvm::Expected<Array> Array::convert(ElementKind wanted) const {
  llvm::Expected<Array> copy = create(wanted, shape);
  if (!copy)
    return copy;
  if (wanted == kind) {
    std::memcpy(copy->getData(), getData(), getNumBytes());
    return copy;
  }
  for (int64_t i = 0; i < numElements; ++i)
    copy->write(i, read(i));
  return copy;
}
