#include "analysis/apply_ownership.h"

#include "analysis/thread_work.h"

namespace panicscan::analysis {

Culprit apply_ownership(Culprit culprit, const Symbols& symbols, const Ownership& owners) {
  const std::string name = culprit.bundle.empty() ? culprit.image : culprit.bundle;
  if (owners.is_own(name)) {
    culprit.verdict = Verdict::own;
    culprit.because.push_back({name + " is named as your own code", {}, {}, {}});
  }
  std::vector<std::string> names;
  if (culprit.frame)
    for (const Symbol& symbol : symbols.of(*culprit.frame))
      names.push_back(plain_function(symbol.function));
  names.push_back(culprit.bundle);
  names.push_back(culprit.image);
  const std::string team = owners.team_of(names);
  if (!team.empty()) culprit.because.push_back({"looked after by " + team, {}, {}, {}});
  return culprit;
}

}  // namespace panicscan::analysis
