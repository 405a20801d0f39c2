//===- MQAVerify.cpp - what a valid op is -----------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The labels are those of docs/Spec.md. What ODS and the traits of MQAOps.td
// check is not repeated here: the types of the operands, and the results
// (ATTENTION_C2, ONLINE_C2, MERGE_C2, FINALIZE_C2), which
// DestinationStyleOpInterface ties to the destinations.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/TypeUtilities.h"
#include "mqa/Dialect/MQA/IR/MQA.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace mlir::mqa;

namespace {
/// A shaped operand, its name in the assembly and its map.
struct MappedOperand {
  std::string name;
  Value value;
  ShapedType type;
  AffineMap map;
};
} // namespace

//===----------------------------------------------------------------------===//
// Checks of all structured ops
//===----------------------------------------------------------------------===//

/// ATTENTION_C1, ONLINE_C1, MERGE_C1, FINALIZE_C1: tensors without an encoding
/// or memrefs.
static LogicalResult verifyForm(Operation *op,
                                ArrayRef<MappedOperand> operands) {
  bool tensors = isa<RankedTensorType>(operands.front().type);
  for (const MappedOperand &operand : operands) {
    auto tensor = dyn_cast<RankedTensorType>(operand.type);
    if (bool(tensor) != tensors)
      return op->emitOpError("expected all operands to be tensors or all to be "
                             "memrefs, got ")
             << operands.front().type << " for " << operands.front().name
             << " and " << operand.type << " for " << operand.name;
    if (tensor && tensor.getEncoding())
      return op->emitOpError("expected tensors without an encoding, got ")
             << operand.type << " for " << operand.name;
  }
  return success();
}

/// What a single map must be.
static LogicalResult verifyMap(Operation *op, const MappedOperand &operand,
                               unsigned numDims) {
  AffineMap map = operand.map;
  // ATTENTION_C4, ONLINE_C4, MERGE_C4, FINALIZE_C4: one iteration space.
  if (map.getNumDims() != numDims || map.getNumSymbols() != 0)
    return op->emitOpError("expected the map of ")
           << operand.name << " to have " << numDims
           << " dimensions, as that of the first operand, and no symbols, got "
           << AffineMapAttr::get(map);
  // ATTENTION_C5, ONLINE_C5, MERGE_C5, FINALIZE_C5: every result is a
  // dimension, and another one.
  if (!map.isProjectedPermutation())
    return op->emitOpError("expected the map of ")
           << operand.name << " to be a projected permutation, got "
           << AffineMapAttr::get(map);
  // ATTENTION_C6, ONLINE_C6, MERGE_C6, FINALIZE_C6: one result per dimension of
  // the operand.
  if (map.getNumResults() != operand.type.getRank())
    return op->emitOpError("expected the map of ")
           << operand.name << " to have " << operand.type.getRank()
           << " results, the rank of the operand, got "
           << AffineMapAttr::get(map);
  return success();
}

/// C1 and C3 to C6 of all structured ops. Fills `operands`.
static LogicalResult verifyMaps(Operation *op, ArrayRef<std::string> names,
                                ArrayRef<AffineMap> maps,
                                SmallVectorImpl<MappedOperand> &operands) {
  // ATTENTION_C3, ONLINE_C3, MERGE_C3, FINALIZE_C3: one map per operand.
  if (maps.size() != op->getNumOperands())
    return op->emitOpError("expected ")
           << op->getNumOperands() << " indexing maps, one per operand, got "
           << maps.size();
  for (auto [name, value, map] :
       llvm::zip_equal(names, op->getOperands(), maps))
    operands.push_back({name, value, cast<ShapedType>(value.getType()), map});
  if (failed(verifyForm(op, operands)))
    return failure();
  for (const MappedOperand &operand : operands)
    if (failed(verifyMap(op, operand, maps.front().getNumDims())))
      return failure();
  return success();
}

/// ATTENTION_C12, ONLINE_C11, MERGE_C9, FINALIZE_C9: the static sizes of a
/// dimension agree.
static LogicalResult verifySizes(Operation *op,
                                 ArrayRef<MappedOperand> operands) {
  SmallVector<const MappedOperand *> owners(operands.front().map.getNumDims(),
                                            nullptr);
  SmallVector<int64_t> sizes(owners.size(), ShapedType::kDynamic);
  for (const MappedOperand &operand : operands)
    for (unsigned i = 0, e = operand.map.getNumResults(); i < e; ++i) {
      unsigned dim = operand.map.getDimPosition(i);
      int64_t size = operand.type.getDimSize(i);
      if (ShapedType::isDynamic(size))
        continue;
      if (owners[dim] && sizes[dim] != size)
        return op->emitOpError("expected one size of dimension d")
               << dim << ", got " << sizes[dim] << " in " << owners[dim]->name
               << " and " << size << " in " << operand.name;
      if (!owners[dim]) {
        owners[dim] = &operand;
        sizes[dim] = size;
      }
    }
  return success();
}

/// ATTENTION_C16, ONLINE_C14, MERGE_C11, FINALIZE_C12: in memory, a destination
/// is no other operand. (That they do not overlap is up to the author.)
static LogicalResult verifyNoAlias(DestinationStyleOpInterface op,
                                   ArrayRef<MappedOperand> operands) {
  if (!isa<MemRefType>(operands.front().type))
    return success();
  for (OpOperand &init : op.getDpsInitsMutable())
    for (const auto &[index, other] : llvm::enumerate(operands))
      if (index != init.getOperandNumber() && other.value == init.get())
        return op->emitOpError("expected ")
               << operands[init.getOperandNumber()].name
               << " to be no other operand, got the memref of " << other.name;
  return success();
}

/// The dimensions that a map mentions.
static llvm::SmallBitVector mentionedDims(AffineMap map) {
  llvm::SmallBitVector dims(map.getNumDims());
  for (AffineExpr result : map.getResults())
    dims.set(cast<AffineDimExpr>(result).getPosition());
  return dims;
}

/// The operand's map mentions dimensions of `roles` only, which `names` says in
/// words, and all of them if `all`.
static LogicalResult verifyRoles(Operation *op, const MappedOperand &operand,
                                 const AttentionShape &shape,
                                 ArrayRef<DimRole> roles, StringRef names,
                                 bool all) {
  llvm::SmallBitVector dims = mentionedDims(operand.map);
  for (unsigned dim = 0; dim < shape.getNumDims(); ++dim) {
    DimRole role = shape.getRole(dim);
    bool allowed = llvm::is_contained(roles, role);
    if (dims[dim] && !allowed)
      return op->emitOpError("expected the map of ")
             << operand.name << " to mention only " << names
             << " dimensions, got the " << stringifyDimRole(role)
             << " dimension d" << dim;
    if (!dims[dim] && allowed && all)
      return op->emitOpError("expected the map of ")
             << operand.name << " to mention all " << names
             << " dimensions, got none of d" << dim;
  }
  return success();
}

/// All operands in `operands` have element type f64, or none.
static LogicalResult verifyAllOrNoF64(Operation *op,
                                      ArrayRef<MappedOperand> operands) {
  const MappedOperand &first = operands.front();
  for (const MappedOperand &operand : operands)
    if (operand.type.getElementType().isF64() !=
        first.type.getElementType().isF64())
      return op->emitOpError("expected f64 in all float operands or in none, "
                             "got ")
             << first.type.getElementType() << " in " << first.name << " and "
             << operand.type.getElementType() << " in " << operand.name;
  return success();
}

/// What scores and states are computed in: f64 for f64, else f32.
static Type getComputeType(Type element) {
  return element.isF64() ? element : Float32Type::get(element.getContext());
}

/// The element type of `operand` is `wanted`.
static LogicalResult verifyElement(Operation *op, const MappedOperand &operand,
                                   Type wanted) {
  if (operand.type.getElementType() == wanted)
    return success();
  return op->emitOpError("expected ")
         << operand.name << " to have elements of type " << wanted << ", got "
         << operand.type.getElementType();
}

/// ATTENTION_C15, ONLINE_C13: the scale is a finite number.
static LogicalResult verifyScale(Operation *op,
                                 std::optional<Attribute> scale) {
  if (!scale || cast<FloatAttr>(*scale).getValue().isFinite())
    return success();
  return op->emitOpError("expected a finite scale, got ") << *scale;
}

/// `input #0`, ... for the extra inputs.
static void addInputNames(size_t count, SmallVectorImpl<std::string> &names) {
  for (size_t i = 0; i < count; ++i)
    names.push_back("input #" + std::to_string(i));
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

static bool isScalar(Value value) {
  return value.getType().isIntOrIndexOrFloat();
}

/// ATTENTION_C20, ATTENTION_C21, ONLINE_C18, ONLINE_C19: a pure function of
/// scalars.
static LogicalResult verifyRegionOps(Region &region, StringRef name) {
  WalkResult result = region.walk([&](Operation *inner) -> WalkResult {
    if (!isPure(inner))
      return inner->emitOpError("expected only pure operations in the ")
             << name << " region";
    for (Value value :
         llvm::concat<Value>(llvm::to_vector_of<Value>(inner->getOperands()),
                             llvm::to_vector_of<Value>(inner->getResults())))
      if (!isScalar(value))
        return inner->emitOpError("expected only scalars in the ")
               << name << " region, got " << value.getType();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// A mask or score region. One without blocks is absent.
static LogicalResult verifyRegion(Operation *op, Region &region, StringRef name,
                                  TypeRange arguments, Type yielded) {
  if (region.empty())
    return success();
  // ATTENTION_C17, ONLINE_C15: one block.
  if (!region.hasOneBlock())
    return op->emitOpError("expected one block in the ")
           << name << " region, got " << region.getBlocks().size();
  // ATTENTION_C18, ONLINE_C16: the arguments.
  Block &block = region.front();
  if (block.getNumArguments() != arguments.size())
    return op->emitOpError("expected ")
           << arguments.size() << " arguments of the " << name
           << " region, got " << block.getNumArguments();
  for (auto [argument, wanted] :
       llvm::zip_equal(block.getArguments(), arguments))
    if (argument.getType() != wanted)
      return op->emitOpError("expected argument #")
             << argument.getArgNumber() << " of the " << name
             << " region to be " << wanted << ", got " << argument.getType();
  // ATTENTION_C19, ONLINE_C17, YIELD_C1: the value.
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield)
    return op->emitOpError("expected the ")
           << name << " region to end in 'mqa.yield'";
  if (yield.getValue().getType() != yielded)
    return yield.emitOpError("expected ")
           << yielded << " from the " << name << " region, got "
           << yield.getValue().getType();
  return verifyRegionOps(region, name);
}

/// Both regions of an attention.
template <typename OpTy> static LogicalResult verifyMaskAndScore(OpTy op) {
  MLIRContext *context = op.getContext();
  Type score = getComputeType(getElementTypeOrSelf(op.getQuery().getType()));
  SmallVector<Type> arguments{score};
  for (Value input : op.getInputs())
    arguments.push_back(getElementTypeOrSelf(input.getType()));
  arguments.append(op.getShape().getRegionDims().size(),
                   IndexType::get(context));
  TypeRange all(arguments);
  if (failed(verifyRegion(op, op.getMask(), "mask", all.drop_front(),
                          IntegerType::get(context, 1))))
    return failure();
  return verifyRegion(op, op.getScore(), "score", all, score);
}

LogicalResult AttentionOp::verifyRegions() { return verifyMaskAndScore(*this); }

LogicalResult OnlineAttentionOp::verifyRegions() {
  return verifyMaskAndScore(*this);
}

//===----------------------------------------------------------------------===//
// mqa.attention, mqa.online_attention
//===----------------------------------------------------------------------===//

static constexpr DimRole kRegionRoles[] = {DimRole::Batch, DimRole::Row,
                                           DimRole::Key};
static constexpr DimRole kStateRoles[] = {DimRole::Batch, DimRole::Row};

/// What is common to both: roles (ATTENTION_C7, ATTENTION_C8, ONLINE_C7,
/// ONLINE_C8) and extra inputs (ATTENTION_C9, ONLINE_C9), which lie before
/// `end`.
static FailureOr<AttentionShape> verifyShape(Operation *op,
                                             ArrayRef<MappedOperand> operands,
                                             unsigned end, unsigned output) {
  FailureOr<AttentionShape> shape = AttentionShape::get(
      operands[0].map, operands[1].map, operands[2].map, operands[output].map,
      [&] { return op->emitOpError(); });
  if (failed(shape))
    return failure();
  for (const MappedOperand &input : operands.slice(3, end - 3))
    if (failed(verifyRoles(op, input, *shape, kRegionRoles,
                           "batch, row and key", /*all=*/false)))
      return failure();
  return shape;
}

LogicalResult AttentionOp::verify() {
  SmallVector<std::string> names{"query", "key", "value"};
  addInputNames(getInputs().size(), names);
  if (getSink())
    names.push_back("sink");
  names.push_back("output");
  if (getLogsumexp())
    names.push_back("logsumexp");
  SmallVector<MappedOperand> operands;
  if (failed(verifyMaps(*this, names, getIndexingMapsArray(), operands)))
    return failure();
  unsigned sink = 3 + getInputs().size();
  unsigned output = getOutputMutable().getOperandNumber();
  FailureOr<AttentionShape> shape = verifyShape(*this, operands, sink, output);
  if (failed(shape))
    return failure();
  SmallVector<MappedOperand> floats(ArrayRef(operands).take_front(3));
  llvm::append_range(floats, ArrayRef(operands).slice(sink, output + 1 - sink));
  // ATTENTION_C10: the sink.
  if (getSink() && failed(verifyRoles(*this, operands[sink], *shape,
                                      kStateRoles, "batch and row", false)))
    return failure();
  // ATTENTION_C11: the log-sum-exp.
  if (getLogsumexp() &&
      failed(verifyRoles(*this, operands.back(), *shape, kStateRoles,
                         "batch and row", /*all=*/true)))
    return failure();
  // ATTENTION_C12: the sizes. ATTENTION_C13: the elements.
  if (failed(verifySizes(*this, operands)) ||
      failed(verifyAllOrNoF64(*this, floats)))
    return failure();
  // ATTENTION_C14: the log-sum-exp is in the type of the computation.
  Type compute = getComputeType(operands.front().type.getElementType());
  if (getLogsumexp() && failed(verifyElement(*this, operands.back(), compute)))
    return failure();
  return failure(failed(verifyScale(*this, getScale())) ||
                 failed(verifyNoAlias(*this, operands)));
}

LogicalResult OnlineAttentionOp::verify() {
  SmallVector<std::string> names{"query", "key", "value"};
  addInputNames(getInputs().size(), names);
  names.append({"acc", "max", "sum"});
  SmallVector<MappedOperand> operands;
  if (failed(verifyMaps(*this, names, getIndexingMapsArray(), operands)))
    return failure();
  unsigned acc = 3 + getInputs().size();
  FailureOr<AttentionShape> shape = verifyShape(*this, operands, acc, acc);
  if (failed(shape))
    return failure();
  // ONLINE_C10: max and sum.
  for (const MappedOperand &row : ArrayRef(operands).take_back(2))
    if (failed(verifyRoles(*this, row, *shape, kStateRoles, "batch and row",
                           /*all=*/true)))
      return failure();
  // ONLINE_C11: the sizes. ONLINE_C12: the elements.
  if (failed(verifySizes(*this, operands)) ||
      failed(verifyAllOrNoF64(*this, ArrayRef(operands).take_front(3))))
    return failure();
  Type compute = getComputeType(operands.front().type.getElementType());
  for (const MappedOperand &state : ArrayRef(operands).take_back(3))
    if (failed(verifyElement(*this, state, compute)))
      return failure();
  return failure(failed(verifyScale(*this, getScale())) ||
                 failed(verifyNoAlias(*this, operands)));
}

//===----------------------------------------------------------------------===//
// mqa.merge, mqa.finalize
//===----------------------------------------------------------------------===//

/// MERGE_C7, FINALIZE_C7: the map of an accumulator or output mentions every
/// dimension.
static LogicalResult verifyFull(Operation *op, const MappedOperand &operand) {
  llvm::SmallBitVector dims = mentionedDims(operand.map);
  if (dims.all())
    return success();
  return op->emitOpError("expected the map of ")
         << operand.name << " to mention every dimension, got none of d"
         << dims.find_first_unset();
}

/// MERGE_C8, FINALIZE_C8: the map of a row value mentions the dimensions that
/// the map of `max` does, which leaves at least one value dimension.
static LogicalResult verifyRow(Operation *op, const MappedOperand &operand,
                               const MappedOperand &max) {
  llvm::SmallBitVector dims = mentionedDims(operand.map);
  if (dims.all())
    return op->emitOpError("expected the map of ")
           << operand.name << " to leave out at least one dimension, got "
           << AffineMapAttr::get(operand.map);
  if (dims == mentionedDims(max.map))
    return success();
  return op->emitOpError("expected the maps of ")
         << max.name << " and " << operand.name
         << " to mention the same dimensions, got "
         << AffineMapAttr::get(max.map) << " and "
         << AffineMapAttr::get(operand.map);
}

LogicalResult MergeOp::verify() {
  SmallVector<std::string> names{"lhs acc", "lhs max", "lhs sum",
                                 "acc",     "max",     "sum"};
  SmallVector<MappedOperand> operands;
  if (failed(verifyMaps(*this, names, getIndexingMapsArray(), operands)))
    return failure();
  for (unsigned i : {0, 3})
    if (failed(verifyFull(*this, operands[i])))
      return failure();
  for (unsigned i : {1, 2, 4, 5})
    if (failed(verifyRow(*this, operands[i], operands[1])))
      return failure();
  if (failed(verifySizes(*this, operands)))
    return failure();
  // MERGE_C10: one element type.
  for (const MappedOperand &operand : operands)
    if (failed(verifyElement(*this, operand,
                             operands.front().type.getElementType())))
      return failure();
  return verifyNoAlias(*this, operands);
}

LogicalResult FinalizeOp::verify() {
  SmallVector<std::string> names{"acc", "max", "sum", "output"};
  if (getLogsumexp())
    names.push_back("logsumexp");
  SmallVector<MappedOperand> operands;
  if (failed(verifyMaps(*this, names, getIndexingMapsArray(), operands)))
    return failure();
  for (unsigned i : {0, 3})
    if (failed(verifyFull(*this, operands[i])))
      return failure();
  for (unsigned i : {1u, 2u, 4u})
    if (i < operands.size() &&
        failed(verifyRow(*this, operands[i], operands[1])))
      return failure();
  if (failed(verifySizes(*this, operands)))
    return failure();
  // FINALIZE_C10: one element type of the state and the log-sum-exp.
  for (unsigned i : {1u, 2u, 4u})
    if (i < operands.size() &&
        failed(verifyElement(*this, operands[i],
                             operands.front().type.getElementType())))
      return failure();
  // FINALIZE_C11: f64 to f64.
  if (failed(verifyAllOrNoF64(*this, {operands[0], operands[3]})))
    return failure();
  return verifyNoAlias(*this, operands);
}
