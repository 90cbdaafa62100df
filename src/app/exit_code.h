#pragma once

#include <algorithm>

namespace panicscan::app {

/// The exit codes of every command; the README holds the table.
enum class ExitCode : int {
  done = 0,
  condition_met = 1,   ///< gate, lint, diff: what was asked to fail did
  usage = 2,           ///< usage, configuration, rule or schema error: nothing was analysed
  unreadable = 3,      ///< an input was unreadable or not recognised; others were still done
  not_met = 4,         ///< --require-complete or --require-symbols was not met
  missing_report = 5,  ///< an expected report is missing
  internal = 70,       ///< our bug, or the result could not be written
};

/// The code of a run in which both apply: 70 > 2 > 1 > 5 > 4 > 3 > 0.
constexpr ExitCode worse(ExitCode a, ExitCode b) {
  constexpr ExitCode kByWeight[] = {
      ExitCode::done,          ExitCode::unreadable, ExitCode::not_met, ExitCode::missing_report,
      ExitCode::condition_met, ExitCode::usage,      ExitCode::internal};
  const auto weight = [&](ExitCode code) { return std::ranges::find(kByWeight, code); };
  return weight(a) < weight(b) ? b : a;
}
static_assert(worse(ExitCode::usage, ExitCode::unreadable) == ExitCode::usage);
static_assert(worse(ExitCode::done, ExitCode::not_met) == ExitCode::not_met);

}  // namespace panicscan::app
