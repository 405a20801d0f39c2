//===- Npy.cpp - files of NumPy ---------------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Npy.h"
#include "NpyHeader.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstring>

using namespace mlir;
using namespace mlir::mqa;

/// The dtypes that a kind is read from, separated by spaces; written is the
/// first.
static StringRef getDescrs(ElementKind kind) {
  switch (kind) {
  case ElementKind::I1:
    return "|b1";
  case ElementKind::I8:
    return "|i1 |u1";
  case ElementKind::I16:
    return "<i2 <u2";
  case ElementKind::I32:
    return "<i4 <u4";
  case ElementKind::I64:
  case ElementKind::Index:
    return "<i8 <u8";
  case ElementKind::F16:
    return "<f2";
  case ElementKind::BF16:
    return "<V2 |V2 <u2";
  case ElementKind::F32:
    return "<f4";
  case ElementKind::F64:
    return "<f8";
  }
  return "";
}

static llvm::Error checkDescr(StringRef descr, ElementKind kind) {
  SmallVector<StringRef> known;
  getDescrs(kind).split(known, ' ');
  // NumPy's names of the one-byte types have no byte order; accept any.
  StringRef plain = descr;
  if (getElementSize(kind) == 1 && descr.size() == 3 &&
      StringRef("<>=|").contains(descr[0]))
    plain = descr.drop_front();
  for (StringRef name : known)
    if (descr == name || (plain != descr && plain == name.drop_front()))
      return llvm::Error::success();
  std::string found;
  llvm::raw_string_ostream os(found);
  llvm::printEscapedString(descr.take_front(32), os);
  return makeError("expected dtype '" + llvm::join(known, "' or '") + "' for " +
                   stringifyElementKind(kind) + ", got '" + found + "'");
}

/// Copies an array whose first dimension is the fastest one.
static void copyFortran(Array &array, const char *source) {
  int64_t size = getElementSize(array.getKind());
  ArrayRef<int64_t> shape = array.getShape();
  SmallVector<int64_t> index(shape.size(), 0), strides;
  int64_t stride = size;
  for (int64_t extent : shape) {
    strides.push_back(stride);
    stride *= extent;
  }
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
    int64_t offset = 0;
    for (auto [position, step] : llvm::zip(index, strides))
      offset += position * step;
    std::memcpy(array.getData() + i * size, source + offset, size);
    for (size_t dim = shape.size(); dim-- > 0 && ++index[dim] == shape[dim];)
      index[dim] = 0;
  }
}

llvm::Expected<Array> mqa::parseNpy(StringRef bytes, ElementKind kind) {
  llvm::Expected<NpyHeader> header = parseNpyHeader(bytes);
  if (!header)
    return header.takeError();
  if (llvm::Error error = checkDescr(header->descr, kind))
    return error;
  std::optional<int64_t> count = countElements(header->shape);
  int64_t size = 0;
  if (!count || llvm::MulOverflow(*count, getElementSize(kind), size))
    return makeError("malformed .npy: expected a shape that fits into memory, "
                     "got " +
                     printShape(header->shape, kind));
  StringRef data = bytes.drop_front(header->dataOffset);
  if (data.size() != size_t(size))
    return makeError("malformed .npy: expected " + Twine(size) +
                     " bytes of data for " + printShape(header->shape, kind) +
                     ", got " + Twine(data.size()));
  llvm::Expected<Array> array = Array::create(kind, header->shape);
  if (!array)
    return array;
  if (header->fortranOrder && size)
    copyFortran(*array, data.data());
  else if (size)
    std::memcpy(array->getData(), data.data(), size);
  // Compiled code expects 0 or 1.
  if (kind == ElementKind::I1)
    for (char &flag : MutableArrayRef<char>(array->getData(), size))
      flag = flag != 0;
  return array;
}

static llvm::Error prefixError(StringRef path, llvm::Error error) {
  return makeError("'" + path + "': " + llvm::toString(std::move(error)));
}

llvm::Expected<Array> mqa::readNpy(StringRef path, ElementKind kind) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (std::error_code code = buffer.getError())
    return prefixError(path, makeError("expected a readable .npy file, got '" +
                                       code.message() + "'"));
  llvm::Expected<Array> array = parseNpy((*buffer)->getBuffer(), kind);
  if (!array)
    return prefixError(path, array.takeError());
  return array;
}

std::string mqa::printNpyHeader(ElementKind kind, ArrayRef<int64_t> shape) {
  std::string text = "{'descr': '" + getDescrs(kind).split(' ').first.str() +
                     "', 'fortran_order': False, 'shape': (";
  for (auto [position, size] : llvm::enumerate(shape))
    text += (position ? ", " : "") + std::to_string(size);
  text += shape.size() == 1 ? ",), }" : "), }";
  // Magic, version, length, text and line end fill lines of 64 bytes.
  text.append(llvm::offsetToAlignment(10 + text.size() + 1, llvm::Align(64)),
              ' ');
  text += '\n';
  char length[2];
  llvm::support::endian::write16le(length, text.size());
  std::string header("\x93NUMPY\x01\x00", 8);
  header.append(length, 2);
  return header + text;
}

llvm::Error mqa::writeNpy(StringRef path, const Array &array) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code, llvm::sys::fs::OF_None);
  if (!code) {
    os << printNpyHeader(array.getKind(), array.getShape());
    os.write(array.getData(), array.getNumBytes());
    os.close();
    code = os.error();
    os.clear_error();
  }
  if (code)
    return prefixError(path, makeError("expected a file that can be written, "
                                       "got '" +
                                       code.message() + "'"));
  return llvm::Error::success();
}
