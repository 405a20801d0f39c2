//===- CHeader.cpp - the C interface of compiled functions ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The convention is MLIR's: each buffer is a pointer to its descriptor, scalars
// go by value. A single scalar result is returned; a single buffer, or several
// results as one struct, are written through a first pointer.
//
//===----------------------------------------------------------------------===//

#include "mqa/Compiler/CHeader.h"
#include "CTypes.h"
#include "DiagnosticCollector.h"
#include "mqa/CodeGen/CPU/EntryABI.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mqa;
using llvm::formatv;
using llvm::StringRef;

namespace {
/// One entry, with its types in their C form.
struct Entry {
  std::string name;
  std::string place;
  SmallVector<CType> arguments;
  /// For each argument the result that is written into it, or -1.
  SmallVector<int64_t> writtenBy;
  /// The results that remain, and their numbers in the source.
  SmallVector<CType> results;
  SmallVector<int64_t> resultNumbers;
  /// The last result is the status, and the stream follows the arguments.
  bool isGpu = false;

  std::string wrapper() const { return "mqa_" + name; }

  /// Are the results one struct?
  bool hasStruct() const { return results.size() > 1; }
  /// Are the results written through a first pointer?
  bool hasResultPointer() const {
    return hasStruct() || (results.size() == 1 && results[0].isBuffer());
  }
  /// The type behind the first pointer, or that is returned.
  std::string resultType() const {
    if (results.empty())
      return "void";
    if (hasStruct())
      return wrapper() + "_results";
    return results[0].isBuffer() ? results[0].descriptor : results[0].scalar;
  }
};
} // namespace

/// Where `func` stands in its file, for messages and comments.
static std::string getPlace(func::FuncOp func) {
  auto place = func.getLoc()->findInstanceOf<FileLineColRange>();
  if (!place)
    return "";
  return formatv("{0}:{1}:{2}", place.getFilename().getValue(),
                 place.getStartLine(), place.getStartColumn());
}

static llvm::Error entryError(func::FuncOp func, const llvm::Twine &message) {
  std::string place = getPlace(func);
  return llvm::createStringError((place.empty() ? place : place + ": ") +
                                 message);
}

static bool isIdentifier(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

/// The C form of `type`, or an error that says which one has none.
static llvm::Expected<CType> getCType(func::FuncOp func, Type type,
                                      StringRef kind, int64_t number) {
  FailureOr<CType> result = CType::get(type);
  if (succeeded(result))
    return *result;
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return entryError(func, "expected a type with a C form (a ranked tensor or "
                          "strided memref of, or a scalar, f64, f32, f16, "
                          "bf16, index or i1 to i64) as " +
                              kind + " " + llvm::Twine(number) + " of '" +
                              func.getSymName() + "', got " + text);
}

static llvm::Expected<Entry> getEntry(func::FuncOp func, bool isGpu) {
  Entry entry;
  entry.isGpu = isGpu;
  entry.name = func.getSymName().str();
  entry.place = getPlace(func);
  if (!isIdentifier(entry.name))
    return entryError(func, "expected a C identifier as the name of a public "
                            "function, got '" +
                                entry.name + "'");
  DiagnosticCollector collector(func.getContext());
  auto destinations = getResultDestinations(func);
  if (failed(destinations))
    return collector.takeError("expected a function with one returning block");
  for (auto [i, type] : llvm::enumerate(func.getArgumentTypes())) {
    auto ctype = getCType(func, type, "argument", i);
    if (!ctype)
      return ctype.takeError();
    entry.arguments.push_back(*ctype);
    entry.writtenBy.push_back(-1);
  }
  for (auto [i, type] : llvm::enumerate(func.getResultTypes())) {
    int64_t destination = (*destinations)[i];
    if (destination >= 0) {
      entry.writtenBy[destination] = i;
      continue;
    }
    auto ctype = getCType(func, type, "result", i);
    if (!ctype)
      return ctype.takeError();
    entry.results.push_back(*ctype);
    entry.resultNumbers.push_back(i);
  }
  if (isGpu) {
    entry.results.push_back(
        *CType::get(IntegerType::get(func.getContext(), 32)));
    entry.resultNumbers.push_back(func.getNumResults());
  }
  return entry;
}

static void printResultStruct(llvm::raw_ostream &os, const Entry &entry) {
  os << "/// The results of " << entry.wrapper() << ".\ntypedef struct {\n";
  for (auto [type, number] : llvm::zip(entry.results, entry.resultNumbers))
    os << formatv("  {0} result{1}; ///< {2}\n",
                  type.isBuffer() ? type.descriptor : type.stored, number,
                  type.text);
  os << "} " << entry.resultType() << ";\n\n";
}

static void printComment(llvm::raw_ostream &os, const Entry &entry) {
  os << "/// The compiled function @" << entry.name;
  if (!entry.place.empty())
    os << " (" << entry.place << ")";
  os << ".\n///\n";
  for (auto [i, type] : llvm::enumerate(entry.arguments)) {
    os << formatv("///   arg{0}: {1}", i, type.text);
    if (entry.writtenBy[i] >= 0)
      os << formatv(", destination: receives result {0}", entry.writtenBy[i]);
    else if (isa_and_present<MemRefType>(Type(type.buffer)))
      os << ", read or written as the function says";
    os << "\n";
  }
  for (auto [type, number] : llvm::zip(entry.results, entry.resultNumbers)) {
    os << formatv("///   result{0}: {1}", number, type.text);
    if (type.isBuffer())
      os << ", allocated by the call: "
         << (entry.isGpu ? "mqa_cuda_free" : "free") << "() its `allocated`";
    os << "\n";
  }
  if (entry.isGpu)
    os << "///   Buffers are in device memory; `stream` is a CUstream. The "
          "last "
          "result is\n///   0, or an error that mqa_cuda_last_error() tells.\n";
}

/// The parameters of the symbol, or of the wrapper.
static void printParameters(llvm::raw_ostream &os, const Entry &entry,
                            bool isWrapper) {
  llvm::ListSeparator comma;
  os << "(";
  if (entry.hasResultPointer())
    os << comma << entry.resultType() << " *results";
  for (auto [i, type] : llvm::enumerate(entry.arguments)) {
    // A tensor that receives nothing is only read.
    bool isConst = isWrapper && entry.writtenBy[i] < 0 &&
                   isa_and_present<RankedTensorType>(Type(type.buffer));
    os << comma << (isConst ? "const " : "")
       << (type.isBuffer() ? type.descriptor + " *" : type.scalar + " ")
       << "arg" << i;
  }
  if (entry.isGpu)
    os << comma << "void *stream";
  else if (entry.arguments.empty() && !entry.hasResultPointer())
    os << "void";
  os << ")";
}

static void printWrapperBody(llvm::raw_ostream &os, const Entry &entry) {
  bool returns = !entry.results.empty() && !entry.hasResultPointer();
  // Of a returned i1 only the lowest bit is defined.
  bool isBool = returns && entry.results[0].text == "i1";
  llvm::ListSeparator comma;
  os << " {\n  " << (returns ? "return " : "") << "_mlir_ciface_" << entry.name
     << "(";
  if (entry.hasResultPointer())
    os << comma << "results";
  for (auto [i, type] : llvm::enumerate(entry.arguments)) {
    os << comma;
    if (type.isBuffer())
      os << "(" << type.descriptor << " *)";
    os << "arg" << i;
  }
  if (entry.isGpu)
    os << comma << "stream";
  os << ")" << (isBool ? " & 1" : "") << ";\n}\n";
}

static void printEntry(llvm::raw_ostream &os, const Entry &entry) {
  if (entry.hasStruct())
    printResultStruct(os, entry);
  std::string returned = entry.hasResultPointer() ? "void" : entry.resultType();
  os << returned << " _mlir_ciface_" << entry.name;
  printParameters(os, entry, /*isWrapper=*/false);
  os << ";\n\n";
  printComment(os, entry);
  os << "static inline " << returned << " " << entry.wrapper();
  printParameters(os, entry, /*isWrapper=*/true);
  printWrapperBody(os, entry);
  os << "\n";
}

/// The include guard for a file of that name.
static std::string getGuard(StringRef fileName) {
  std::string guard = "MQA_COMPILED_";
  for (char c : llvm::sys::path::filename(fileName))
    guard += llvm::isAlnum(c) ? llvm::toUpper(c) : '_';
  return guard;
}

/// The descriptors that `entries` use, each once and in order of use.
static llvm::MapVector<StringRef, const CType *>
getDescriptors(ArrayRef<Entry> entries) {
  llvm::MapVector<StringRef, const CType *> descriptors;
  for (const Entry &entry : entries)
    for (const auto *types : {&entry.arguments, &entry.results})
      for (const CType &type : *types)
        if (type.isBuffer())
          descriptors.insert({type.descriptor, &type});
  return descriptors;
}

/// What the runtime offers, next to the entries.
static StringRef getPoolFunctions() {
  return R"(/// How many threads a call may use, the caller included; below 1: the default.
/// Not there when the object was compiled with --no-runtime.
void mqa_set_num_threads(int count);

)";
}

static StringRef getGpuFunctions() {
  return R"(/// The last error of this thread, in words; "" if there was none.
const char *mqa_cuda_last_error(void);
/// Frees a buffer that a call allocated, when the stream comes to it.
int32_t mqa_cuda_free(void *pointer, void *stream);

)";
}

static std::string printHeader(ArrayRef<Entry> entries, StringRef fileName,
                               bool isGpu) {
  std::string text, guard = getGuard(fileName);
  llvm::raw_string_ostream os(text);
  os << "// Written by mqa-compile: the C and C++ interface of compiled "
        "functions.\n\n";
  os << "#ifndef " << guard << "\n#define " << guard << "\n\n";
  os << "#include <stdint.h>\n\n";
  for (auto [name, type] : getDescriptors(entries))
    os << getDescriptorDefinition(*type) << "\n";
  os << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  os << (isGpu ? getGpuFunctions() : getPoolFunctions());
  for (const Entry &entry : entries)
    printEntry(os, entry);
  os << "#ifdef __cplusplus\n} // extern \"C\"\n#endif\n\n#endif // " << guard
     << "\n";
  return text;
}

llvm::Expected<std::string> mqa::getCHeader(ModuleOp module, StringRef fileName,
                                            bool isGpu) {
  SmallVector<Entry, 0> entries;
  llvm::StringSet<> taken{"mqa_parallel_for", "mqa_set_num_threads",
                          "mqa_get_num_threads"};
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic() || func.isExternal())
      continue;
    auto entry = getEntry(func, isGpu);
    if (!entry)
      return entry.takeError();
    if (!taken.insert(entry->wrapper()).second ||
        StringRef(entry->name).starts_with("buffer_") ||
        StringRef(entry->name).starts_with("make_buffer_"))
      return entryError(
          func, "expected a function name that leaves '" + entry->wrapper() +
                    "' free for its C wrapper, got '" + entry->name + "'");
    entries.push_back(std::move(*entry));
  }
  return printHeader(entries, fileName, isGpu);
}
