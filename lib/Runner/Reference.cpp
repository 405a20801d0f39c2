//===- Reference.cpp - the references, for large shapes ---------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reference.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "mqa/CodeGen/CPU/Passes.h"
#include "mqa/Conversion/MQAToLinalg/Passes.h"
#include "mqa/Runner/Array.h"

using namespace mlir;
using namespace mlir::mqa;

/// The dimension that most operands, and the larger ones, have as their fastest
/// one.
static unsigned getContiguousDim(linalg::GenericOp op) {
  SmallVector<unsigned> counts(op.getNumLoops(), 0);
  for (AffineMap map : op.getIndexingMapsArray())
    if (map.getNumResults() != 0)
      if (auto dim = dyn_cast<AffineDimExpr>(map.getResults().back()))
        counts[dim.getPosition()] += map.getNumResults();
  return std::max_element(counts.begin(), counts.end()) - counts.begin();
}

/// The elements of `map` at these indices.
static SmallVector<Value> getPosition(OpBuilder &builder, AffineMap map,
                                      ArrayRef<Value> indices) {
  SmallVector<Value> position;
  for (AffineExpr expr : map.getResults())
    position.push_back(indices[cast<AffineDimExpr>(expr).getPosition()]);
  return position;
}

/// One iteration of `op`: the value that it yields.
static Value cloneBody(OpBuilder &builder, linalg::GenericOp op,
                       ArrayRef<Value> indices, Value accumulator) {
  Location loc = op.getLoc();
  IRMapping mapping;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (auto [input, map, argument] :
       llvm::zip(op.getInputs(), maps, op.getBody()->getArguments())) {
    Value element = input;
    if (isa<TensorType>(input.getType()))
      element = tensor::ExtractOp::create(builder, loc, input,
                                          getPosition(builder, map, indices));
    mapping.map(argument, element);
  }
  mapping.map(op.getBody()->getArguments().back(), accumulator);
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      mapping.map(index.getResult(), indices[index.getDim()]);
    else
      builder.clone(inner, mapping);
  }
  return mapping.lookupOrDefault(op.getBody()->getTerminator()->getOperand(0));
}

namespace {

/// Loops over some dimensions of an op.
struct LoopBounds {
  SmallVector<unsigned> dims;
  SmallVector<Value> lower, upper, step;
};

} // namespace

static LoopBounds getBounds(OpBuilder &builder, linalg::GenericOp op,
                            utils::IteratorType type) {
  LoopBounds bounds;
  SmallVector<Range> ranges =
      cast<TilingInterface>(op.getOperation()).getIterationDomain(builder);
  for (auto [dim, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator != type)
      continue;
    auto get = [&](OpFoldResult value) {
      return getValueOrCreateConstantIndexOp(builder, op.getLoc(), value);
    };
    bounds.dims.push_back(dim);
    bounds.lower.push_back(get(ranges[dim].offset));
    bounds.upper.push_back(get(ranges[dim].size));
    bounds.step.push_back(get(ranges[dim].stride));
  }
  return bounds;
}

/// Rewrites a reduction to loops on tensors with a scalar accumulator, which
/// starts from the scalar that the output is filled with, if it is.
static void lowerToScalarLoops(RewriterBase &rewriter, linalg::GenericOp op) {
  rewriter.setInsertionPoint(op);
  LoopBounds outer = getBounds(rewriter, op, utils::IteratorType::parallel);
  LoopBounds inner = getBounds(rewriter, op, utils::IteratorType::reduction);
  SmallVector<Value> indices(op.getNumLoops());
  AffineMap outputMap = op.getIndexingMapsArray().back();
  auto fill = op.getOutputs().front().getDefiningOp<linalg::FillOp>();
  auto reduce = [&](OpBuilder &builder, Location loc, ValueRange ivs,
                    ValueRange values) -> scf::ValueVector {
    for (auto [dim, iv] : llvm::zip(inner.dims, ivs))
      indices[dim] = iv;
    return {cloneBody(builder, op, indices, values.front())};
  };
  auto visit = [&](OpBuilder &builder, Location loc, ValueRange ivs,
                   ValueRange values) -> scf::ValueVector {
    for (auto [dim, iv] : llvm::zip(outer.dims, ivs))
      indices[dim] = iv;
    SmallVector<Value> position = getPosition(builder, outputMap, indices);
    Value start =
        fill ? fill.getInputs().front()
             : tensor::ExtractOp::create(builder, loc, values.front(), position)
                   .getResult();
    scf::LoopNest nest = scf::buildLoopNest(
        builder, loc, inner.lower, inner.upper, inner.step, start, reduce);
    return {tensor::InsertOp::create(builder, loc, nest.results.front(),
                                     values.front(), position)
                .getResult()};
  };
  Value output = fill ? fill.getOutputs().front() : op.getOutputs().front();
  Value result;
  if (outer.dims.empty())
    result = visit(rewriter, op.getLoc(), {}, output).front();
  else
    result = scf::buildLoopNest(rewriter, op.getLoc(), outer.lower, outer.upper,
                                outer.step, output, visit)
                 .results.front();
  rewriter.replaceOp(op, result);
  if (fill && fill->use_empty())
    rewriter.eraseOp(fill);
}

static void speedUp(RewriterBase &rewriter, linalg::GenericOp op,
                    bool reassociate) {
  if (!op.hasPureTensorSemantics() || op.getNumReductionLoops() == 0 ||
      op.getNumDpsInits() != 1 ||
      llvm::any_of(op.getIndexingMapsArray(),
                   [](AffineMap map) { return !map.isProjectedPermutation(); }))
    return;
  if (reassociate)
    for (auto sum : op.getBody()->getOps<arith::AddFOp>())
      sum.setFastmath(arith::FastMathFlags::reassoc |
                      arith::FastMathFlags::contract);
  unsigned innermost = getContiguousDim(op);
  if (op.getIteratorTypesArray()[innermost] == utils::IteratorType::reduction)
    return lowerToScalarLoops(rewriter, op);
  SmallVector<unsigned> order;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
    if (dim != innermost)
      order.push_back(dim);
  order.push_back(innermost);
  rewriter.setInsertionPoint(op);
  (void)linalg::interchangeGenericOp(rewriter, op, order);
}

llvm::Error mqa::prepareReference(ModuleOp module, bool promote) {
  std::string message;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &found) {
    if (found.getSeverity() == DiagnosticSeverity::Error && message.empty())
      llvm::raw_string_ostream(message) << found.getLocation() << ": " << found;
    return success();
  });
  PassManager passes(module.getContext());
  passes.addPass(createInlinerPass());
  passes.addPass(createSymbolDCEPass());
  if (promote)
    passes.addPass(createPromoteToF64Pass());
  passes.addPass(createPrepareEntriesPass());
  passes.addPass(createConvertMQAToLinalgPass());
  if (failed(passes.run(module)))
    return makeError(message.empty() ? "the reference could not be lowered"
                                     : message);
  SmallVector<linalg::GenericOp> ops;
  module.walk([&](linalg::GenericOp op) { ops.push_back(op); });
  IRRewriter rewriter(module.getContext());
  for (linalg::GenericOp op : ops)
    speedUp(rewriter, op, promote);
  return llvm::Error::success();
}
