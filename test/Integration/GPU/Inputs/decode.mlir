// One new token of 8 sequences: 32 heads share the keys of 2 groups.
#q = affine_map<(b, g, h, n, d, e) -> (b, g, h, d)>
#k = affine_map<(b, g, h, n, d, e) -> (b, g, n, d)>
#v = affine_map<(b, g, h, n, d, e) -> (b, g, n, e)>
#l = affine_map<(b, g, h, n, d, e) -> (b)>
#o = affine_map<(b, g, h, n, d, e) -> (b, g, h, e)>
func.func @decode(%q: tensor<3x2x16x64xbf16>, %k: tensor<3x2x?x64xbf16>,
                  %v: tensor<3x2x?x64xbf16>, %lengths: tensor<3xi32>,
                  %out: tensor<3x2x16x64xbf16>) -> tensor<3x2x16x64xbf16> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #l, #o], scale = 0.125 : f32}
         ins(%q, %k, %v, %lengths : tensor<3x2x16x64xbf16>, tensor<3x2x?x64xbf16>, tensor<3x2x?x64xbf16>, tensor<3xi32>)
         outs(%out : tensor<3x2x16x64xbf16>)
         mask {
         ^bb0(%length: i32, %b: index, %g: index, %h: index, %n: index):
           %end = arith.index_cast %length : i32 to index
           %keep = arith.cmpi slt, %n, %end : index
           mqa.yield %keep : i1
         } -> tensor<3x2x16x64xbf16>
  return %o : tensor<3x2x16x64xbf16>
}
