//===- WarpgroupRegisters.cpp - registers of wgmma in flight --- -*- C++
//-*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Until it is waited for, the registers of a wgmma belong to it. Copies of
// results in flight are what compilers make of operands that are tied, and are
// renamings in the end: they happen when the results are there.
//
//===----------------------------------------------------------------------===//

#include "Handlers.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir::mqa::ptx;

/// Whether `test` holds for a register of an operand.
template <typename Test>
static bool anyRegister(const Operand &operand, Test test) {
  if (operand.kind == Operand::Register)
    return test(operand.reg);
  return llvm::any_of(operand.parts, [&](const Operand &part) {
    return anyRegister(part, test);
  });
}

bool Block::checkRegisters(Warp &warp, const Instruction &at, LaneMask active,
                           bool &isDeferred) {
  WarpgroupState &state = warp.warpgroup;
  if (at.operands.empty())
    return true;
  const Operand &to = at.operands.front();
  bool hasResult = to.kind == Operand::Register || to.kind == Operand::Vector;
  auto isInFlight = [&](uint32_t reg) { return state.inFlight[reg] != 0; };
  if (!state.pending.empty()) {
    auto sources = llvm::ArrayRef(at.operands).drop_front(hasResult);
    bool usesResult = llvm::any_of(sources, [&](const Operand &operand) {
      return anyRegister(operand, isInFlight);
    });
    bool isWritten =
        hasResult && anyRegister(to, [&](uint32_t reg) {
          return state.inFlight[reg] != 0 || state.pinned[reg] != 0;
        });
    if (isWritten || (usesResult &&
                      (!at.text.starts_with("mov.") || active != ~LaneMask(0))))
      return fail(warp, at, 0,
                  "expected wgmma.wait_group before a use of registers of a "
                  "wgmma in flight");
    if (usesResult) {
      anyRegister(to, [&](uint32_t reg) {
        ++state.inFlight[reg];
        return false;
      });
      // With what it copies.
      uint64_t group = 0;
      for (const WarpgroupOp &op : state.pending)
        if (anyRegister(op.at->operands[0], [&](uint32_t reg) {
              return anyRegister(sources.front(), [&](uint32_t source) {
                return source == reg;
              });
            }))
          group = std::max(group, op.group);
      state.pending.push_back({&at, group});
      isDeferred = true;
      return true;
    }
  }
  if (hasResult)
    anyRegister(to, [&](uint32_t reg) {
      state.written[reg] = state.fences;
      return false;
    });
  return true;
}
