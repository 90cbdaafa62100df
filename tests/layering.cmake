# Fails when a file includes what its layer must not know.
# Use: cmake -DROOT=<repository> -P tests/layering.cmake
cmake_minimum_required(VERSION 3.22)

# Each row: folder; folders it may include; third-party headers it may include in .cc files.
cmake_minimum_required(VERSION 3.22)

set(layers
  "src/base|base|nlohmann nettle"
  "src/model|base model|"
  "parsers|base model parsers|"
  "src/analysis|base model analysis|fmt"
  "symbolicator|base model symbolicator|"
  "symbolicator/worker|base model symbolicator|llvm"
  "rules|base model rules|re2 fmt nlohmann"
  "src/render|base model render|fmt nlohmann"
  "src/app|base model parsers symbolicator analysis rules render app|CLI fmt")

set(third_party "llvm|re2|CLI|nlohmann|nettle|fmt")
set(bad "")
foreach(row IN LISTS layers)
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 folder)
  list(GET row 1 allowed)
  list(GET row 2 libraries)
  string(REPLACE " " "|" allowed "${allowed}")
  string(REPLACE " " "|" libraries "${libraries}")
  file(GLOB files ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cc)
  foreach(file IN LISTS files)
    file(RELATIVE_PATH name ${ROOT} ${file})
    file(STRINGS ${file} includes REGEX "^#include [<\"][a-zA-Z0-9_]+/")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE "^#include [<\"]([^>\"]+)[>\"].*" "\\1" path "${include}")
      string(REGEX REPLACE "/.*" "" top "${path}")
      if(include MATCHES "^#include \"")
        if(NOT top MATCHES "^(${allowed})$")
          list(APPEND bad "${name} includes ${path}: ${folder} may only know ${allowed}")
        endif()
      elseif(top MATCHES "^(${third_party})$")
        # The worker is a program of its own: no other folder sees its headers.
        if(file MATCHES "\\.h$" AND NOT folder STREQUAL "symbolicator/worker")
          list(APPEND bad "${name} includes <${path}>: third-party headers stay in .cc files")
        elseif(libraries STREQUAL "" OR NOT top MATCHES "^(${libraries})$")
          list(APPEND bad "${name} includes <${path}>: not a library of ${folder}")
        endif()
      endif()
    endforeach()
  endforeach()
endforeach()

# A concept fits in a file: 400 lines, tables and generated files excepted by name.
file(GLOB_RECURSE all ${ROOT}/src/*.cc ${ROOT}/src/*.h ${ROOT}/parsers/*.cc ${ROOT}/parsers/*.h ${ROOT}/rules/*.cc ${ROOT}/rules/*.h ${ROOT}/symbolicator/*.cc ${ROOT}/symbolicator/*.h)
foreach(file IN LISTS all)
  file(READ ${file} text)
  string(REGEX MATCHALL "\n" newlines "${text}")
  list(LENGTH newlines count)
  if(count GREATER 420)
    file(RELATIVE_PATH name ${ROOT} ${file})
    list(APPEND bad "${name} has ${count} lines: split it by concept")
  endif()
endforeach()

if(bad)
  list(JOIN bad "\n  " text)
  message(FATAL_ERROR "layering:\n  ${text}")
endif()
message(STATUS "layering holds")
