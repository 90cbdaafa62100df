#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "app/examine.h"
#include "base/source.h"
#include "model/case.h"
#include "render/render.h"

namespace panicscan::testing {

namespace fs = std::filesystem;

inline std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_file(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline bool updating() { return std::getenv("PANICSCAN_UPDATE") != nullptr; }

/// The built-in rules, loaded once.
inline const rules::RuleSet& built_in_rules() {
  static const rules::RuleSet rules = [] {
    std::vector<rules::RuleProblem> problems;
    auto set = rules::RuleSet::load({}, true, app::rule_hooks(), problems);
    return *std::move(set);
  }();
  return rules;
}

inline Expected<Case> examine_text(std::string text, std::string path = "report") {
  return app::examine(source_from_text(std::move(path), std::move(text)), built_in_rules());
}

inline std::string rendered(const Case& examined, const char* format,
                            render::Options options = {}) {
  options.tool_version = "test";
  std::ostringstream out;
  render::find_output_format(format)->render(out, examined, options);
  return out.str();
}

/// The files below a folder, sorted, goldens and documents left out.
inline std::vector<fs::path> reports_below(const fs::path& folder) {
  std::vector<fs::path> reports;
  if (!fs::exists(folder)) return reports;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool is_report =
        entry.is_regular_file() && name.find(".expected.") == std::string::npos &&
        name != "expected.json" && !name.ends_with(".md") && !name.starts_with(".");
    if (is_report) reports.push_back(entry.path());
  }
  std::sort(reports.begin(), reports.end());
  return reports;
}

inline std::vector<fs::path> samples() {
  return reports_below(fs::path(PANICSCAN_ROOT) / "samples/reports");
}

/// What a report was diagnosed as: rules, certainty, points, captured values.
inline std::string diagnosis(const Case& examined) {
  std::string text;
  for (const Finding& finding : examined.findings) {
    text +=
        finding.rule + " " + std::to_string(finding.points) + " " + finding.superseded_by + "\n";
  }
  return text;
}

}  // namespace panicscan::testing
