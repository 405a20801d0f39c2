//===- MaskCase.cpp - a mask, its attention and its queries -----*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskCase.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::mqa;

static constexpr StringLiteral boxNames[] = {"b",  "h0", "h1", "m0",
                                             "m1", "n0", "n1"};
static constexpr unsigned numBoxArguments = std::size(boxNames);

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// The type of a tensor over `dims`, letters of the iteration space.
static std::string getShapedType(const MaskSpec &spec, StringRef dims,
                                 StringRef element) {
  std::string type = spec.memrefs ? "memref<" : "tensor<";
  for (char dim : dims) {
    int64_t size = dim == 'm' ? spec.rows : dim == 'n' ? spec.keys : 0;
    type += dim == 'd' || dim == 'e' ? "2" : size ? std::to_string(size) : "?";
    type += "x";
  }
  return type + element.str() + ">";
}

static std::string getMap(StringRef dims) {
  std::string text;
  for (char dim : dims)
    text += (text.empty() ? "" : ", ") + std::string(1, dim);
  return "affine_map<(b, h, m, n, d, e) -> (" + text + ")>";
}

std::string MaskCase::getText(const MaskSpec &spec) {
  std::string signature, maps, names, types, outs, outTypes, element;
  auto add = [&](std::string name, StringRef dims, StringRef type) {
    signature += (signature.empty() ? "" : ", ") + ("%" + name) + ": " +
                 getShapedType(spec, dims, type);
  };
  auto use = [&](std::string name, StringRef dims, StringRef type,
                 std::string &list, std::string &listTypes) {
    maps += (maps.empty() ? "" : ", ") + getMap(dims);
    list += (list.empty() ? "%" : ", %") + name;
    listTypes +=
        (listTypes.empty() ? "" : ", ") + getShapedType(spec, dims, type);
  };
  for (auto [name, dims] :
       {std::pair("query", "bhmd"), {"key", "bnd"}, {"value", "bne"}}) {
    add(name, dims, "f32");
    use(name, dims, "f32", names, types);
  }
  std::string regionArguments;
  for (const InputSpec &input : spec.inputs) {
    if (input.sameAs.empty())
      add(input.name + "_all", input.dims, input.type);
    use((input.sameAs.empty() ? input.name : input.sameAs) + "_all", input.dims,
        input.type, names, types);
    regionArguments += "%" + input.name + ": " + input.type + ", ";
  }
  std::vector<std::pair<std::string, std::string>> destinations = {
      {"out", "bhme"}};
  if (spec.online)
    destinations.insert(destinations.end(), {{"max", "bhm"}, {"sum", "bhm"}});
  for (auto &[name, dims] : destinations) {
    add(name, dims, "f32");
    use(name, dims, "f32", outs, outTypes);
  }
  for (const ScalarSpec &scalar : spec.scalars)
    signature += ", %" + scalar.name + ": " + scalar.type;
  for (StringRef name : boxNames)
    signature += ", %box_" + name.str() + ": index";
  std::string op = spec.online ? "mqa.online_attention" : "mqa.attention";
  std::string results = spec.online ? "%result:3 = " : "%result = ";
  return "func.func @mask(" + signature + ") {\n" + spec.prelude + "\n" +
         (spec.memrefs ? "" : results) + op + " {indexing_maps = [" + maps +
         "]} ins(" + names + " : " + types + ") outs(" + outs + " : " +
         outTypes + ") mask {\n^bb0(" + regionArguments +
         "%b: index, %h: index, %m: index, %n: index):\n" + spec.body + "\n}" +
         (spec.memrefs ? "" : " -> " + outTypes) + "\nreturn\n}\n";
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

unsigned MaskCase::getIndex(StringRef name) const {
  for (unsigned i = 0; i < numBoxArguments; ++i)
    if (boxNames[i] == name)
      return block->getNumArguments() - numBoxArguments + i;
  llvm_unreachable("no such argument");
}

Value MaskCase::getArgument(StringRef name) {
  return block->getArgument(getIndex(name));
}

bool MaskCase::parse(MLIRContext &context, const MaskOptions &options,
                     std::string &error) {
  std::string text = getText(spec);
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    error += diagnostic.str() + "\n";
  });
  module = parseSourceString<ModuleOp>(text, &context);
  if (!module) {
    error += text;
    return false;
  }
  module->walk([&](Operation *inner) {
    if (isa<AttentionOp, OnlineAttentionOp>(inner))
      op = inner;
  });
  block = op->getBlock();
  FailureOr<MaskAnalysis> computed = MaskAnalysis::compute(op, options);
  if (failed(computed)) {
    error += "the analysis fails";
    return false;
  }
  analysis.emplace(std::move(*computed));
  return true;
}

std::unique_ptr<MaskCase> MaskCase::create(MLIRContext &context,
                                           const MaskSpec &spec,
                                           const MaskOptions &options,
                                           std::string &error) {
  context.loadDialect<MQADialect, affine::AffineDialect, func::FuncDialect,
                      arith::ArithDialect, tensor::TensorDialect,
                      memref::MemRefDialect, scf::SCFDialect>();
  std::unique_ptr<MaskCase> result(new MaskCase(spec));
  if (!result->parse(context, options, error) || !result->emitQueries(error))
    return nullptr;
  return result;
}

/// The region at (b, h0, m0, n0), in front of the op.
Value MaskCase::emitTruth() {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Block &mask = op->getRegion(0).front();
  Value positions[] = {getArgument("b"), getArgument("h0"), getArgument("m0"),
                       getArgument("n0")};
  IRMapping mapping;
  for (auto [i, input] : llvm::enumerate(spec.inputs)) {
    SmallVector<Value> indices;
    for (char dim : input.dims)
      indices.push_back(positions[StringRef("bhmn").find(dim)]);
    Value shaped = op->getOperand(3 + i);
    Value element =
        spec.memrefs
            ? memref::LoadOp::create(builder, loc, shaped, indices).getResult()
            : tensor::ExtractOp::create(builder, loc, shaped, indices)
                  .getResult();
    mapping.map(mask.getArgument(i), element);
  }
  for (auto [i, position] : llvm::enumerate(positions))
    mapping.map(mask.getArgument(spec.inputs.size() + i), position);
  for (Operation &inner : mask.without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(mask.getTerminator()->getOperand(0));
}

SmallVector<unsigned> MaskCase::getArgumentLevels() {
  SmallVector<unsigned> levels(block->getNumArguments(), 0);
  for (StringRef name : boxNames)
    levels[getIndex(name)] = name.starts_with("n") ? 2 : 1;
  return levels;
}

bool MaskCase::emitQueries(std::string &error) {
  Value keep = emitTruth();
  OpBuilder builder(op);
  Location loc = op->getLoc();
  RowBox box;
  for (StringRef name : {"b", "h0", "m0"})
    box.first.push_back(getArgument(name));
  for (StringRef name : {"b", "h1", "m1"})
    box.last.push_back(getArgument(name));
  // Not read, as the header says.
  box.first.append(3, builder.getIndexAttr(-1));
  box.last.append(3, builder.getIndexAttr(-1));
  auto toValue = [&](OpFoldResult result) -> Value {
    if (auto value = dyn_cast<Value>(result))
      return value;
    return arith::ConstantOp::create(builder, loc,
                                     cast<TypedAttr>(cast<Attribute>(result)));
  };
  LiveKeys keys = analysis->emitLiveKeys(builder, loc, box);
  OpFoldResult rowsLive = analysis->emitEveryRowLive(builder, loc, box);
  OpFoldResult end =
      arith::AddIOp::create(builder, loc, getArgument("n1"),
                            arith::ConstantIndexOp::create(builder, loc, 1))
          .getResult();
  BlockClass verdict =
      analysis->emitClassify(builder, loc, box, {getArgument("n0"), end});
  SmallVector<Value> results;
  for (const KeyRange &range : keys.live)
    results.append({toValue(range.begin), toValue(range.end)});
  results.append(
      {toValue(keys.full.begin), toValue(keys.full.end), toValue(rowsLive)});
  numRanges = keys.live.size();
  SmallVector<unsigned> levels = getArgumentLevels();
  truth = std::make_unique<Program>(*block, keep, levels);
  ranges = std::make_unique<Program>(*block, results, levels);
  classes = std::make_unique<Program>(
      *block, ArrayRef<Value>{toValue(verdict.full), toValue(verdict.empty)},
      levels);
  error = getError();
  return error.empty();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

std::string MaskCase::getError() const {
  for (auto [name, program] : {std::pair("truth: ", truth.get()),
                               {"ranges: ", ranges.get()},
                               {"classify: ", classes.get()}})
    if (!program->getError().empty())
      return name + program->getError();
  return failure;
}

void MaskCase::bind(const Sizes &newSizes, ArrayRef<int64_t> scalars,
                    ArrayRef<Elements> inputs) {
  sizes = newSizes;
  tensors.clear();
  auto addShape = [&](StringRef dims) {
    tensors.emplace_back();
    for (char dim : dims)
      tensors.back().shape.push_back(dim == 'd' || dim == 'e' ? 2
                                                              : sizes.get(dim));
  };
  for (StringRef dims : {"bhmd", "bnd", "bne"})
    addShape(dims);
  for (auto [i, input] : llvm::enumerate(spec.inputs))
    if (input.sameAs.empty())
      tensors.push_back(inputs[i]);
  addShape("bhme");
  if (spec.online)
    addShape("bhm"), addShape("bhm");
  for (Program *program : {truth.get(), ranges.get(), classes.get()}) {
    for (auto [i, tensor] : llvm::enumerate(tensors))
      program->set(i, tensor);
    for (auto [i, scalar] : llvm::enumerate(scalars))
      program->set(tensors.size() + i, scalar);
  }
  failure.clear();
  truth->run(0);
  ranges->run(0);
  if (sizes.n > 0)
    classes->run(0);
}

std::optional<bool> MaskCase::isLive(int64_t b, int64_t h, int64_t m,
                                     int64_t n) {
  for (auto [name, value] :
       {std::pair("b", b), {"h0", h}, {"m0", m}, {"n0", n}})
    truth->set(getIndex(name), value);
  if (!truth->run(1) || !truth->run(2) || truth->isPoison(0)) {
    truth->clearError();
    return std::nullopt;
  }
  return truth->get(0) != 0;
}

bool MaskCase::setRows(const Rows &rows) {
  for (Program *program : {ranges.get(), classes.get()})
    for (auto [name, value] : {std::pair("b", rows.b),
                               {"h0", rows.h0},
                               {"h1", rows.h1},
                               {"m0", rows.m0},
                               {"m1", rows.m1}})
      program->set(getIndex(name), value);
  return sizes.n == 0 || classes->run(1);
}

bool MaskCase::getRanges(const Rows &rows, RangeVerdict &verdict) {
  if (!setRows(rows) || !ranges->run(1))
    return false;
  unsigned numResults = 2 * numRanges + 3;
  for (unsigned i = 0; i < numResults; ++i)
    if (ranges->isPoison(i)) {
      failure = "result " + std::to_string(i) + " of ranges is poison";
      return false;
    }
  auto get = [&](unsigned i) {
    return std::pair(ranges->get(2 * i), ranges->get(2 * i + 1));
  };
  verdict.live.clear();
  for (unsigned i = 0; i < numRanges; ++i)
    verdict.live.push_back(get(i));
  verdict.full = get(numRanges);
  verdict.everyRowLive = ranges->get(numResults - 1) != 0;
  return true;
}

bool MaskCase::classify(int64_t n0, int64_t n1, bool &full, bool &empty) {
  classes->set(getIndex("n0"), n0);
  classes->set(getIndex("n1"), n1);
  if (!classes->run(2))
    return false;
  if (classes->isPoison(0) || classes->isPoison(1)) {
    failure = "result of classify is poison";
    return false;
  }
  full = classes->get(0) != 0;
  empty = classes->get(1) != 0;
  return true;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

int64_t mqa::draw(std::mt19937_64 &rng, int64_t lo, int64_t hi) {
  uint64_t count = uint64_t(hi) - uint64_t(lo) + 1;
  return int64_t(uint64_t(lo) + (count ? rng() % count : rng()));
}

static int64_t drawExtreme(std::mt19937_64 &rng, unsigned width) {
  int64_t lo = width >= 64 ? INT64_MIN : -(int64_t(1) << (width - 1));
  int64_t hi = width >= 64 ? INT64_MAX : (int64_t(1) << (width - 1)) - 1;
  if (width == 1)
    return draw(rng, 0, 1);
  int64_t near = draw(rng, 0, 12);
  switch (draw(rng, 0, 4)) {
  case 0:
    return lo + near;
  case 1:
    return hi - near;
  case 2:
    return wrap(int64_t((uint64_t(1) << draw(rng, 0, width - 1)) - near),
                width);
  default:
    return draw(rng, lo, hi);
  }
}

static int64_t drawElement(const InputSpec &input, std::mt19937_64 &rng,
                           unsigned index, unsigned width, int64_t share) {
  switch (input.draw) {
  case Draw::Extreme:
  case Draw::Spans:
    return index % 3 == 2 ? drawExtreme(rng, width)
                          : wrap(draw(rng, -4, 12), width);
  case Draw::Small:
    return draw(rng, -4, 12);
  case Draw::Documents:
    return draw(rng, 0, 3);
  case Draw::Few:
    return draw(rng, 0, 2);
  case Draw::Zeros:
    return llvm::bit_cast<int64_t>(draw(rng, 0, 2) ? 0.0 : -1e30);
  default:
    return draw(rng, 0, 9) < share;
  }
}

std::vector<Elements> mqa::drawInputs(const MaskSpec &spec, const Sizes &sizes,
                                      std::mt19937_64 &rng, unsigned index) {
  std::vector<Elements> all;
  for (const InputSpec &input : spec.inputs) {
    Elements &elements = all.emplace_back();
    int64_t count = 1;
    for (char dim : input.dims) {
      elements.shape.push_back(sizes.get(dim));
      count *= sizes.get(dim);
    }
    unsigned width = input.type == "index" ? 64
                     : input.type.front() == 'i'
                         ? std::stoi(input.type.substr(1))
                         : 0;
    int64_t share = draw(rng, 0, 10);
    for (int64_t i = 0; i < count; ++i)
      elements.data.push_back(drawElement(input, rng, index, width, share));
    int64_t last = elements.shape.empty() ? 1 : elements.shape.back();
    int64_t length = last ? draw(rng, 0, last) : 0;
    for (int64_t i = 0; last && i < count; i += last) {
      auto row = elements.data.begin() + i;
      if (input.draw == Draw::Documents || input.draw == Draw::Spans)
        std::sort(row, row + last);
      for (int64_t n = 0; n < last; ++n)
        if (input.draw == Draw::Prefix)
          row[n] = n < length;
        else if (input.draw == Draw::LowerTriangle)
          row[n] = n <= i / last % std::max<int64_t>(sizes.m, 1);
    }
  }
  return all;
}
