//===- Device.cpp - where compiled GPU code runs ----------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mqa/Runner/Device.h"

using namespace mlir::mqa;

Device::~Device() = default;
