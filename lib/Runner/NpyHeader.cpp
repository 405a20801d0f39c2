//===- NpyHeader.cpp - the dictionary of a .npy file ------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NpyHeader.h"
#include "mqa/Runner/Array.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// A parser of the one Python literal that a header is.
class DictionaryParser {
public:
  explicit DictionaryParser(StringRef text) : rest(text) {}

  llvm::Error parse(NpyHeader &header) {
    if (!consume("{"))
      return fail("'{'");
    while (!consume("}")) {
      std::string key;
      if (llvm::Error error = parseString(key, "a key"))
        return error;
      if (!consume(":"))
        return fail("':'");
      if (llvm::Error error = parseEntry(key, header))
        return error;
      if (!consume(",") && !peek("}"))
        return fail("',' or '}'");
    }
    if (!rest.trim(StringRef(" \n\0", 3)).empty())
      return fail("the end of the header");
    if (seen != 7)
      return makeError("malformed .npy: expected the keys 'descr', "
                       "'fortran_order' and 'shape'");
    return llvm::Error::success();
  }

private:
  bool peek(StringRef token) {
    rest = rest.ltrim(" \t\n");
    return rest.starts_with(token);
  }
  bool consume(StringRef token) {
    return peek(token) && rest.consume_front(token);
  }
  llvm::Error fail(const Twine &expected) {
    std::string found;
    llvm::raw_string_ostream os(found);
    llvm::printEscapedString(rest.take_front(16), os);
    return makeError("malformed .npy: expected " + expected +
                     " in the header, got '" + found + "'");
  }

  llvm::Error parseString(std::string &value, const char *what) {
    if (!peek("'") && !peek("\""))
      return fail(what);
    size_t end = rest.find(rest.front(), 1);
    if (end == StringRef::npos)
      return fail("a closing quote");
    value = rest.slice(1, end).str();
    rest = rest.drop_front(end + 1);
    return llvm::Error::success();
  }

  llvm::Error parseShape(SmallVectorImpl<int64_t> &shape) {
    if (!consume("("))
      return fail("a tuple for 'shape'");
    while (!consume(")")) {
      int64_t size = 0;
      rest = rest.ltrim(" \t\n");
      StringRef digits = rest.take_while(llvm::isDigit);
      if (digits.getAsInteger(10, size))
        return fail("a size");
      rest = rest.drop_front(digits.size());
      rest.consume_front("L");
      shape.push_back(size);
      if (!consume(",") && !peek(")"))
        return fail("',' or ')'");
    }
    return llvm::Error::success();
  }

  llvm::Error parseEntry(StringRef key, NpyHeader &header) {
    if (key == "descr") {
      seen |= 1;
      if (peek("["))
        return makeError("expected a plain dtype, got a structured one");
      return parseString(header.descr, "a dtype");
    }
    if (key == "fortran_order") {
      seen |= 2;
      header.fortranOrder = consume("True");
      if (!header.fortranOrder && !consume("False"))
        return fail("True or False");
      return llvm::Error::success();
    }
    if (key != "shape")
      return fail("'descr', 'fortran_order' or 'shape' as a key");
    seen |= 4;
    header.shape.clear();
    return parseShape(header.shape);
  }

  StringRef rest;
  unsigned seen = 0;
};

} // namespace

llvm::Expected<NpyHeader> mqa::parseNpyHeader(StringRef bytes) {
  StringRef magic("\x93NUMPY", 6);
  if (!bytes.starts_with(magic))
    return makeError("expected a .npy file, got no such magic number");
  if (bytes.size() < 10)
    return makeError("malformed .npy: expected a header, got the end of file");
  unsigned version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3)
    return makeError("expected .npy of version 1, 2 or 3, got " +
                     Twine(version));
  size_t prefix = version == 1 ? 10 : 12;
  if (bytes.size() < prefix)
    return makeError("malformed .npy: expected a header, got the end of file");
  size_t length = version == 1
                      ? llvm::support::endian::read16le(bytes.data() + 8)
                      : llvm::support::endian::read32le(bytes.data() + 8);
  if (bytes.size() - prefix < length)
    return makeError("malformed .npy: expected a header of " + Twine(length) +
                     " bytes, got " + Twine(bytes.size() - prefix));
  NpyHeader header;
  if (llvm::Error error =
          DictionaryParser(bytes.substr(prefix, length)).parse(header))
    return error;
  header.dataOffset = prefix + length;
  return header;
}
