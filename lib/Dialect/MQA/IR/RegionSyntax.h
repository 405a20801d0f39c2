//===- RegionSyntax.h - `mask {...} score {...}` ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two optional regions of attention, for the assembly format. MLIR's parser
// lets an op of the mask use a value of the score by a forward reference, and
// whoever destroys one of the regions then writes into the other: that is an
// error here, and nothing is left that refers to the other region.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_DIALECT_MQA_IR_REGIONSYNTAX_H
#define MQA_LIB_DIALECT_MQA_IR_REGIONSYNTAX_H

#include "mlir/IR/OpImplementation.h"

namespace mlir::mqa {

ParseResult parseRegions(OpAsmParser &parser, Region &mask, Region &score);
void printRegions(OpAsmPrinter &printer, Operation *op, Region &mask,
                  Region &score);

} // namespace mlir::mqa

#endif // MQA_LIB_DIALECT_MQA_IR_REGIONSYNTAX_H
