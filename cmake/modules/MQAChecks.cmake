# The targets that look at the project itself, and the time-boxed random tests.
# Every one prints what to do when it fails.

set(mqa_scripts ${PROJECT_SOURCE_DIR}/scripts)

# Format and lint; scripts/lint/*.py take -f to repair.
add_custom_target(check-format USES_TERMINAL
  COMMAND ${Python3_EXECUTABLE} ${mqa_scripts}/lint/format.py)
add_custom_target(check-lint USES_TERMINAL
  COMMAND ${Python3_EXECUTABLE} ${mqa_scripts}/lint/run.py)

# Random tests: `ninja check-mqa-random`, or the script by hand for any count.
set(MQA_RANDOM_SEED 1 CACHE STRING
  "first seed of check-mqa-random and check-mqa-mutate")
set(MQA_RANDOM_SECONDS 60 CACHE STRING "time box of check-mqa-random and check-mqa-mutate")
add_custom_target(check-mqa-random USES_TERMINAL DEPENDS mqa-test-depends
  COMMAND ${mqa_python_env} ${Python3_EXECUTABLE}
    ${PROJECT_SOURCE_DIR}/test/Integration/CPU/random_differential.py
    --tools=${LLVM_RUNTIME_OUTPUT_INTDIR} --seed=${MQA_RANDOM_SEED}
    --seconds=${MQA_RANDOM_SECONDS})
add_custom_target(check-mqa-mutate USES_TERMINAL DEPENDS mqa-test-depends
  COMMAND ${mqa_python_env} ${Python3_EXECUTABLE}
    ${PROJECT_SOURCE_DIR}/test/mutate/mutate.py
    --tools=${LLVM_RUNTIME_OUTPUT_INTDIR} --seed=${MQA_RANDOM_SEED}
    --seconds=${MQA_RANDOM_SECONDS}
    --failures=${PROJECT_BINARY_DIR}/mutate-failures)

# `mqa-doc` writes the generated reference into docs/generated.
add_custom_target(mqa-doc DEPENDS mlir-doc
  COMMAND ${Python3_EXECUTABLE} ${mqa_scripts}/lint/generated_docs.py -f
    --build=${PROJECT_BINARY_DIR})
