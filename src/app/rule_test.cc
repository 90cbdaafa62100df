#include "app/rule_test.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/json_tree.h"
#include "base/source.h"

namespace panicscan::app {
namespace {

std::vector<std::string> strings(const JsonValue& list) {
  std::vector<std::string> out;
  list.for_each([&](const JsonValue& value) { out.push_back(value.as_string().value_or("")); });
  return out;
}

Expected<ExpectedIncident> read_incident(const std::filesystem::path& folder) {
  const auto source = read_source((folder / "expected.json").string());
  if (!source) return source.error();
  const auto tree = JsonTree::parse(*source->bytes);
  if (!tree) return tree.error();
  const JsonValue root = tree->root();
  const auto files = strings(root["files"]);
  if (!tree->complete() || files.empty())
    return Error{
        ErrorCode::malformed, (folder / "expected.json").string() + ": no list of files", {}};

  ExpectedIncident incident;
  incident.folder = folder.filename().string();
  incident.report = (folder / files.front()).string();
  for (std::size_t i = 1; i < files.size(); ++i)
    incident.beside.push_back((folder / files[i]).string());
  incident.rule = root["rule"].as_string().value_or("");
  incident.certainty = strings(root["certainty"]);
  incident.must_not = strings(root["must_not"]);
  incident.says = strings(root["says"]);
  root["captures"].for_each([&](const JsonValue& value) {
    const auto text = value.as_string();
    incident.captures.emplace_back(value.key(), text ? *text : std::string(value.raw()));
  });
  const JsonValue culprit = root["culprit"];
  incident.function = culprit["function"].as_string().value_or("");
  incident.file = culprit["file"].as_string().value_or("");
  incident.line = culprit["line"].as_unsigned().value_or(0);
  root["cycle"].for_each([&](const JsonValue& value) { incident.cycle.emplace_back(value.raw()); });
  return incident;
}

}  // namespace

Expected<std::vector<ExpectedIncident>> read_incidents(const std::string& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> folders;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (std::filesystem::exists(at->path() / "expected.json", ignored))
      folders.push_back(at->path());
  }
  if (error) return Error{ErrorCode::unreadable, directory + ": " + error.message(), {}};
  if (folders.empty())
    return Error{ErrorCode::unreadable, directory + ": no folder in it has an expected.json", {}};
  std::ranges::sort(folders);

  std::vector<ExpectedIncident> incidents;
  for (const auto& folder : folders) {
    auto incident = read_incident(folder);
    if (!incident) return std::move(incident).error();
    incidents.push_back(*std::move(incident));
  }
  return incidents;
}

}  // namespace panicscan::app
