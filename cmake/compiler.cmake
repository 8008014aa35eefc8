# How everything here is compiled: C++20, warnings are errors, ccache and mold where there are any, sanitizers by preset.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(SONGSONG_TESTS "Build the tests" ON)
option(SONGSONG_FUZZ "Build the fuzzers of tests/fuzz (clang only)" OFF)
set(SONGSONG_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined")

# A launcher that the builder named stays. Without the sloppiness ccache takes no file that uses a precompiled header;
# the other two let a second clone of the repository profit from the first.
find_program(SONGSONG_CCACHE ccache)
if(SONGSONG_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
    CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 ${SONGSONG_CCACHE})
endif()
find_program(SONGSONG_MOLD mold)
if(SONGSONG_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Paths in the programs are those of the repository, wherever it lies.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Since version 12 a false alarm wherever a std::variant or std::regex is copied inline (gcc bug 105616 and its kin).
  # What clang finds of the kind still fails the preset libcxx.
  # The others likewise, wherever a short literal is assigned to a string (105651).
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND NOT CMAKE_CXX_FLAGS MATCHES "-stdlib=libc\\+\\+")
  # libstdc++ 12 sorts with a function of its own that C++20 deprecates.
  add_compile_options(-Wno-deprecated-declarations)
endif()
if(SONGSONG_SANITIZE)
  add_compile_options(-fsanitize=${SONGSONG_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(SONGSONG_SANITIZE MATCHES "address")
    # The address sanitizer sees what these would: they only make every access to memory slower to compile, by a third.
    add_compile_options(-fno-sanitize=null,alignment,object-size)
  endif()
  add_link_options(-fsanitize=${SONGSONG_SANITIZE})
  add_compile_definitions(SONGSONG_SANITIZED) # compilers say it in ways of their own
endif()

# What is seldom slow when it runs but much of what there is to compile: tests, and with sanitizers the programs' shells.
# Unoptimised it compiles in half the time. Says so before songsong_precompile, for a header compiled otherwise is of no use.
# Not for fuzzers, which run the longer the better.
function(songsong_compile_lightly)
  if(NOT SONGSONG_FUZZ)
    foreach(target ${ARGN})
      target_compile_options(${target} PRIVATE -O0)
    endforeach()
  endif()
endfunction()

function(songsong_compile_lightly_in_dev)
  if(SONGSONG_SANITIZE)
    songsong_compile_lightly(${ARGN})
  endif()
endfunction()

# All libraries of shared/, and nothing that links: what the preset libcxx builds.
add_custom_target(songsong_shared)

# What nearly every file includes takes two thirds of its time to read. A target with the same options as another takes the
# other's (REUSE). The preset libcxx does without, so that a file which leans on another's includes is found out.
function(songsong_precompile target)
  cmake_parse_arguments(PCH "" "REUSE" "" ${ARGN})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    if(CMAKE_CXX_FLAGS MATCHES "-stdlib=libc\\+\\+")
      return()
    endif()
    # With the time of each header in it, ccache would never have seen it before.
    target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp)
  endif()
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    return()
  elseif(PCH_REUSE)
    target_precompile_headers(${target} REUSE_FROM ${PCH_REUSE})
  else()
    target_precompile_headers(${target} PRIVATE <algorithm> <functional> <map> <memory> <optional> <set> <span> <string>
      <string_view> <vector> <schemas/songsong/policy_table.pb.h> ${PCH_UNPARSED_ARGUMENTS})
  endif()
endfunction()

# A folder is a layer and a library: all its .cc files, or only headers; includes rooted at the repository.
function(songsong_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/(main|allocation)\\.cc$") # a program's own
  if(sources)
    set(reach PUBLIC)
    add_library(${name} STATIC ${sources})
  else()
    set(reach INTERFACE)
    add_library(${name} INTERFACE)
  endif()
  target_include_directories(${name} ${reach} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} ${reach} ${ARGN})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  if(folder MATCHES "^shared/")
    add_dependencies(songsong_shared ${name})
  endif()
endfunction()

# For libraries of generated sources: what a generator writes is not ours to mend, and sanitizers would make it four times
# as slow to compile. The system's libprotobuf has none either.
function(songsong_generated name)
  target_compile_options(${name} PRIVATE -w -fno-sanitize=all)
endfunction()
