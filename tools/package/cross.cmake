# CMake's toolchain file for a build for arm64 on amd64, against the folder that tools/package/sysroot made (FPS_SYSROOT).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES FPS_SYSROOT)
set(CMAKE_SYSROOT ${FPS_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_STRIP aarch64-linux-gnu-strip)
set(CMAKE_FIND_ROOT_PATH ${FPS_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
# Names of headers stand in debug information, and the build ID is a digest over that.
set(CMAKE_C_FLAGS_INIT -ffile-prefix-map=${FPS_SYSROOT}=)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${FPS_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${FPS_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${FPS_SYSROOT}/usr/share/pkgconfig)
# The programs print their own man pages.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static -L ${FPS_SYSROOT})
