//===- Dimensions.h - sizes of dynamic dimensions ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which dimensions of a function must have the same size, as far as its
// structured ops, casts and allocations tell.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_RUNNER_DIMENSIONS_H
#define MQA_RUNNER_DIMENSIONS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace mlir::mqa {

/// Solves for the sizes of a function's arguments.
class Dimensions {
public:
  explicit Dimensions(func::FuncOp func);

  /// The argument has this shape.
  llvm::Error bindArgument(unsigned argument, llvm::ArrayRef<int64_t> shape);
  /// The scalar argument of type index has this value.
  llvm::Error bindScalar(unsigned argument, int64_t value);
  /// Sets a dimension by its name in --dims.
  llvm::Error bindName(llvm::StringRef name, int64_t size);
  /// The shape of an argument; fails when a size is not known.
  llvm::Expected<llvm::SmallVector<int64_t>> getShape(unsigned argument);

private:
  /// A set of dimensions that are equal.
  struct Class {
    unsigned parent;
    int64_t size;
    /// Where the size comes from.
    std::string origin;
  };

  unsigned addClass();
  unsigned find(unsigned id);
  void unite(unsigned a, unsigned b);
  /// The class of dimension `dim` of `value`, or of an index for dim -1.
  unsigned getClass(Value value, int64_t dim);
  void addOp(Operation *op);
  void addStructured(Operation *op, ArrayRef<AffineMap> maps);
  void addView(PagedViewOp op);
  void addReassociation(Value expanded, Value collapsed,
                        ArrayRef<SmallVector<int64_t, 2>> groups);
  llvm::Error bind(unsigned id, int64_t size, const llvm::Twine &what);
  llvm::Expected<unsigned> findNamed(llvm::StringRef name);
  llvm::Expected<unsigned> findByRole(llvm::StringRef name);

  func::FuncOp func;
  SmallVector<Class> classes;
  llvm::DenseMap<std::pair<Value, int64_t>, unsigned> byValue;
  /// The iteration space of the first attention, if there is one.
  std::optional<AttentionShape> attention;
  SmallVector<unsigned> space;
};

} // namespace mlir::mqa

#endif // MQA_RUNNER_DIMENSIONS_H
