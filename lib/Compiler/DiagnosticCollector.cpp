//===- DiagnosticCollector.cpp - diagnostics as llvm::Error -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DiagnosticCollector.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mqa;

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context,
              [this](Diagnostic &diagnostic) { return handle(diagnostic); }) {}

/// Prints "file:line:column: " where the place is known.
static void printPlace(llvm::raw_ostream &os, Location location) {
  if (auto place = location->findInstanceOf<FileLineColRange>())
    os << place.getFilename().getValue() << ":" << place.getStartLine() << ":"
       << place.getStartColumn() << ": ";
}

LogicalResult DiagnosticCollector::handle(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
    return failure(); // For the next handler.
  if (!message.empty())
    return success();
  llvm::raw_string_ostream os(message);
  printPlace(os, diagnostic.getLocation());
  os << diagnostic.str();
  for (Diagnostic &note : diagnostic.getNotes()) {
    std::string text = note.str();
    // The whole operation, printed: the place says enough.
    if (llvm::StringRef(text).starts_with("see current operation"))
      continue;
    os << "\n";
    printPlace(os, note.getLocation());
    os << "note: " << text;
  }
  return success();
}

llvm::Error DiagnosticCollector::takeError(llvm::StringRef fallback) {
  return llvm::createStringError(message.empty() ? fallback.str() : message);
}
