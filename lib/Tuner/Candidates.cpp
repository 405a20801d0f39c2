//===- Candidates.cpp - schedules that are worth a try ----------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Tuner/Candidates.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::mqa;

ScheduleFields CandidateSpace::getDefault() const {
  return fitToPins(chooseSchedule(target, problem), pins);
}

ArrayRef<ArrayRef<StringLiteral>> CandidateSpace::getGroups() const {
  // The register tile is one thing; the blocks go around it.
  static const StringLiteral tile[] = {"lane-depth", "row-panel", "key-tile",
                                       "value-tile"};
  static const StringLiteral keys[] = {"key-block"}, rows[] = {"row-block"},
                             step[] = {"depth-step"}, edge[] = {"edge-block"},
                             split[] = {"split-keys"};
  static const ArrayRef<StringLiteral> groups[] = {tile, keys, rows,
                                                   step, edge, split};
  return groups;
}

/// The values of a field; `around` says how the fields before it were chosen.
SmallVector<int64_t>
CandidateSpace::getValues(StringRef field, const ScheduleFields &around) const {
  int64_t unit = std::lcm(around.keyTile, around.depthStep);
  bool fewRows =
      !ShapedType::isDynamic(problem.rows) && problem.rows < 2 * target.lanes;
  SmallVector<int64_t> values;
  if (field == "lane-depth")
    values =
        fewRows ? SmallVector<int64_t>{1, 2, 4, 8} : SmallVector<int64_t>{1};
  else if (field == "row-panel")
    for (int64_t vectors : {1, 2, 4})
      values.push_back(
          std::max<int64_t>(1, vectors * target.lanes / around.laneDepth));
  else if (field == "key-tile")
    values = {2, 4, 6, 8, 12};
  else if (field == "value-tile")
    for (int64_t tile : {2, 4, 8})
      values.push_back(tile * around.laneDepth);
  else if (field == "depth-step")
    values = {2, 4, 8};
  else if (field == "key-block")
    for (int64_t keys : {16, 32, 48, 64, 96, 128, 256})
      values.push_back(llvm::alignTo(keys, unit));
  else if (field == "row-block")
    for (int64_t panels : {1, 2, 4, 8})
      values.push_back(panels * around.rowPanel);
  else if (field == "edge-block" && problem.mask != MaskKind::None)
    for (int64_t keys = 0; keys < around.keyBlock; keys += unit)
      values.push_back(keys);
  else if (field == "split-keys" && problem.rows <= around.rowBlock &&
           !ShapedType::isDynamic(problem.rows))
    for (int64_t keys : {0, 1024, 2048, 4096})
      values.push_back(llvm::alignTo(keys, around.keyBlock));
  return values;
}

bool CandidateSpace::isSearched(const ScheduleField &field) const {
  return pins.*field.member == ScheduleFields::kOpen &&
         (fields.empty() || llvm::is_contained(fields, field.getOptionName()));
}

/// Can the depth and the value be split over `lane_depth` lanes, in whole
/// tiles?
static bool fitsLanes(const ScheduleFields &schedule,
                      const ProblemSize &problem) {
  int64_t lanes = schedule.laneDepth;
  if (lanes == 1)
    return true;
  return !ShapedType::isDynamic(problem.depth) &&
         !ShapedType::isDynamic(problem.value) &&
         schedule.keyTile % lanes == 0 && schedule.valueTile % lanes == 0 &&
         problem.depth % (schedule.depthStep * lanes) == 0 &&
         problem.value % schedule.valueTile == 0;
}

/// Leaves out what cannot be good: tiles that spill, padding that is most of
/// the work, blocks beyond the problem.
bool CandidateSpace::isWorthATry(const ScheduleFields &schedule) const {
  int64_t width = schedule.rowPanel * schedule.laneDepth;
  int64_t vectors = llvm::divideCeil(width, target.lanes);
  for (int64_t tile :
       {schedule.keyTile, schedule.valueTile / schedule.laneDepth})
    if (RegisterTile{tile, vectors}.countRegisters(target) >
        target.registers + 2)
      return false;
  if (!fitsLanes(schedule, problem))
    return false;
  auto isBeyond = [](int64_t block, int64_t unit, int64_t size) {
    return !ShapedType::isDynamic(size) && block > unit && block >= size + unit;
  };
  return !isBeyond(schedule.rowBlock, schedule.rowPanel, problem.rows) &&
         !isBeyond(schedule.keyBlock,
                   std::lcm(schedule.keyTile, schedule.depthStep),
                   problem.keys) &&
         !(schedule.valueTile > 1 && !ShapedType::isDynamic(problem.value) &&
           llvm::alignTo(problem.value, 4) % schedule.valueTile);
}

std::vector<ScheduleFields>
CandidateSpace::vary(const ScheduleFields &best,
                     ArrayRef<StringLiteral> group) const {
  // Field by field, each one fitted to those before it.
  struct Partial {
    ScheduleFields schedule, set;
  };
  std::vector<Partial> partials{{best, pins}};
  for (StringRef name : group) {
    const ScheduleField *field =
        llvm::find_if(getScheduleFields(), [&](const ScheduleField &field) {
          return field.getOptionName() == name;
        });
    if (!isSearched(*field))
      continue;
    std::vector<Partial> next;
    for (const Partial &partial : partials)
      for (int64_t value : getValues(name, partial.schedule)) {
        Partial variant = partial;
        variant.set.*field->member = value;
        variant.schedule = fitToPins(partial.schedule, variant.set);
        next.push_back(variant);
      }
    if (!next.empty())
      partials = std::move(next);
  }
  std::vector<ScheduleFields> result;
  for (const Partial &partial : partials)
    if (isWorthATry(partial.schedule) &&
        !llvm::is_contained(result, partial.schedule))
      result.push_back(partial.schedule);
  return result;
}

std::vector<ScheduleFields> CandidateSpace::enumerate() const {
  std::vector<ScheduleFields> all{getDefault()};
  for (ArrayRef<StringLiteral> group : getGroups()) {
    std::vector<ScheduleFields> next;
    for (const ScheduleFields &schedule : all)
      for (const ScheduleFields &variant : vary(schedule, group))
        if (!llvm::is_contained(next, variant))
          next.push_back(variant);
    all = std::move(next);
  }
  return all;
}
