//===- PromoteToF64.cpp - every float in f64 --------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One type replacer walks the module: f16, bf16 and f32 become f64 in types and
// in attributes. Before that, whatever would change its meaning is refused:
// ops that look at the bits of a float, functions whose body is elsewhere, and
// ops of dialects that this file knows nothing about.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mqa/Conversion/MQAToLinalg/Passes.h"

namespace mlir::mqa {
#define GEN_PASS_DEF_PROMOTETOF64PASS
#include "mqa/Conversion/MQAToLinalg/Passes.h.inc"
} // namespace mlir::mqa

using namespace mlir;

static bool isNarrowFloat(Type type) {
  return isa<Float16Type, BFloat16Type, Float32Type>(type);
}

/// Whether any part of `attrOrType` is a narrow float.
template <typename T> static bool mentionsNarrowFloat(T attrOrType) {
  return attrOrType
      .walk([](Type type) {
        return isNarrowFloat(type) ? WalkResult::interrupt()
                                   : WalkResult::advance();
      })
      .wasInterrupted();
}

static bool mentionsNarrowFloat(Operation *op) {
  auto inType = [](Type type) { return mentionsNarrowFloat(type); };
  if (llvm::any_of(op->getOperandTypes(), inType) ||
      llvm::any_of(op->getResultTypes(), inType) ||
      mentionsNarrowFloat<Attribute>(op->getAttrDictionary()))
    return true;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      if (llvm::any_of(block.getArgumentTypes(), inType))
        return true;
  return false;
}

//===----------------------------------------------------------------------===//
// What cannot be promoted
//===----------------------------------------------------------------------===//

/// Dialects whose ops mean the same whatever the width of a float.
static bool isKnownDialect(Operation *op) {
  static constexpr StringRef known[] = {
      "affine", "arith", "bufferization", "builtin", "cf",  "complex", "func",
      "linalg", "math",  "memref",        "mqa",     "scf", "shape",   "tensor",
      "ub",     "vector"};
  return llvm::is_contained(known, op->getName().getDialectNamespace());
}

/// Whether `op` reads bits as floats or the other way round.
static bool dependsOnBits(Operation *op) {
  if (!isa<arith::BitcastOp, tensor::BitcastOp, vector::BitCastOp,
           memref::ViewOp, memref::ExtractAlignedPointerAsIndexOp>(op))
    return false;
  Type from = getElementTypeOrSelf(op->getOperand(0).getType());
  Type to = getElementTypeOrSelf(op->getResult(0).getType());
  return from != to && (isNarrowFloat(from) || isNarrowFloat(to));
}

/// An elements attribute whose values this file cannot rewrite.
static Attribute findOpaqueElements(Operation *op) {
  Attribute found;
  op->getAttrDictionary().walk([&](Attribute attr) {
    Type element;
    if (auto elements = dyn_cast<ElementsAttr>(attr))
      element = elements.getElementType();
    else if (auto array = dyn_cast<DenseArrayAttr>(attr))
      element = array.getElementType();
    if (!element || !mentionsNarrowFloat(element) ||
        isa<DenseFPElementsAttr>(attr))
      return WalkResult::advance();
    found = attr;
    return WalkResult::interrupt();
  });
  return found;
}

static LogicalResult verifyPromotable(Operation *op) {
  if (!mentionsNarrowFloat(op))
    return success();
  if (!isKnownDialect(op))
    return op->emitOpError("expected an op whose floats can become f64, got "
                           "one of dialect '")
           << op->getName().getDialectNamespace() << "'";
  if (dependsOnBits(op))
    return op->emitOpError("expected no use of the bits of a float that "
                           "becomes f64, got ")
           << op->getOperand(0).getType() << " to "
           << op->getResult(0).getType();
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (function && function.isExternal())
    return op->emitOpError("expected a function with a body, got the "
                           "declaration of one that takes or gives floats");
  if (Attribute elements = findOpaqueElements(op))
    return op->emitOpError("expected dense elements that can become f64, got ")
           << elements;
  return success();
}

//===----------------------------------------------------------------------===//
// Promotion
//===----------------------------------------------------------------------===//

static APFloat extendToDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value;
}

/// Replaces narrow floats in types, and keeps the numbers in attributes.
static AttrTypeReplacer createReplacer(Type f64) {
  using Replacement = std::optional<std::pair<Attribute, WalkResult>>;
  AttrTypeReplacer replacer;
  replacer.addReplacement([=](FloatType type) -> std::optional<Type> {
    return isNarrowFloat(type) ? f64 : type;
  });
  replacer.addReplacement([=](FloatAttr attr) -> Replacement {
    if (!isNarrowFloat(attr.getType()))
      return {{attr, WalkResult::skip()}};
    return {{FloatAttr::get(f64, extendToDouble(attr.getValue())),
             WalkResult::skip()}};
  });
  replacer.addReplacement([=](ElementsAttr attr) -> Replacement {
    auto dense = dyn_cast<DenseFPElementsAttr>(attr);
    if (!dense || !isNarrowFloat(dense.getElementType()))
      return {{attr, WalkResult::skip()}};
    Attribute wide = dense.mapValues(f64, [](const APFloat &value) {
      return extendToDouble(value).bitcastToAPInt();
    });
    return {{wide, WalkResult::skip()}};
  });
  // A data layout is about types, not of them.
  replacer.addReplacement([](Attribute attr) -> Replacement {
    if (attr.getDialect().getNamespace() != "dlti")
      return std::nullopt;
    return {{attr, WalkResult::skip()}};
  });
  return replacer;
}

/// Removes conversions from f64 to f64.
static void eraseNoOpConversions(Operation *root) {
  root->walk([](Operation *op) {
    if (!isa<arith::ExtFOp, arith::TruncFOp, arith::BitcastOp>(op) ||
        op->getOperand(0).getType() != op->getResult(0).getType())
      return;
    op->getResult(0).replaceAllUsesWith(op->getOperand(0));
    op->erase();
  });
}

namespace {
struct PromoteToF64 final : mqa::impl::PromoteToF64PassBase<PromoteToF64> {
  using Base::Base;

  void runOnOperation() override {
    Operation *root = getOperation();
    WalkResult result = root->walk(
        [](Operation *op) -> WalkResult { return verifyPromotable(op); });
    if (result.wasInterrupted())
      return signalPassFailure();
    AttrTypeReplacer replacer = createReplacer(Float64Type::get(&getContext()));
    replacer.recursivelyReplaceElementsIn(root, /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
    eraseNoOpConversions(root);
  }
};
} // namespace
