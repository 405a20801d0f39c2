// --dims sizes what is not given, by argument, by iteration dimension or by
// role; a size holds for every dimension that must be equal.
// RUN: mqa-run %s --entry=attention --random=1 --dims=m=3,n=5,h=4,b=2 --out=%t.npy
// RUN: %python %S/Inputs/show.py %t.npy 0 | FileCheck %s
// RUN: mqa-run %s --entry=attention --random=1 --dims=d2=3 --dims=d3=5,d1=4 --dims=d0=2 --out=%t.npy
// RUN: %python %S/Inputs/show.py %t.npy 0 | FileCheck %s
// RUN: mqa-run %s --entry=attention --random=1 --dims=arg0.0=2,arg0.1=4,arg3.2=3,arg2.1=5 --out=%t.npy
// RUN: %python %S/Inputs/show.py %t.npy 0 | FileCheck %s
// CHECK: <f4 (2, 4, 3, 8) 0

// A size that the types or another size contradict is an error.
// RUN: not mqa-run %s --entry=attention --random=1 --dims=m=3,n=5,h=4,b=2,d=16 2>&1 | FileCheck %s --check-prefix=STATIC
// STATIC: expected 8 for --dims=d, as the type says, got 16
// RUN: not mqa-run %s --entry=attention --random=1 --dims=n=5,arg2.1=6 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: expected 5 for --dims=arg2.1, as --dims=n says, got 6
// RUN: not mqa-run %s --entry=attention --random=1 --dims=m=3,h=4,b=2 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: expected a size for dimension 1 of argument 1 (--dims=arg1.1=N), got none
// RUN: not mqa-run %s --entry=attention --random=1 --dims=q=3 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: expected the name of one dimension in --dims (argA.J, dI, b, h, m, n, d, e), got 'q', which names none
// RUN: not mqa-run %s --entry=attention --random=1 --dims=d6=3 2>&1 | FileCheck %s --check-prefix=NUMBER
// NUMBER: expected d0 to d5 in --dims, got 'd6'
// RUN: not mqa-run %s --entry=attention --random=1 --dims=arg9.0=3 2>&1 | FileCheck %s --check-prefix=ARGUMENT
// ARGUMENT: expected argA.J with a dimension J of a tensor or memref argument A in --dims, got 'arg9.0'
// RUN: not mqa-run %s --entry=attention --random=1 --dims=m 2>&1 | FileCheck %s --check-prefix=FORM
// FORM: expected NAME=SIZE in --dims, got 'm'
// RUN: not mqa-run %s --entry=attention --random=1 --dims=m=999999999999,n=9,h=1,b=1 2>&1 | FileCheck %s --check-prefix=MEMORY
// MEMORY: argument {{[0-9]}}: expected arrays that fit into memory, got 1x

#q = affine_map<(b, h, m, n, d, e) -> (b, h, m, d)>
#k = affine_map<(b, h, m, n, d, e) -> (b, n, d)>
#v = affine_map<(b, h, m, n, d, e) -> (b, n, e)>
#o = affine_map<(b, h, m, n, d, e) -> (b, h, m, e)>
func.func @attention(%q: tensor<?x?x?x8xf32>, %k: tensor<?x?x8xf32>,
                     %v: tensor<?x?x8xf32>, %init: tensor<?x?x?x8xf32>)
    -> tensor<?x?x?x8xf32> {
  %o = mqa.attention {indexing_maps = [#q, #k, #v, #o]}
      ins(%q, %k, %v : tensor<?x?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>)
      outs(%init : tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
  return %o : tensor<?x?x?x8xf32>
}
