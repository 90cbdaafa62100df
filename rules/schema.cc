// `rules schema`: a JSON Schema for editors, from the tables that drive the loader.

#include <array>

#include "base/json_writer.h"
#include "rules/keys.h"
#include "rules/rules.h"

namespace panicscan::rules {
namespace {

/// Kinds of places where predicates stand; each has its own extra keys.
struct Place {
  std::string_view name;
  std::span<const Key> (*keys)();
};
constexpr std::array kPlaces{
    Place{"predicate", match_keys},
    Place{"alternative", alternative_keys},
    Place{"evidence", evidence_keys},
};

/// Writes the schema piece by piece.
class SchemaWriter {
 public:
  explicit SchemaWriter(const Hooks& hooks) : hooks_(hooks) {}

  std::string write() && {
    out_.begin_object();
    out_.member("$schema", "https://json-schema.org/draft/2020-12/schema");
    out_.member("title", "panicscan rule");
    write_table(rule_keys(), "predicate");
    out_.key("$defs").begin_object();
    for (const Place& place : kPlaces) write_place(place);
    out_.key("constant").begin_object();
    write_types({"string", "integer", "boolean"});
    out_.end_object();
    out_.key("comparisons").begin_object();
    write_table(comparison_keys(), "predicate");
    out_.end_object();
    for (const FactSchema* schema : hooks_.schemas) write_fact(*schema);
    out_.end_object();
    out_.end_object();
    return std::move(out_).take() + "\n";
  }

 private:
  void write_types(std::initializer_list<std::string_view> types) {
    out_.key("type").inline_begin().begin_array();
    for (const std::string_view type : types) out_.value(type);
    out_.end_array().inline_end();
  }

  void write_ref(std::string_view name) {
    out_.inline_begin().begin_object();
    out_.member("$ref", "#/$defs/" + std::string(name));
    out_.end_object().inline_end();
  }

  void write_choices(const Key& key) {
    out_.key("enum").inline_begin().begin_array();
    for (const std::string_view choice : key.choices) out_.value(choice);
    out_.end_array().inline_end();
  }

  void write_text_type() {
    out_.inline_begin().begin_object();
    out_.member("type", "string");
    out_.end_object().inline_end();
  }

  void write_list_of_texts() {
    out_.inline_begin().begin_object();
    out_.member("type", "array").key("items");
    write_text_type();
    out_.end_object().inline_end();
  }

  void write_text_or_texts() {
    out_.key("anyOf").inline_begin().begin_array();
    write_text_type();
    write_list_of_texts();
    out_.end_array().inline_end();
  }

  /// The members of one key's schema; `place` is what a list of predicates holds.
  void write_shape(const Key& key, std::string_view place) {
    switch (key.shape) {
      case Shape::integer:
        out_.member("type", "integer").member("minimum", key.least).member("maximum", key.most);
        break;
      case Shape::boolean:
        out_.member("type", "boolean");
        break;
      case Shape::line:
        out_.member("type", "string");
        break;
      case Shape::lines:
        out_.member("type", "array").key("items");
        write_text_type();
        break;
      case Shape::line_or_lines:
        write_text_or_texts();
        break;
      case Shape::choice:
        write_choices(key);
        break;
      case Shape::choices:
        out_.member("type", "array").key("items").begin_object();
        write_choices(key);
        out_.end_object();
        break;
      case Shape::object:
        write_table(*key.table, place);
        break;
      case Shape::objects:
        out_.member("type", "array").key("items").begin_object();
        write_table(*key.table, place);
        out_.end_object();
        break;
      case Shape::predicates:
        out_.member("type", "array").key("items");
        write_ref(key.name == "evidence" ? "evidence" : key.name == "any" ? "alternative" : place);
        break;
      case Shape::conditions:
        out_.member("type", "object");
        break;
      case Shape::text_map:
        out_.member("type", "object").key("additionalProperties");
        write_text_type();
        break;
      case Shape::lines_map:
        out_.member("type", "object").key("additionalProperties").begin_object();
        write_text_or_texts();
        out_.end_object();
        break;
      case Shape::value_map:
        out_.member("type", "object").key("additionalProperties");
        write_ref("constant");
        break;
      case Shape::constant:
        out_.member("$ref", "#/$defs/constant");
        break;
      case Shape::constants:
        out_.member("type", "array").key("items");
        write_ref("constant");
        break;
    }
  }

  void write_key(const Key& key, std::string_view place) {
    out_.key(key.name).begin_object();
    out_.member("description", key.meaning);
    write_shape(key, place);
    out_.end_object();
  }

  void write_required(std::initializer_list<std::span<const Key>> tables) {
    bool any = false;
    for (const auto& table : tables)
      for (const Key& key : table) any = any || key.required;
    if (!any) return;
    out_.key("required").inline_begin().begin_array();
    for (const auto& table : tables)
      for (const Key& key : table)
        if (key.required) out_.value(key.name);
    out_.end_array().inline_end();
  }

  void write_table(const KeyTable& table, std::string_view place) {
    out_.member("type", "object").key("properties").begin_object();
    for (const Key& key : table.keys) write_key(key, place);
    out_.end_object();
    write_required({table.keys});
    out_.member("additionalProperties", false);
  }

  /// All predicates, with the keys that may stand beside them here.
  void write_place(const Place& place) {
    out_.key(place.name).begin_object();
    out_.key("oneOf").begin_array();
    for (const PredicateKeys& row : predicate_keys()) {
      const auto own = std::span(&row.key, 1);
      out_.begin_object();
      out_.member("type", "object").key("properties").begin_object();
      for (const auto& table : {own, row.beside, place.keys()})
        for (const Key& key : table) write_key(key, "predicate");
      out_.end_object();
      write_required({own, row.beside, place.keys()});
      out_.member("additionalProperties", false);
      if (row.key.name == "fact") write_facts();
      out_.end_object();
    }
    out_.end_array();
    out_.end_object();
  }

  /// For each fact: its name is one of these, and `where` has its fields.
  void write_facts() {
    out_.key("allOf").begin_array();
    for (const FactSchema* schema : hooks_.schemas) {
      out_.inline_begin().begin_object();
      out_.key("if").begin_object().key("properties").begin_object();
      out_.key("fact").begin_object().member("const", schema->name).end_object();
      out_.end_object().end_object();
      out_.key("then").begin_object().key("properties").begin_object().key("where");
      write_ref("where " + std::string(schema->name));
      out_.end_object().end_object();
      out_.end_object().inline_end();
    }
    out_.end_array();
  }

  void write_fact(const FactSchema& schema) {
    out_.key("where " + std::string(schema.name)).begin_object();
    out_.member("description", schema.meaning);
    out_.member("type", "object").key("properties").begin_object();
    write_condition("origin", "reported or inferred");
    for (const FactField& field : schema.fields) write_condition(field.name, field.meaning);
    out_.end_object();
    out_.member("additionalProperties", false);
    out_.end_object();
  }

  void write_condition(std::string_view name, std::string_view meaning) {
    out_.key(name).begin_object();
    out_.member("description", meaning);
    out_.key("anyOf").inline_begin().begin_array();
    write_ref("constant");
    write_ref("comparisons");
    out_.end_array().inline_end();
    out_.end_object();
  }

  const Hooks& hooks_;
  JsonWriter out_;
};

}  // namespace

std::string schema(const Hooks& hooks) { return SchemaWriter(hooks).write(); }

}  // namespace panicscan::rules
