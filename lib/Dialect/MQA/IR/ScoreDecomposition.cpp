//===- ScoreDecomposition.cpp - scores as linalg ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreDecomposition.h"
#include "mlir/IR/IRMapping.h"
#include <limits>

using namespace mlir;
using namespace mlir::mqa;

/// Clones the one block of `region`; what it yields.
static Value inlineRegion(OpBuilder &b, Region &region, ValueRange args) {
  IRMapping mapping;
  mapping.map(region.getArguments(), args);
  Block &block = region.front();
  for (Operation &op : block.without_terminator())
    b.clone(op, mapping);
  return mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
}

/// `<q, k>` over all depth dimensions, in `type`.
static NamedTensor createProducts(RoleBuilder &builder, const ScoreSpec &spec,
                                  Type type) {
  SmallVector<unsigned> dims = spec.shape.getRegionDims();
  NamedTensor empty = builder.createEmpty(dims, type);
  Value zero = createFloat(builder.getBuilder(), builder.getLoc(), type, 0.0);
  NamedTensor zeros = builder.createFill("zero_scores", zero, empty);
  return builder.createGeneric(
      "scores", {builder.getOperand(1), builder.getOperand(0)}, zeros, dims,
      spec.shape.getDims(DimRole::Depth),
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        Value key = convertFloat(b, loc, args[0], type);
        Value query = convertFloat(b, loc, args[1], type);
        Value product = arith::MulFOp::create(b, loc, key, query);
        return arith::AddFOp::create(b, loc, args[2], product);
      });
}

NamedTensor mlir::mqa::createScores(RoleBuilder &builder, const ScoreSpec &spec,
                                    Type type) {
  NamedTensor products = createProducts(builder, spec, type);
  if (spec.scale == 1.0 && spec.mask.empty() && spec.score.empty())
    return products;
  SmallVector<NamedTensor> inputs;
  for (unsigned i = 0; i < spec.numInputs; ++i)
    inputs.push_back(builder.getOperand(3 + i));
  auto modify = [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
    Value score = args.back();
    if (spec.scale != 1.0) {
      Value scale = createFloat(b, loc, type, spec.scale);
      score = arith::MulFOp::create(b, loc, score, scale);
    }
    SmallVector<Value> regionArgs = llvm::to_vector(args.drop_back());
    if (!spec.mask.empty() || !spec.score.empty())
      for (unsigned i = 0, end = products.dims.size(); i < end; ++i)
        regionArgs.push_back(linalg::IndexOp::create(b, loc, i));
    if (!spec.score.empty()) {
      Type wanted = spec.score.getArgument(0).getType();
      regionArgs.insert(regionArgs.begin(),
                        convertFloat(b, loc, score, wanted));
      score = inlineRegion(b, spec.score, regionArgs);
      score = convertFloat(b, loc, score, type);
      regionArgs.erase(regionArgs.begin());
    }
    if (spec.mask.empty())
      return score;
    Value keep = inlineRegion(b, spec.mask, regionArgs);
    Value dead =
        createFloat(b, loc, type, -std::numeric_limits<double>::infinity());
    return arith::SelectOp::create(b, loc, keep, score, dead);
  };
  return builder.createGeneric("modify", inputs, products, products.dims, {},
                               modify);
}
