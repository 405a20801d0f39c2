# Thin wrappers: what every library and tool of the project has in common.

set(MQA_WARNINGS -Wall -Wextra -Wno-unused-parameter)
if(MQA_ENABLE_WERROR)
  list(APPEND MQA_WARNINGS -Werror)
endif()
set(MQA_SANITIZE)
if(MQA_USE_SANITIZER)
  set(MQA_SANITIZE -fsanitize=${MQA_USE_SANITIZER} -fno-omit-frame-pointer
    -fno-sanitize=vptr,function -fno-sanitize-recover=all -g1)
endif()

function(mqa_compile_options target)
  llvm_update_compile_flags(${target})
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:${MQA_WARNINGS}> ${MQA_SANITIZE})
  if(MQA_ENABLE_PCH AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # Without a time stamp in it, ccache can share what uses the header.
    target_compile_options(${target} PRIVATE
      "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
  target_link_options(${target} PRIVATE ${MQA_SANITIZE})
endfunction()

# The precompiled MLIR headers, shared by every library that asks for them.
function(mqa_use_pch target)
  if(MQA_ENABLE_PCH)
    target_precompile_headers(${target} REUSE_FROM MQAPrecompiled)
  endif()
endfunction()

# add_mqa_library(name sources... [LINK_LIBS libs...] [DEPENDS targets...] [NO_PCH])
# A static library of ours, exported as MQA::name. MLIR comes as Debian's dylib.
function(add_mqa_library name)
  cmake_parse_arguments(ARG "NO_PCH" "" "LINK_LIBS;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  add_library(MQA::${name} ALIAS ${name})
  mqa_compile_options(${name})
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
  add_dependencies(${name} mqa-headers ${ARG_DEPENDS})
  if(NOT ARG_NO_PCH)
    mqa_use_pch(${name})
  endif()
  set_property(GLOBAL APPEND PROPERTY MQA_LIBRARIES ${name})
endfunction()

# add_mqa_tool(name sources... [LINK_LIBS libs...])
function(add_mqa_tool name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  mqa_compile_options(${name})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${LLVM_RUNTIME_OUTPUT_INTDIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} MLIR LLVM)
  set_property(GLOBAL APPEND PROPERTY MQA_TOOLS ${name})
endfunction()


# add_mqa_unittest(name sources... [LINK_LIBS libs...])
# A GoogleTest binary; lit finds it by the ending "Tests" of its name.
function(add_mqa_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK_LIBS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  mqa_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK_LIBS} GTest::gtest_main)
  set_property(GLOBAL APPEND PROPERTY MQA_UNITTESTS ${name})
endfunction()
