// What is wrong with a module is one line with its place. Nothing is written.
//
// RUN: split-file --leading-lines %s %t
// RUN: not mqa-compile %t/syntax.mlir -o %t/out.o 2>&1 | FileCheck %s --check-prefix=SYNTAX
// RUN: not mqa-compile %t/verify.mlir -o %t/out.o 2>&1 | FileCheck %s --check-prefix=VERIFY
// RUN: not mqa-compile %t/empty.mlir -o %t/out.o 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not mqa-compile %t/name.mlir --emit-header=%t/out.h 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not mqa-compile %t/taken.mlir --emit-header=%t/out.h 2>&1 | FileCheck %s --check-prefix=TAKEN
// RUN: not mqa-compile %t/type.mlir --emit-header=%t/out.h 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: not mqa-compile %t/unknown.mlir -o %t/out.o 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not ls %t/out.o %t/out.h

//--- syntax.mlir
// SYNTAX: mqa-compile: error: {{.*}}syntax.mlir:[[#@LINE+1]]:17: expected
func.func @f(%x: ) {
  return
}

//--- verify.mlir
func.func @f(%x: f32) -> i32 {
  // VERIFY: mqa-compile: error: {{.*}}verify.mlir:[[#@LINE+1]]:3: type of return operand 0
  return %x : f32
}

//--- empty.mlir
// EMPTY: mqa-compile: error: expected a public func.func with a body, got none
func.func private @f() {
  return
}

//--- name.mlir
// NAME: mqa-compile: error: {{.*}}name.mlir:[[#@LINE+1]]:1: expected a C identifier as the name of a public function, got 'a.b'
func.func @"a.b"() {
  return
}

//--- taken.mlir
// TAKEN: mqa-compile: error: {{.*}}taken.mlir:[[#@LINE+1]]:1: expected a function name that leaves 'mqa_parallel_for' free for its C wrapper, got 'parallel_for'
func.func @parallel_for() {
  return
}

//--- type.mlir
// TYPE: mqa-compile: error: {{.*}}type.mlir:[[#@LINE+1]]:1: expected a type with a C form {{.*}} as argument 1 of 'f', got tensor<*xf32>
func.func @f(%x: f32, %y: tensor<*xf32>) {
  return
}

//--- unknown.mlir
func.func @f() {
  // UNKNOWN: mqa-compile: error: {{.*}}unknown.mlir:[[#@LINE+1]]:3:
  gpu.barrier
  return
}
