#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/image.h"
#include "model/panic.h"

namespace panicscan::parsers {

/// A row of a stack: "3   Example   0x00000001000052d0 0x100000000 + 21200" or, symbolicated,
/// "3   Example   0x00000001000052d0 run() + 40 (main.cpp:12)".
struct CrashRow {
  std::string image;  ///< "???" is left empty
  std::optional<std::uint64_t> address;
  std::optional<std::uint64_t> base;  ///< what the offset counts from, when no name is there
  std::string symbol;                 ///< "run() + 40", or empty
  std::string file;
  std::uint32_t line = 0;
  bool is_inline = false;  ///< "[inlined]" at its end
};
/// Nothing when the line does not begin with a number and a name. Names hold blanks at times.
std::optional<CrashRow> read_crash_row(std::string_view line);

/// A row of "Binary Images": "0x100000000 - 0x100007fff +com.example.App (1.0 - 12) <uuid> /path".
/// Nothing when the line is no such row.
std::optional<Image> read_image_row(std::string_view line);

/// The registers on a line "rax: 0x…  rbx: 0x…"; empty when it holds none.
std::vector<Register> read_crash_registers(std::string_view line);

/// "Thread 3 name:  Dispatch queue: q", "Thread 3 Crashed:: name  Dispatch queue: q", "Thread 3:".
struct ThreadLine {
  std::uint64_t number = 0;
  bool is_crashed = false;
  bool is_name = false;   ///< the line in front of the thread that only names it
  bool is_state = false;  ///< "Thread 3 crashed with ARM Thread State (64-bit):"
  std::string name, queue;
};
std::optional<ThreadLine> read_thread_line(std::string_view line);

}  // namespace panicscan::parsers
