//===- Jit.h - compiled functions in this process ---------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_COMPILER_JIT_H
#define MQA_COMPILER_JIT_H

#include "mlir/IR/BuiltinOps.h"
#include "mqa/Compiler/CompileOptions.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <utility>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace mlir::mqa {

/// A module compiled as `mqa-compile` does it and loaded into this process.
/// The functions live as long as the object.
class CompiledModule {
public:
  /// A function that compiled code may call.
  using Symbol = std::pair<llvm::StringRef, void *>;

  /// Compiles `module`, which is changed: pass a clone where it is still
  /// needed. The thread pool is the process's own `mqa_parallel_for`, libc and
  /// libm come from the process too; `symbols` add to them.
  static llvm::Expected<std::unique_ptr<CompiledModule>>
  create(ModuleOp module, const CompileOptions &options = {},
         llvm::ArrayRef<Symbol> symbols = {});

  ~CompiledModule();

  /// The address of a symbol (the entry of function `f` is `_mlir_ciface_f`),
  /// null if there is none.
  void *lookup(llvm::StringRef symbol) const;

private:
  explicit CompiledModule(std::unique_ptr<llvm::orc::LLJIT> jit);
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

} // namespace mlir::mqa

#endif // MQA_COMPILER_JIT_H
