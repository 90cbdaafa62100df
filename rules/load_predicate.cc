#include "rules/load_predicate.h"

#include <algorithm>
#include <array>

#include "model/names.h"
#include "rules/load_pattern.h"
#include "rules/load_where.h"

namespace panicscan::rules {
namespace {

template <typename Enum>
struct Spelling {
  std::string_view name;
  Enum value;
};
constexpr std::array kScopes{
    Spelling<StackScope>{"panicked_thread", StackScope::panicked_thread},
    Spelling<StackScope>{"any_backtrace", StackScope::any_backtrace},
    Spelling<StackScope>{"any_thread", StackScope::any_thread},
    Spelling<StackScope>{"allocation", StackScope::allocation},
    Spelling<StackScope>{"freed", StackScope::freed},
    Spelling<StackScope>{"nested", StackScope::nested},
};
constexpr std::array kVendors{
    Spelling<Vendor>{"apple", Vendor::apple},
    Spelling<Vendor>{"third_party", Vendor::third_party},
};
constexpr std::array kOwners{
    Spelling<OwnerKind>{"nobody", OwnerKind::nobody},
    Spelling<OwnerKind>{"thread", OwnerKind::thread},
    Spelling<OwnerKind>{"process", OwnerKind::process},
};
constexpr std::array kKextLists{
    KextList::in_backtrace, KextList::dependency,   KextList::loaded,
    KextList::last_started, KextList::last_stopped,
};

template <typename Table>
auto spelled(const Table& table, JsonValue value) {
  using Enum = decltype(table.front().value);
  const std::string name = value.as_string().value_or("");
  const auto row = std::ranges::find_if(table, [&](const auto& r) { return r.name == name; });
  return row == table.end() ? std::optional<Enum>{} : std::optional<Enum>{row->value};
}

StackScope scope_of(JsonValue value) {
  return spelled(kScopes, value).value_or(StackScope::panicked_thread);
}

using MaybeAsks = std::optional<Asks>;

MaybeAsks load_message(JsonValue object, LoadContext& context) {
  auto pattern = load_template(object["message"], context);
  if (!pattern) return std::nullopt;
  return MessageAsks{*std::move(pattern), object["first_line"].as_bool().value_or(false)};
}

MaybeAsks load_message_regex(JsonValue object, LoadContext& context) {
  auto pattern = load_regex(object["regex"], object["captures"], context);
  if (!pattern) return std::nullopt;
  return MessageAsks{*std::move(pattern), object["first_line"].as_bool().value_or(false)};
}

/// `template` or `regex` beside another key; nothing when neither is there.
std::optional<Pattern> load_beside(JsonValue object, LoadContext& context, bool& good) {
  const JsonValue written = object["template"];
  const JsonValue regex = object["regex"];
  if (written.exists() && regex.exists()) {
    context.problems.error(regex.key_offset(), "give \"template\" or \"regex\", not both");
    good = false;
    return std::nullopt;
  }
  if (!written.exists() && !regex.exists()) return std::nullopt;
  auto pattern = written.exists() ? load_template(written, context)
                                  : load_regex(regex, object["captures"], context);
  good = pattern.has_value();
  return pattern;
}

MaybeAsks load_field(JsonValue object, LoadContext& context) {
  bool good = true;
  FieldAsks asks{object["field"].as_string().value_or(""), load_beside(object, context, good)};
  if (!good) return std::nullopt;
  return asks;
}

MaybeAsks load_companion(JsonValue object, LoadContext& context) {
  bool good = true;
  auto pattern = load_beside(object, context, good);
  if (good && !pattern)
    context.problems.error(object.offset(), "\"companion\" needs a \"template\" or a \"regex\"");
  if (!pattern) return std::nullopt;
  return CompanionAsks{object["companion"].as_string().value_or(""), *std::move(pattern)};
}

MaybeAsks load_fact(JsonValue object, LoadContext& context) {
  const JsonValue value = object["fact"];
  const std::string name = value.as_string().value_or("");
  const auto& schemas = context.hooks.schemas;
  const auto schema =
      std::ranges::find_if(schemas, [&](const FactSchema* s) { return s->name == name; });
  if (schema == schemas.end()) {
    std::vector<std::string> names;
    for (const FactSchema* s : schemas) names.emplace_back(s->name);
    context.problems.error(value.offset(), "there is no fact \"" + name + "\"",
                           did_you_mean(name, names, "facts: " + joined(names)));
    return std::nullopt;
  }
  return FactAsks{name, *schema, load_where(object["where"], **schema, context)};
}

/// An optional name pattern; `good` becomes false when it has a mistake.
std::optional<Pattern> optional_name(JsonValue value, LoadContext& context, bool& good) {
  if (!value.exists()) return std::nullopt;
  auto pattern = load_name(value, context);
  good = good && pattern.has_value();
  return pattern;
}

/// An object that asks nothing is a mistake: it would always hold.
bool asks_something(JsonValue object, LoadContext& context) {
  if (object.size() > 0) return true;
  context.problems.error(object.offset(), "\"" + object.key() + "\" asks nothing");
  return false;
}

MaybeAsks load_frame(JsonValue object, LoadContext& context) {
  const JsonValue frame = object["frame"];
  bool good = true;
  FrameAsks asks;
  asks.in = scope_of(frame["in"]);
  if (const auto top = frame["top"].as_unsigned()) asks.top = static_cast<std::uint32_t>(*top);
  asks.function = optional_name(frame["function"], context, good);
  asks.image = optional_name(frame["image"], context, good);
  asks.vendor = spelled(kVendors, frame["vendor"]);
  if (good && !asks.function && !asks.image && !asks.vendor) {
    context.problems.error(frame.offset(), "\"frame\" asks nothing",
                           "give at least one of function, image, vendor");
    return std::nullopt;
  }
  if (!good) return std::nullopt;
  return asks;
}

MaybeAsks load_stack(JsonValue object, LoadContext& context) {
  StackAsks asks;
  asks.in = scope_of(object["in"]);
  asks.segments.emplace_back();
  bool good = true;
  object["stack"].for_each([&](JsonValue part) {
    if (part.as_string() == "...") {
      asks.segments.emplace_back();
    } else if (auto pattern = load_name(part, context)) {
      asks.segments.back().push_back(*std::move(pattern));
    } else {
      good = false;
    }
  });
  std::erase_if(asks.segments, [](const auto& segment) { return segment.empty(); });
  if (good && asks.segments.empty()) {
    context.problems.error(object["stack"].offset(), "\"stack\" names no function");
    good = false;
  }
  if (!good) return std::nullopt;
  return asks;
}

MaybeAsks load_image(JsonValue object, LoadContext& context) {
  const JsonValue image = object["image"];
  bool good = asks_something(image, context);
  ImageAsks asks;
  asks.name = optional_name(image["name"], context, good);
  asks.bundle = optional_name(image["bundle"], context, good);
  asks.kind = image_kind_from(image["kind"].as_string().value_or(""));
  if (const JsonValue uuid = image["uuid"]; uuid.exists()) {
    asks.uuid = parse_uuid(uuid.as_string().value_or(""));
    if (!asks.uuid) context.problems.error(uuid.offset(), "this is no UUID");
    good = good && asks.uuid.has_value();
  }
  if (!good) return std::nullopt;
  return asks;
}

MaybeAsks load_kext(JsonValue object, LoadContext& context) {
  const JsonValue kext = object["kext"];
  bool good = asks_something(kext, context);
  KextAsks asks;
  const std::string list = kext["list"].as_string().value_or("");
  for (const KextList known : kKextLists)
    if (to_string(known) == list) asks.list = known;
  asks.vendor = spelled(kVendors, kext["vendor"]);
  asks.bundle = optional_name(kext["bundle"], context, good);
  if (!good) return std::nullopt;
  return asks;
}

MaybeAsks load_thread(JsonValue object, LoadContext& context) {
  const JsonValue thread = object["thread"];
  bool good = asks_something(thread, context);
  ThreadAsks asks;
  asks.state = thread["state"].as_string().value_or("");
  asks.wait = wait_kind_from(thread["wait"].as_string().value_or(""));
  asks.owner = spelled(kOwners, thread["owner"]);
  asks.name = optional_name(thread["name"], context, good);
  asks.queue = optional_name(thread["queue"], context, good);
  asks.process = optional_name(thread["process"], context, good);
  if (!good) return std::nullopt;
  return asks;
}

std::vector<Predicate> load_list(JsonValue list, PredicatePlace place, LoadContext& context) {
  std::vector<Predicate> predicates;
  list.for_each([&](JsonValue object) {
    if (auto predicate = load_predicate(object, place, context))
      predicates.push_back(*std::move(predicate));
  });
  if (list.exists() && list.size() == 0)
    context.problems.error(list.offset(), "\"" + list.key() + "\" has no predicate");
  return predicates;
}

/// How the predicate of a key is read.
struct LoaderRow {
  std::string_view key;
  MaybeAsks (*load)(JsonValue, LoadContext&);
};
constexpr std::array kLoaders{
    LoaderRow{"message", load_message}, LoaderRow{"regex", load_message_regex},
    LoaderRow{"field", load_field},     LoaderRow{"companion", load_companion},
    LoaderRow{"fact", load_fact},       LoaderRow{"frame", load_frame},
    LoaderRow{"stack", load_stack},     LoaderRow{"image", load_image},
    LoaderRow{"kext", load_kext},       LoaderRow{"thread", load_thread},
};
struct GroupRow {
  std::string_view key;
  GroupKind kind;
};
constexpr std::array kGroups{
    GroupRow{"any", GroupKind::any},
    GroupRow{"all", GroupKind::all},
    GroupRow{"none", GroupKind::none},
};

/// Which predicate an object is: its predicate key that the other predicate keys may stand beside
/// ("regex" beside "field"). Null, and reported, when there is none or there are two.
const PredicateKeys* which_predicate(JsonValue object, LoadContext& context) {
  std::vector<const PredicateKeys*> present;
  for (const PredicateKeys& row : predicate_keys())
    if (object[row.key.name].exists()) present.push_back(&row);
  const auto chosen = std::ranges::find_if(present, [&](const PredicateKeys* row) {
    return std::ranges::all_of(present, [&](const PredicateKeys* other) {
      return other == row ||
             std::ranges::find(row->beside, other->key.name, &Key::name) != row->beside.end();
    });
  });
  if (chosen != present.end()) return *chosen;

  std::vector<std::string> names, keys;
  for (const PredicateKeys& row : predicate_keys()) names.emplace_back(row.key.name);
  if (present.empty()) {
    std::string help = "predicates: " + joined(names);
    object.for_each([&](JsonValue member) {
      if (const std::string near = closest(member.key(), names); !near.empty())
        help = "did you mean \"" + near + "\" for \"" + member.key() + "\"?";
    });
    context.problems.error(object.offset(), "this object is no predicate", help);
  } else {
    for (const PredicateKeys* row : present) keys.emplace_back(row->key.name);
    context.problems.error(object.offset(),
                           "more than one predicate in one object: " + joined(keys),
                           "put each into an object of its own");
  }
  return nullptr;
}

}  // namespace

std::optional<Predicate> load_predicate(JsonValue object, PredicatePlace place,
                                        LoadContext& context) {
  const PredicateKeys* row = which_predicate(object, context);
  if (row == nullptr) return std::nullopt;
  const std::span<const Key> extra = place == PredicatePlace::evidence      ? evidence_keys()
                                     : place == PredicatePlace::alternative ? alternative_keys()
                                                                            : match_keys();
  const std::string what = "\"" + std::string(row->key.name) + "\" predicate";
  if (!check_keys(object, what, {std::span(&row->key, 1), row->beside, extra}, context))
    return std::nullopt;

  Predicate predicate;
  predicate.offset = object.offset();
  if (const JsonValue says = object["says"]; says.exists())
    predicate.says = load_hole_text(says, context);
  if (const auto base = object["base"].as_signed()) predicate.base = static_cast<int>(*base);
  if (const auto as = object["as"].as_string()) predicate.as = *as;

  if (const auto group = std::ranges::find(kGroups, row->key.name, &GroupRow::key);
      group != kGroups.end()) {
    const bool alternatives = group->kind == GroupKind::any && place == PredicatePlace::alternative;
    predicate.asks = GroupAsks{
        group->kind,
        load_list(object[row->key.name],
                  alternatives ? PredicatePlace::alternative : PredicatePlace::plain, context)};
    return predicate;
  }
  const auto loader = std::ranges::find(kLoaders, row->key.name, &LoaderRow::key);
  auto asks = loader->load(object, context);
  if (!asks) return std::nullopt;
  predicate.asks = *std::move(asks);
  return predicate;
}

std::vector<Predicate> load_predicates(JsonValue list, bool in_match, LoadContext& context) {
  if (!in_match) return load_list(list, PredicatePlace::plain, context);
  // The alternatives of an `any` that stands in `match` may have a base; nothing else there may.
  std::vector<Predicate> predicates;
  list.for_each([&](JsonValue object) {
    const bool is_any = object["any"].exists();
    auto predicate = load_predicate(
        object, is_any ? PredicatePlace::alternative : PredicatePlace::plain, context);
    if (!predicate) return;
    if (is_any && predicate->base)
      context.problems.error(object["base"].key_offset(),
                             "\"base\" stands in the alternatives of \"any\", or in the rule");
    predicates.push_back(*std::move(predicate));
  });
  if (list.exists() && list.size() == 0)
    context.problems.error(list.offset(), "\"match\" has no predicate");
  return predicates;
}

std::optional<HoleText> load_hole_text(JsonValue value, LoadContext& context) {
  HoleText text;
  text.source = value.as_string().value_or("");
  text.offset = value.offset();
  auto pieces = split_holes(text.source);
  if (!pieces) {
    context.problems.error(offset_in(value, pieces.error().where.offset), pieces.error().message,
                           "write {name} or {name.part}, or {{ for a literal brace");
    return std::nullopt;
  }
  text.pieces = *std::move(pieces);
  const bool has_holes = std::ranges::any_of(text.pieces, &Piece::is_hole);
  if (!has_holes) return text;
  const Document decoded = value.as_document(0);
  for (Piece& piece : text.pieces) {
    piece.offset = decoded.to_parent(piece.offset);
    if (piece.is_hole && !piece.type.empty()) {
      context.problems.error(piece.offset, "a hole of a sentence has no type",
                             "write {" + piece.text + "}");
      return std::nullopt;
    }
  }
  return text;
}

std::vector<HoleText> load_hole_texts(JsonValue list, LoadContext& context) {
  std::vector<HoleText> texts;
  list.for_each([&](JsonValue value) {
    if (auto text = load_hole_text(value, context)) texts.push_back(*std::move(text));
  });
  return texts;
}

}  // namespace panicscan::rules
