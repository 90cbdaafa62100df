// Any bytes as a rule file; whatever loads is checked, documented and run.

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fs = std::filesystem;
  static const fs::path folder = [] {
    fs::path made =
        fs::temp_directory_path() / ("panicscan-fuzz-" + std::to_string(::getpid())) / "any";
    fs::create_directories(made);
    return made;
  }();
  std::ofstream(folder / "rule.json", std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  std::vector<panicscan::rules::RuleProblem> problems;
  const auto hooks = panicscan::app::rule_hooks();
  const auto set =
      panicscan::rules::RuleSet::load({folder.parent_path().string()}, false, hooks, problems);
  if (!set) return 0;
  (void)panicscan::rules::check(*set, hooks);
  (void)panicscan::rules::catalog(*set, hooks);
  return 0;
}
