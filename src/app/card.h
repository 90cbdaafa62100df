#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/uuid.h"
#include "model/report.h"

namespace panicscan::app {

/// What is needed of a report to tell which incident it belongs to.
struct Card {
  ReportKind kind = ReportKind::other;
  std::optional<Uuid> boot_session;
  /// What it covers, UTC in microseconds: of a panic from boot to panic, of a crash from launch to
  /// crash, of a log from its first to its last known line.
  std::optional<std::int64_t> begin_us, end_us;
  /// Drivers and services it is about: bundle ids, names of classes and processes.
  std::set<std::string> names;
  /// Of the names those that are bundle ids of other makers than Apple.
  std::set<std::string> drivers;
  std::string product;  ///< "Mac14,2", or empty
  /// Whether it says anything that another report could be explained by: a log without a known
  /// line does not.
  bool is_useful = true;
  bool is_source = false;  ///< of a driver extension: explains a report, and is none itself
  bool is_forced = false;  ///< was named with --with
};

Card make_card(const Report& report);

}  // namespace panicscan::app
