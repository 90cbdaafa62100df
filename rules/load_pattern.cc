#include "rules/load_pattern.h"

namespace panicscan::rules {
namespace {

std::string type_names() {
  std::vector<std::string> names;
  for (const CaptureType& type : capture_types()) names.emplace_back(type.name);
  return joined(names);
}

/// The type that `word` is most likely a slip of, or the list of all.
std::string help_for_type(std::string_view word) {
  std::vector<std::string> names;
  for (const CaptureType& type : capture_types()) names.emplace_back(type.name);
  return did_you_mean(word, names, "capture types: " + joined(names));
}

std::string help_for(const Error& error, JsonValue value) {
  if (error.message.starts_with("there is no capture type")) {
    const std::size_t quote = error.message.find('"');
    return help_for_type(
        std::string_view(error.message).substr(quote + 1, error.message.size() - quote - 2));
  }
  if (error.message.starts_with("a hole of type text"))
    return "use the type line, or end the template with $";
  if (error.message.find("hole") != std::string::npos)
    return "write {name:type}, or {{ for a literal brace; types: " + type_names();
  return error.message.starts_with("the expression has no group") || value.key() != "regex"
             ? ""
             : "see https://github.com/google/re2/wiki/Syntax";
}

std::optional<Pattern> report(Expected<Pattern> made, JsonValue value, LoadContext& context) {
  if (!made) {
    context.problems.error(offset_in(value, made.error().where.offset), made.error().message,
                           help_for(made.error(), value));
    return std::nullopt;
  }
  // A template is made of known parts; it cannot be wrong in ways that RE2 would find.
  if (context.strict || (context.compile_now && made->is_regex())) {
    if (const Status compiled = made->compile(); !compiled) {
      context.problems.error(value.offset(),
                             "the pattern does not compile: " + compiled.error().message,
                             help_for(compiled.error(), value));
      return std::nullopt;
    }
  }
  return *std::move(made);
}

}  // namespace

std::uint32_t offset_in(JsonValue value, std::uint32_t at) {
  return value.as_document(0).to_parent(at);
}

std::optional<Pattern> load_template(JsonValue value, LoadContext& context) {
  return report(Pattern::line_template(value.as_string().value_or("")), value, context);
}

std::optional<Pattern> load_name(JsonValue value, LoadContext& context) {
  return report(Pattern::name_pattern(value.as_string().value_or("")), value, context);
}

std::optional<Pattern> load_regex(JsonValue value, JsonValue captures, LoadContext& context) {
  std::vector<std::pair<std::string, const CaptureType*>> types;
  bool good = true;
  captures.for_each([&](JsonValue member) {
    const std::string name = member.as_string().value_or("");
    const CaptureType* type = find_capture_type(name);
    if (type == nullptr) {
      context.problems.error(member.offset(), "there is no capture type \"" + name + "\"",
                             help_for_type(name));
      good = false;
    }
    types.emplace_back(member.key(), type);
  });
  if (!good) return std::nullopt;
  return report(Pattern::regex(value.as_string().value_or(""), types), value, context);
}

}  // namespace panicscan::rules
