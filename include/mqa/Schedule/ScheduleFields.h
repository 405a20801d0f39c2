//===- ScheduleFields.h - the sizes of a schedule as numbers ----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_SCHEDULE_SCHEDULEFIELDS_H
#define MQA_SCHEDULE_SCHEDULEFIELDS_H

#include "mqa/Dialect/MQA/IR/MQA.h"

namespace mlir::mqa {

/// The fields of `#mqa.schedule`; any of them may be open.
struct ScheduleFields {
  /// The value of an open field.
  static constexpr int64_t kOpen = -1;

  int64_t rowBlock = kOpen;
  int64_t rowPanel = kOpen;
  int64_t keyBlock = kOpen;
  int64_t keyTile = kOpen;
  int64_t valueTile = kOpen;
  int64_t depthStep = kOpen;
  int64_t edgeBlock = kOpen;
  int64_t splitKeys = kOpen;
  int64_t laneDepth = kOpen;

  bool operator==(const ScheduleFields &other) const;
  bool operator!=(const ScheduleFields &other) const {
    return !(*this == other);
  }
  /// Does it have the value of every field that `pins` does not leave open?
  bool agreesWith(const ScheduleFields &pins) const;
  /// "row-block=64,row-panel=16,...", without open fields: what --schedule
  /// takes.
  std::string print() const;

  /// The fields of a complete schedule.
  static ScheduleFields of(ScheduleAttr schedule);
  /// The attribute. No field may be open; what breaks a constraint is reported
  /// with `emitError`.
  ScheduleAttr getAttr(MLIRContext *context,
                       function_ref<InFlightDiagnostic()> emitError) const;
};

/// One field: its name as in the attribute, and where it is.
struct ScheduleField {
  StringLiteral name;
  int64_t ScheduleFields::*member;

  /// The name as an option of a pass: with dashes.
  std::string getOptionName() const;
};

/// All fields, in the order of the attribute.
ArrayRef<ScheduleField> getScheduleFields();

/// `pins`, and for what they leave open the values of `chosen`, changed as far
/// as they must to fit the pins. Pins that do not fit each other stay.
ScheduleFields fitToPins(const ScheduleFields &chosen,
                         const ScheduleFields &pins);

} // namespace mlir::mqa

#endif // MQA_SCHEDULE_SCHEDULEFIELDS_H
