#include "rules/shape.h"

#include <algorithm>

namespace panicscan::rules {
namespace {

std::string_view kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::absent:
      return "nothing";
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "true or false";
    case JsonKind::integer:
      return "an integer";
    case JsonKind::real:
      return "a number";
    case JsonKind::string:
      return "a text";
    case JsonKind::array:
      return "a list";
    case JsonKind::object:
      return "an object";
  }
  return "something";
}

/// What a shape is called in messages.
std::string_view shape_name(Shape shape) {
  switch (shape) {
    case Shape::integer:
      return "an integer";
    case Shape::boolean:
      return "true or false";
    case Shape::line:
    case Shape::choice:
      return "a text";
    case Shape::lines:
    case Shape::choices:
      return "a list of texts";
    case Shape::line_or_lines:
      return "a text or a list of texts";
    case Shape::objects:
      return "a list of objects";
    case Shape::constant:
      return "a text, an integer, true or false";
    case Shape::constants:
      return "a list of texts or integers";
    case Shape::predicates:
      return "a list of predicates";
    case Shape::object:
    case Shape::conditions:
    case Shape::text_map:
    case Shape::lines_map:
    case Shape::value_map:
      return "an object";
  }
  return "something";
}

bool is_text(JsonValue value) { return value.kind() == JsonKind::string; }

bool all_of(JsonValue value, bool (*fits)(JsonValue)) {
  bool all = true;
  value.for_each([&](JsonValue v) { all = all && fits(v); });
  return all;
}

bool is_texts(JsonValue value) { return value.kind() == JsonKind::array && all_of(value, is_text); }

bool is_object(JsonValue value) { return value.kind() == JsonKind::object; }

bool is_constant(JsonValue value) {
  return is_text(value) || value.kind() == JsonKind::integer || value.kind() == JsonKind::boolean;
}

/// Whether the JSON value is what the shape asks for, tables and choices aside.
bool has_shape(JsonValue value, Shape shape) {
  switch (shape) {
    case Shape::integer:
      return value.kind() == JsonKind::integer;
    case Shape::boolean:
      return value.kind() == JsonKind::boolean;
    case Shape::line:
    case Shape::choice:
      return is_text(value);
    case Shape::lines:
    case Shape::choices:
      return is_texts(value);
    case Shape::line_or_lines:
      return is_text(value) || is_texts(value);
    case Shape::objects:
    case Shape::predicates:
      return value.kind() == JsonKind::array && all_of(value, is_object);
    case Shape::object:
    case Shape::conditions:
      return is_object(value);
    case Shape::text_map:
      return is_object(value) && all_of(value, is_text);
    case Shape::lines_map:
      return is_object(value) &&
             all_of(value, [](JsonValue v) { return is_text(v) || is_texts(v); });
    case Shape::value_map:
      return is_object(value) && all_of(value, is_constant);
    case Shape::constant:
      return is_constant(value);
    case Shape::constants:
      return value.kind() == JsonKind::array && all_of(value, is_constant);
  }
  return false;
}

bool check_choice(JsonValue value, const Key& key, LoadContext& context) {
  const std::string word = value.as_string().value_or("");
  if (std::ranges::find(key.choices, word) != key.choices.end()) return true;
  const std::vector<std::string> known(key.choices.begin(), key.choices.end());
  context.problems.error(value.offset(),
                         "\"" + word + "\" is no value of \"" + std::string(key.name) + "\"",
                         did_you_mean(word, known, "one of: " + joined(known)));
  return false;
}

}  // namespace

bool check_shape(JsonValue value, const Key& key, LoadContext& context) {
  if (!has_shape(value, key.shape)) {
    std::string message =
        "\"" + std::string(key.name) + "\" must be " + std::string(shape_name(key.shape));
    if (!has_shape(value, Shape::object) && value.kind() != JsonKind::array)
      message += ", not " + std::string(kind_name(value.kind()));
    context.problems.error(value.offset(), message, std::string(key.meaning));
    return false;
  }
  bool good = true;
  if (key.shape == Shape::integer) {
    const auto number = value.as_signed();
    if (!number || *number < key.least || *number > key.most) {
      context.problems.error(value.offset(),
                             "\"" + std::string(key.name) + "\" must be between " +
                                 std::to_string(key.least) + " and " + std::to_string(key.most),
                             std::string(key.meaning));
      return false;
    }
  } else if (key.shape == Shape::choice) {
    good = check_choice(value, key, context);
  } else if (key.shape == Shape::choices) {
    value.for_each([&](JsonValue v) { good = check_choice(v, key, context) && good; });
  } else if (key.shape == Shape::object && key.table != nullptr) {
    good = check_keys(value, key.table->name, {key.table->keys}, context);
  } else if (key.shape == Shape::objects && key.table != nullptr) {
    value.for_each([&](JsonValue v) {
      good = check_keys(v, key.table->name, {key.table->keys}, context) && good;
    });
  }
  return good;
}

bool check_keys(JsonValue object, std::string_view what,
                std::initializer_list<std::span<const Key>> tables, LoadContext& context) {
  if (context.trusted) return true;
  bool good = true;
  std::vector<std::string> known, seen;
  for (const auto& table : tables)
    for (const Key& key : table) known.emplace_back(key.name);

  object.for_each([&](JsonValue member) {
    const std::string name = member.key();
    if (std::ranges::find(seen, name) != seen.end()) {
      context.problems.error(member.key_offset(), "\"" + name + "\" is given twice");
      good = false;
      return;
    }
    seen.push_back(name);
    for (const auto& table : tables) {
      const auto key = std::ranges::find(table, name, &Key::name);
      if (key == table.end()) continue;
      good = check_shape(member, *key, context) && good;
      return;
    }
    const std::string message = "unknown key \"" + name + "\" in a " + std::string(what);
    const std::string help = did_you_mean(name, known, "keys here: " + joined(known));
    if (context.strict) {
      context.problems.error(member.key_offset(), message, help);
      good = false;
    } else {
      context.problems.remark(member.key_offset(), message, help);
    }
  });
  for (const auto& table : tables)
    for (const Key& key : table)
      if (key.required && std::ranges::find(seen, key.name) == seen.end()) {
        context.problems.error(
            object.offset(), "a " + std::string(what) + " needs \"" + std::string(key.name) + "\"",
            "\"" + std::string(key.name) + "\": " + std::string(key.meaning));
        good = false;
      }
  return good;
}

std::vector<std::string> texts_of(JsonValue value) {
  std::vector<std::string> texts;
  if (is_text(value)) texts.push_back(value.as_string().value_or(""));
  if (value.kind() == JsonKind::array)
    value.for_each([&](JsonValue v) { texts.push_back(v.as_string().value_or("")); });
  return texts;
}

std::string text_of(JsonValue value) {
  const std::vector<std::string> lines = texts_of(value);
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "" : "\n") + lines[i];
  return text;
}

}  // namespace panicscan::rules
