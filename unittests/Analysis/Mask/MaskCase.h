//===- MaskCase.h - a mask, its attention and its queries -------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mask as text becomes an attention over (b, h, m, n, d, e) in a function
// that has the ends of a box of rows and of a block of keys as arguments. In
// front of the attention stand the truth, a copy of the region at one point,
// and the queries of the analysis; the interpreter runs both.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_UNITTESTS_ANALYSIS_MASK_MASKCASE_H
#define MQA_UNITTESTS_ANALYSIS_MASK_MASKCASE_H

#include "Interpreter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mqa/Analysis/Mask/MaskAnalysis.h"
#include <memory>
#include <optional>
#include <ostream>
#include <random>

namespace mlir::mqa {

/// How the elements of an input are drawn.
enum class Draw {
  Extreme,       ///< Small numbers, in every third case anything of the type.
  Small,         ///< -4 to 12.
  Documents,     ///< 0 to 3, sorted along the last dimension.
  Few,           ///< 0 to 2, in any order.
  Spans,         ///< As Extreme, sorted along the last dimension.
  Bits,          ///< i1 with a random share of ones.
  Prefix,        ///< i1: ones, then zeros.
  LowerTriangle, ///< i1: ones where the last index is at most the one before.
  Zeros,         ///< Of floats: 0 or -1e30.
};

/// A scalar that the mask captures.
struct ScalarSpec {
  std::string name, type;
};
/// An extra input over some of the dimensions b, h, m, n, in that order.
struct InputSpec {
  std::string name, type, dims;
  Draw draw = Draw::Extreme;
  /// The input of that name is this tensor too, under its own map.
  std::string sameAs = "";
};

/// A mask with all that it reads. `%b`, `%h`, `%m`, `%n` are its positions.
struct MaskSpec {
  std::string name;
  std::string body;
  std::vector<ScalarSpec> scalars = {};
  std::vector<InputSpec> inputs = {};
  /// Ops in front of the attention, from function arguments to what the region
  /// captures; `%query`, `%key` are the tensors.
  std::string prelude = "";
  int64_t batches = 1, heads = 1;
  /// Static sizes of M and N; dynamic when 0.
  int64_t rows = 0, keys = 0;
  bool online = false, memrefs = false;
};

/// How GoogleTest shows a mask.
inline void PrintTo(const MaskSpec &spec, std::ostream *os) {
  *os << spec.name;
}

/// Sizes of the dimensions b, h, m, n.
struct Sizes {
  int64_t b, h, m, n;
  int64_t get(char dim) const {
    return dim == 'b' ? b : dim == 'h' ? h : dim == 'm' ? m : n;
  }
};

/// A box of rows in a batch element; ends inclusive.
struct Rows {
  int64_t b, h0, h1, m0, m1;
};

/// What the emitted ranges say of a box.
struct RangeVerdict {
  SmallVector<std::pair<int64_t, int64_t>, 2> live;
  std::pair<int64_t, int64_t> full;
  bool everyRowLive;
};

/// A parsed mask with its compiled truth and queries.
class MaskCase {
public:
  /// The function as text.
  static std::string getText(const MaskSpec &spec);
  /// Parses, analyses and emits; null and a message if something fails.
  static std::unique_ptr<MaskCase> create(MLIRContext &context,
                                          const MaskSpec &spec,
                                          const MaskOptions &options,
                                          std::string &error);

  const MaskSpec &getSpec() const { return spec; }
  const MaskSummary &getSummary() const { return analysis->getSummary(); }
  MaskAnalysis &getAnalysis() { return *analysis; }
  Operation *getOp() { return op; }
  /// The argument of the function with the end of a box: `b`, `h0`, ... `n1`.
  Value getArgument(StringRef name);
  /// Sets sizes, captured scalars and elements.
  void bind(const Sizes &sizes, ArrayRef<int64_t> scalars,
            ArrayRef<Elements> inputs);

  /// Whether the key is live; none where the region is undefined.
  std::optional<bool> isLive(int64_t b, int64_t h, int64_t m, int64_t n);
  /// False: running failed, see getError.
  bool getRanges(const Rows &rows, RangeVerdict &verdict);
  bool setRows(const Rows &rows);
  /// After setRows.
  bool classify(int64_t n0, int64_t n1, bool &full, bool &empty);
  std::string getError() const;
  /// Emitted ops that classify, ranges with rows need.
  std::pair<unsigned, unsigned> getNumOps() const {
    return {classes->getNumOps(), ranges->getNumOps()};
  }

private:
  explicit MaskCase(const MaskSpec &spec) : spec(spec) {}
  bool parse(MLIRContext &context, const MaskOptions &options,
             std::string &error);
  Value emitTruth();
  bool emitQueries(std::string &error);
  SmallVector<unsigned> getArgumentLevels();
  unsigned getIndex(StringRef name) const;

  MaskSpec spec;
  OwningOpRef<ModuleOp> module;
  Operation *op = nullptr;
  Block *block = nullptr;
  std::optional<MaskAnalysis> analysis;
  std::unique_ptr<Program> truth, ranges, classes;
  std::vector<Elements> tensors;
  Sizes sizes{};
  unsigned numRanges = 0;
  std::string failure;
};

/// The contents of every input of `spec`, for the case with number `index`.
std::vector<Elements> drawInputs(const MaskSpec &spec, const Sizes &sizes,
                                 std::mt19937_64 &rng, unsigned index);
/// Uniform in [lo, hi].
int64_t draw(std::mt19937_64 &rng, int64_t lo, int64_t hi);

} // namespace mlir::mqa

#endif // MQA_UNITTESTS_ANALYSIS_MASK_MASKCASE_H
