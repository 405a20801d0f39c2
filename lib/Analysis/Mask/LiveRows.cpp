//===- LiveRows.cpp - whether every row has a live key --------------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LiveRows.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;
using Kind = Formula::Kind;

/// More witnesses are not tried.
static constexpr unsigned kMaxWitnesses = 10;

namespace {
class Witnesses {
public:
  explicit Witnesses(MaskModel &model) : model(model) {}

  /// Keys that may be live for every row: the ends, the row's own position, and
  /// where atoms, or two quotients, are just equal.
  SmallVector<LinearForm> collect(const Formula &formula);
  /// The formula at the key `witness`.
  Formula substitute(const Formula &formula, const IntTree &witness);

private:
  void collectFrom(const LinearForm &form);
  void add(const LinearForm &form) {
    if (!llvm::is_contained(found, form) && found.size() < kMaxWitnesses)
      found.push_back(form);
  }
  MaybeTree substitute(const LinearForm &form, const IntTree &witness);
  MaybeTree substitute(TermId id, const IntTree &witness);

  MaskModel &model;
  SmallVector<LinearForm> found;
};
} // namespace

void Witnesses::collectFrom(const LinearForm &form) {
  for (auto &[id, coefficient] : form.terms) {
    Term term = model.terms[id];
    LinearForm rest = form.without(id);
    if (term.kind == Term::Kind::Key && abs(coefficient) == 1 &&
        !model.terms.dependsOnKeys(rest))
      add(rest.times(-coefficient));
    if (!term.isDivision())
      continue;
    if (term.dependsOnKeys)
      collectFrom(term.operand);
    else
      add(term.operand);
  }
}

SmallVector<LinearForm> Witnesses::collect(const Formula &formula) {
  add(LinearForm());
  add(model.getSize(model.keyDim).plus(-1));
  forEachLeaf(formula, [&](const Formula &leaf) {
    TermSet terms;
    model.terms.collectLeaves(leaf.form, terms);
    for (TermId term : terms)
      if (model.terms[term].kind == Term::Kind::Row)
        add(LinearForm::of(term));
  });
  forEachLeaf(formula, [&](const Formula &leaf) { collectFrom(leaf.form); });
  return found;
}

MaybeTree Witnesses::substitute(TermId id, const IntTree &witness) {
  Term term = model.terms[id];
  if (!term.dependsOnKeys)
    return IntTree::leaf(LinearForm::of(id));
  if (term.kind == Term::Kind::Key)
    return witness;
  if (!term.isDivision())
    return std::nullopt;
  MaybeTree operand = substitute(term.operand, witness);
  if (!operand)
    return std::nullopt;
  bool isQuotient = term.kind == Term::Kind::Quotient;
  return mapLeaves(*operand, isQuotient ? Monotone::Up : Monotone::No,
                   [&](const LinearForm &form) {
                     return model.getDivision(term.kind, form, term.divisor,
                                              term.origin);
                   });
}

MaybeTree Witnesses::substitute(const LinearForm &form,
                                const IntTree &witness) {
  MaybeTree sum = IntTree::leaf(LinearForm::of(form.constant));
  for (auto &[id, coefficient] : form.terms) {
    MaybeTree part = substitute(id, witness);
    if (!part)
      return std::nullopt;
    sum = addTrees(*sum, scaleTree(*part, coefficient));
    if (!sum)
      return std::nullopt;
  }
  return sum;
}

Formula Witnesses::substitute(const Formula &f, const IntTree &witness) {
  if (f.is(Kind::Atom)) {
    if (!model.terms.dependsOnKeys(f.form))
      return f;
    MaybeTree tree = substitute(f.form, witness);
    return tree ? notPositive(*tree) : Formula::unknown({});
  }
  if (f.is(Kind::Flag)) {
    bool ofKeys = model.getDependence(f.value) == Dependence::Keys;
    return ofKeys ? Formula::unknown(f.value) : f;
  }
  if (f.args.empty())
    return f;
  SmallVector<Formula> args;
  for (const Formula &arg : f.args)
    args.push_back(substitute(arg, witness));
  if (f.is(Kind::Ite))
    return choice(args[0], args[1], args[2]);
  return f.is(Kind::And) ? conjunction(args) : disjunction(args);
}

OpFoldResult mask::emitEveryRowLive(BoxQuery &query) {
  MaskModel &model = query.getModel();
  BoundBuilder &out = query.getBuilder();
  Witnesses witnesses(model);
  LinearForm zero, last = model.getSize(model.keyDim).plus(-1);
  SmallVector<OpFoldResult> tests;
  for (const LinearForm &form : witnesses.collect(query.getFormula())) {
    IntTree key = IntTree::leaf(form);
    if (!(form == zero) && !(form == last))
      key = IntTree::node(
          IntTree::Kind::Max, IntTree::leaf(zero),
          IntTree::node(IntTree::Kind::Min, key, IntTree::leaf(last)));
    Formula there = witnesses.substitute(query.getFormula(), key);
    tests.push_back(query.test(there, Quantifier::Must));
    if (getKnownTruth(tests.back()) == true)
      break;
  }
  OpFoldResult someKey = out.lessThan(
      out.constant(0),
      out.known(emitSize(out.getBuilder(), out.getLoc(), model, model.keyDim),
                model.terms[model.getSizeTerm(model.keyDim)].range));
  return out.all({out.any(tests), someKey, query.getGuard()});
}
