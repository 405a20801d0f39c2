//===- EmitFile.cpp - machine code into files -------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObject.h"
#include "mqa/Compiler/Compiler.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::mqa;
using llvm::StringRef;

llvm::Expected<OutputKind> mqa::getOutputKind(StringRef path) {
  StringRef ending = llvm::sys::path::extension(path);
  if (ending == ".o")
    return OutputKind::Object;
  if (ending == ".so")
    return OutputKind::SharedLibrary;
  if (ending == ".s")
    return OutputKind::Assembly;
  if (ending == ".ll")
    return OutputKind::LLVMIR;
  if (ending == ".ptx")
    return OutputKind::PTX;
  if (ending == ".cubin")
    return OutputKind::Cubin;
  return llvm::createStringError("expected an output file that ends in .o, "
                                 ".so, .s, .ll, .ptx or .cubin, got '" +
                                 path + "'");
}

llvm::Error mqa::writeOutput(StringRef path, StringRef bytes) {
  llvm::Error error =
      llvm::writeToOutput(path, [&](llvm::raw_ostream &os) -> llvm::Error {
        os << bytes;
        return llvm::Error::success();
      });
  if (!error) // The message begins with the path.
    return error;
  return llvm::createStringError("expected a writable output file, got " +
                                 llvm::toString(std::move(error)));
}

static std::string printIR(GeneratedCode &code) {
  std::string text;
  llvm::raw_string_ostream(text) << *code.module;
  return text;
}

static llvm::Expected<std::string> printAssembly(GeneratedCode &code) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  if (code.machine->addPassesToEmitFile(passes, os, nullptr,
                                        llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError(
        "this target's code generator writes no assembly");
  passes.run(*code.module);
  return std::string(bytes.begin(), bytes.end());
}

/// The first of `names` that is found on the search path.
static llvm::Expected<std::string> findProgram(llvm::ArrayRef<StringRef> names,
                                               StringRef purpose) {
  for (StringRef name : names)
    if (auto path = llvm::sys::findProgramByName(name))
      return *path;
  return llvm::createStringError("expected " + llvm::join(names, " or ") +
                                 " on PATH to " + purpose + ", got none");
}

static llvm::Error runProgram(llvm::ArrayRef<StringRef> command) {
  std::string message;
  int status = llvm::sys::ExecuteAndWait(command[0], command, std::nullopt, {},
                                         /*SecondsToWait=*/0,
                                         /*MemoryLimit=*/0, &message);
  if (status == 0)
    return llvm::Error::success();
  return llvm::createStringError(
      "expected " + command[0] + " to succeed, got exit status " +
      llvm::Twine(status) + (message.empty() ? "" : ": " + message));
}

namespace {
/// A temporary file that is removed with the object.
struct TemporaryFile {
  llvm::SmallString<128> path;
  llvm::FileRemover remover;

  llvm::Error create(StringRef ending, StringRef bytes) {
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("mqa", ending, path))
      return llvm::createStringError("expected a temporary directory: " +
                                     error.message());
    remover.setFile(path);
    return writeOutput(path, bytes);
  }
};
} // namespace

/// Links `inputs` into `path`: an object, or a shared library.
static llvm::Error link(OutputKind kind, llvm::ArrayRef<StringRef> inputs,
                        StringRef path) {
  bool isObject = kind == OutputKind::Object;
  auto linker = isObject ? findProgram({"ld", "ld.lld", "ld.lld-22"},
                                       "put the runtime into the object")
                         : findProgram({"cc", "gcc", "clang", "clang-22"},
                                       "link a shared library");
  if (!linker)
    return linker.takeError();
  TemporaryFile output;
  if (llvm::Error error = output.create("out", ""))
    return error;
  llvm::SmallVector<StringRef> command{*linker, isObject ? "-r" : "-shared",
                                       "-o", output.path};
  command.append(inputs.begin(), inputs.end());
  // The pool's threads never end: its code must stay when the library is
  // closed. Only the unfused lowering calls libm.
  if (!isObject)
    command.append(
        {"-Wl,-z,nodelete", "-Wl,--as-needed", "-lpthread", "-lm", "-ldl"});
  if (llvm::Error error = runProgram(command))
    return error;
  auto bytes = llvm::MemoryBuffer::getFile(output.path);
  if (std::error_code error = bytes.getError())
    return llvm::createStringError("expected " + *linker +
                                   " to write a file: " + error.message());
  return writeOutput(path, (*bytes)->getBuffer());
}

/// The pool in this compiler, and the linker on PATH, are those of this
/// machine.
static llvm::Error checkLinking(const GeneratedCode &code, OutputKind kind,
                                bool withRuntime) {
  llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  StringRef arch = code.machine->getTargetTriple().getArchName();
  if (code.machine->getTargetTriple().getArch() == host.getArch())
    return llvm::Error::success();
  if (kind == OutputKind::SharedLibrary)
    return llvm::createStringError("expected a .o, .s or .ll file for " + arch +
                                   ", which is not this machine's "
                                   "architecture, got a .so file");
  if (kind == OutputKind::Object && withRuntime)
    return llvm::createStringError(
        "expected no runtime in an object for " + arch +
        " (--no-runtime), which is not this machine's architecture, got one");
  return llvm::Error::success();
}

llvm::Error mqa::emitFile(GeneratedCode &code, OutputKind kind, StringRef path,
                          bool withRuntime) {
  if (llvm::Error error = checkLinking(code, kind, withRuntime))
    return error;
  if (kind == OutputKind::LLVMIR)
    return writeOutput(path, printIR(code));
  if (kind == OutputKind::Assembly) {
    auto text = printAssembly(code);
    return text ? writeOutput(path, *text) : text.takeError();
  }
  auto object = emitObject(code);
  if (!object)
    return object.takeError();
  if (kind == OutputKind::Object && !withRuntime)
    return writeOutput(path, (*object)->getBuffer());
  TemporaryFile codeFile, poolFile;
  if (llvm::Error error = codeFile.create("o", (*object)->getBuffer()))
    return error;
  if (!withRuntime)
    return link(kind, {codeFile.path}, path);
  if (llvm::Error error = poolFile.create(
          "o", code.isGpu ? getCudaRuntimeObject() : getRuntimeObject()))
    return error;
  return link(kind, {codeFile.path, poolFile.path}, path);
}

llvm::Error mqa::compileFile(ModuleOp module, const CompileOptions &options,
                             OutputKind kind, StringRef path,
                             bool withRuntime) {
  bool isCubin = kind == OutputKind::Cubin;
  if (isCubin || kind == OutputKind::PTX) {
    auto image = generateImage(module, options, isCubin);
    return image ? writeOutput(path, *image) : image.takeError();
  }
  auto code = generateCode(module, options);
  return code ? emitFile(*code, kind, path, withRuntime) : code.takeError();
}
