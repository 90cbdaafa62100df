#include "rules/loader.h"

#include <algorithm>

#include "base/text.h"
#include "model/names.h"
#include "rules/load_predicate.h"
#include "rules/shape.h"

namespace panicscan::rules {
namespace {

std::vector<CauseRule> load_causes(JsonValue list, LoadContext& context) {
  std::vector<CauseRule> causes;
  list.for_each([&](JsonValue object) {
    CauseRule cause;
    if (auto text = load_hole_text(object["text"], context)) cause.text = *std::move(text);
    cause.likelihood = object["likelihood"].as_string().value_or("");
    if (const JsonValue value = object["distinguish"]; value.exists())
      cause.distinguish = load_hole_text(value, context);
    cause.fix = load_hole_texts(object["fix"], context);
    causes.push_back(std::move(cause));
  });
  return causes;
}

std::vector<VariantRule> load_variants(JsonValue list, LoadContext& context) {
  std::vector<VariantRule> variants;
  list.for_each([&](JsonValue object) {
    VariantRule variant;
    variant.when = load_predicates(object["when"], false, context);
    variant.title = object["title"].as_string().value_or("");
    variant.severity = severity_from(object["severity"].as_string().value_or(""));
    variant.explain = load_hole_texts(object["explain"], context);
    variant.fix = load_hole_texts(object["fix"], context);
    variant.causes = load_causes(object["causes"], context);
    variants.push_back(std::move(variant));
  });
  return variants;
}

std::vector<EvidenceRule> load_evidence(JsonValue list, LoadContext& context) {
  std::vector<EvidenceRule> evidence;
  list.for_each([&](JsonValue object) {
    auto predicate = load_predicate(object, PredicatePlace::evidence, context);
    if (!predicate) return;
    EvidenceRule entry;
    entry.predicate = *std::move(predicate);
    entry.points = static_cast<int>(object["points"].as_signed().value_or(0));
    if (entry.points == 0)
      context.problems.error(object["points"].offset(), "\"points\" must not be 0",
                             "evidence without weight belongs into \"explain\"");
    if (const JsonValue missing = object["says_missing"]; missing.exists())
      entry.says_missing = load_hole_text(missing, context);
    if (const JsonValue nameless = object["says_nameless"]; nameless.exists())
      entry.says_nameless = load_hole_text(nameless, context);
    evidence.push_back(std::move(entry));
  });
  return evidence;
}

/// A constant as people would write it: "20004", "0x1f", "true", "words".
std::string constant_text(JsonValue value) {
  return value.as_string().value_or(std::string(value.raw()));
}

std::optional<std::string> optional_text(JsonValue value) {
  if (!value.exists()) return std::nullopt;
  return text_of(value);
}

KextList kext_list_of(JsonValue value) {
  const std::string name = value.as_string().value_or("");
  for (const KextList list :
       {KextList::dependency, KextList::loaded, KextList::last_started, KextList::last_stopped})
    if (to_string(list) == name) return list;
  return KextList::in_backtrace;
}

ExampleThread load_thread(JsonValue object) {
  ExampleThread thread;
  thread.id = object["id"].as_unsigned().value_or(0);
  thread.name = object["name"].as_string().value_or("");
  thread.process = object["process"].as_string().value_or("");
  thread.pid = object["pid"].as_unsigned().value_or(0);
  thread.queue = object["queue"].as_string().value_or("");
  thread.state = texts_of(object["state"]);
  if (thread.state.empty()) thread.state = {"TH_WAIT"};
  thread.kernel = texts_of(object["kernel"]);
  thread.user = texts_of(object["user"]);
  return thread;
}

Example load_example(JsonValue object, bool must_match, LoadContext& context) {
  Example example;
  example.must_match = must_match;
  example.name = object["name"].as_string().value_or("");
  example.offset = object.offset();
  example.message = optional_text(object["message"]);
  example.panic_text = optional_text(object["panic_text"]);
  example.sample = object["sample"].as_string();
  example.joined = optional_text(object["joined"]);
  example.source = object["source"].as_string().value_or("");
  example.process = object["process"].as_string().value_or("");
  if (const auto kind = object["kind"].as_string())
    example.kind = report_kind_from(*kind).value_or(ReportKind::kernel_panic);
  if (const auto arch = object["arch"].as_string())
    example.arch = *arch == "arm64" ? Arch::arm64 : Arch::x86_64;
  object["fields"].for_each([&](JsonValue field) {
    for (std::string& value : texts_of(field))
      example.fields.emplace_back(field.key(), std::move(value));
  });
  object["stacks"].for_each(
      [&](JsonValue stack) { example.stacks.emplace_back(stack.key(), texts_of(stack)); });
  object["threads"].for_each(
      [&](JsonValue thread) { example.threads.push_back(load_thread(thread)); });
  example.waits = texts_of(object["waits"]);
  object["images"].for_each([&](JsonValue image) {
    example.images.push_back(
        {image["name"].as_string().value_or(""),
         image_kind_from(image["kind"].as_string().value_or("kext")).value_or(ImageKind::kext),
         image["uuid"].as_string().value_or("")});
  });
  object["kexts"].for_each([&](JsonValue kext) {
    example.kexts.push_back({kext["bundle"].as_string().value_or(""),
                             kext["version"].as_string().value_or(""), kext_list_of(kext["list"])});
  });
  object["dexts"].for_each([&](JsonValue dext) {
    example.dexts.push_back({dext["bundle"].as_string().value_or(""),
                             dext["path"].as_string().value_or(""),
                             dext["state"].as_string().value_or("")});
  });
  object["expect"].for_each([&](JsonValue value) {
    example.expect.push_back({value.key(), constant_text(value), value.offset()});
  });
  example.certainty = certainty_from(object["certainty"].as_string().value_or(""));
  example.superseded_by = object["superseded_by"].as_string().value_or("");

  const int texts =
      example.message.has_value() + example.panic_text.has_value() + example.sample.has_value();
  if (texts > 1)
    context.problems.error(example.offset,
                           "an example has one of \"message\", \"panic_text\" and \"sample\"");
  if (!must_match &&
      (!example.expect.empty() || example.certainty || !example.superseded_by.empty()))
    context.problems.error(example.offset, "a no_match example expects nothing but silence",
                           "remove \"expect\", \"certainty\" and \"superseded_by\"");
  return example;
}

/// Whether every alternative of this group brings its own base.
bool gives_base(const Predicate& predicate) {
  if (predicate.base) return true;
  const auto* group = std::get_if<GroupAsks>(&predicate.asks);
  return group != nullptr && group->kind == GroupKind::any &&
         std::ranges::all_of(group->of, gives_base);
}

void load_into(Rule& rule, JsonValue root, LoadContext& context) {
  rule.id = root["id"].as_string().value_or("");
  rule.title = root["title"].as_string().value_or("");
  rule.status = root["status"].as_string().value_or("experimental");
  rule.severity = *severity_from(root["severity"].as_string().value_or("critical"));
  for (const std::string& kind : texts_of(root["applies_to"]))
    rule.applies_to.push_back(report_kind_from(kind).value_or(ReportKind::kernel_panic));
  if (rule.applies_to.empty()) rule.applies_to.push_back(ReportKind::kernel_panic);
  rule.match = load_predicates(root["match"], true, context);
  rule.base = static_cast<int>(root["base"].as_signed().value_or(0));
  if (!root["base"].exists() && std::ranges::none_of(rule.match, gives_base))
    context.problems.error(root.offset(), "a rule needs \"base\"",
                           "\"base\": points when match holds, 0 to 99; or give one to every "
                           "alternative of an \"any\" in match");
  rule.evidence = load_evidence(root["evidence"], context);
  rule.explain = load_hole_texts(root["explain"], context);
  rule.causes = load_causes(root["causes"], context);
  rule.fix = load_hole_texts(root["fix"], context);
  rule.variants = load_variants(root["variants"], context);
  rule.supersedes = texts_of(root["supersedes"]);
  rule.fallback = root["fallback"].as_bool().value_or(false);
  rule.has_false_positives = root["false_positives"].exists();
  rule.false_positives = texts_of(root["false_positives"]);
  rule.references = texts_of(root["references"]);
  rule.formerly = texts_of(root["formerly"]);
  root["examples"]["match"].for_each(
      [&](JsonValue v) { rule.examples.push_back(load_example(v, true, context)); });
  root["examples"]["no_match"].for_each(
      [&](JsonValue v) { rule.examples.push_back(load_example(v, false, context)); });
}

/// A rule of the catalogue up to its last key, "examples", which is half of it.
std::string without_examples(const std::string& text) {
  const auto examples = text.rfind(",\n  \"examples\": {");
  return examples == std::string::npos ? text : text.substr(0, examples) + "\n}\n";
}

bool is_id(std::string_view id) {
  if (id.find('/') == std::string_view::npos) return false;
  return std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
  });
}

}  // namespace

std::shared_ptr<const Rule> load_rule(const RuleFile& file, const Hooks& hooks, Reading reading,
                                      std::vector<RuleProblem>& out) {
  FileProblems problems(file.file, file.text, out);
  const bool strict = reading == Reading::strict;
  const bool trusted = reading == Reading::quick && file.is_builtin;
  LoadContext context{problems, hooks, strict, trusted, strict || !file.is_builtin};
  JsonLimits limits;
  limits.allow_comments = true;
  const std::string text = trusted ? without_examples(file.text) : file.text;
  const auto tree = JsonTree::parse(text, 0, limits);
  if (!tree) {
    problems.error(tree.error().where.offset, tree.error().message,
                   "a rule file is one JSON object; comments are allowed");
    return nullptr;
  }
  for (const JsonDamage& damage : tree->damage())
    problems.error(damage.offset, "this is not JSON: " + damage.what);
  if (tree->truncated() && !problems.failed())
    problems.error(static_cast<std::uint32_t>(text.size()),
                   "the file ends before its JSON object does");
  const std::string_view behind = trim(std::string_view(text).substr(tree->end()));
  if (!behind.empty() && !behind.starts_with('/') && !problems.failed())
    problems.error(static_cast<std::uint32_t>(behind.data() - text.data()),
                   "there is more text behind the JSON object");
  const JsonValue root = tree->root();
  if (root.kind() != JsonKind::object)
    problems.error(root.offset(), "a rule file is one JSON object");
  if (problems.failed()) return nullptr;

  if (const auto version = root["panicscan_rule"].as_unsigned(); version && *version > 1) {
    problems.error(root["panicscan_rule"].offset(),
                   "this rule is written in version " + std::to_string(*version) +
                       " of the rule language; this program reads version 1",
                   "use a newer panicscan");
    return nullptr;
  }
  if (!check_keys(root, rule_keys().name, {rule_keys().keys}, context)) return nullptr;

  auto rule = std::make_shared<Rule>();
  rule->origin = file.origin;
  rule->file = file.file;
  rule->text = file.text;
  load_into(*rule, root, context);
  const JsonValue id = root["id"];
  if (!is_id(rule->id))
    problems.error(id.offset(), "\"" + rule->id + "\" is no id",
                   "an id is area/name in lower case, with digits and '-'");
  else if (file.path != rule->id + ".json" && !file.path.ends_with("/" + rule->id + ".json"))
    problems.error(id.offset(),
                   "the id \"" + rule->id + "\" is not the path of the file, " + file.path,
                   "rename one of the two: the file of area/name is <rules>/area/name.json");
  if (problems.failed()) return nullptr;
  return rule;
}

}  // namespace panicscan::rules
