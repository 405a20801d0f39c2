//===- Parser.cpp - the text of PTX -----------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// PTX ISA, "Syntax". A statement ends with a semicolon or a brace. Registers
// and labels of inline assembly live in the braces around them.
//
//===----------------------------------------------------------------------===//

#include "OperandParser.h"
#include "Program.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir::mqa::ptx;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// A place in the text.
class Cursor {
public:
  explicit Cursor(StringRef text) : rest(text) {}

  /// Skips white space and comments.
  void skipSpace() {
    while (!rest.empty()) {
      if (rest.starts_with("//")) {
        advance(std::min(rest.find('\n'), rest.size()));
      } else if (rest.starts_with("/*")) {
        size_t end = rest.find("*/");
        advance(end == StringRef::npos ? rest.size() : end + 2);
      } else if (llvm::isSpace(rest.front())) {
        advance(1);
      } else {
        return;
      }
    }
  }
  /// The text up to one of `ends`, which becomes the next character.
  StringRef until(StringRef ends) {
    StringRef found = rest.take_front(rest.find_first_of(ends));
    advance(found.size());
    return found;
  }
  void advance(size_t count) {
    line += rest.take_front(count).count('\n');
    rest = rest.drop_front(count);
  }
  bool consume(StringRef prefix) {
    if (!rest.starts_with(prefix))
      return false;
    advance(prefix.size());
    return true;
  }

  StringRef rest;
  uint32_t line = 1;
};

class Parser {
public:
  explicit Parser(Program &program)
      : program(program), cursor(program.text), operands(names) {}

  llvm::Error parse();

private:
  llvm::Error error(const Twine &message) {
    return llvm::createStringError("line " + Twine(cursor.line) + ": " +
                                   message);
  }
  llvm::Error parseItem();
  llvm::Error parseVariable(StringRef declaration);
  llvm::Error parseKernel(StringRef header);
  llvm::Error parseParameters(StringRef list, Kernel &kernel);
  llvm::Error parseBody(Kernel &kernel);
  llvm::Error parseStatement(StringRef statement, Kernel &kernel);
  llvm::Error parseInstruction(StringRef statement, Kernel &kernel);
  llvm::Error resolveBranches(Kernel &kernel);

  struct Branch {
    size_t instruction;
    StringRef label;
    llvm::SmallVector<unsigned> scopes;
    uint32_t line;
  };

  Program &program;
  Cursor cursor;
  NameTable names;
  OperandParser operands;
  Kernel *current = nullptr;
  uint64_t dynamicAlignment = 16;
  std::vector<llvm::StringMap<uint32_t>> labels;
  llvm::SmallVector<unsigned> open;
  std::vector<Branch> branches;
};

} // namespace

/// The number after `key` in a declaration, or `otherwise`.
static uint64_t getNumberAfter(StringRef text, StringRef key,
                               uint64_t otherwise) {
  size_t at = text.find(key);
  if (at == StringRef::npos)
    return otherwise;
  StringRef rest = text.drop_front(at + key.size()).ltrim();
  uint64_t number;
  return rest.consumeInteger(10, number) ? otherwise : number;
}

/// Bytes of the first type that a declaration names: ".b8", ".f32", ...
static uint64_t getElementBytes(StringRef declaration) {
  llvm::SmallVector<StringRef> words;
  llvm::SplitString(declaration, words, " \t\n");
  for (StringRef word : words) {
    unsigned bits;
    if (word.size() > 2 && word[0] == '.' &&
        StringRef("bfsu").contains(word[1]) &&
        !word.drop_front(2).getAsInteger(10, bits))
      return bits / 8;
  }
  return 0;
}

/// The name that a declaration ends with, and how many elements it has.
static std::pair<StringRef, uint64_t> getNameAndCount(StringRef declaration) {
  StringRef last = declaration.rtrim();
  uint64_t count = 1;
  if (last.ends_with("]")) {
    size_t bracket = last.rfind('[');
    if (last.slice(bracket + 1, last.size() - 1).trim().getAsInteger(0, count))
      count = 0;
    last = last.take_front(bracket).rtrim();
  }
  size_t space = last.find_last_of(" \t\n");
  return {last.drop_front(space + 1), count};
}

llvm::Error Parser::parseVariable(StringRef declaration) {
  if (declaration.contains('='))
    return error("expected a variable without initial values, got '" +
                 declaration.trim() + "'");
  auto [name, count] = getNameAndCount(declaration);
  uint64_t alignment = getNumberAfter(declaration, ".align", 16);
  uint64_t bytes = getElementBytes(declaration) * count;
  if (declaration.contains(".shared")) {
    if (declaration.contains(".extern")) {
      dynamicAlignment = std::max(dynamicAlignment, alignment);
      names.variables[name] = {Space::Shared, kDynamicShared};
      return llvm::Error::success();
    }
    uint64_t place = llvm::alignTo(program.sharedBytes, alignment);
    program.sharedBytes = place + bytes;
    names.variables[name] = {Space::Shared, place};
    return llvm::Error::success();
  }
  if (declaration.contains(".local") && current) {
    uint64_t place = llvm::alignTo(current->localBytes, alignment);
    current->localBytes = place + bytes;
    names.variables[name] = {Space::Local, place};
    return llvm::Error::success();
  }
  return error("expected a variable in shared or local memory, got '" +
               declaration.trim() + "'");
}

llvm::Error Parser::parseParameters(StringRef list, Kernel &kernel) {
  llvm::SmallVector<StringRef> items;
  list.split(items, ',', -1, /*KeepEmpty=*/false);
  uint64_t offset = 0;
  for (StringRef item : items) {
    if (item.trim().empty())
      continue;
    auto [name, count] = getNameAndCount(item);
    uint64_t bytes = getElementBytes(item) * count;
    if (bytes == 0)
      return error("expected a parameter with a size, got '" + item.trim() +
                   "'");
    // Apart from each other: nobody may read from one into the next.
    offset = llvm::alignTo(offset, 128);
    names.variables[name] = {Space::Param, offset};
    kernel.signature.parameterSizes.push_back(bytes);
    offset += bytes;
  }
  return llvm::Error::success();
}

llvm::Error Parser::parseKernel(StringRef header) {
  Kernel &kernel = program.kernels.emplace_back();
  current = &kernel;
  names.beginKernel();
  auto [name, parameters] = header.split('(');
  kernel.signature.name = name.trim().str();
  if (llvm::Error failed =
          parseParameters(parameters.take_front(parameters.rfind(')')), kernel))
    return failed;
  StringRef directives = cursor.until("{");
  kernel.signature.maxThreads = getNumberAfter(directives, ".maxntid", 0);
  cursor.advance(1);
  labels.assign(1, {});
  open.assign(1, 0);
  branches.clear();
  if (llvm::Error failed = parseBody(kernel))
    return failed;
  kernel.numRegisters = names.getNumRegisters();
  current = nullptr;
  return resolveBranches(kernel);
}

llvm::Error Parser::parseBody(Kernel &kernel) {
  for (;;) {
    cursor.skipSpace();
    if (cursor.rest.empty())
      return error("expected '}', got the end of the text");
    if (cursor.consume("{")) {
      open.push_back(labels.size());
      labels.emplace_back();
      names.openScope();
      continue;
    }
    if (cursor.consume("}")) {
      open.pop_back();
      if (open.empty())
        return llvm::Error::success();
      names.closeScope();
      continue;
    }
    // A label, or a statement; braces of operands belong to it.
    size_t end = cursor.rest.find_first_of(";:");
    if (end == StringRef::npos)
      return error("expected ';', got the end of the text");
    StringRef statement = cursor.rest.take_front(end);
    bool isQualifier = cursor.rest.drop_front(end).starts_with("::");
    if (cursor.rest[end] == ':' && !isQualifier && !statement.contains(' ')) {
      labels[open.back()][statement.trim()] = kernel.instructions.size();
      cursor.advance(end + 1);
      continue;
    }
    end = cursor.rest.find(';');
    statement = cursor.rest.take_front(end);
    if (llvm::Error failed = parseStatement(statement.trim(), kernel))
      return failed;
    cursor.advance(end + 1);
  }
}

llvm::Error Parser::parseStatement(StringRef statement, Kernel &kernel) {
  if (statement.consume_front(".reg")) {
    auto [type, list] = statement.trim().split(' ');
    llvm::SmallVector<StringRef> items;
    list.split(items, ',');
    for (StringRef item : items)
      names.declare(item.trim().split('<').first, item.contains('<'));
    return llvm::Error::success();
  }
  if (statement.starts_with(".pragma") || statement.starts_with(".loc"))
    return llvm::Error::success();
  if (statement.starts_with("."))
    return parseVariable(statement);
  return parseInstruction(statement, kernel);
}

llvm::Error Parser::parseInstruction(StringRef statement, Kernel &kernel) {
  Instruction instruction;
  instruction.line = cursor.line;
  instruction.text = statement;
  if (statement.consume_front("@")) {
    instruction.predicateNegated = statement.consume_front("!");
    size_t space = statement.find_first_of(" \t\n");
    instruction.predicate = names.getRegister(statement.take_front(space));
    statement = statement.drop_front(space).trim();
  }
  size_t space = statement.find_first_of(" \t\n");
  StringRef opcode = statement.take_front(space);
  StringRef rest =
      space == StringRef::npos ? "" : statement.drop_front(space).trim();
  llvm::SmallVector<StringRef> parts;
  opcode.split(parts, '.');
  if (parts[0] == "bra") {
    branches.push_back({kernel.instructions.size(), rest,
                        llvm::SmallVector<unsigned>(open), cursor.line});
    rest = "";
  }
  std::string wrong = operands.parseList(rest, instruction.operands);
  if (wrong.empty())
    wrong = decode(parts, instruction);
  if (!wrong.empty())
    return error(wrong + " in '" + instruction.text + "'");
  kernel.usesWarpgroups |= instruction.isWarpgroup;
  kernel.instructions.push_back(std::move(instruction));
  return llvm::Error::success();
}

llvm::Error Parser::resolveBranches(Kernel &kernel) {
  for (const Branch &branch : branches) {
    bool found = false;
    for (unsigned scope : llvm::reverse(branch.scopes)) {
      auto place = labels[scope].find(branch.label);
      if (place == labels[scope].end())
        continue;
      kernel.instructions[branch.instruction].target = place->second;
      found = true;
      break;
    }
    if (!found)
      return llvm::createStringError("line " + Twine(branch.line) +
                                     ": expected a label, got '" +
                                     branch.label + "'");
  }
  return llvm::Error::success();
}

llvm::Error Parser::parseItem() {
  if (cursor.rest.starts_with(".version") ||
      cursor.rest.starts_with(".target") ||
      cursor.rest.starts_with(".address_size") ||
      cursor.rest.starts_with(".file")) {
    cursor.until("\n");
    return llvm::Error::success();
  }
  StringRef head = cursor.until(";{(");
  size_t entry = head.find(".entry");
  if (entry != StringRef::npos) {
    StringRef name = head.drop_front(entry + 6);
    StringRef list = cursor.until(")");
    cursor.advance(1);
    return parseKernel(StringRef(name.data(), list.end() - name.data() + 1));
  }
  if (cursor.rest.empty() || cursor.rest.front() != ';')
    return error("expected a kernel or a variable, got '" + head.trim() + "'");
  cursor.advance(1);
  return parseVariable(head);
}

llvm::Error Parser::parse() {
  for (;;) {
    cursor.skipSpace();
    if (cursor.rest.empty())
      break;
    if (llvm::Error failed = parseItem())
      return failed;
  }
  // Dynamic memory is behind the static one.
  program.sharedBytes = llvm::alignTo(program.sharedBytes, dynamicAlignment);
  for (Kernel &kernel : program.kernels)
    for (Instruction &instruction : kernel.instructions)
      operands.placeDynamic(instruction.operands, program.sharedBytes);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Program>>
mlir::mqa::ptx::parseProgram(StringRef text) {
  auto program = std::make_unique<Program>();
  program->text = text.str();
  if (llvm::Error error = Parser(*program).parse())
    return error;
  return program;
}
