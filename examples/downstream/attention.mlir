// Multi-query attention for a foreign tool: 3 query heads share the one head of
// keys and values.

#q = affine_map<(h, m, n, d, e) -> (h, m, d)>
#k = affine_map<(h, m, n, d, e) -> (n, d)>
#v = affine_map<(h, m, n, d, e) -> (n, e)>
#o = affine_map<(h, m, n, d, e) -> (h, m, e)>

func.func @attention(%q: tensor<3x5x4xf32>, %k: tensor<7x4xf32>,
                     %v: tensor<7x8xf32>, %init: tensor<3x5x8xf32>)
    -> tensor<3x5x8xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o], scale = 0.5 : f32}
    ins(%q, %k, %v : tensor<3x5x4xf32>, tensor<7x4xf32>, tensor<7x8xf32>)
    outs(%init : tensor<3x5x8xf32>) -> tensor<3x5x8xf32>
  return %o : tensor<3x5x8xf32>
}
