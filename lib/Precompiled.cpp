//===- Precompiled.cpp - carries the precompiled headers --------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// CMake attaches the precompiled header to this otherwise empty file.
