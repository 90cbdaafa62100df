#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/analysis.h"

namespace panicscan::analysis {

/// An entry that a panic names as busy, and what a registry dump says of it.
struct BusyEntry {
  std::string name;                  ///< as the panic prints it
  std::vector<std::string> classes;  ///< whose code works for it: its own name, its driver's class
  std::string server;                ///< IOUserServerName of the driver extension at it or below it
  // Of the registry dump; empty without one.
  std::string entry_class, path, state;
  std::optional<std::uint64_t> id;

  /// Whether a process is the driver extension of the entry.
  bool is_served_by(const Process& process) const;
  /// "IOPCIDevice, registered, matched, active, busy 1, served by com.example.driver"
  std::string words() const;
};

/// The entries of iokit.busy_entry, each name once, joined with the registry dumps of the report
/// and its companions: by name, else by class; of several the busy one.
std::vector<BusyEntry> busy_entries(const Input& input, const Facts& facts);

}  // namespace panicscan::analysis
