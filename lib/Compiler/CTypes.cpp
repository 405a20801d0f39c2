//===- CTypes.cpp - MLIR types as C writes them -----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mqa;
using llvm::formatv;

static std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Fills in how the scalar type `type` is passed and how it is stored.
static LogicalResult setScalar(Type type, CType &result) {
  auto set = [&](llvm::StringRef scalar, llvm::StringRef stored) {
    result.scalar = scalar.str();
    result.stored = stored.str();
    return success();
  };
  if (type.isF64())
    return set("double", "double");
  if (type.isF32())
    return set("float", "float");
  if (type.isF16()) // Passed in a vector register, as the C types are.
    return set("_Float16", "uint16_t");
  if (type.isBF16())
    return set("__bf16", "uint16_t");
  if (type.isIndex())
    return set("int64_t", "int64_t");
  if (type.isInteger(1)) // One byte; only the lowest bit is defined.
    return set("uint8_t", "uint8_t");
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || !llvm::is_contained({8u, 16u, 32u, 64u}, integer.getWidth()))
    return failure();
  std::string name = formatv("{0}int{1}_t", integer.isUnsigned() ? "u" : "",
                             integer.getWidth());
  return set(name, name);
}

/// The shape for people, "[8, ?, 64]".
static std::string getShapeText(ShapedType type) {
  std::string text = "[";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(type.getShape(), os, [&](int64_t size) {
    if (ShapedType::isDynamic(size))
      os << "?";
    else
      os << size;
  });
  return text + "]";
}

FailureOr<CType> CType::get(Type type) {
  CType result;
  if (!isa<RankedTensorType, MemRefType>(type)) {
    result.text = print(type);
    if (failed(setScalar(type, result)))
      return failure();
    return result;
  }
  result.buffer = cast<ShapedType>(type);
  auto memref = dyn_cast<MemRefType>(type);
  Type element = result.buffer.getElementType();
  if (failed(setScalar(element, result)) || (memref && !memref.isStrided()))
    return failure();
  result.descriptor =
      formatv("mqa_buffer_{0}_{1}d", print(element), result.buffer.getRank());
  result.text = print(element) + " " + getShapeText(result.buffer);
  if (memref && !memref.getLayout().isIdentity())
    result.text += ", strided";
  return result;
}

/// The maker's statements for one dimension after the other, innermost first:
/// the stride of a dimension is the product of the sizes below it.
static void printStrides(llvm::raw_ostream &os, int64_t rank) {
  for (int64_t i = 0; i < rank; ++i)
    os << formatv("  buffer.sizes[{0}] = size{0};\n", i);
  for (int64_t i = rank - 1; i >= 0; --i) {
    os << formatv("  buffer.strides[{0}] = ", i);
    if (i == rank - 1)
      os << "1;\n";
    else
      os << formatv("buffer.strides[{0}] * size{0};\n", i + 1);
  }
}

std::string mqa::getDescriptorDefinition(const CType &type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  const std::string &name = type.descriptor;
  int64_t rank = type.buffer.getRank();
  std::string guard = llvm::StringRef(name).upper();
  std::string maker = "mqa_make" + name.substr(strlen("mqa"));
  os << "#ifndef " << guard << "\n#define " << guard << "\n";
  os << formatv("/// A buffer of {0}: element (i, ...) is "
                "aligned[offset + i * strides[0] + ...].\n",
                type.text.substr(0, type.text.find(' ')));
  os << "typedef struct {\n";
  os << formatv("  {0} *allocated; ///< What free() takes, if it is yours.\n",
                type.stored);
  os << formatv("  {0} *aligned;\n  int64_t offset;\n", type.stored);
  if (rank > 0)
    os << formatv("  int64_t sizes[{0}];\n  int64_t strides[{0}];\n", rank);
  os << "} " << name << ";\n\n";
  os << "/// Describes contiguous data, the last dimension innermost.\n";
  os << formatv("static inline {0}\n{1}(const {2} *data", name, maker,
                type.stored);
  for (int64_t i = 0; i < rank; ++i)
    os << formatv(", int64_t size{0}", i);
  os << ") {\n";
  os << "  " << name << " buffer;\n";
  os << formatv("  buffer.allocated = buffer.aligned = ({0} *)data;\n",
                type.stored);
  os << "  buffer.offset = 0;\n";
  printStrides(os, rank);
  os << "  return buffer;\n}\n#endif // " << guard << "\n";
  return text;
}
