# Revue for 64-bit ARM, built by Debian's cross compiler against the libraries in REVUE_SYSROOT, which tests/cross/aarch64
# makes. What is linked is put beside its place, as PROGRAM.foreign, and into its place comes what runs it under qemu
# (under_qemu.c): so manuals are made and tests run the programs by their names, without a change to the machine.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

set(REVUE_SYSROOT "" CACHE PATH "Folder of the libraries")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES REVUE_SYSROOT)
set(CMAKE_SYSROOT ${REVUE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${REVUE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${REVUE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${REVUE_SYSROOT}/usr/share/pkgconfig)

# What CMake tries while it configures is looked into, not run.
get_property(is_try GLOBAL PROPERTY IN_TRY_COMPILE)
if(NOT is_try)
  set(CMAKE_C_LINK_EXECUTABLE
      "<CMAKE_C_COMPILER> <FLAGS> <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET>.foreign <LINK_LIBRARIES>"
      "<CMAKE_COMMAND> -E copy ${REVUE_SYSROOT}/under_qemu <TARGET>")
endif()
