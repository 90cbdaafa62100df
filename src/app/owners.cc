#include "app/owners.h"

#include "base/json_tree.h"
#include "base/source.h"

namespace panicscan::app {

Expected<Ownership> load_ownership(const std::vector<std::string>& own, const std::string& path) {
  Ownership result{own, {}};
  if (path.empty()) return result;
  const auto fail = [&](const std::string& what) {
    return Error{ErrorCode::usage, "--owners " + path + ": " + what, {}};
  };
  constexpr std::size_t kMostBytes = 4 << 20;
  const auto source = read_source(path, kMostBytes);
  if (!source) return fail(source.error().message);
  const auto tree = JsonTree::parse(*source->bytes, 0, {.allow_comments = true});
  if (!tree) return fail("is no JSON");
  if (!tree->complete() || !tree->damage().empty()) return fail("is damaged JSON");
  const JsonValue rules = tree->root()["owners"];
  if (rules.kind() != JsonKind::array) return fail("has no list \"owners\"");
  for (JsonValue rule = rules.first(); rule.exists(); rule = rule.next()) {
    const auto match = rule["match"].as_string(), team = rule["team"].as_string();
    if (!match || match->empty() || !team || team->empty())
      return fail("each of \"owners\" needs \"match\" and \"team\"");
    result.owners.push_back({*match, *team});
  }
  return result;
}

}  // namespace panicscan::app
