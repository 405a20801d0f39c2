//===- MaskSummary.cpp - what is known of a mask in words -----------------===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskSummary.h"

using namespace mlir;
using namespace mlir::mqa;
using namespace mlir::mqa::mask;
using Kind = Formula::Kind;

SmallVector<bool> mask::getDependsOn(MaskModel &model, const Formula &formula,
                                     const Guards &guards) {
  llvm::SmallBitVector dims(model.shape.getNumDims());
  auto addYielded = [&] {
    dims |= model.getDims(model.block->getTerminator()->getOperand(0));
  };
  if (!guards.empty())
    addYielded();
  forEachLeaf(formula, [&](const Formula &leaf) {
    if (leaf.value)
      dims |= model.getDims(leaf.value);
    else if (leaf.is(Kind::Unknown))
      addYielded();
    for (auto &[id, coefficient] : leaf.form.terms)
      dims |= model.terms[id].dims;
  });
  SmallVector<bool> dependsOn(model.shape.getNumDims());
  for (unsigned dim : dims.set_bits())
    dependsOn[dim] = true;
  return dependsOn;
}

/// The value, by where it comes from.
static std::string describe(MaskModel &model, Value value) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto argument = dyn_cast<BlockArgument>(value);
  bool isOfRegion = model.block && value.getParentBlock() == model.block;
  if (argument && isOfRegion) {
    if (std::optional<unsigned> dim = model.getPositionDim(argument))
      os << "the position in dimension " << *dim;
    else
      os << "extra input #" << argument.getArgNumber();
    return text;
  }
  os << (isOfRegion ? "a value" : "a captured value") << " of type "
     << value.getType();
  if (Operation *def = value.getDefiningOp())
    os << " from '" << def->getName() << "'";
  return text;
}

SmallVector<std::string> mask::describeGuards(MaskModel &model,
                                              const Guards &guards) {
  SmallVector<std::string> words;
  for (auto &[id, kind] : guards) {
    const Term &term = model.terms[id];
    std::string what =
        term.kind == Term::Kind::Size
            ? "the size of " +
                  stringifyDimRole(model.shape.getRole(term.dim)).str() +
                  " dimension " + std::to_string(term.dim)
            : describe(model, term.value);
    if (kind == Guard::Positive)
      what += ", which must be positive";
    if (kind == Guard::Exponent)
      what += ", which shifts";
    words.push_back(what);
  }
  return words;
}

namespace {
/// Collects remarks, each once.
class Remarks {
public:
  explicit Remarks(MaskModel &model) : model(model) {}
  SmallVector<std::pair<Location, std::string>> found;

  void addValue(Value value) {
    Operation *def = value ? value.getDefiningOp() : nullptr;
    Location loc = def ? def->getLoc() : model.op->getLoc();
    if (!value)
      return add(loc, "no bounds: the mask is too large to be analysed");
    std::string what = describe(model, value);
    if (model.getDependence(value) == Dependence::Keys)
      return add(loc, "blocks are classified at run time: " + what +
                          " differs from key to key");
    add(loc, "no bounds: " + what + " differs from row to row and key to key");
  }

  void addForm(const LinearForm &form) {
    unsigned ofKeys = 0;
    for (auto &[id, coefficient] : form.terms) {
      Term term = model.terms[id];
      if (!term.dependsOnKeys)
        continue;
      ++ofKeys;
      if (term.value)
        addValue(term.value);
      if (term.isDivision())
        addForm(term.operand);
      if (term.kind == Term::Kind::Remainder)
        addOrigin(term.origin);
      else if (ofKeys > 1 && term.kind == Term::Kind::Quotient)
        addOrigin(term.origin);
    }
  }

private:
  void addOrigin(Operation *origin) {
    if (origin)
      add(origin->getLoc(), ("blocks are classified at run time: the keys "
                             "cannot be told from '" +
                             origin->getName().getStringRef() + "'")
                                .str());
  }
  void add(Location loc, std::string words) {
    for (auto &[knownLoc, known] : found)
      if (knownLoc == loc && known == words)
        return;
    found.push_back({loc, std::move(words)});
  }

  MaskModel &model;
};
} // namespace

SmallVector<std::pair<Location, std::string>>
mask::getRemarks(MaskModel &model, const Formula &formula) {
  Remarks remarks(model);
  forEachLeaf(formula, [&](const Formula &leaf) {
    if (leaf.is(Kind::Atom))
      return remarks.addForm(leaf.form);
    if (leaf.is(Kind::Unknown) ||
        model.getDependence(leaf.value) == Dependence::Keys)
      remarks.addValue(leaf.value);
  });
  if (remarks.found.empty())
    remarks.found.push_back({model.op->getLoc(),
                             "blocks are classified at run time: the live keys "
                             "of a box of rows are not one range"});
  return remarks.found;
}
