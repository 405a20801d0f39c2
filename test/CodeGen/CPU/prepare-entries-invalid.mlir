// RUN: mqa-opt %s --mqa-prepare-entries -split-input-file -verify-diagnostics

// expected-error@below {{expected a single block in a function on tensors, got 2}}
func.func @blocks(%a: tensor<5xf32>) -> tensor<5xf32> {
  cf.br ^bb1
^bb1:
  return %a : tensor<5xf32>
}

// -----

// expected-error@below {{expected a ranked tensor without encoding as argument 1, got 'tensor<*xf32>'}}
func.func @unranked(%a: index, %b: tensor<*xf32>) {
  return
}

// -----

// expected-error@below {{expected a ranked tensor without encoding as result 0, got 'tensor<5xf32, 1 : i64>'}}
func.func @encoding(%a: index) -> tensor<5xf32, 1 : i64> {
  %b = tensor.empty() : tensor<5xf32, 1 : i64>
  return %b : tensor<5xf32, 1 : i64>
}
