//===- PrintMaskBlocks.cpp - draws what a mask leaves live ------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks the mask analysis about every block of a picture, on a copy of the
// attention with static sizes: its answers are then constants, or depend on
// elements that only exist at run time. What is drawn is what a lowering gets:
// a block is skipped when it is outside of the live ranges or classified empty.
//
//===----------------------------------------------------------------------===//

#include "StaticMask.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mqa/Dialect/MQA/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_PRINTMASKBLOCKSPASS
#include "mqa/Dialect/MQA/Transforms/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;
using namespace mlir::mqa;

/// No picture is larger than this.
static constexpr int64_t kMostLines = 64, kMostColumns = 128, kMostPictures = 8;

/// The blocks of a picture where neither schedule nor option says so.
static constexpr int64_t kDefaultBlock = 16, kDefaultBlocks = 8;

namespace {

/// Row and key positions of a block.
struct BlockSizes {
  int64_t rows = 0, keys = 0;
};

std::string print(OpFoldResult value) {
  std::optional<int64_t> constant = getConstantIntValue(value);
  return constant ? std::to_string(*constant) : "?";
}
std::string print(const KeyRange &range) {
  std::optional<int64_t> begin = getConstantIntValue(range.begin),
                         end = getConstantIntValue(range.end);
  if (begin && end && *begin >= *end)
    return "none";
  return "[" + print(range.begin) + ", " + print(range.end) + ")";
}

/// Whether `value` is known, and true.
bool isTrue(OpFoldResult value) {
  return getConstantIntValue(value).value_or(0) != 0;
}
bool isKnown(OpFoldResult value) {
  return getConstantIntValue(value).has_value();
}

/// Draws the blocks of one attention whose sizes are static.
class Painter {
public:
  Painter(StaticMask &mask, MaskAnalysis analysis, ArrayRef<int64_t> sizes,
          BlockSizes block, raw_ostream &os)
      : op(mask.getOp()), analysis(std::move(analysis)), sizes(sizes),
        block(block), os(os), shape(StaticMask::getShape(op)), builder(op) {
    keyDim = shape.getDims(DimRole::Key).back();
    SmallVector<unsigned> rowDims = shape.getDims(DimRole::Row);
    if (!rowDims.empty())
      rowDim = rowDims.back();
  }

  void paint() {
    printSummary();
    SmallVector<unsigned> apart;
    for (unsigned dim : shape.getRegionDims())
      if (dim != keyDim && dim != rowDim && this->dependsOn(dim))
        apart.push_back(dim);
    for (unsigned dim : shape.getRegionDims())
      if (sizes[dim] == 0) {
        os << "  nothing to draw: dimension " << dim << " has size 0\n";
        return;
      }
    SmallVector<int64_t> position(sizes.size(), 0);
    int64_t pictures = 0;
    do {
      if (pictures++ == kMostPictures) {
        os << "  ... more positions of these dimensions are not drawn\n";
        break;
      }
      paintPicture(apart, position);
    } while (advance(apart, position));
    os << "  # full, + partial, . not visited"
       << (unknown ? ", ? known at run time only\n" : "\n");
  }

private:
  bool dependsOn(unsigned dim) const {
    ArrayRef<bool> all = analysis.getSummary().dependsOn;
    return dim >= all.size() || all[dim];
  }

  /// The next position in `dims`; false after the last.
  bool advance(ArrayRef<unsigned> dims, SmallVector<int64_t> &position) const {
    for (unsigned dim : llvm::reverse(dims)) {
      if (++position[dim] < sizes[dim])
        return true;
      position[dim] = 0;
    }
    return false;
  }

  void printSummary() {
    const MaskSummary &summary = analysis.getSummary();
    if (summary.exact)
      os << "  form A: one live range with a full range in it";
    else
      os << "  form B: blocks of " << (summary.numRanges > 1 ? "two" : "one")
         << " live range" << (summary.numRanges > 1 ? "s" : "")
         << " are classified one by one";
    os << (summary.canBeFull ? "" : "; never full")
       << (summary.canBeEmpty ? "" : "; never empty") << "\n";
    for (const std::string &guarded : summary.guarded)
      os << "  guard on " << guarded << "\n";
    for (const auto &[loc, text] : summary.remarks)
      os << "  remark: " << text << "\n";
  }

  void paintPicture(ArrayRef<unsigned> apart, ArrayRef<int64_t> position) {
    if (!apart.empty()) {
      os << " ";
      for (unsigned dim : apart)
        os << " dimension " << dim << " = " << position[dim];
      os << "\n";
    }
    int64_t numRows = rowDim ? sizes[*rowDim] : 1, lines = 0;
    for (int64_t row = 0; row < numRows; row += block.rows) {
      if (lines++ == kMostLines) {
        os << "  ... rows from " << row << " on are not drawn\n";
        return;
      }
      paintLine(position, row, std::min(row + block.rows, numRows) - 1);
    }
  }

  /// The box of the rows [first, last] of the innermost row dimension and of
  /// everything of the dimensions that the mask does not tell apart.
  RowBox getBox(ArrayRef<int64_t> position, int64_t first, int64_t last) {
    RowBox box;
    for (unsigned dim = 0; dim < sizes.size(); ++dim) {
      bool isWhole = shape.getRole(dim) == DimRole::Row && !dependsOn(dim);
      int64_t begin = dim == rowDim ? first : position[dim];
      int64_t end = dim == rowDim ? last
                    : isWhole     ? sizes[dim] - 1
                                  : position[dim];
      box.first.push_back(builder.getIndexAttr(begin));
      box.last.push_back(builder.getIndexAttr(end));
    }
    return box;
  }

  void paintLine(ArrayRef<int64_t> position, int64_t first, int64_t last) {
    Location loc = op->getLoc();
    RowBox box = getBox(position, first, last);
    LiveKeys keys = analysis.emitLiveKeys(builder, loc, box);
    OpFoldResult rowsLive = analysis.emitEveryRowLive(builder, loc, box);
    os << llvm::format("  %6lld to %6lld  ", (long long)first, (long long)last);
    int64_t columns = 0;
    for (int64_t key = 0; key < sizes[keyDim]; key += block.keys) {
      if (columns++ == kMostColumns) {
        os << "...";
        break;
      }
      int64_t end = std::min(key + block.keys, sizes[keyDim]);
      char symbol = classify(box, keys, key, end);
      unknown |= symbol == '?';
      os << symbol;
    }
    os << "  live";
    for (const KeyRange &range : keys.live)
      os << " " << print(range);
    os << " full " << print(keys.full) << " every row live: "
       << (!isKnown(rowsLive) ? "?"
           : isTrue(rowsLive) ? "yes"
                              : "no")
       << "\n";
  }

  char classify(const RowBox &box, const LiveKeys &keys, int64_t first,
                int64_t end) {
    auto relate = [&](const KeyRange &range, bool &overlaps, bool &contains) {
      std::optional<int64_t> begin = getConstantIntValue(range.begin),
                             stop = getConstantIntValue(range.end);
      overlaps =
          begin && stop && std::max(*begin, first) < std::min(*stop, end);
      contains = begin && stop && *begin <= first && end <= *stop;
      return begin && stop;
    };
    bool known = true, visited = false, overlaps = false, inner = false;
    for (const KeyRange &range : keys.live) {
      bool contains = false;
      known &= relate(range, overlaps, contains);
      visited |= overlaps;
    }
    if (known && !visited)
      return '.';
    bool fullKnown = relate(keys.full, overlaps, inner);
    BlockClass verdict = analysis.emitClassify(
        builder, op->getLoc(), box,
        {builder.getIndexAttr(first), builder.getIndexAttr(end)});
    if (isTrue(verdict.empty))
      return '.';
    known &= isKnown(verdict.empty);
    if (isTrue(verdict.full) || inner)
      return known ? '#' : '?';
    return known && fullKnown && isKnown(verdict.full) ? '+' : '?';
  }

  Operation *op;
  MaskAnalysis analysis;
  ArrayRef<int64_t> sizes;
  BlockSizes block;
  raw_ostream &os;
  AttentionShape shape;
  OpBuilder builder;
  unsigned keyDim = 0;
  std::optional<unsigned> rowDim;
  bool unknown = false;
};

struct PrintMaskBlocksPass final
    : mqa::impl::PrintMaskBlocksPassBase<PrintMaskBlocksPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    auto fail = [&](const Twine &message) {
      return emitError(UnknownLoc::get(context)) << message;
    };
    for (const Option<int64_t> *option : {&rows, &keys})
      if (*option < 0 || *option > INT32_MAX)
        return fail("expected " + option->ArgStr + " from 0 to " +
                    Twine(INT32_MAX) + ", got " + Twine(option->getValue()));
    auto [blockRows, blockKeys] = StringRef(block).split('x');
    if (!block.empty() &&
        (blockRows.getAsInteger(10, wanted.rows) || wanted.rows <= 0 ||
         blockKeys.getAsInteger(10, wanted.keys) || wanted.keys <= 0))
      return fail("expected block of the form <rows>x<keys>, got '" + block +
                  "'");
    for (StringRef scalar : scalars) {
      auto [name, number] = scalar.split('=');
      int64_t value;
      if (name.empty() || number.getAsInteger(0, value))
        return fail("expected scalars of the form <name>=<number>, got '" +
                    scalar + "'");
      numbers[name.ltrim('%')] = value;
    }
    return success();
  }

  void runOnOperation() override {
    llvm::StringSet<> used;
    getOperation()->walk([&](Operation *op) {
      if (isa<AttentionOp, OnlineAttentionOp>(op))
        print(op, used);
    });
    for (const auto &entry : numbers)
      if (!used.contains(entry.getKey())) {
        getOperation()->emitError(
            "expected scalars that a mask captures, got '")
            << entry.getKey() << "'";
        return signalPassFailure();
      }
    markAllAnalysesPreserved();
  }

private:
  void print(Operation *op, llvm::StringSet<> &used);
  /// The number of a captured scalar, which is said.
  std::optional<int64_t> getNumber(Value value, llvm::StringSet<> &used,
                                   raw_ostream &os);
  SmallVector<int64_t> getSizes(Operation *op, BlockSizes size);
  BlockSizes getBlock(Operation *op);

  BlockSizes wanted;
  llvm::StringMap<int64_t> numbers;
  /// Whether every number fits the type of its scalar.
  bool fits = true;
};

std::optional<int64_t> PrintMaskBlocksPass::getNumber(Value value,
                                                      llvm::StringSet<> &used,
                                                      raw_ostream &os) {
  std::string name;
  llvm::raw_string_ostream nameStream(name);
  value.printAsOperand(nameStream, OpPrintingFlags());
  auto it = numbers.find(StringRef(name).ltrim('%'));
  os << "  scalar " << name << " : " << value.getType();
  if (it == numbers.end()) {
    os << ", unknown\n";
    return std::nullopt;
  }
  used.insert(it->getKey());
  Type type = value.getType();
  unsigned width = type.isIndex()           ? 64
                   : isa<IntegerType>(type) ? type.getIntOrFloatBitWidth()
                                            : 0;
  if (!width || !(llvm::isIntN(width, it->getValue()) ||
                  llvm::isUIntN(width, it->getValue()))) {
    emitError(value.getLoc())
        << "expected a number of type " << type << " for scalar " << name
        << ", got " << it->getValue();
    fits = false;
    return std::nullopt;
  }
  os << " = " << it->getValue() << "\n";
  return it->getValue();
}

/// The option, the schedule, or a default. Rows of a block are positions of the
/// innermost row dimension: a schedule counts those of the other ones too.
BlockSizes PrintMaskBlocksPass::getBlock(Operation *op) {
  if (wanted.rows)
    return wanted;
  auto schedule = op->getAttrOfType<ScheduleAttr>("schedule");
  if (!schedule)
    return {kDefaultBlock, kDefaultBlock};
  int64_t others = 1;
  SmallVector<int64_t> sizes = StaticMask::getStaticSizes(op);
  SmallVector<unsigned> rowDims =
      StaticMask::getShape(op).getDims(DimRole::Row);
  for (unsigned dim : ArrayRef(rowDims).drop_back(!rowDims.empty()))
    if (!ShapedType::isDynamic(sizes[dim]))
      others *= std::max<int64_t>(sizes[dim], 1);
  return {std::max<int64_t>(schedule.getRowBlock() / others, 1),
          schedule.getKeyBlock()};
}

/// The sizes to draw: static ones as they are, then the options, then a few
/// blocks. Dynamic dimensions other than rows and keys have one position.
SmallVector<int64_t> PrintMaskBlocksPass::getSizes(Operation *op,
                                                   BlockSizes size) {
  SmallVector<int64_t> sizes = StaticMask::getStaticSizes(op);
  AttentionShape shape = StaticMask::getShape(op);
  auto set = [&](DimRole role, int64_t option, int64_t length) {
    SmallVector<unsigned> dims = shape.getDims(role);
    if (!dims.empty() && ShapedType::isDynamic(sizes[dims.back()]))
      sizes[dims.back()] = option ? option : length * kDefaultBlocks;
  };
  set(DimRole::Row, rows, size.rows);
  set(DimRole::Key, keys, size.keys);
  for (int64_t &other : sizes)
    if (ShapedType::isDynamic(other))
      other = 1;
  return sizes;
}

void PrintMaskBlocksPass::print(Operation *op, llvm::StringSet<> &used) {
  std::string text;
  llvm::raw_string_ostream os(text);
  BlockSizes size = getBlock(op);
  SmallVector<int64_t> sizes = getSizes(op, size);
  AttentionShape shape = StaticMask::getShape(op);
  SmallVector<unsigned> rowDims = shape.getDims(DimRole::Row);
  auto function = op->getParentOfType<SymbolOpInterface>();
  os << "mask of " << op->getName() << " in @"
     << (function ? function.getName() : "") << ": "
     << (rowDims.empty() ? 1 : sizes[rowDims.back()]) << " rows, "
     << sizes[shape.getDims(DimRole::Key).back()] << " keys, blocks of "
     << size.rows << "x" << size.keys << "\n";
  StaticMask mask(op, sizes,
                  [&](Value value) { return getNumber(value, used, os); });
  if (!fits)
    return signalPassFailure();
  FailureOr<MaskAnalysis> analysis = MaskAnalysis::compute(mask.getOp());
  if (failed(analysis)) {
    op->emitError("expected a mask that can be analysed");
    return signalPassFailure();
  }
  Painter(mask, std::move(*analysis), sizes, size, os).paint();
  llvm::errs() << text;
}

} // namespace
