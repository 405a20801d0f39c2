//===- ScheduleCache.cpp - schedules that a search has found ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/ScheduleCache.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::mqa;
namespace json = llvm::json;

static constexpr StringLiteral kVersionMember = "mqa_schedule_cache";

const ScheduleCacheEntry *
ScheduleCache::find(StringRef cpu, const ProblemSize &problem) const {
  for (const ScheduleCacheEntry &entry : entries)
    if (entry.cpu == cpu && entry.problem == problem)
      return &entry;
  return nullptr;
}

void ScheduleCache::add(ScheduleCacheEntry entry) {
  if (const ScheduleCacheEntry *old = find(entry.cpu, entry.problem))
    entries[old - entries.data()] = std::move(entry);
  else
    entries.push_back(std::move(entry));
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

/// A size, "?" if it is not known when the program is compiled.
static json::Value toJSON(int64_t size) {
  return ShapedType::isDynamic(size) ? json::Value("?") : json::Value(size);
}

static void printEntry(const ScheduleCacheEntry &entry, json::OStream &json) {
  const ProblemSize &problem = entry.problem;
  json.object([&] {
    json.attribute("cpu", entry.cpu);
    json.attribute("query", problem.queryType);
    json.attribute("key", problem.keyType);
    json.attribute("value", problem.valueType);
    json.attribute("rows", toJSON(problem.rows));
    json.attribute("keys", toJSON(problem.keys));
    json.attribute("depth", toJSON(problem.depth));
    json.attribute("value_size", toJSON(problem.value));
    json.attribute("mask", stringifyMaskKind(problem.mask));
    json.attributeObject("schedule", [&] {
      for (const ScheduleField &field : getScheduleFields())
        json.attribute(field.name, entry.schedule.*field.member);
    });
    json.attributeBegin("seconds");
    json.rawValue([&](llvm::raw_ostream &os) {
      os << llvm::format("%.4g", entry.seconds);
    });
    json.attributeEnd();
    json.attribute("threads", entry.threads);
    json.attribute("dims", entry.dims);
  });
}

void ScheduleCache::print(llvm::raw_ostream &os) const {
  // An entry is a line: a difference of two files reads well.
  os << "{\"" << kVersionMember << "\": " << kVersion << ",\n \"entries\": [";
  for (const ScheduleCacheEntry &entry : entries) {
    os << (&entry == entries.data() ? "\n  " : ",\n  ");
    json::OStream json(os);
    printEntry(entry, json);
  }
  os << "\n]}\n";
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

/// The lines on which the elements of the array "entries" begin, in a text that
/// is valid JSON: the parser of LLVM keeps no places.
static SmallVector<unsigned> findEntryLines(StringRef text) {
  SmallVector<unsigned> lines;
  unsigned line = 1, depth = 0;
  bool inEntries = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      size_t begin = ++i;
      while (i < text.size() && text[i] != '"')
        i += text[i] == '\\' ? 2 : 1;
      bool isName = text.substr(i + 1).ltrim().starts_with(":");
      if (depth == 1 && isName)
        inEntries = text.slice(begin, i) == "entries";
    } else if (c == '\n') {
      ++line;
    } else if (c == '{' || c == '[') {
      if (inEntries && depth == 2)
        lines.push_back(line);
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return lines;
}

/// What stands in the file, as the reader of a message sees it.
static std::string print(const json::Value *value) {
  if (!value)
    return "none";
  std::string text;
  llvm::raw_string_ostream(text) << *value;
  return text;
}

namespace {

/// Reads the members of one object; the first thing that is wrong stays.
class MemberReader {
public:
  MemberReader(const json::Object &object, std::string &error)
      : object(object), error(error) {}

  std::string getString(StringRef name) {
    if (auto text = object.getString(name))
      return text->str();
    fail("a string", name);
    return "";
  }

  /// A whole number of at least `least`.
  int64_t getInteger(StringRef name, int64_t least) {
    auto number = object.getInteger(name);
    if (number && *number >= least)
      return *number;
    fail("a whole number of at least " + std::to_string(least), name);
    return least;
  }

  /// A whole number, or "?".
  int64_t getSize(StringRef name) {
    if (object.getString(name) == "?")
      return ShapedType::kDynamic;
    auto number = object.getInteger(name);
    if (number && *number >= 0)
      return *number;
    fail("a size or \"?\"", name);
    return 0;
  }

  void fail(const Twine &expected, StringRef name) {
    if (error.empty())
      error = ("expected " + expected + " for \"" + name + "\", got " +
               print(object.get(name)))
                  .str();
  }

private:
  const json::Object &object;
  std::string &error;
};

} // namespace

/// A member of `object` that is not among `known`; empty if there is none.
static StringRef findUnknown(const json::Object &object,
                             ArrayRef<StringRef> known) {
  for (const auto &member : object)
    if (!llvm::is_contained(known, StringRef(member.first)))
      return member.first;
  return {};
}

static StringRef findUnknownMember(const json::Object &object) {
  StringRef found = findUnknown(
      object, {"cpu", "query", "key", "value", "rows", "keys", "depth",
               "value_size", "mask", "schedule", "seconds", "threads", "dims"});
  const json::Object *schedule = object.getObject("schedule");
  if (!found.empty() || !schedule)
    return found;
  SmallVector<StringRef> fields;
  for (const ScheduleField &field : getScheduleFields())
    fields.push_back(field.name);
  return findUnknown(*schedule, fields);
}

static ScheduleCacheEntry parseEntry(const json::Object &object,
                                     std::string &error) {
  MemberReader reader(object, error);
  ScheduleCacheEntry entry;
  entry.cpu = reader.getString("cpu");
  entry.problem.queryType = reader.getString("query");
  entry.problem.keyType = reader.getString("key");
  entry.problem.valueType = reader.getString("value");
  entry.problem.rows = reader.getSize("rows");
  entry.problem.keys = reader.getSize("keys");
  entry.problem.depth = reader.getSize("depth");
  entry.problem.value = reader.getSize("value_size");
  auto mask = symbolizeMaskKind(object.getString("mask").value_or(""));
  if (!mask)
    reader.fail("\"none\", \"bounded\" or \"classified\"", "mask");
  entry.problem.mask = mask.value_or(MaskKind::None);
  const json::Object *schedule = object.getObject("schedule");
  if (!schedule) {
    reader.fail("an object", "schedule");
    return entry;
  }
  MemberReader fields(*schedule, error);
  for (const ScheduleField &field : getScheduleFields())
    entry.schedule.*field.member = fields.getInteger(field.name, 0);
  // Notes for people: what is not there stays open.
  entry.seconds = object.getNumber("seconds").value_or(0);
  entry.threads = object.getInteger("threads").value_or(0);
  entry.dims = object.getString("dims").value_or("").str();
  return entry;
}

/// The message of LLVM's parser, "[3:5, byte=40]: Expected ...".
static CacheMessage getSyntaxMessage(llvm::Error error) {
  std::string printed = llvm::toString(std::move(error));
  CacheMessage message;
  StringRef rest = printed;
  rest.consume_front("[");
  rest.consumeInteger(10, message.line);
  rest.consume_front(":");
  rest.consumeInteger(10, message.column);
  message.text = "expected a schedule cache in JSON, got: " +
                 rest.split("]: ").second.str();
  return message;
}

/// The entries of a file, whose first ones stand on `lines`.
static std::variant<ScheduleCache, CacheMessage>
parseEntries(const json::Array &array, ArrayRef<unsigned> lines,
             std::vector<CacheMessage> &remarks) {
  ScheduleCache cache;
  for (auto [i, value] : llvm::enumerate(array)) {
    const json::Object *object = value.getAsObject();
    // Numbers and strings have no line of their own in `lines`.
    if (!object || i >= lines.size())
      return CacheMessage{i < lines.size() ? lines[i] : 1, 1,
                          "expected an object as an entry, got " +
                              print(&value)};
    if (StringRef name = findUnknownMember(*object); !name.empty()) {
      remarks.push_back({lines[i], 1,
                         "left out: an entry with the unknown member \"" +
                             name.str() + "\""});
      continue;
    }
    std::string error;
    ScheduleCacheEntry entry = parseEntry(*object, error);
    if (!error.empty())
      return CacheMessage{lines[i], 1, error};
    entry.line = lines[i];
    cache.add(std::move(entry));
  }
  return cache;
}

std::variant<ScheduleCache, CacheMessage>
mlir::mqa::parseScheduleCache(StringRef text,
                              std::vector<CacheMessage> &remarks) {
  llvm::Expected<json::Value> parsed = json::parse(text);
  if (!parsed)
    return getSyntaxMessage(parsed.takeError());
  const json::Object *root = parsed->getAsObject();
  const json::Value *version = root ? root->get(kVersionMember) : nullptr;
  if (!version)
    return CacheMessage{1, 1,
                        "expected an object with the member \"" +
                            kVersionMember.str() + "\", got none"};
  if (version->getAsInteger() != ScheduleCache::kVersion)
    return CacheMessage{1, 1,
                        "expected version " +
                            std::to_string(ScheduleCache::kVersion) + ", got " +
                            print(version)};
  const json::Array *entries = root->getArray("entries");
  if (!entries)
    return CacheMessage{1, 1,
                        "expected an array for \"entries\", got " +
                            print(root->get("entries"))};
  return parseEntries(*entries, findEntryLines(text), remarks);
}
