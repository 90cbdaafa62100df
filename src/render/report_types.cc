#include "render/report_types.h"

#include <algorithm>
#include <array>

namespace panicscan::render {
namespace {

// Numbers differ between platforms for the same thing.
struct TypeRow {
  std::string_view number;
  std::string_view words;
};
constexpr std::array kTypes{
    TypeRow{"9", "a crash report of a process, as text"},
    TypeRow{"10", "a kernel panic, as text"},
    TypeRow{"11", "stacks of a process that did not answer"},
    TypeRow{"12", "stacks of a process that did not answer"},
    TypeRow{"17", "stacks of a system that did not shut down in time"},
    TypeRow{"21", "a restart of the graphics processor"},
    TypeRow{"22", "a process that exceeded a limit"},
    TypeRow{"24", "a sleep or wake that failed"},
    TypeRow{"28", "stacks of a system that a watchdog found stuck"},
    TypeRow{"29", "stacks of a service that a watchdog found stuck"},
    TypeRow{"30", "a process that used much memory"},
    TypeRow{"31", "a panic of a T2 chip"},
    TypeRow{"98", "processes and their memory when memory was short"},
    TypeRow{"109", "a crash report of a process, as text"},
    TypeRow{"110", "a kernel panic, as text"},
    TypeRow{"115", "a restart that no panic explains: counters of the boot loader"},
    TypeRow{"120", "a record of an empty battery"},
    TypeRow{"142", "a process that woke the processor too often"},
    TypeRow{"144", "a process that used much processor time"},
    TypeRow{"145", "a process that wrote much to the disk"},
    TypeRow{"151", "a reset by button or watchdog"},
    TypeRow{"157", "a process that used much memory"},
    TypeRow{"184", "a restart of the graphics processor"},
    TypeRow{"185", "a process that exceeded a limit"},
    TypeRow{"188", "stacks of a running system"},
    TypeRow{"198", "processes and their memory when memory was short"},
    TypeRow{"202", "a process that used much processor time"},
    TypeRow{"206", "a process that was ended for its processor time"},
    TypeRow{"210", "a kernel panic"},
    TypeRow{"222", "stacks of a program that did not answer"},
    TypeRow{"227", "a process that exceeded a limit, with its threads"},
    TypeRow{"228", "stacks of a program that did not answer"},
    TypeRow{"284", "a restart of the graphics processor"},
    TypeRow{"288", "stacks of a running system"},
    TypeRow{"298", "processes and their memory when memory was short"},
    TypeRow{"301", "a reset because memory was exhausted"},
    TypeRow{"308", "a fault that a process reported and survived"},
    TypeRow{"309", "a crash report of a process"},
    TypeRow{"310", "a program that did not answer"},
    TypeRow{"327", "a process that exceeded a limit, with its threads"},
    TypeRow{"385", "a process that exceeded a limit, with its threads"},
    TypeRow{"409", "a service that the system's watchdog ended"},
    TypeRow{"410", "a kernel panic of a test machine"},
};

}  // namespace

std::string_view report_type_words(std::string_view bug_type) {
  const auto row = std::ranges::find(kTypes, bug_type, &TypeRow::number);
  return row == kTypes.end() ? std::string_view() : row->words;
}

}  // namespace panicscan::render
