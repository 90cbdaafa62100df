#include "analysis/apply_ownership.h"

#include "analysis/thread_work.h"

namespace panicscan::analysis {
namespace {

/// All that a pattern of the file of owners may be about, the most special first: the function and
/// its class, the bundle, the image.
std::vector<std::string> names_of(const Culprit& culprit, const Symbols& symbols) {
  std::vector<std::string> names;
  if (culprit.frame) {
    for (const Symbol& symbol : symbols.of(*culprit.frame)) {
      std::string function = plain_function(symbol.function);
      const std::size_t colons = function.rfind("::");
      names.push_back(function);
      if (colons != std::string::npos) names.push_back(function.substr(0, colons));
    }
  }
  names.push_back(culprit.bundle);
  names.push_back(culprit.image);
  return names;
}

}  // namespace

Culprit apply_ownership(Culprit culprit, const Symbols& symbols, const Ownership& owners) {
  for (const std::string& name : {culprit.bundle, culprit.image}) {
    const std::string_view why = owners.why_own(name);
    if (why.empty()) continue;
    // Who is only pointed at is not blamed by being one's own.
    if (culprit.verdict != Verdict::unknown) culprit.verdict = Verdict::own;
    culprit.because.push_back({name + " " + std::string(why), {}, {}, {}});
    break;
  }
  culprit.team = owners.team_of(names_of(culprit, symbols));
  if (!culprit.team.empty())
    culprit.because.push_back({"looked after by " + culprit.team, {}, {}, {}});
  return culprit;
}

}  // namespace panicscan::analysis
