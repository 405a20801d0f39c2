//===- OperandParser.cpp - operands of PTX instructions ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperandParser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;

bool NameTable::isRegister(StringRef name) const {
  if (name.starts_with("%"))
    return true;
  for (const auto &scope : scopes)
    if (scope.count(name))
      return true;
  return false;
}

uint32_t NameTable::getRegister(StringRef name) {
  for (auto &scope : llvm::reverse(scopes)) {
    auto found = scope.find(name);
    if (found != scope.end())
      return found->second;
  }
  return scopes.front()[name] = numRegisters++;
}

/// Splits at `separator` outside of brackets and braces.
static llvm::SmallVector<StringRef> splitOutside(StringRef text,
                                                 char separator) {
  llvm::SmallVector<StringRef> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{')
      ++depth;
    else if (text[i] == ']' || text[i] == '}')
      --depth;
    else if (text[i] == separator && depth == 0) {
      parts.push_back(text.slice(begin, i).trim());
      begin = i + 1;
    }
  }
  parts.push_back(text.drop_front(begin).trim());
  return parts;
}

bool OperandParser::parseNumber(StringRef text, Operand &operand) {
  operand.kind = Operand::Immediate;
  StringRef digits = text;
  if (digits.consume_front("0f") || digits.consume_front("0F") ||
      digits.consume_front("0d") || digits.consume_front("0D"))
    return !digits.getAsInteger(16, operand.value);
  digits.consume_back("U");
  int64_t negative;
  if (digits.starts_with("-")) {
    if (digits.getAsInteger(0, negative))
      return false;
    operand.value = static_cast<uint64_t>(negative);
    return true;
  }
  return !digits.getAsInteger(0, operand.value);
}

bool OperandParser::parseSpecial(StringRef text, Operand &operand) {
  constexpr int none = -1;
  int found = llvm::StringSwitch<int>(text)
                  .Case("%tid.x", int(Special::TidX))
                  .Case("%tid.y", int(Special::TidY))
                  .Case("%tid.z", int(Special::TidZ))
                  .Case("%ntid.x", int(Special::NTidX))
                  .Case("%ntid.y", int(Special::NTidY))
                  .Case("%ntid.z", int(Special::NTidZ))
                  .Case("%ctaid.x", int(Special::CtaIdX))
                  .Case("%ctaid.y", int(Special::CtaIdY))
                  .Case("%ctaid.z", int(Special::CtaIdZ))
                  .Case("%nctaid.x", int(Special::NCtaIdX))
                  .Case("%nctaid.y", int(Special::NCtaIdY))
                  .Case("%nctaid.z", int(Special::NCtaIdZ))
                  .Case("%laneid", int(Special::LaneId))
                  .Case("%warpid", int(Special::WarpId))
                  .Case("%nwarpid", int(Special::NWarpId))
                  .Case("%smid", int(Special::SmId))
                  .Case("%nsmid", int(Special::NSmId))
                  .Case("%gridid", int(Special::GridId))
                  .Case("%lanemask_eq", int(Special::LaneMaskEq))
                  .Case("%lanemask_lt", int(Special::LaneMaskLt))
                  .Case("%lanemask_le", int(Special::LaneMaskLe))
                  .Case("%lanemask_gt", int(Special::LaneMaskGt))
                  .Case("%lanemask_ge", int(Special::LaneMaskGe))
                  .Cases({"%clock", "%clock64"}, int(Special::Clock))
                  .Default(none);
  if (found == none)
    return false;
  operand.kind = Operand::SpecialRegister;
  operand.special = static_cast<Special>(found);
  return true;
}

std::string OperandParser::parseParts(StringRef text, char separator,
                                      Operand &operand) {
  operand.kind = Operand::Vector;
  for (StringRef part : splitOutside(text, separator))
    if (std::string wrong = parse(part, operand.parts.emplace_back());
        !wrong.empty())
      return wrong;
  return {};
}

/// "base", "base+4", "base, {x, y}": the base is the first part.
std::string OperandParser::parseAddress(StringRef text, Operand &operand) {
  operand.kind = Operand::Address;
  llvm::SmallVector<StringRef> items = splitOutside(text, ',');
  auto [base, offset] = items[0].split('+');
  int64_t bytes = 0;
  if (!offset.empty() && offset.trim().getAsInteger(0, bytes))
    return "expected a number as offset, got '" + offset.str() + "'";
  operand.value = static_cast<uint64_t>(bytes);
  if (std::string wrong = parse(base.trim(), operand.parts.emplace_back());
      !wrong.empty())
    return wrong;
  for (StringRef item : llvm::ArrayRef(items).drop_front())
    if (std::string wrong = parse(item, operand.parts.emplace_back());
        !wrong.empty())
      return wrong;
  return {};
}

std::string OperandParser::parse(StringRef text, Operand &operand) {
  if (text.consume_front("[")) {
    if (!text.consume_back("]"))
      return "expected ']', got '" + text.str() + "'";
    return parseAddress(text, operand);
  }
  if (text.consume_front("{")) {
    if (!text.consume_back("}"))
      return "expected '}', got '" + text.str() + "'";
    return parseParts(text, ',', operand);
  }
  if (text.contains('|'))
    return parseParts(text, '|', operand);
  if (text == "_") {
    operand.kind = Operand::Register;
    return {};
  }
  operand.isNegated = text.consume_front("!");
  if (parseSpecial(text, operand))
    return {};
  if (names.isRegister(text)) {
    operand.kind = Operand::Register;
    operand.reg = names.getRegister(text);
    return {};
  }
  auto variable = names.variables.find(text);
  if (variable != names.variables.end()) {
    operand.kind = Operand::Immediate;
    operand.value = variable->second.offset;
    return {};
  }
  if (parseNumber(text, operand))
    return {};
  return "expected an operand, got '" + text.str() + "'";
}

std::string OperandParser::parseList(StringRef text,
                                     llvm::SmallVectorImpl<Operand> &operands) {
  if (text.empty())
    return {};
  for (StringRef part : splitOutside(text, ','))
    if (std::string wrong = parse(part, operands.emplace_back());
        !wrong.empty())
      return wrong;
  return {};
}

void OperandParser::placeDynamic(llvm::MutableArrayRef<Operand> operands,
                                 uint64_t offset) {
  for (Operand &operand : operands) {
    if (operand.kind == Operand::Immediate && operand.value == kDynamicShared)
      operand.value = offset;
    placeDynamic(operand.parts, offset);
  }
}
