//===- RegionSyntax.cpp - `mask {...} score {...}` --------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionSyntax.h"

using namespace mlir;
using namespace mlir::mqa;

static ParseResult parseRegion(OpAsmParser &parser, StringRef keyword,
                               Region &region) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  return parser.parseRegion(region);
}

/// Whether `value` is defined in `region`, which belongs to no op yet. Nothing
/// holds the definition of a value that is still to come.
static bool isDefinedIn(Value value, Region &region) {
  Region *home = value ? value.getParentRegion() : nullptr;
  while (home && home != &region)
    home = home->getParentOp() ? home->getParentRegion() : nullptr;
  return home;
}

/// Whether an op in `region` uses a value of `other`.
static bool usesValueOf(Region &region, Region &other) {
  WalkResult result = region.walk([&](Operation *op) {
    bool isFound = llvm::any_of(op->getOperands(), [&](Value operand) {
      return isDefinedIn(operand, other);
    });
    return isFound ? WalkResult::interrupt() : WalkResult::advance();
  });
  return result.wasInterrupted();
}

ParseResult mlir::mqa::parseRegions(OpAsmParser &parser, Region &mask,
                                    Region &score) {
  SMLoc loc = parser.getCurrentLocation();
  ParseResult result = failure();
  if (succeeded(parseRegion(parser, "mask", mask)) &&
      succeeded(parseRegion(parser, "score", score))) {
    if (usesValueOf(mask, score) || usesValueOf(score, mask))
      parser.emitError(loc, "expected regions that use no value of each other");
    else
      result = success();
  }
  if (failed(result))
    for (Region *region : {&mask, &score})
      region->dropAllReferences();
  return result;
}

void mlir::mqa::printRegions(OpAsmPrinter &printer, Operation *, Region &mask,
                             Region &score) {
  if (!mask.empty()) {
    printer << " mask ";
    printer.printRegion(mask);
  }
  if (!score.empty()) {
    printer << " score ";
    printer.printRegion(score);
  }
}
