//===- ScheduleFields.cpp - the sizes of a schedule -------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Schedule/ScheduleFields.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::mqa;

ArrayRef<ScheduleField> mlir::mqa::getScheduleFields() {
  static const ScheduleField fields[] = {
      {"row_block", &ScheduleFields::rowBlock},
      {"row_panel", &ScheduleFields::rowPanel},
      {"key_block", &ScheduleFields::keyBlock},
      {"key_tile", &ScheduleFields::keyTile},
      {"value_tile", &ScheduleFields::valueTile},
      {"depth_step", &ScheduleFields::depthStep},
      {"edge_block", &ScheduleFields::edgeBlock},
      {"split_keys", &ScheduleFields::splitKeys},
      {"lane_depth", &ScheduleFields::laneDepth}};
  return fields;
}

std::string ScheduleField::getOptionName() const {
  std::string option = name.str();
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

bool ScheduleFields::operator==(const ScheduleFields &other) const {
  return llvm::all_of(getScheduleFields(), [&](const ScheduleField &field) {
    return this->*field.member == other.*field.member;
  });
}

bool ScheduleFields::agreesWith(const ScheduleFields &pins) const {
  return llvm::all_of(getScheduleFields(), [&](const ScheduleField &field) {
    int64_t pin = pins.*field.member;
    return pin == kOpen || pin == this->*field.member;
  });
}

std::string ScheduleFields::print() const {
  std::string text;
  for (const ScheduleField &field : getScheduleFields())
    if (this->*field.member != kOpen)
      text += (text.empty() ? "" : ",") + field.getOptionName() + "=" +
              std::to_string(this->*field.member);
  return text;
}

ScheduleFields ScheduleFields::of(ScheduleAttr schedule) {
  return {schedule.getRowBlock(),  schedule.getRowPanel(),
          schedule.getKeyBlock(),  schedule.getKeyTile(),
          schedule.getValueTile(), schedule.getDepthStep(),
          schedule.getEdgeBlock(), schedule.getSplitKeys(),
          schedule.getLaneDepth()};
}

ScheduleAttr
ScheduleFields::getAttr(MLIRContext *context,
                        function_ref<InFlightDiagnostic()> emitError) const {
  return ScheduleAttr::getChecked(emitError, context, rowBlock, rowPanel,
                                  keyBlock, keyTile, valueTile, depthStep,
                                  edgeBlock, splitKeys, laneDepth);
}

/// The largest multiple of `unit` up to `size` that divides everything in
/// `wholes` that is positive; `otherwise` if there is none.
static int64_t findDivisor(int64_t size, int64_t unit, ArrayRef<int64_t> wholes,
                           int64_t otherwise) {
  for (int64_t value = size - size % unit; value > 0; value -= unit)
    if (llvm::all_of(wholes, [&](int64_t whole) {
          return whole <= 0 || whole % value == 0;
        }))
      return value;
  return otherwise;
}

/// Rows, panels and the depth that shares the lanes with them.
static void fitRows(ScheduleFields &fit, const ScheduleFields &chosen,
                    const ScheduleFields &pins) {
  int64_t width = chosen.rowPanel * chosen.laneDepth;
  // Panel times depth is a number of vectors: one follows the other.
  if (pins.rowPanel == ScheduleFields::kOpen) {
    fit.rowPanel = chosen.rowPanel;
    if (pins.laneDepth > 0 && pins.laneDepth != chosen.laneDepth)
      fit.rowPanel = std::max<int64_t>(1, width / pins.laneDepth);
    // A block of less rows than a panel has a narrower one.
    if (pins.rowBlock > 0)
      fit.rowPanel = std::gcd(pins.rowBlock, fit.rowPanel);
  } else if (pins.laneDepth == ScheduleFields::kOpen &&
             pins.rowPanel != chosen.rowPanel && pins.rowPanel > 0) {
    fit.laneDepth = chosen.laneDepth > 1 && width % pins.rowPanel == 0
                        ? width / pins.rowPanel
                        : 1;
  }
  // Tiles hold the lanes of a row together.
  if (pins.valueTile == ScheduleFields::kOpen && fit.laneDepth > 0)
    fit.valueTile = std::max<int64_t>(1, chosen.valueTile / chosen.laneDepth) *
                    fit.laneDepth;
  if (pins.rowBlock == ScheduleFields::kOpen && fit.rowPanel > 0)
    fit.rowBlock = llvm::alignTo(chosen.rowBlock, fit.rowPanel);
}

/// Keys: tile and step divide edges, edges blocks, blocks splits.
static void fitKeys(ScheduleFields &fit, const ScheduleFields &chosen,
                    const ScheduleFields &pins) {
  constexpr int64_t open = ScheduleFields::kOpen;
  int64_t wholes[] = {pins.edgeBlock, pins.keyBlock, pins.splitKeys};
  if (pins.keyTile == open)
    fit.keyTile = findDivisor(
        llvm::alignTo(chosen.keyTile,
                      std::clamp<int64_t>(fit.laneDepth, 1, chosen.keyTile)),
        std::max<int64_t>(fit.laneDepth, 1), wholes, 1);
  if (pins.depthStep == open)
    fit.depthStep = findDivisor(chosen.depthStep, 1, wholes, 1);
  if (fit.keyTile <= 0 || fit.depthStep <= 0)
    return; // The verifier says so.
  int64_t unit = std::lcm(fit.keyTile, fit.depthStep);
  if (pins.edgeBlock == open && chosen.edgeBlock > 0)
    fit.edgeBlock = findDivisor(llvm::alignTo(chosen.edgeBlock, unit), unit,
                                ArrayRef(wholes).drop_front(), 0);
  if (pins.keyBlock == open) {
    int64_t base = fit.edgeBlock > 0 ? std::lcm(fit.edgeBlock, unit) : unit;
    fit.keyBlock = findDivisor(llvm::alignTo(chosen.keyBlock, base), base,
                               {pins.splitKeys}, base);
  }
  if (pins.splitKeys == open && chosen.splitKeys > 0 && fit.keyBlock > 0)
    fit.splitKeys = llvm::alignTo(chosen.splitKeys, fit.keyBlock);
}

ScheduleFields mlir::mqa::fitToPins(const ScheduleFields &chosen,
                                    const ScheduleFields &pins) {
  ScheduleFields fit = chosen;
  for (const ScheduleField &field : getScheduleFields())
    if (pins.*field.member != ScheduleFields::kOpen)
      fit.*field.member = pins.*field.member;
  fitRows(fit, chosen, pins);
  fitKeys(fit, chosen, pins);
  return fit;
}
