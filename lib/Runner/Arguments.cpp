//===- Arguments.cpp - the arguments of one call ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Arguments.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mqa/Runner/Dimensions.h"
#include "mqa/Runner/Npy.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <cstring>

using namespace mlir;
using namespace mlir::mqa;

static llvm::Error expectLiteral(StringRef text, ElementKind kind) {
  return makeError("expected a literal of type " + stringifyElementKind(kind) +
                   ", got '" + text + "'");
}

llvm::Expected<Array> mqa::parseLiteral(StringRef text, ElementKind kind) {
  llvm::Expected<Array> array = Array::create(kind, {});
  if (!array)
    return array;
  if (isFloat(kind)) {
    double value = 0;
    if (text.getAsDouble(value))
      return expectLiteral(text, kind);
    array->write(0, value);
    return array;
  }
  int64_t value = 0;
  unsigned bits = kind == ElementKind::I1 ? 1 : 8 * getElementSize(kind);
  if (kind == ElementKind::I1 && (text == "true" || text == "false"))
    value = text == "true";
  else if (text.getAsInteger(0, value) ||
           (!llvm::isIntN(bits, value) &&
            !(bits < 64 && llvm::isUIntN(bits, value))))
    return expectLiteral(text, kind);
  value &= bits == 1 ? 1 : -1;
  std::memcpy(array->getData(), &value, getElementSize(kind));
  return array;
}

/// Reads or parses an argument that is given.
static llvm::Expected<Array> readArgument(StringRef text,
                                          const EntryValue &type) {
  if (!type.isShaped)
    return parseLiteral(text, type.kind);
  llvm::Expected<Array> array = readNpy(text, type.kind);
  if (!array)
    return array;
  bool fits = array->getShape().size() == type.shape.size();
  for (auto [found, wanted] : llvm::zip(array->getShape(), type.shape))
    fits &= ShapedType::isDynamic(wanted) || found == wanted;
  if (!fits)
    return makeError("'" + text + "': expected " + type.print() + ", got " +
                     printShape(array->getShape(), type.kind));
  return array;
}

namespace {

/// Makes the arguments one after the other.
class ArgumentMaker {
public:
  ArgumentMaker(func::FuncOp func, const Entry &entry,
                const RunOptions &options)
      : entry(entry), options(options), dimensions(func) {}

  llvm::Expected<std::vector<Array>> make() {
    if (options.args.size() > entry.arguments.size())
      return makeError("expected at most " + Twine(entry.arguments.size()) +
                       " --arg for '" + entry.name + "', got " +
                       Twine(options.args.size()));
    arrays.resize(entry.arguments.size());
    for (unsigned i = 0; i < arrays.size(); ++i)
      if (llvm::Error error = isGiven(i) ? read(i) : checkMissing(i))
        return error;
    for (const auto &[name, size] : options.dims)
      if (llvm::Error error = dimensions.bindName(name, size))
        return error;
    for (unsigned i = 0; i < arrays.size(); ++i)
      if (!isGiven(i))
        if (llvm::Error error = makeUp(i))
          return error;
    return std::move(arrays);
  }

private:
  bool isGiven(unsigned i) const {
    return i < options.args.size() && options.args[i] != "-";
  }

  llvm::Error read(unsigned i) {
    llvm::Expected<Array> array =
        readArgument(options.args[i], entry.arguments[i]);
    if (!array)
      return makeError("argument " + Twine(i) + ": " +
                       llvm::toString(array.takeError()));
    arrays[i] = std::move(*array);
    if (entry.arguments[i].isShaped)
      return dimensions.bindArgument(i, arrays[i].getShape());
    if (entry.arguments[i].kind == ElementKind::Index) {
      int64_t value = 0;
      std::memcpy(&value, arrays[i].getData(), sizeof(value));
      return dimensions.bindScalar(i, value);
    }
    return llvm::Error::success();
  }

  llvm::Error checkMissing(unsigned i) {
    const EntryValue &type = entry.arguments[i];
    if (!type.isShaped)
      return makeError("argument " + Twine(i) +
                       ": expected a literal of type " + type.print() +
                       ", got none");
    if (!type.isDestination && !options.random)
      return makeError("argument " + Twine(i) + ": expected a .npy file of " +
                       type.print() + " or --random, got none");
    return llvm::Error::success();
  }

  llvm::Error makeUp(unsigned i) {
    llvm::Expected<SmallVector<int64_t>> shape = dimensions.getShape(i);
    if (!shape)
      return shape.takeError();
    ElementKind kind = entry.arguments[i].kind;
    llvm::Expected<Array> array = create(kind, *shape);
    if (!array)
      return makeError("argument " + Twine(i) + ": " +
                       llvm::toString(array.takeError()));
    arrays[i] = std::move(*array);
    if (!entry.arguments[i].isDestination)
      fillRandom(arrays[i], *options.random, i);
    return llvm::Error::success();
  }

  /// Together the arguments may take a quarter of the memory: there are copies
  /// of them.
  llvm::Expected<Array> create(ElementKind kind, ArrayRef<int64_t> shape) {
    double bytes = getElementSize(kind);
    for (int64_t size : shape)
      bytes *= size;
    madeUp += bytes;
    if (madeUp > getMemorySize() / 4)
      return makeError("expected arrays that fit into memory, got " +
                       printShape(shape, kind));
    return Array::create(kind, shape);
  }

  double madeUp = 0;
  const Entry &entry;
  const RunOptions &options;
  Dimensions dimensions;
  std::vector<Array> arrays;
};

} // namespace

llvm::Expected<std::vector<Array>>
mqa::makeArguments(func::FuncOp func, const Entry &entry,
                   const RunOptions &options) {
  return ArgumentMaker(func, entry, options).make();
}

void mqa::fillRandom(Array &array, uint64_t seed, unsigned argument) {
  // SplitMix64; four 16-bit numbers add up to something close to normal.
  uint64_t state =
      seed * 0x9e3779b97f4a7c15 + (argument + 1) * 0xd1342543de82ef95;
  auto next = [&] {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  };
  const double scale = std::sqrt(3.0) / 65536;
  for (int64_t i = 0, e = array.getNumElements(); i < e; ++i) {
    uint64_t bits = next();
    if (array.getKind() == ElementKind::I1) {
      array.write(i, bits >> 63);
    } else if (!isFloat(array.getKind())) {
      array.write(i, bits >> 61);
    } else {
      int64_t sum = (bits & 0xffff) + (bits >> 16 & 0xffff) +
                    (bits >> 32 & 0xffff) + (bits >> 48);
      array.write(i, double(sum - 131070) * scale);
    }
  }
}

llvm::Expected<std::vector<Array>>
mqa::copyArguments(const Entry &entry, const std::vector<Array> &arguments) {
  std::vector<Array> copies;
  for (auto [argument, type] : llvm::zip(arguments, entry.arguments)) {
    llvm::Expected<Array> copy = argument.convert(type.kind);
    if (!copy)
      return copy.takeError();
    copies.push_back(std::move(*copy));
  }
  return copies;
}
