#include "parsers/ips_body.h"

#include <array>
#include <utility>

#include "parsers/json_fields.h"
#include "parsers/json_salvage.h"

namespace panicscan::parsers {
namespace {

/// The members worth finding behind a break.
constexpr std::array<std::string_view, 30> kSalvaged{"bug_type",
                                                     "build",
                                                     "product",
                                                     "socId",
                                                     "kernel",
                                                     "incident",
                                                     "date",
                                                     "crashReporterKey",
                                                     "panicString",
                                                     "panicFlags",
                                                     "string",
                                                     "macOSPanicString",
                                                     "macOSPanicFlags",
                                                     "otherString",
                                                     "macOSOtherString",
                                                     "memoryStatus",
                                                     "processByPid",
                                                     "binaryImages",
                                                     "notes",
                                                     "bridgeOSPanicString",
                                                     "bootArgs",
                                                     "macOSProcessedStackshotData",
                                                     "exception",
                                                     "termination",
                                                     "asi",
                                                     "threads",
                                                     "usedImages",
                                                     "sharedCache",
                                                     "faultingThread",
                                                     "lastExceptionBacktrace"};

}  // namespace

void IpsBody::add_members(const JsonTree& tree) {
  tree.root().for_each([&](JsonValue member) { members_.push_back({member.key(), member}); });
}

JsonValue IpsBody::operator[](std::string_view name) const {
  for (auto member = members_.rbegin(); member != members_.rend(); ++member)
    if (member->name == name) return member->value;
  return {};
}

void IpsBody::salvage(std::string_view text, std::uint32_t from, ReportBuilder& out) {
  std::size_t found = 0;
  for (const std::string_view name : kSalvaged) {
    if ((*this)[name].exists()) continue;
    const auto value = find_member_value(text, from, name);
    if (!value) continue;
    auto tree = JsonTree::parse(text, *value, json_limits(out.limits()));
    if (!tree) continue;
    trees_.push_back(*std::move(tree));
    members_.push_back({std::string(name), trees_.back().root()});
    ++found;
  }
  if (found > 0)
    out.note(NoteKind::damaged,
             std::to_string(found) + " members behind broken JSON were found by their names",
             {document_, from, 0});
}

Expected<IpsBody> IpsBody::read(std::uint32_t document, std::uint32_t start, ReportBuilder& out) {
  const auto is_broken = [](const Expected<JsonTree>& tree) {
    return !tree || tree->root().kind() != JsonKind::object ||
           (!tree->complete() && !tree->truncated());
  };
  const JsonLimits limits = json_limits(out.limits());
  IpsBody body;
  body.document_ = document;
  auto tree = JsonTree::parse(out.text(document), start, limits);
  if (is_broken(tree)) {
    // Restoring changes nothing before `start`, so the body begins at the same offset.
    body.document_ = restore_inner_quotes(document, start, out);
    if (body.document_ != document) tree = JsonTree::parse(out.text(body.document_), start, limits);
  }
  const std::string_view text = out.text(body.document_);
  const bool broken = is_broken(tree);
  Error error;
  body.end_ = start;
  if (tree && tree->root().kind() == JsonKind::object) {
    note_json_damage(out, *tree, body.document_);
    body.end_ = tree->end();
    body.trees_.push_back(*std::move(tree));
    body.add_members(body.trees_.back());
  } else {
    error = tree ? Error{ErrorCode::malformed, "no JSON object begins here", {}}
                 : std::move(tree).error();
  }
  if (broken) {
    body.salvage(text, body.end_, out);
    body.end_ = static_cast<std::uint32_t>(text.size());
  }
  if (body.trees_.empty()) return error;
  return body;
}

}  // namespace panicscan::parsers
