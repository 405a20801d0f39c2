//===- Array.h - arrays of the host -----------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The values that go into and come out of compiled functions: dense, in C
// order.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_ARRAY_H
#define MQA_RUNNER_ARRAY_H

#include "mlir/IR/Types.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <cstdlib>
#include <memory>
#include <optional>

namespace mlir::mqa {

/// The element types that the runner knows.
enum class ElementKind { I1, I8, I16, I32, I64, Index, F16, BF16, F32, F64 };

/// The kind of an MLIR type, none if the runner has no such elements.
std::optional<ElementKind> getElementKind(Type type);
/// The type's name in MLIR.
llvm::StringRef stringifyElementKind(ElementKind kind);
/// Bytes of one element; i1 takes one.
int64_t getElementSize(ElementKind kind);
bool isFloat(ElementKind kind);

/// One element as a number (i64 beyond 2^53 is rounded).
double readElement(ElementKind kind, const char *element);
/// Stores a number, rounded to nearest even.
void writeElement(ElementKind kind, char *element, double value);

/// One line of an error that the user sees.
llvm::Error makeError(const llvm::Twine &message);

/// "2x?x64xf32", as in MLIR's types; "f32" for a scalar.
std::string printShape(llvm::ArrayRef<int64_t> shape, ElementKind kind);

/// The product of `shape`, none if it does not fit into 63 bits.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape);

/// Bytes of memory that this process may use.
double getMemorySize();

/// A dense array in C order that owns its storage.
class Array {
public:
  /// An array of zeros. Fails if this machine has no memory for it.
  static llvm::Expected<Array> create(ElementKind kind,
                                      llvm::ArrayRef<int64_t> shape);

  ElementKind getKind() const { return kind; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getNumElements() const { return numElements; }
  int64_t getNumBytes() const { return numElements * getElementSize(kind); }
  char *getData() { return data.get(); }
  const char *getData() const { return data.get(); }

  double read(int64_t index) const {
    return readElement(kind, getData() + index * getElementSize(kind));
  }
  void write(int64_t index, double value) {
    writeElement(kind, getData() + index * getElementSize(kind), value);
  }

  /// A copy, its elements converted to `kind`.
  llvm::Expected<Array> convert(ElementKind kind) const;

private:
  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };
  ElementKind kind = ElementKind::F32;
  llvm::SmallVector<int64_t> shape;
  int64_t numElements = 0;
  std::unique_ptr<char, Free> data;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_ARRAY_H
