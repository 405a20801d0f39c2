// Keys, values and output are prefetched, evenly over the product loops.
// RUN: mqa-opt %s --mqa-prefetch=cache=0 --canonicalize --cse | FileCheck %s
// RUN: mqa-opt %s --mqa-prefetch="cache=0 distance=3" --canonicalize --cse | FileCheck %s --check-prefix=FAR
// RUN: mqa-opt %s --mqa-prefetch=cache=65536 | FileCheck %s --check-prefix=FITS
// RUN: not mqa-opt %s --mqa-prefetch=distance=0 2>&1 | FileCheck %s --check-prefix=BAD

// BAD: expected a distance of at least 1 and a cache of at least 0, got 0 and 1048576

#kd = affine_map<(n, x, d) -> (n, d)>
#dx = affine_map<(n, x, d) -> (d, x)>
#nx = affine_map<(n, x, d) -> (n, x)>
#ne = affine_map<(e, x, n) -> (n, e)>
#start = affine_map<(a, b) -> (a + b)>

// A block of 16 keys of 64 elements is 64 lines. The first product runs
// 4 * 16 times for each: one line; the second one 8 * 4 times: two lines.
// CHECK-LABEL: func.func @in_place
// CHECK-SAME: %[[K:.*]]: memref<?x64xf32>, %[[V:.*]]: memref<128x64xf32>, %{{.*}}, %[[O:.*]]: memref<4x64xf32>
// CHECK: scf.for %[[B:.*]] = %c0 to %{{.*}} step %c16
// CHECK: %[[LAST:.*]] = arith.subi %{{.*}}, %c16
// CHECK: %[[AHEAD:.*]] = arith.addi %[[B]], %c16
// CHECK: %[[NEXT:.*]] = arith.minsi %[[AHEAD]], %[[LAST]]
// CHECK: scf.for %[[T:.*]] = %c0 to %c16 step %c4
// The output, two lines for each of the four tiles of a block.
// CHECK: %[[ROW:.*]] = memref.subview %[[O]]
// CHECK-COUNT-2: memref.prefetch %[[ROW]][%{{.*}}], write, locality<2>, data
// CHECK: scf.for %[[D:.*]] = %c0 to %c64 step %c4
// CHECK: %[[LINE:.*]] = arith.addi
// CHECK-DAG: %[[KEY:.*]] = arith.divui %[[LINE]], %c4
// CHECK-DAG: %[[PART:.*]] = arith.remui %[[LINE]], %c4
// CHECK-DAG: %[[COLUMN:.*]] = arith.muli %[[PART]], %c16
// CHECK-DAG: %[[AT:.*]] = arith.addi %[[NEXT]], %[[KEY]]
// CHECK: memref.prefetch %[[K]][%[[AT]], %[[COLUMN]]], read, locality<2>, data
// CHECK-NOT: memref.prefetch
// CHECK: scf.for %{{.*}} = %c0 to %c64 step %c8
// CHECK: scf.for %{{.*}} = %c0 to %c16 step %c4
// CHECK-COUNT-2: memref.prefetch %[[V]][%{{.*}}, %{{.*}}], read, locality<2>, data
// CHECK-NOT: memref.prefetch
// FAR-LABEL: func.func @in_place
// FAR: arith.addi %{{.*}}, %c48
// FITS-LABEL: func.func @in_place
// FITS-COUNT-5: memref.prefetch
func.func @in_place(%k: memref<?x64xf32>, %v: memref<128x64xf32>, %q: memref<64x16xf32>, %o: memref<4x64xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %p = arith.constant 0.0 : f32
  %zero = arith.constant dense<0.0> : vector<4x16xf32>
  %zero8 = arith.constant dense<0.0> : vector<8x16xf32>
  %s = memref.alloca() : memref<16x16xf32>
  %a = memref.alloca() : memref<64x16xf32>
  %rows = memref.alloca() : memref<4x64xf32>
  scf.for %b = %c0 to %n step %c16 {
    scf.for %t = %c0 to %c16 step %c4 {
      %key = affine.apply #start(%b, %t)
      %r = scf.for %d = %c0 to %c64 step %c4 iter_args(%acc = %zero) -> (vector<4x16xf32>) {
        %x = vector.transfer_read %k[%key, %d], %p {in_bounds = [true, true]} : memref<?x64xf32>, vector<4x4xf32>
        %y = vector.transfer_read %q[%d, %c0], %p {in_bounds = [true, true]} : memref<64x16xf32>, vector<4x16xf32>
        %z = vector.contract {indexing_maps = [#kd, #dx, #nx], iterator_types = ["parallel", "parallel", "reduction"], kind = #vector.kind<add>} %x, %y, %acc : vector<4x4xf32>, vector<4x16xf32> into vector<4x16xf32>
        scf.yield %z : vector<4x16xf32>
      }
      vector.transfer_write %r, %s[%t, %c0] {in_bounds = [true, true]} : vector<4x16xf32>, memref<16x16xf32>
    }
    %block = memref.subview %v[%b, 0] [16, 64] [1, 1] : memref<128x64xf32> to memref<16x64xf32, strided<[64, 1], offset: ?>>
    scf.for %e = %c0 to %c64 step %c8 {
      %r = scf.for %i = %c0 to %c16 step %c4 iter_args(%acc = %zero8) -> (vector<8x16xf32>) {
        %x = vector.transfer_read %block[%i, %e], %p {in_bounds = [true, true]} : memref<16x64xf32, strided<[64, 1], offset: ?>>, vector<4x8xf32>
        %y = vector.transfer_read %s[%i, %c0], %p {in_bounds = [true, true]} : memref<16x16xf32>, vector<4x16xf32>
        %z = vector.contract {indexing_maps = [#ne, #dx, #nx], iterator_types = ["parallel", "parallel", "reduction"], kind = #vector.kind<add>} %x, %y, %acc : vector<4x8xf32>, vector<4x16xf32> into vector<8x16xf32>
        scf.yield %z : vector<8x16xf32>
      }
      vector.transfer_write %r, %a[%e, %c0] {in_bounds = [true, true]} : vector<8x16xf32>, memref<64x16xf32>
    }
  }
  scf.for %x = %c0 to %c4 step %c1 {
    %from = memref.subview %rows[%x, 0] [1, 64] [1, 1] : memref<4x64xf32> to memref<64xf32, strided<[1], offset: ?>>
    %to = memref.subview %o[%x, 0] [1, 64] [1, 1] : memref<4x64xf32> to memref<64xf32, strided<[1], offset: ?>>
    memref.copy %from, %to : memref<64xf32, strided<[1], offset: ?>> to memref<64xf32, strided<[1], offset: ?>>
  }
  return
}

// Staged keys of 16 bits: what is prefetched is where they come from, half as
// many lines; the start of the values is not affine, so those are not.
// CHECK-LABEL: func.func @staged
// CHECK-SAME: %[[K:.*]]: memref<128x64xbf16>
// CHECK: memref.prefetch %[[K]][%{{.*}}, %{{.*}}], read
// CHECK-NOT: memref.prefetch
// FITS-LABEL: func.func @staged
// FITS-NOT: memref.prefetch
func.func @staged(%k: memref<128x64xbf16>, %v: memref<128x64xf32>, %table: memref<128xindex>, %q: memref<64x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %p = arith.constant 0.0 : f32
  %p16 = arith.constant 0.0 : bf16
  %zero = arith.constant dense<0.0> : vector<4x16xf32>
  %s = memref.alloca() : memref<16x16xf32>
  %a = memref.alloca() : memref<64x16xf32>
  %f = memref.alloca() : memref<16x64xf32>
  scf.for %b = %c0 to %c128 step %c16 {
    scf.for %i = %c0 to %c16 step %c1 {
      %key = affine.apply #start(%b, %i)
      scf.for %d = %c0 to %c64 step %c16 {
        %x = vector.transfer_read %k[%key, %d], %p16 {in_bounds = [true]} : memref<128x64xbf16>, vector<16xbf16>
        %y = arith.extf %x : vector<16xbf16> to vector<16xf32>
        vector.transfer_write %y, %f[%i, %d] {in_bounds = [true]} : vector<16xf32>, memref<16x64xf32>
      }
    }
    scf.for %t = %c0 to %c16 step %c4 {
      %r = scf.for %d = %c0 to %c64 step %c4 iter_args(%acc = %zero) -> (vector<4x16xf32>) {
        %x = vector.transfer_read %f[%t, %d], %p {in_bounds = [true, true]} : memref<16x64xf32>, vector<4x4xf32>
        %y = vector.transfer_read %q[%d, %c0], %p {in_bounds = [true, true]} : memref<64x16xf32>, vector<4x16xf32>
        %z = vector.contract {indexing_maps = [#kd, #dx, #nx], iterator_types = ["parallel", "parallel", "reduction"], kind = #vector.kind<add>} %x, %y, %acc : vector<4x4xf32>, vector<4x16xf32> into vector<4x16xf32>
        scf.yield %z : vector<4x16xf32>
      }
      vector.transfer_write %r, %s[%t, %c0] {in_bounds = [true, true]} : vector<4x16xf32>, memref<16x16xf32>
    }
    %page = memref.load %table[%b] : memref<128xindex>
    scf.for %e = %c0 to %c64 step %c4 {
      %r = scf.for %i = %c0 to %c16 step %c4 iter_args(%acc = %zero) -> (vector<4x16xf32>) {
        %key = affine.apply #start(%page, %i)
        %x = vector.transfer_read %v[%key, %e], %p {in_bounds = [true, true]} : memref<128x64xf32>, vector<4x4xf32>
        %y = vector.transfer_read %s[%i, %c0], %p {in_bounds = [true, true]} : memref<16x16xf32>, vector<4x16xf32>
        %z = vector.contract {indexing_maps = [#ne, #dx, #nx], iterator_types = ["parallel", "parallel", "reduction"], kind = #vector.kind<add>} %x, %y, %acc : vector<4x4xf32>, vector<4x16xf32> into vector<4x16xf32>
        scf.yield %z : vector<4x16xf32>
      }
      vector.transfer_write %r, %a[%e, %c0] {in_bounds = [true, true]} : vector<4x16xf32>, memref<64x16xf32>
    }
  }
  return
}
