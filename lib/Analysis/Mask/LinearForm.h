//===- LinearForm.h - linear forms over terms of a mask ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the integers of a mask region are made of: `sum k_i * t_i + c`. A term
// is a position, a size, a value that is not looked into, or the quotient or
// the remainder of another form. All of it is unbounded arithmetic.
//
//===----------------------------------------------------------------------===//

#ifndef MQA_LIB_ANALYSIS_MASK_LINEARFORM_H
#define MQA_LIB_ANALYSIS_MASK_LINEARFORM_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/DynamicAPInt.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::mqa::mask {

/// An integer without bounds.
using Int = llvm::DynamicAPInt;
/// The place of a term in its table.
using TermId = unsigned;
using TermSet = llvm::SmallSetVector<TermId, 8>;

/// An integer is in [lo, hi].
struct IntRange {
  Int lo, hi;
};

/// `sum k_i * t_i + constant`, the terms in the order of their table.
struct LinearForm {
  SmallVector<std::pair<TermId, Int>, 3> terms;
  Int constant = Int(0);

  static LinearForm of(const Int &constant) { return {{}, constant}; }
  static LinearForm of(TermId term) { return {{{term, Int(1)}}, Int(0)}; }

  bool isConstant() const { return terms.empty(); }
  LinearForm plus(const LinearForm &other, const Int &factor = Int(1)) const;
  LinearForm plus(int64_t value) const;
  LinearForm times(const Int &factor) const;
  LinearForm negated() const { return times(Int(-1)); }
  /// This form less what it has of `term`.
  LinearForm without(TermId term) const;
  bool operator==(const LinearForm &other) const {
    return terms == other.terms && constant == other.constant;
  }
};

/// What a quotient is taken by: a positive constant or, if that is 0, a symbol,
/// or the power of two with a symbol as exponent.
struct Divisor {
  Int constant = Int(0);
  TermId term = 0;
  bool isExponent = false;

  bool operator==(const Divisor &other) const {
    return constant == other.constant && term == other.term &&
           isExponent == other.isExponent;
  }
};

struct Term {
  enum class Kind {
    Key,      ///< The position in the innermost key dimension.
    Row,      ///< The position in the row dimension `dim`.
    Size,     ///< The size of dimension `dim`.
    Symbol,   ///< `value`, the same for all rows and keys of a query.
    RowValue, ///< `value`, which depends on rows.
    KeyValue, ///< `value`, which depends on keys.
    Any,      ///< `value`, which depends on rows and keys.
    Quotient, ///< floor(operand / divisor)
    Remainder ///< operand - divisor * floor(operand / divisor)
  };
  Kind kind;
  unsigned dim = 0;
  Value value = {};
  LinearForm operand = {};
  Divisor divisor = {};

  /// Holds without any guard.
  IntRange range = {Int(0), Int(0)};
  /// Dimensions of the iteration space that the term depends on.
  llvm::SmallBitVector dims = {};
  bool dependsOnKeys = false;
  /// Who made it, if anybody is to blame.
  Operation *origin = nullptr;

  bool isDivision() const {
    return kind == Kind::Quotient || kind == Kind::Remainder;
  }
};

/// The terms of one analysis, each of them once.
class TermTable {
public:
  TermId get(Term term);
  const Term &operator[](TermId id) const { return terms[id]; }

  bool dependsOnKeys(const LinearForm &form) const;
  /// Adds what `form` is made of in the end: no quotients, no remainders.
  void collectLeaves(const LinearForm &form, TermSet &leaves) const;

private:
  SmallVector<Term, 0> terms;
};

} // namespace mlir::mqa::mask

#endif // MQA_LIB_ANALYSIS_MASK_LINEARFORM_H
