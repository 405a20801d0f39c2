# What `cmake --install` puts down: headers, libraries, tools, the CMake package.
include(CMakePackageConfigHelpers)
set(MQA_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/MQA)
set(mqa_files FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN "*.td"
  PATTERN CMakeFiles EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/mqa ${PROJECT_BINARY_DIR}/include/mqa
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${mqa_files})

get_property(mqa_libraries GLOBAL PROPERTY MQA_LIBRARIES)
get_property(mqa_tools GLOBAL PROPERTY MQA_TOOLS)
set_target_properties(${mqa_tools} PROPERTIES INSTALL_RPATH "${LLVM_LIBRARY_DIRS}")
install(TARGETS ${mqa_libraries} EXPORT MQATargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS ${mqa_tools}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT MQATargets NAMESPACE MQA:: DESTINATION ${MQA_CMAKE_DIR})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/modules/MQAConfig.cmake.in
  ${PROJECT_BINARY_DIR}/cmake/MQAConfig.cmake INSTALL_DESTINATION ${MQA_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/MQAConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cmake/MQAConfig.cmake
  ${PROJECT_BINARY_DIR}/cmake/MQAConfigVersion.cmake DESTINATION ${MQA_CMAKE_DIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
