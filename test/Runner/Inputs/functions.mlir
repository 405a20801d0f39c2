// Functions that move values from arguments to results.

func.func @scale(%x: tensor<2x3xf32>, %s: f32) -> tensor<2x3xf32> {
  %e = tensor.empty() : tensor<2x3xf32>
  %r = linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<2x3xf32>) outs(%e : tensor<2x3xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.mulf %a, %s : f32
    linalg.yield %m : f32
  } -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// Adds into its destination.
func.func @accumulate(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>,
                      %sum: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %r = linalg.matmul ins(%x, %y : tensor<?x?xf32>, tensor<?x?xf32>)
                     outs(%sum : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// Results of several kinds, one of them a destination.
func.func @several(%n: index, %flag: i1, %h: f16, %d: tensor<2xi32>)
    -> (tensor<?xf16>, index, i1, tensor<2xi32>, f16) {
  %e = tensor.empty(%n) : tensor<?xf16>
  %r = linalg.fill ins(%h : f16) outs(%e : tensor<?xf16>) -> tensor<?xf16>
  %c7 = arith.constant 7 : i32
  %w = linalg.fill ins(%c7 : i32) outs(%d : tensor<2xi32>) -> tensor<2xi32>
  return %r, %n, %flag, %w, %h : tensor<?xf16>, index, i1, tensor<2xi32>, f16
}

func.func @bf16(%x: tensor<?xbf16>, %d: tensor<?xbf16>) -> tensor<?xbf16> {
  %r = linalg.copy ins(%x : tensor<?xbf16>) outs(%d : tensor<?xbf16>) -> tensor<?xbf16>
  return %r : tensor<?xbf16>
}
func.func @f16(%x: tensor<?xf16>, %d: tensor<?xf16>) -> tensor<?xf16> {
  %r = linalg.copy ins(%x : tensor<?xf16>) outs(%d : tensor<?xf16>) -> tensor<?xf16>
  return %r : tensor<?xf16>
}
func.func @f64(%x: tensor<?xf64>, %d: tensor<?xf64>) -> tensor<?xf64> {
  %r = linalg.copy ins(%x : tensor<?xf64>) outs(%d : tensor<?xf64>) -> tensor<?xf64>
  return %r : tensor<?xf64>
}
func.func @i1(%x: tensor<?xi1>, %d: tensor<?xi1>) -> tensor<?xi1> {
  %r = linalg.copy ins(%x : tensor<?xi1>) outs(%d : tensor<?xi1>) -> tensor<?xi1>
  return %r : tensor<?xi1>
}
func.func @i8(%x: tensor<?xi8>, %d: tensor<?xi8>) -> tensor<?xi8> {
  %r = linalg.copy ins(%x : tensor<?xi8>) outs(%d : tensor<?xi8>) -> tensor<?xi8>
  return %r : tensor<?xi8>
}
func.func @i16(%x: tensor<?xi16>, %d: tensor<?xi16>) -> tensor<?xi16> {
  %r = linalg.copy ins(%x : tensor<?xi16>) outs(%d : tensor<?xi16>) -> tensor<?xi16>
  return %r : tensor<?xi16>
}
func.func @i64(%x: tensor<?xi64>, %d: tensor<?xi64>) -> tensor<?xi64> {
  %r = linalg.copy ins(%x : tensor<?xi64>) outs(%d : tensor<?xi64>) -> tensor<?xi64>
  return %r : tensor<?xi64>
}
func.func @index(%x: tensor<?xindex>, %d: tensor<?xindex>) -> tensor<?xindex> {
  %r = linalg.copy ins(%x : tensor<?xindex>) outs(%d : tensor<?xindex>) -> tensor<?xindex>
  return %r : tensor<?xindex>
}

// 0-d.
func.func @scalar(%x: tensor<f32>, %d: tensor<f32>) -> tensor<f32> {
  %r = linalg.copy ins(%x : tensor<f32>) outs(%d : tensor<f32>) -> tensor<f32>
  return %r : tensor<f32>
}

// Memrefs: what is written counts as a result.
func.func @memrefs(%x: memref<2x3xf32>, %y: memref<2x3xf32, strided<[8, 2], offset: 5>>) {
  linalg.copy ins(%x : memref<2x3xf32>)
              outs(%y : memref<2x3xf32, strided<[8, 2], offset: 5>>)
  return
}

// Overflows in f32 and not in f64.
func.func @overflow(%x: f32) -> f32 {
  %0 = arith.mulf %x, %x : f32
  %1 = arith.divf %0, %x : f32
  return %1 : f32
}

func.func @complex(%x: tensor<2xcomplex<f32>>) {
  return
}
func.func private @hidden(%x: f32) {
  return
}
