//===- Program.h - decoded PTX ----------------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything that can be decided before a launch is: names are numbers, opcodes
// are functions, and modifiers are fields.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_PTXINTERPRETER_PROGRAM_H
#define MQA_LIB_PTXINTERPRETER_PROGRAM_H

#include "mqa/PTXInterpreter/PTXInterpreter.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::mqa::ptx {

constexpr unsigned kWarpSize = 32;
/// A set of lanes of a warp.
using LaneMask = uint32_t;

/// A PTX type: its kind and its bits.
struct Type {
  enum Kind : uint8_t {
    None,
    Bits,
    Unsigned,
    Signed,
    Float,
    BFloat,
    Predicate
  };
  Kind kind = None;
  uint8_t bits = 0;
  bool isPair = false; ///< .f16x2, .bf16x2

  unsigned getBytes() const { return bits / 8; }
  bool isFloating() const { return kind == Float || kind == BFloat; }
  bool operator==(const Type &other) const {
    return kind == other.kind && bits == other.bits && isPair == other.isPair;
  }
};

/// Where an address points.
enum class Space : uint8_t { Generic, Global, Shared, Local, Param, Const };

/// The special registers.
enum class Special : uint8_t {
  TidX,
  TidY,
  TidZ,
  NTidX,
  NTidY,
  NTidZ,
  CtaIdX,
  CtaIdY,
  CtaIdZ,
  NCtaIdX,
  NCtaIdY,
  NCtaIdZ,
  LaneId,
  WarpId,
  NWarpId,
  SmId,
  NSmId,
  GridId,
  LaneMaskEq,
  LaneMaskLt,
  LaneMaskLe,
  LaneMaskGt,
  LaneMaskGe,
  Clock
};

struct Operand {
  enum Kind : uint8_t {
    None,
    Register,
    Immediate,
    SpecialRegister,
    Address,
    Vector
  };
  Kind kind = None;
  bool isNegated = false; ///< Of a predicate: !%p.
  Special special = Special::TidX;
  uint32_t reg = 0;
  uint64_t value = 0; ///< An immediate, or the offset of an address.
  /// The base of an address; the elements of a vector.
  std::vector<Operand> parts;
};

enum class Compare : uint8_t {
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  Equ,
  Neu,
  Ltu,
  Leu,
  Gtu,
  Geu,
  Num,
  Nan
};
enum class Rounding : uint8_t { Nearest, Zero, Down, Up };

struct Instruction;
class Block;
class Warp;

/// Computes one lane of a scalar instruction.
using Evaluate = uint64_t (*)(const Instruction &, uint64_t, uint64_t,
                              uint64_t);
/// Executes an instruction for `lanes` of a warp. False: the warp has to wait,
/// and tries again.
using Execute = bool (*)(Block &, Warp &, const Instruction &, LaneMask lanes);

struct Instruction {
  Execute execute = nullptr;
  Evaluate evaluate = nullptr;
  llvm::SmallVector<Operand, 4> operands;
  Type type, source; ///< Of the result; what a conversion converts from.
  Space space = Space::Generic;
  Compare compare = Compare::Eq;
  Rounding rounding = Rounding::Nearest;
  bool flushesDenormals = false, saturates = false, roundsToInteger = false;
  bool isCollective = false; ///< .aligned: the whole warp, or an error.
  bool isWarpgroup = false;  ///< wgmma, which knows its registers itself.
  uint8_t mode = 0;          ///< A variant, as the opcode understands it.
  int32_t amount = 0;        ///< A number among the modifiers.
  int32_t predicate = -1;
  bool predicateNegated = false;
  uint32_t target = 0; ///< Of a branch.
  uint32_t line = 0;
  llvm::StringRef text;
};

/// A variable of a memory space: its place, or for parameters its number.
struct Variable {
  Space space = Space::Shared;
  uint64_t offset = 0;
};

struct Kernel {
  KernelSignature signature;
  std::vector<Instruction> instructions;
  uint32_t numRegisters = 0;
  uint64_t localBytes = 0;
  bool usesWarpgroups = false;
};

struct Program {
  std::string text;
  std::vector<Kernel> kernels;
  /// Bytes of static shared memory; dynamic memory comes behind.
  uint64_t sharedBytes = 0;
  /// Initial contents of .global and .const variables.
  std::vector<uint8_t> globals;
};

/// Shared, local and parameter addresses as generic ones: windows that no
/// pointer of the host is in.
constexpr uint64_t kSharedWindow = uint64_t(1) << 60;
constexpr uint64_t kLocalWindow = uint64_t(2) << 60;
constexpr uint64_t kParamWindow = uint64_t(3) << 60;
constexpr uint64_t kWindowMask = ~(uint64_t(15) << 60);

/// Parses a module.
llvm::Expected<std::unique_ptr<Program>> parseProgram(llvm::StringRef text);

/// Fills in what the opcode and its modifiers say. `parts`: the opcode, split
/// at dots. Empty if all is known, else what is not.
std::string decode(llvm::ArrayRef<llvm::StringRef> parts,
                   Instruction &instruction);

} // namespace mlir::mqa::ptx

#endif // MQA_LIB_PTXINTERPRETER_PROGRAM_H
