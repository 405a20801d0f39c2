//===- Pipelines.h - all pipelines ------------------------------*- C++ -*-===//
//
// Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MQA_PIPELINES_PIPELINES_H
#define MQA_PIPELINES_PIPELINES_H

#include "mqa/Pipelines/CPUPipeline.h"
#include "mqa/Pipelines/NVVMPipeline.h"

#endif // MQA_PIPELINES_PIPELINES_H
