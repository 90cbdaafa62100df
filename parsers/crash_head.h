#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Reads the lines "Name: value" of a crash report's text, which stand in front of its threads.
class CrashHead {
 public:
  explicit CrashHead(ReportBuilder& out) : out_(out), crash_(out.crash()) {}

  /// Keeps such a line as a Field, and puts what the model has a place for there; leaves other
  /// lines alone.
  void read(std::string_view line, SourceRef where);
  /// The number of the thread that the head says crashed.
  std::optional<std::uint64_t> triggered() const { return triggered_; }

 private:
  void take(std::string_view name, std::string_view value, SourceRef where);
  void take_exception_type(std::string_view value, SourceRef where);
  void take_exception_codes(std::string_view value);
  void take_termination(std::string_view value, SourceRef where);

  ReportBuilder& out_;
  Crash& crash_;
  std::optional<std::uint64_t> triggered_;
};

}  // namespace panicscan::parsers
