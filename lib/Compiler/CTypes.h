//===- CTypes.h - MLIR types as C writes them -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_COMPILER_CTYPES_H
#define MQA_LIB_COMPILER_CTYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include <string>

namespace mlir::mqa {

/// A type of an entry, as its C header writes it.
class CType {
public:
  /// Fails for types that have no C form here.
  static FailureOr<CType> get(Type type);

  /// Tensor or memref: a descriptor in C.
  bool isBuffer() const { return buffer != nullptr; }

  /// How a scalar is passed and returned, or what a buffer holds.
  std::string scalar;
  /// How a scalar lies in memory: an element, a member of a struct.
  std::string stored;
  /// The name of the descriptor, "mqa_buffer_f32_3d"; empty for scalars.
  std::string descriptor;
  /// For people: "f32 [8, ?, 64]", "index".
  std::string text;
  /// Null for scalars.
  ShapedType buffer;
};

/// The C text that defines a descriptor and its maker, once per translation
/// unit however many headers hold it.
std::string getDescriptorDefinition(const CType &type);

} // namespace mlir::mqa

#endif // MQA_LIB_COMPILER_CTYPES_H
