// Keys and values that a stride of 0 repeats: in the batch, in the heads, and
// one key for all positions. Nothing may assume distinct or contiguous elements.
// RUN: mqa-run %s --entry=batch --random=1 --check
// RUN: mqa-run %s --entry=heads --random=2 --check
// RUN: mqa-run %s --entry=position --random=3 --check

#q = affine_map<(b, m, n, d, e) -> (b, m, d)>
#k = affine_map<(b, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, m, n, d, e) -> (b, m, e)>

func.func @batch(%q: memref<3x19x16xf32>, %k: memref<37x16xf32>,
                 %v: memref<37x24xf32>, %o: memref<3x19x24xf32>) {
  %ks = memref.reinterpret_cast %k to offset: [0], sizes: [3, 37, 16], strides: [0, 16, 1]
    : memref<37x16xf32> to memref<3x37x16xf32, strided<[0, 16, 1]>>
  %vs = memref.reinterpret_cast %v to offset: [0], sizes: [3, 37, 24], strides: [0, 24, 1]
    : memref<37x24xf32> to memref<3x37x24xf32, strided<[0, 24, 1]>>
  mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.25 : f32}
    ins(%q, %ks, %vs : memref<3x19x16xf32>, memref<3x37x16xf32, strided<[0, 16, 1]>>,
        memref<3x37x24xf32, strided<[0, 24, 1]>>)
    outs(%o : memref<3x19x24xf32>)
  return
}

#hq = affine_map<(h, m, n, d, e) -> (m, h, d)>
#hk = affine_map<(h, m, n, d, e) -> (n, h, d)>
#hv = affine_map<(h, m, n, d, e) -> (n, h, e)>
#ho = affine_map<(h, m, n, d, e) -> (m, h, e)>

func.func @heads(%q: memref<19x4x16xf16>, %k: memref<37x16xf16>,
                 %v: memref<37x24xf16>, %o: memref<19x4x24xf16>) {
  %ks = memref.reinterpret_cast %k to offset: [0], sizes: [37, 4, 16], strides: [16, 0, 1]
    : memref<37x16xf16> to memref<37x4x16xf16, strided<[16, 0, 1]>>
  %vs = memref.reinterpret_cast %v to offset: [0], sizes: [37, 4, 24], strides: [24, 0, 1]
    : memref<37x24xf16> to memref<37x4x24xf16, strided<[24, 0, 1]>>
  mqa.attention {indexing_maps = [#hq, #hk, #hv, #ho], scale = 0.25 : f32}
    ins(%q, %ks, %vs : memref<19x4x16xf16>, memref<37x4x16xf16, strided<[16, 0, 1]>>,
        memref<37x4x24xf16, strided<[24, 0, 1]>>)
    outs(%o : memref<19x4x24xf16>)
  return
}

#pq = affine_map<(m, n, d, e) -> (m, d)>
#pk = affine_map<(m, n, d, e) -> (n, d)>
#pv = affine_map<(m, n, d, e) -> (n, e)>
#po = affine_map<(m, n, d, e) -> (m, e)>

func.func @position(%q: memref<19x16xf32>, %k: memref<16xf32>, %v: memref<37xf32>,
                    %o: memref<19x24xf32>) {
  %ks = memref.reinterpret_cast %k to offset: [0], sizes: [37, 16], strides: [0, 1]
    : memref<16xf32> to memref<37x16xf32, strided<[0, 1]>>
  %vs = memref.reinterpret_cast %v to offset: [0], sizes: [37, 24], strides: [1, 0]
    : memref<37xf32> to memref<37x24xf32, strided<[1, 0]>>
  mqa.attention {indexing_maps = [#pq, #pk, #pv, #po], scale = 0.25 : f32}
    ins(%q, %ks, %vs : memref<19x16xf32>, memref<37x16xf32, strided<[0, 1]>>,
        memref<37x24xf32, strided<[1, 0]>>)
    outs(%o : memref<19x24xf32>)
  return
}
