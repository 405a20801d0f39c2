//===- MaskAnalysis.cpp - which keys a mask leaves live -------------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Analysis/Mask/MaskAnalysis.h"
#include "LiveRanges.h"
#include "LiveRows.h"
#include "MaskAbstraction.h"
#include "MaskSummary.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;

namespace {
/// A formula, and what must hold for it to be what the region computes.
struct View {
  Formula formula;
  Assumptions assumptions;
};

/// What a query has found out besides its answer.
struct Findings {
  bool exact = false;
  /// The live keys are all keys, whatever the rows.
  bool allLive = false;
  Guards guards;
};
} // namespace

struct MaskAnalysis::Storage {
  Storage(Operation *op, const MaskOptions &options) : model(op, options) {}

  MaskModel model;
  /// For blocks of keys, whose elements can be guarded, and for all keys.
  View block, wide;
  MaskSummary summary;

  void analyse();
  void summarise();
  LiveKeys emitLiveKeys(OpBuilder &builder, Location loc, const RowBox &rows,
                        Findings &findings);
  BlockClass emitClassify(OpBuilder &builder, Location loc, const RowBox &rows,
                          const KeyRange &keys, Findings &findings);
  OpFoldResult emitEveryRowLive(OpBuilder &builder, Location loc,
                                const RowBox &rows, Findings &findings);
};

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

LiveKeys MaskAnalysis::Storage::emitLiveKeys(OpBuilder &builder, Location loc,
                                             const RowBox &rows,
                                             Findings &findings) {
  BoxQuery query(model, builder, loc, rows, std::nullopt, wide.formula,
                 wide.assumptions);
  LiveRanges ranges(query);
  Intervals live = ranges.get(Quantifier::May, 2);
  Interval full = ranges.get(Quantifier::Must, 1).front();
  BoundBuilder &out = query.getBuilder();
  Bound zero = out.constant(0), keys = query.getNumKeys();
  bool isOne = live.size() == 1;
  findings = {ranges.isExact() && isOne,
              isOne && live[0].lo == zero && live[0].hi == keys,
              query.getAssumptions().guards};
  // Without what was assumed, anything may be.
  OpFoldResult guard = query.getGuard();
  auto guarded = [&](const Interval &interval, const Interval &otherwise) {
    return KeyRange{out.select(guard, interval.lo, otherwise.lo).value,
                    out.select(guard, interval.hi, otherwise.hi).value};
  };
  LiveKeys result;
  for (auto [index, interval] : llvm::enumerate(live))
    result.live.push_back(guarded(interval, index == 0 ? Interval{zero, keys}
                                                       : Interval{keys, keys}));
  // As many ranges as for any other box, if some were merged here.
  while (result.live.size() < summary.numRanges)
    result.live.push_back({keys.value, keys.value});
  result.full = guarded(full, {zero, zero});
  return result;
}

BlockClass MaskAnalysis::Storage::emitClassify(OpBuilder &builder, Location loc,
                                               const RowBox &rows,
                                               const KeyRange &keys,
                                               Findings &findings) {
  BoxQuery query(model, builder, loc, rows, keys, block.formula,
                 block.assumptions);
  BoundBuilder &out = query.getBuilder();
  OpFoldResult full = query.test(query.getFormula(), Quantifier::Must);
  OpFoldResult live = query.test(query.getFormula(), Quantifier::May);
  OpFoldResult guard = query.getGuard();
  findings.guards = query.getAssumptions().guards;
  return {out.all({full, guard}), out.all({out.negate(live), guard})};
}

OpFoldResult MaskAnalysis::Storage::emitEveryRowLive(OpBuilder &builder,
                                                     Location loc,
                                                     const RowBox &rows,
                                                     Findings &findings) {
  Assumptions assumptions = wide.assumptions;
  assumptions.someKey = true;
  BoxQuery query(model, builder, loc, rows, std::nullopt, wide.formula,
                 assumptions);
  OpFoldResult result = mask::emitEveryRowLive(query);
  findings.guards = query.getAssumptions().guards;
  return result;
}

//===----------------------------------------------------------------------===//
// The analysis
//===----------------------------------------------------------------------===//

void MaskAnalysis::Storage::analyse() {
  block.assumptions.someKey = true;
  block.formula = MaskAbstraction(model, block.assumptions).run();
  wide.assumptions.guardKeys = false;
  wide.formula = MaskAbstraction(model, wide.assumptions).run();
}

/// Asks every question once, about a box of which nothing is known, into a
/// block that is thrown away.
void MaskAnalysis::Storage::summarise() {
  Block scratch;
  Location loc = model.op->getLoc();
  OpBuilder b(model.op->getContext());
  b.setInsertionPointToStart(&scratch);
  auto position = [&] { return scratch.addArgument(b.getIndexType(), loc); };
  RowBox rows;
  for (unsigned dim = 0; dim < model.shape.getNumDims(); ++dim) {
    bool isRow = model.shape.getRole(dim) == DimRole::Row;
    rows.first.push_back(position());
    rows.last.push_back(isRow ? OpFoldResult(position()) : rows.first.back());
  }
  KeyRange keys{position(), position()};
  Findings onRanges, onBlocks, onRows;
  LiveKeys live = emitLiveKeys(b, loc, rows, onRanges);
  BlockClass verdict = emitClassify(b, loc, rows, keys, onBlocks);
  emitEveryRowLive(b, loc, rows, onRows);

  auto isZero = [](OpFoldResult value) {
    return getConstantIntValue(value) == 0;
  };
  summary.exact = onRanges.exact;
  summary.numRanges = live.live.size();
  summary.canBeFull =
      !isZero(live.full.end) || getKnownTruth(verdict.full) != false;
  summary.canBeEmpty =
      !onRanges.allLive || getKnownTruth(verdict.empty) != false;
  summary.dependsOn =
      getDependsOn(model, block.formula, block.assumptions.guards);
  Guards guards = onRanges.guards;
  for (const Findings *findings : {&onBlocks, &onRows})
    for (auto &[term, kind] : findings->guards)
      guards.insert({term, kind});
  summary.guarded = describeGuards(model, guards);
  if (!summary.exact)
    summary.remarks = getRemarks(model, block.formula);
}

MaskAnalysis::MaskAnalysis(std::unique_ptr<Storage> storage)
    : storage(std::move(storage)) {}
MaskAnalysis::MaskAnalysis(MaskAnalysis &&) = default;
MaskAnalysis &MaskAnalysis::operator=(MaskAnalysis &&) = default;
MaskAnalysis::~MaskAnalysis() = default;

FailureOr<MaskAnalysis> MaskAnalysis::compute(Operation *op,
                                              const MaskOptions &options) {
  if (!isa<AttentionOp, OnlineAttentionOp>(op))
    return op->emitOpError("expected an attention to analyse the mask of");
  auto storage = std::make_unique<Storage>(op, options);
  storage->analyse();
  storage->summarise();
  return MaskAnalysis(std::move(storage));
}

const MaskSummary &MaskAnalysis::getSummary() const { return storage->summary; }

LiveKeys MaskAnalysis::emitLiveKeys(OpBuilder &builder, Location loc,
                                    const RowBox &rows) {
  Findings findings;
  return storage->emitLiveKeys(builder, loc, rows, findings);
}

BlockClass MaskAnalysis::emitClassify(OpBuilder &builder, Location loc,
                                      const RowBox &rows,
                                      const KeyRange &keys) {
  Findings findings;
  return storage->emitClassify(builder, loc, rows, keys, findings);
}

OpFoldResult MaskAnalysis::emitEveryRowLive(OpBuilder &builder, Location loc,
                                            const RowBox &rows) {
  Findings findings;
  return storage->emitEveryRowLive(builder, loc, rows, findings);
}
