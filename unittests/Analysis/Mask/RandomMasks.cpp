//===- RandomMasks.cpp - seeded generators of masks -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two generators. The wild one draws arithmetic of every kind, in index and in
// a narrow type that wraps around within a few positions; the other joins the
// comparisons that masks are made of. Only std::mt19937_64 is used, and no
// distribution of the library, so that a seed means the same everywhere.
//
//===----------------------------------------------------------------------===//

#include "MaskLibrary.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Regex.h"
#include <map>

using namespace mlir;
using namespace mlir::mqa;

std::vector<MaskSpec> mqa::getLibrary() {
  std::vector<MaskSpec> all = getCausalMasks();
  for (const auto *some : {&getComposedMasks(), &getElementMasks()})
    all.insert(all.end(), some->begin(), some->end());
  return all;
}

namespace {

using Names = std::vector<std::string>;

/// Writes random ops; every value is kept by type, the last ones are likelier.
class RegionWriter {
public:
  RegionWriter(std::mt19937_64 &rng)
      : rng(rng), narrow(chance(70) ? "i8" : "i32"),
        narrowShare(chance(50) ? 10 : 60), isWild(chance(30)) {
    pool["index"] = {"m", "n", "m", "n", "h", "b", "off", "lenx"};
    pool[narrow] = {"len", "kf", "rf", "short"};
    pool["i1"] = {"kb", "rb", "tb"};
  }

  MaskSpec write(unsigned number);

private:
  bool chance(int percent) { return draw(rng, 0, 99) < percent; }
  template <typename T> T choose(std::initializer_list<T> values) {
    return values.begin()[draw(rng, 0, values.size() - 1)];
  }
  std::string pick(const std::string &type) {
    const Names &names = pool[type];
    int64_t last = names.size() - 1, back = 0;
    if (!chance(50))
      return "%" + names[draw(rng, 0, last)];
    while (back < last && chance(70))
      ++back;
    return "%" + names[last - back];
  }
  std::string emit(const std::string &text, const std::string &type) {
    std::string name = "v" + std::to_string(lines.size());
    lines.push_back("%" + name + " = arith." + text);
    pool[type].push_back(name);
    return "%" + name;
  }
  std::string emitConstant(int64_t value, const std::string &type) {
    value = type == "i8" ? wrap(value, 8) : value;
    return emit("constant " + std::to_string(value) + " : " + type, type);
  }
  std::string emitConstant(const std::string &type) {
    if (isWild)
      return emitConstant(choose<int64_t>({-512, -100, -31, -7, 3, 5, 11, 30,
                                           100, 511, 1 << 30, INT32_MIN}),
                          type);
    return emitConstant(
        choose<int64_t>({-512, -3, -1, 0, 1, 2, 2, 3, 3, 4, 5, 7, 8, 31, 511}),
        type);
  }
  std::string emitBinary(const std::string &op, const std::string &type,
                         const std::string &rhs = "") {
    std::string lhs = pick(type);
    return emit(op + " " + lhs + ", " + (rhs.empty() ? pick(type) : rhs) +
                    " : " + type,
                type);
  }
  std::string emitCompare(const std::string &type, const char *predicate) {
    std::string lhs = pick(type), rhs = pick(type);
    return emit("cmpi " + std::string(predicate) + ", " + lhs + ", " + rhs +
                    " : " + type,
                "i1");
  }
  std::string chooseType() { return chance(narrowShare) ? narrow : "index"; }
  void emitCast(const std::string &type);
  void emitDivision(const std::string &type);
  void emitAny();
  void emitLogic();

  std::mt19937_64 &rng;
  std::string narrow;
  int narrowShare;
  bool isWild;
  Names lines, atoms;
  std::map<std::string, Names> pool;
};

void RegionWriter::emitCast(const std::string &type) {
  std::string other = type == "index" ? narrow : "index";
  const char *op = chance(30) ? "index_castui" : "index_cast";
  emit(op + (" " + pick(type)) + " : " + type + " to " + other, other);
}

/// The verifier asks for a constant divisor.
void RegionWriter::emitDivision(const std::string &type) {
  std::string by = emitConstant(choose<int64_t>({1, 2, 3, 4, 5, -2}), type);
  emitBinary(choose({"divsi", "divui", "floordivsi", "ceildivsi", "remsi",
                     "remui", "ceildivui"}),
             type, by);
}

void RegionWriter::emitAny() {
  std::string type = chooseType();
  int64_t kind = draw(rng, 0, 99);
  if (kind < 12) {
    emitConstant(type);
  } else if (kind < 20) {
    emitCast(type);
  } else if (kind < 50) {
    std::string op = isWild ? choose({"addi", "subi", "muli"})
                            : choose({"addi", "addi", "subi", "subi", "muli"});
    std::string lhs = pick(type), rhs = pick(type);
    emit(op + " " + lhs + ", " + rhs + (chance(5) ? " overflow<nsw>" : "") +
             " : " + type,
         type);
  } else if (kind < 58) {
    emitBinary(choose({"minsi", "maxsi", "minui", "maxui"}), type);
  } else if (kind < 72) {
    emitDivision(type);
  } else if (kind < 76) {
    std::string by =
        chance(80) ? emitConstant(choose<int64_t>({1, 3}), type) : pick(type);
    emitBinary(choose({"andi", "shrsi", "shrui", "shli", "ori"}), type, by);
  } else if (kind < 81) {
    std::string condition = pick("i1"), x = pick(type), y = pick(type);
    emit("select " + condition + ", " + x + ", " + y + " : " + type, type);
  } else if (kind == 81) {
    atoms.push_back(
        emit("trunci " + pick(narrow) + " : " + narrow + " to i1", "i1"));
  } else if (kind < 84) {
    emit(choose({"extui ", "extsi "}) + pick("i1") + " : i1 to " + narrow,
         narrow);
  } else {
    atoms.push_back(
        emitCompare(type, choose({"eq", "ne", "slt", "sle", "sgt", "sge", "ult",
                                  "ule", "ugt", "uge"})));
  }
}

void RegionWriter::emitLogic() {
  std::string x = atoms[draw(rng, 0, atoms.size() - 1)], y = pick("i1");
  int64_t kind = draw(rng, 0, 99);
  if (kind < 85)
    atoms.push_back(emit(choose({"andi ", "ori ", "andi ", "ori ", "xori "}) +
                             x + ", " + y + " : i1",
                         "i1"));
  else if (kind < 95)
    atoms.push_back(emit("select " + x + ", " + y + ", " +
                             atoms[draw(rng, 0, atoms.size() - 1)] + " : i1",
                         "i1"));
  else
    atoms.push_back(
        emit(choose({"cmpi eq, ", "cmpi ne, ", "cmpi ult, ", "cmpi slt, "}) +
                 x + ", " + y + " : i1",
             "i1"));
}

/// `lines` that `result` needs, and which names they use.
std::string prune(const Names &lines, const std::string &result,
                  llvm::StringSet<> &used) {
  std::string body = "mqa.yield " + result + " : i1";
  used.insert(result.substr(1));
  for (const std::string &line : llvm::reverse(lines)) {
    auto [lhs, rhs] = StringRef(line).split(" = ");
    if (!used.contains(lhs.drop_front()))
      continue;
    body = line + "\n" + body;
    llvm::Regex name("%([a-z0-9]+)");
    SmallVector<StringRef> match;
    for (; name.match(rhs, &match);
         rhs = rhs.substr(match[0].end() - rhs.begin()))
      used.insert(match[1]);
  }
  return body;
}

/// Declares what `used` names among `scalars` and `inputs`.
MaskSpec makeSpec(std::string name, std::string body,
                  const llvm::StringSet<> &used,
                  const std::vector<ScalarSpec> &scalars,
                  const std::vector<InputSpec> &inputs) {
  MaskSpec spec{std::move(name), std::move(body)};
  for (const ScalarSpec &scalar : scalars)
    if (used.contains(scalar.name))
      spec.scalars.push_back(scalar);
  spec.batches = used.contains("b") ? 2 : 1;
  spec.heads = used.contains("h") ? 2 : 1;
  for (const InputSpec &input : inputs) {
    if (!used.contains(input.name))
      continue;
    spec.inputs.push_back(input);
    if (StringRef(input.dims).contains('h'))
      spec.heads = 2;
  }
  return spec;
}

MaskSpec RegionWriter::write(unsigned number) {
  for (const char *dim : {"%m", "%n"})
    emit("index_cast " + std::string(dim) + " : index to " + narrow, narrow);
  emitConstant("index");
  emitConstant(narrow);
  for (int64_t count = draw(rng, 2, 11); count > 0; --count)
    emitAny();
  for (int64_t count = draw(rng, 1, 2); count > 0; --count)
    atoms.push_back(emitCompare(
        chooseType(), choose({"slt", "sle", "sgt", "sge", "ult", "eq"})));
  for (int64_t count = draw(rng, 0, 3); count > 0; --count)
    emitLogic();
  llvm::StringSet<> used;
  std::string body = prune(lines, atoms.back(), used);
  return makeSpec("random " + std::to_string(number), body, used,
                  {{"off", "index"}, {"lenx", "index"}, {"short", narrow}},
                  {{"len", narrow, "b"},
                   {"kf", narrow, "n"},
                   {"rf", narrow, "hm"},
                   {"kb", "i1", "n", Draw::Bits},
                   {"rb", "i1", "m", Draw::Bits},
                   {"tb", "i1", "mn", Draw::Bits}});
}

} // namespace

MaskSpec mqa::makeRandomMask(std::mt19937_64 &rng, unsigned number) {
  return RegionWriter(rng).write(number);
}

/// A tree of `leaves` comparisons; gives its value.
static std::string writeTree(std::mt19937_64 &rng, int64_t leaves,
                             Names &lines) {
  static const char *const atoms[] = {
      "cmpi sle, %n, %m : index", "cmpi sle, %n, %mo : index",
      "cmpi slt, %d, %w : index", "cmpi slt, %n, %len : index",
      "cmpi slt, %n, %p : index", "cmpi eq, %cm, %cn : index",
      "cmpi sge, %n, %p : index", "cmpi slt, %n, %s : index",
      "cmpi slt, %m, %s : index", "cmpi eq, %rn, %z : index",
      "cmpi eq, %qd, %kd : i32",  "cmpi ule, %d, %w : index"};
  std::string text;
  if (leaves == 1) {
    text = atoms[draw(rng, 0, std::size(atoms) - 1)];
  } else {
    int64_t left = draw(rng, 1, leaves - 1);
    std::string lhs = writeTree(rng, left, lines);
    std::string rhs = writeTree(rng, leaves - left, lines);
    int64_t kind = draw(rng, 0, 99);
    text = (kind < 65   ? "andi "
            : kind < 95 ? "ori "
                        : "xori ") +
           lhs + ", " + rhs + " : i1";
  }
  std::string name = "%t" + std::to_string(lines.size());
  lines.push_back(name + " = arith." + text);
  return name;
}

MaskSpec mqa::makeComposedMask(std::mt19937_64 &rng, unsigned number) {
  Names lines = {
      "%z = arith.constant 0 : index",     "%w = arith.constant 3 : index",
      "%s = arith.constant 2 : index",     "%c = arith.constant 4 : index",
      "%mo = arith.addi %m, %off : index", "%d = arith.subi %m, %n : index",
      "%cm = arith.divui %m, %c : index",  "%cn = arith.divui %n, %c : index",
      "%rn = arith.remui %n, %c : index"};
  std::string result = writeTree(rng, draw(rng, 2, 4), lines);
  llvm::StringSet<> used;
  std::string body = prune(lines, result, used);
  return makeSpec("composed " + std::to_string(number), body, used,
                  {{"off", "index"}},
                  {{"len", "index", "b", Draw::Small},
                   {"p", "index", "b", Draw::Small},
                   {"qd", "i32", "m", Draw::Documents},
                   {"kd", "i32", "n", Draw::Documents}});
}
