//===- Enumerate.cpp - every verdict against the truth ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Enumerate.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {

/// The mask at every point, with sums over boxes.
class Truth {
public:
  Truth(MaskCase &mask, const Sizes &sizes)
      : sizes(sizes),
        sums(sizes.b * (sizes.h + 1) * (sizes.m + 1) * (sizes.n + 1)) {
    for (int64_t b = 0; b < sizes.b; ++b)
      for (int64_t h = 0; h < sizes.h; ++h)
        for (int64_t m = 0; m < sizes.m; ++m)
          for (int64_t n = 0; n < sizes.n; ++n) {
            std::optional<bool> live = mask.isLive(b, h, m, n);
            if (!live) {
              undefined = true;
              return;
            }
            at(b, h + 1, m + 1, n + 1) = *live;
          }
    accumulate();
  }

  bool isUndefined() const { return undefined; }

  /// Live pairs of a box and the keys [n0, n1).
  int64_t count(const Rows &r, int64_t n0, int64_t n1) {
    auto plane = [&](int64_t n) {
      return at(r.b, r.h1 + 1, r.m1 + 1, n) - at(r.b, r.h0, r.m1 + 1, n) -
             at(r.b, r.h1 + 1, r.m0, n) + at(r.b, r.h0, r.m0, n);
    };
    return plane(n1) - plane(n0);
  }

  /// Whether the mask differs along a dimension: 0 to 3 are b, h, m, n.
  bool differsAlong(unsigned dim) {
    Rows step{dim == 0, dim == 1, 0, dim == 2, 0};
    for (int64_t b = 0; b + step.b < sizes.b; ++b)
      for (int64_t h = 0; h + step.h0 < sizes.h; ++h)
        for (int64_t m = 0; m + step.m0 < sizes.m; ++m)
          for (int64_t n = 0; n + (dim == 3) < sizes.n; ++n) {
            int64_t k = n + (dim == 3);
            Rows there{b + step.b, h + step.h0, h + step.h0, m + step.m0,
                       m + step.m0};
            if (count({b, h, h, m, m}, n, n + 1) != count(there, k, k + 1))
              return true;
          }
    return false;
  }

  /// Rows of a box without a live key.
  int64_t countDead(const Rows &r) {
    int64_t dead = 0;
    for (int64_t h = r.h0; h <= r.h1; ++h)
      for (int64_t m = r.m0; m <= r.m1; ++m)
        dead += count({r.b, h, h, m, m}, 0, sizes.n) == 0;
    return dead;
  }

private:
  int64_t &at(int64_t b, int64_t h, int64_t m, int64_t n) {
    return sums[((b * (sizes.h + 1) + h) * (sizes.m + 1) + m) * (sizes.n + 1) +
                n];
  }
  void accumulate() {
    for (int64_t b = 0; b < sizes.b; ++b)
      for (int64_t h = 1; h <= sizes.h; ++h)
        for (int64_t m = 1; m <= sizes.m; ++m)
          for (int64_t n = 1; n <= sizes.n; ++n) {
            at(b, h, m, n) += at(b, h, m, n - 1) + at(b, h, m - 1, n) -
                              at(b, h, m - 1, n - 1) + at(b, h - 1, m, n) -
                              at(b, h - 1, m, n - 1) - at(b, h - 1, m - 1, n) +
                              at(b, h - 1, m - 1, n - 1);
          }
  }

  Sizes sizes;
  std::vector<int64_t> sums;
  bool undefined = false;
};

/// Checks one binding.
class Checker {
public:
  Checker(MaskCase &mask, const Sizes &sizes, ArrayRef<int64_t> scalars,
          ArrayRef<Elements> inputs, Tally &tally)
      : mask(mask), sizes(sizes), scalars(scalars), inputs(inputs),
        truth(mask, sizes), tally(tally) {}

  void run() {
    ++tally.cases;
    if (truth.isUndefined()) {
      ++tally.undefinedCases;
      return;
    }
    for (unsigned dim = 0; dim < 4; ++dim)
      if (!mask.getSummary().dependsOn[dim] && truth.differsAlong(dim))
        report("summary: expected the mask to depend on dimension " +
               Twine(dim));
    for (rows.b = 0; rows.b < sizes.b; ++rows.b)
      for (rows.h0 = 0; rows.h0 < sizes.h; ++rows.h0)
        for (rows.h1 = rows.h0; rows.h1 < sizes.h; ++rows.h1)
          for (rows.m0 = 0; rows.m0 < sizes.m; ++rows.m0)
            for (rows.m1 = rows.m0; rows.m1 < sizes.m; ++rows.m1)
              if (!checkBox())
                return;
  }

private:
  void report(const Twine &what) {
    if (++tally.unsound > 3)
      return;
    llvm::raw_string_ostream os(tally.findings);
    os << what << "\n  sizes b=" << sizes.b << " h=" << sizes.h
       << " m=" << sizes.m << " n=" << sizes.n << ", box b=" << rows.b << " h=["
       << rows.h0 << "," << rows.h1 << "] m=[" << rows.m0 << "," << rows.m1
       << "]";
    for (auto [spec, value] : llvm::zip(mask.getSpec().scalars, scalars))
      os << " " << spec.name << "=" << value;
    os << "\n";
    for (auto [spec, input] : llvm::zip(mask.getSpec().inputs, inputs)) {
      os << "  " << spec.name << " =";
      for (int64_t value : input.data)
        os << " " << value;
      os << "\n";
    }
  }
  void expect(bool holds, const Twine &what) {
    if (!holds)
      report(what);
  }
  static std::string print(std::pair<int64_t, int64_t> range) {
    return "[" + std::to_string(range.first) + "," +
           std::to_string(range.second) + ")";
  }

  bool checkBox() {
    if (!mask.getRanges(rows, ranges)) {
      report("running failed: " + mask.getError());
      return false;
    }
    ++tally.boxes;
    numRows = (rows.h1 - rows.h0 + 1) * (rows.m1 - rows.m0 + 1);
    checkRanges();
    dead = truth.countDead(rows);
    if (sizes.n == 0)
      dead = numRows;
    if (ranges.everyRowLive && dead)
      report("every row live: expected false, got true");
    for (int64_t n0 = 0; n0 < sizes.n; ++n0)
      for (int64_t n1 = n0; n1 < sizes.n; ++n1)
        if (!checkBlock(n0, n1))
          return false;
    countRows();
    return true;
  }

  void checkRanges() {
    std::pair<int64_t, int64_t> before = {0, 0};
    for (auto range : ranges.live) {
      if (range.second <= range.first)
        continue;
      expect(range.first >= before.second && range.second <= sizes.n,
             "live range: expected one in the keys and after the one before, "
             "got " +
                 print(range));
      before = range;
    }
    if (ranges.full.second > ranges.full.first) {
      expect(ranges.full.first >= 0 && ranges.full.second <= sizes.n,
             "full range: expected one in the keys, got " + print(ranges.full));
      tally.anyFull = true;
    }
    for (int64_t n = 0; n < sizes.n; ++n) {
      int64_t live = truth.count(rows, n, n + 1);
      expect(live == 0 || isInLive(n),
             "key " + Twine(n) + ": expected it in a live range, got " +
                 describe());
      expect(live == numRows || !isIn(ranges.full, n),
             "key " + Twine(n) +
                 ": expected it outside of the full range, got " + describe());
      tally.anyEmpty |= !isInLive(n);
    }
  }

  std::string describe() {
    std::string text = "live";
    for (auto range : ranges.live)
      text += " " + print(range);
    return text + " full " + print(ranges.full);
  }
  static bool isIn(std::pair<int64_t, int64_t> range, int64_t n) {
    return range.first <= n && n < range.second;
  }
  bool isInLive(int64_t n) {
    return llvm::any_of(ranges.live,
                        [&](auto range) { return isIn(range, n); });
  }

  bool checkBlock(int64_t n0, int64_t n1) {
    bool full = false, empty = false;
    if (!mask.classify(n0, n1, full, empty)) {
      report("running failed: " + mask.getError());
      return false;
    }
    ++tally.blocks;
    int64_t live = truth.count(rows, n0, n1 + 1);
    int64_t area = numRows * (n1 - n0 + 1);
    if (full && live != area)
      report("block " + print({n0, n1 + 1}) +
             ": expected it not full, got full");
    if (empty && live != 0)
      report("block " + print({n0, n1 + 1}) +
             ": expected it not empty, got empty");
    tally.anyFull |= full;
    tally.anyEmpty |= empty;
    for (auto [r, c] : {std::pair<int64_t, int64_t>(2, 2), {4, 3}, {1, 4}})
      if (isAligned(r) && n0 % c == 0 && n1 == std::min(n0 + c, sizes.n) - 1)
        countBlock(n0, n1, full, empty, live, area);
    return true;
  }

  bool isAligned(int64_t r) const {
    return rows.m0 % r == 0 && rows.m1 == std::min(rows.m0 + r, sizes.m) - 1;
  }

  void countBlock(int64_t n0, int64_t n1, bool full, bool empty, int64_t live,
                  int64_t area) {
    bool visited = false, inner = true;
    for (int64_t n = n0; n <= n1; ++n) {
      visited |= isInLive(n);
      inner &= isIn(ranges.full, n);
    }
    tally.fullTrue += live == area;
    tally.fullSaid += full;
    tally.emptyTrue += live == 0;
    tally.emptySaid += empty;
    tally.innerSaid += inner;
    tally.needed += live > 0;
    tally.visited += visited;
    tally.visitedAfterClassify += visited && !empty;
  }

  void countRows() {
    for (int64_t r : {2, 4, 1})
      if (isAligned(r)) {
        tally.rowsTrue += dead == 0;
        tally.rowsSaid += ranges.everyRowLive;
      }
  }

  MaskCase &mask;
  const Sizes &sizes;
  ArrayRef<int64_t> scalars;
  ArrayRef<Elements> inputs;
  Truth truth;
  Tally &tally;
  Rows rows{};
  RangeVerdict ranges;
  int64_t numRows = 0, dead = 0;
};

} // namespace

void mqa::checkBinding(MaskCase &mask, const Sizes &sizes,
                       ArrayRef<int64_t> scalars, ArrayRef<Elements> inputs,
                       Tally &tally) {
  mask.bind(sizes, scalars, inputs);
  Checker(mask, sizes, scalars, inputs, tally).run();
}

/// The values that a scalar takes: all small ones, and where its type ends.
static std::vector<int64_t> getScalarValues(StringRef type, bool tame) {
  if (type == "i1")
    return {0, 1};
  unsigned width = type == "index" ? 64 : std::stoi(type.drop_front().str());
  std::vector<int64_t> values;
  for (int64_t value = -14; value <= 14; ++value)
    values.push_back(value);
  if (tame)
    return values;
  if (width == 8) {
    values.clear();
    for (int64_t value = -128; value < 128; ++value)
      values.push_back(value);
    return values;
  }
  for (unsigned power : {5u, 7u, 29u, 30u, 31u, 32u, 47u, 62u, 63u})
    for (int64_t near : {-9, -1, 0, 1, 9})
      if (power < width)
        for (int64_t sign : {-1, 1})
          values.push_back(wrap(
              int64_t(uint64_t(sign) * (uint64_t(1) << power) + uint64_t(near)),
              width));
  return values;
}

void mqa::checkAll(MaskCase &mask, const Coverage &coverage, Tally &tally) {
  const MaskSpec &spec = mask.getSpec();
  std::mt19937_64 rng(1);
  std::vector<std::vector<int64_t>> values;
  uint64_t total = 1;
  for (const ScalarSpec &scalar : spec.scalars) {
    values.push_back(getScalarValues(scalar.type, coverage.tame));
    total *= values.back().size();
  }
  bool isSquare = llvm::any_of(spec.inputs, [](const InputSpec &input) {
    return !input.sameAs.empty();
  });
  for (auto [m, n] : coverage.sizes) {
    if (isSquare && m != n)
      continue;
    Sizes sizes = {spec.batches, spec.heads, spec.rows ? spec.rows : m,
                   spec.keys ? spec.keys : n};
    uint64_t count = std::min<uint64_t>(total, coverage.combinations);
    for (uint64_t i = 0; i < count; ++i) {
      uint64_t rest = count < total ? rng() % total : i;
      std::vector<int64_t> scalars;
      for (const std::vector<int64_t> &some : values) {
        scalars.push_back(some[rest % some.size()]);
        rest /= some.size();
      }
      for (unsigned j = 0; j < (spec.inputs.empty() ? 1 : coverage.draws); ++j)
        checkBinding(mask, sizes, scalars,
                     drawInputs(spec, sizes, rng, coverage.tame ? 0 : j),
                     tally);
    }
    if (spec.rows && spec.keys)
      break;
  }
}

Tally mqa::checkSpec(const MaskSpec &spec, const MaskOptions &options,
                     const Coverage &coverage) {
  Tally tally;
  MLIRContext context(MLIRContext::Threading::DISABLED);
  std::string error;
  auto mask = MaskCase::create(context, spec, options, error);
  if (!mask) {
    ++tally.unsound;
    tally.findings = "cannot be built: " + error;
    return tally;
  }
  checkAll(*mask, coverage, tally);
  const MaskSummary &summary = mask->getSummary();
  auto expect = [&](bool holds, StringRef what) {
    if (holds)
      return;
    ++tally.unsound;
    tally.findings += ("summary: expected " + what + "\n").str();
  };
  expect(summary.canBeFull || !tally.anyFull, "no full block ever");
  expect(summary.canBeEmpty || !tally.anyEmpty, "no empty block ever");
  expect(!summary.exact || summary.numRanges == 1, "one range if exact");
  if (tally.unsound)
    tally.findings += "in mask '" + spec.name + "'\n" + MaskCase::getText(spec);
  return tally;
}
