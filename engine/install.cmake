# Installs three components: runtime (the programs; see tools/), devel (the library in both forms, its headers, the pkg-config
# file and the CMake package), and data, which a plain install leaves out: the base set and the
# advisory database as files. fpscan holds them already.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fpscan)

foreach(component runtime devel)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT ${component})
endforeach()
install(TARGETS fpscan_static fpscan_shared EXPORT fpscan-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT devel
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT devel)
install(DIRECTORY engine/include/fpscan DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT devel FILES_MATCHING PATTERN "*.h")
foreach(file base.fpdb advisories.fpav)
  if(EXISTS ${CMAKE_SOURCE_DIR}/signatures/${file})
    install(FILES signatures/${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/fpscan COMPONENT data EXCLUDE_FROM_ALL)
  endif()
endforeach()

# pkg-config: the prefix is found from the file's own place, so that an installed tree can be moved. The libraries that
# the static form needs are named one by one: Requires.private would ask for what their own static forms need as well.
file(RELATIVE_PATH FPS_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
list(JOIN FPS_DEPENDENCIES " " FPS_REQUIRES)
list(TRANSFORM DEPS_LIBRARIES PREPEND "-l" OUTPUT_VARIABLE FPS_LIBRARIES)
list(JOIN FPS_LIBRARIES " " FPS_LIBRARIES)
configure_file(engine/fpscan.pc.in ${CMAKE_BINARY_DIR}/fpscan.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/fpscan.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)

# find_package(fpscan): targets fpscan::fpscan_shared and fpscan::fpscan_static.
configure_package_config_file(engine/fpscan-config.cmake.in ${CMAKE_BINARY_DIR}/fpscan-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/fpscan-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/fpscan-config.cmake ${CMAKE_BINARY_DIR}/fpscan-config-version.cmake
        DESTINATION ${package_dir} COMPONENT devel)
install(EXPORT fpscan-targets NAMESPACE fpscan:: DESTINATION ${package_dir} COMPONENT devel)
