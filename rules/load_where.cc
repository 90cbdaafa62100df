#include "rules/load_where.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/load_pattern.h"

namespace panicscan::rules {
namespace {

bool is_number(ValueType type) {
  return type != ValueType::text && type != ValueType::boolean && type != ValueType::list;
}
bool is_words(ValueType type) { return type == ValueType::text || type == ValueType::list; }
bool is_any(ValueType) { return true; }
bool is_scalar(ValueType type) { return type != ValueType::list; }

/// Which comparison goes with which types.
struct CompareRow {
  std::string_view name;
  Compare how;
  bool (*goes_with)(ValueType);
};
constexpr std::array kCompares{
    CompareRow{"gt", Compare::greater, is_number},
    CompareRow{"ge", Compare::greater_equal, is_number},
    CompareRow{"lt", Compare::less, is_number},
    CompareRow{"le", Compare::less_equal, is_number},
    CompareRow{"in", Compare::in, is_scalar},
    CompareRow{"contains", Compare::contains, is_words},
    CompareRow{"matches", Compare::matches, is_words},
    CompareRow{"exists", Compare::exists, is_any},
};

/// Reads constants of one field.
class WhereLoader {
 public:
  WhereLoader(std::string field, ValueType type, LoadContext& context)
      : field_(std::move(field)), type_(type), context_(context) {}

  std::optional<Value> constant(JsonValue value) {
    const auto text = value.as_string();
    if (type_ == ValueType::text || type_ == ValueType::list) {
      if (text) return Value::text(*text);
    } else if (type_ == ValueType::boolean) {
      if (const auto truth = value.as_bool()) return Value::boolean(*truth);
    } else {
      if (const auto number = value.as_unsigned()) return Value::of(type_, *number);
      if (text)
        if (const auto number = parse_number(*text)) return Value::of(type_, *number);
    }
    context_.problems.error(
        value.offset(),
        "\"" + field_ + "\" is of type " + std::string(to_string(type_)) + ", this constant is not",
        is_number(type_)              ? "write 12 or \"0x1f\""
        : type_ == ValueType::boolean ? "write true or false"
                                      : "write a text in quotes");
    return std::nullopt;
  }

  std::optional<Comparison> compare(JsonValue value) {
    const std::string name = value.key();
    const auto row = std::ranges::find(kCompares, name, &CompareRow::name);
    if (row == kCompares.end()) {
      std::vector<std::string> names;
      for (const CompareRow& r : kCompares) names.emplace_back(r.name);
      context_.problems.error(value.key_offset(), "there is no comparison \"" + name + "\"",
                              did_you_mean(name, names, "comparisons: " + joined(names)));
      return std::nullopt;
    }
    if (!row->goes_with(type_)) {
      context_.problems.error(value.key_offset(), "\"" + name + "\" does not go with \"" + field_ +
                                                      "\", which is of type " +
                                                      std::string(to_string(type_)));
      return std::nullopt;
    }
    const auto key = std::ranges::find(comparison_keys().keys, name, &Key::name);
    if (!check_shape(value, *key, context_)) return std::nullopt;

    Comparison comparison{field_, row->how, {}, {}};
    bool good = true;
    const auto add = [&](JsonValue v) {
      if (auto read = constant(v))
        comparison.constants.push_back(*std::move(read));
      else
        good = false;
    };
    if (row->how == Compare::matches) {
      comparison.pattern = load_regex(value, {}, context_);
      good = comparison.pattern.has_value();
    } else if (row->how == Compare::exists) {
      comparison.constants.push_back(Value::boolean(value.as_bool().value_or(true)));
    } else if (row->how == Compare::in) {
      value.for_each(add);
    } else {
      add(value);
    }
    if (!good) return std::nullopt;
    return comparison;
  }

  void load(JsonValue value, std::vector<Comparison>& out) {
    if (value.kind() == JsonKind::object) {
      value.for_each([&](JsonValue member) {
        if (auto comparison = compare(member)) out.push_back(*std::move(comparison));
      });
      return;
    }
    if (type_ == ValueType::list) {
      context_.problems.error(value.offset(), "\"" + field_ + "\" is a list",
                              "ask with {\"contains\": …}, {\"matches\": …} or {\"exists\": …}");
      return;
    }
    if (auto read = constant(value))
      out.push_back({field_, Compare::equal, {*std::move(read)}, {}});
  }

 private:
  std::string field_;
  ValueType type_;
  LoadContext& context_;
};

}  // namespace

std::vector<Comparison> load_where(JsonValue where, const FactSchema& schema,
                                   LoadContext& context) {
  std::vector<Comparison> comparisons;
  std::vector<std::string> names{std::string(kOriginField)};
  for (const FactField& field : schema.fields) names.emplace_back(field.name);

  where.for_each([&](JsonValue member) {
    const std::string name = member.key();
    const auto field = std::ranges::find(schema.fields, name, &FactField::name);
    if (field == schema.fields.end() && name != kOriginField) {
      context.problems.error(member.key_offset(),
                             "fact " + std::string(schema.name) + " has no field '" + name + "'",
                             did_you_mean(name, names, "its fields: " + joined(names)));
      return;
    }
    const ValueType type = field == schema.fields.end() ? ValueType::text : field->type;
    WhereLoader(name, type, context).load(member, comparisons);
  });
  return comparisons;
}

}  // namespace panicscan::rules
