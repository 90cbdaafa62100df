#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

namespace panicscan::test {

/// Checks a JSON value against a JSON Schema of the subset that report.schema.json uses: type,
/// properties, additionalProperties, items, minimum, pattern, const and local $ref. A keyword it
/// does not know is a complaint too, so that the subset cannot be left unnoticed.
class SchemaCheck {
 public:
  explicit SchemaCheck(const nlohmann::json& schema) : root_(schema) {}

  /// What is wrong, one line each: "/findings/0/points: not a integer".
  std::vector<std::string> complaints(const nlohmann::json& value) {
    found_.clear();
    check(value, root_, "");
    return found_;
  }

 private:
  using json = nlohmann::json;

  void complain(const std::string& path, const std::string& what) {
    if (found_.size() < 50) found_.push_back((path.empty() ? "/" : path) + ": " + what);
  }

  const json& resolve(const json& schema) const {
    const std::string target = schema.at("$ref").get<std::string>();
    return root_.at(json::json_pointer(target.substr(1)));
  }

  static bool has_type(const json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    return false;
  }

  void check_type(const json& value, const json& type, const std::string& path) {
    bool holds = false;
    if (type.is_string()) {
      holds = has_type(value, type.get<std::string>());
    } else {
      for (const json& one : type) holds = holds || has_type(value, one.get<std::string>());
    }
    if (!holds) complain(path, "not a " + type.dump());
  }

  void check_members(const json& value, const json& schema, const std::string& path) {
    const json properties = schema.value("properties", json::object());
    for (const auto& [name, member] : value.items()) {
      const std::string inner = path + "/" + name;
      if (properties.contains(name)) {
        check(member, properties[name], inner);
      } else if (schema.contains("additionalProperties")) {
        const json& others = schema["additionalProperties"];
        if (others.is_object()) check(member, others, inner);
        if (others == false) complain(inner, "the schema does not know this member");
      }
    }
  }

  void check_pattern(const json& value, const std::string& pattern, const std::string& path) {
    auto [at, is_new] = patterns_.try_emplace(pattern);
    if (is_new) at->second = std::regex(pattern, std::regex::ECMAScript);
    if (value.is_string() && !std::regex_search(value.get_ref<const std::string&>(), at->second))
      complain(path, value.dump() + " does not match " + pattern);
  }

  void check(const json& value, const json& schema, const std::string& path) {
    for (const auto& [keyword, rule] : schema.items()) {
      if (keyword == "$ref") {
        check(value, resolve(schema), path);
      } else if (keyword == "type") {
        check_type(value, rule, path);
      } else if (keyword == "properties" || keyword == "additionalProperties") {
        continue;  // below, once
      } else if (keyword == "items") {
        if (!value.is_array()) continue;
        for (std::size_t i = 0; i < value.size(); ++i)
          check(value[i], rule, path + "/" + std::to_string(i));
      } else if (keyword == "minimum") {
        if (value.is_number_integer() && !value.is_number_unsigned() &&
            value.get<std::int64_t>() < rule.get<std::int64_t>())
          complain(path, "less than " + rule.dump());
        if (value.is_number_unsigned() && value.get<std::uint64_t>() < rule.get<std::uint64_t>())
          complain(path, "less than " + rule.dump());
      } else if (keyword == "pattern") {
        check_pattern(value, rule.get<std::string>(), path);
      } else if (keyword == "const") {
        if (value != rule) complain(path, "not " + rule.dump());
      } else if (keyword != "$schema" && keyword != "$id" && keyword != "$defs" &&
                 keyword != "title" && keyword != "description") {
        complain(path, "the checker does not know the keyword " + keyword);
      }
    }
    if (value.is_object()) check_members(value, schema, path);
  }

  json root_;
  std::vector<std::string> found_;
  std::map<std::string, std::regex> patterns_;
};

}  // namespace panicscan::test
