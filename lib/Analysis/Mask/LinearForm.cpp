//===- LinearForm.cpp - linear forms over terms of a mask -----------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinearForm.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;

LinearForm LinearForm::plus(const LinearForm &other, const Int &factor) const {
  LinearForm sum{{}, constant + other.constant * factor};
  const auto *a = terms.begin(), *b = other.terms.begin();
  while (a != terms.end() || b != other.terms.end()) {
    bool takeA =
        b == other.terms.end() || (a != terms.end() && a->first <= b->first);
    bool takeB =
        a == terms.end() || (b != other.terms.end() && b->first <= a->first);
    TermId term = takeA ? a->first : b->first;
    Int coefficient =
        (takeA ? a->second : Int(0)) + (takeB ? b->second * factor : Int(0));
    if (coefficient != 0)
      sum.terms.push_back({term, coefficient});
    a += takeA;
    b += takeB;
  }
  return sum;
}

LinearForm LinearForm::plus(int64_t value) const {
  LinearForm sum = *this;
  sum.constant += value;
  return sum;
}

LinearForm LinearForm::times(const Int &factor) const {
  return LinearForm().plus(*this, factor);
}

LinearForm LinearForm::without(TermId term) const {
  LinearForm rest = *this;
  llvm::erase_if(rest.terms, [&](auto &pair) { return pair.first == term; });
  return rest;
}

static bool isSame(const Term &a, const Term &b) {
  return a.kind == b.kind && a.dim == b.dim && a.value == b.value &&
         a.operand == b.operand && a.divisor == b.divisor;
}

TermId TermTable::get(Term term) {
  for (auto [id, known] : llvm::enumerate(terms))
    if (isSame(known, term))
      return id;
  terms.push_back(std::move(term));
  return terms.size() - 1;
}

bool TermTable::dependsOnKeys(const LinearForm &form) const {
  return llvm::any_of(
      form.terms, [&](auto &pair) { return terms[pair.first].dependsOnKeys; });
}

void TermTable::collectLeaves(const LinearForm &form, TermSet &leaves) const {
  for (auto &[id, coefficient] : form.terms) {
    const Term &term = terms[id];
    if (!term.isDivision()) {
      leaves.insert(id);
      continue;
    }
    collectLeaves(term.operand, leaves);
    if (term.divisor.constant == 0)
      leaves.insert(term.divisor.term);
  }
}
