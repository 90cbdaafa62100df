#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/message.h"
#include "base/text.h"

// [iokit.IOCommandGate]: element modified after free (off:72, val:0x…, sz:80, ptr:0x…)
// a freed zone element has been modified in zone kalloc.4096: expected 0x… but found 0x…,
//   bits changed 0x…, at offset 8 of 4096 in element 0x…, cookies …             (macOS 10 to 12)
// Source: xnu osfmk/kern/zalloc.c and osfmk/kern/kalloc.c.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"zone", ValueType::text, "the zone, which names the type or the size class"},
    {"offset", ValueType::number, "offset of the damage inside the element"},
    {"value", ValueType::hex, "what was found there"},
    {"size", ValueType::bytes, "size of the element"},
    {"element", ValueType::address, "the element"},
    {"kind", ValueType::text, "modified-after-free, double-free, gzalloc-uaf, validation or other"},
};
constexpr FactSchema kSchema{
    "memory.zone", "The kernel heap found one of its elements damaged or misused.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// What a message of the heap says.
struct Damage {
  std::string_view kind, zone, meaning;
  std::optional<std::uint64_t> offset, value, size, element;
};

std::optional<std::uint64_t> number_behind(std::string_view text, std::string_view label) {
  if (!skip_past(text, label)) return std::nullopt;
  return consume_number(text);
}

std::string_view between(std::string_view text, std::string_view before, std::string_view behind) {
  if (!skip_past(text, before)) return {};
  const auto at = text.find(behind);
  return trim(text.substr(0, at));
}

std::optional<Damage> modified_after_free(std::string_view text) {
  if (text.find("element modified after free") == std::string_view::npos) return std::nullopt;
  Damage damage{"modified-after-free",
                between(text, "[", "]"),
                "somebody wrote into an element after it was freed; found at the next allocation, "
                "so the writer is long gone",
                number_behind(text, "off:"),
                number_behind(text, "val:"),
                number_behind(text, "sz:"),
                number_behind(text, "ptr:")};
  return damage;
}

std::optional<Damage> freed_element_modified(std::string_view text) {
  if (text.find("freed zone element has been modified") == std::string_view::npos)
    return std::nullopt;
  Damage damage{"modified-after-free",
                between(text, "modified in zone ", ":"),
                "somebody wrote into an element after it was freed; found at the next allocation",
                number_behind(text, "at offset "),
                number_behind(text, "but found "),
                {},
                number_behind(text, "in element ")};
  std::string_view rest = text;
  if (skip_past(rest, "at offset ") && skip_past(rest, " of ")) damage.size = consume_number(rest);
  return damage;
}

std::optional<Damage> gzalloc(std::string_view text) {
  constexpr std::string_view kFree = "probabilistic gzalloc double free: ";
  constexpr std::string_view kUse = "probabilistic gzalloc use-after-free: ";
  Damage damage;
  if ((damage.element = number_behind(text, kUse))) {
    damage.kind = "gzalloc-uaf";
    damage.meaning = "a freed element was used; the sampling heap caught it in the act";
  } else if ((damage.element = number_behind(text, kFree))) {
    damage.kind = "double-free";
    damage.meaning = "the element had been freed before; the sampling heap caught it in the act";
  } else {
    return std::nullopt;
  }
  return damage;
}

std::optional<Damage> double_free(std::string_view text) {
  constexpr std::string_view kLabel = ": double free of ";
  const auto at = text.find(kLabel);
  if (at == std::string_view::npos) return std::nullopt;
  return Damage{"double-free",
                between(text, " to zone ", "\n"),
                "the element had been freed before",
                {},
                {},
                {},
                number_behind(text, kLabel)};
}

/// Checks of a pointer that did not hold: the text up to the colon, and what it means.
struct Check {
  std::string_view text, kind, meaning;
};
constexpr std::array kChecks{
    Check{"zone_require failed", "validation",
          "an object of one type was passed as another, or after it was freed"},
    Check{"for zone_require check", "validation",
          "an object of one type was passed as another, or after it was freed"},
    Check{"zone element pointer validation failed", "validation",
          "a pointer that is no element of the zone was freed"},
    Check{"zone metadata corruption", "validation", "the bookkeeping of the heap was overwritten"},
    Check{"metadata list corruption", "validation", "the bookkeeping of the heap was overwritten"},
    Check{"not in the expected zone", "validation", "freed into another zone than it came from"},
    Check{"zone bound checks", "validation", "a copy would have run past the end of the element"},
    Check{"zone map exhausted", "other",
          "the heap is full: the zone that leaks is to blame, not the one that asked"},
    Check{") retry fail", "other", "the heap is full, or its map is: this zone could not grow"},
    Check{"kfree: addr ", "other", "freed with another size or heap than it was allocated with"},
};

std::optional<Damage> failed_check(std::string_view text) {
  const auto check = std::ranges::find_if(
      kChecks, [&](const Check& c) { return text.find(c.text) != std::string_view::npos; });
  if (check == kChecks.end()) return std::nullopt;
  Damage damage{check->kind, {}, check->meaning, {}, {}, {}, {}};
  damage.element = number_behind(text, "addr: ");
  if (!damage.element) damage.element = number_behind(text, "addr ");
  // The names stand behind different words in different messages; the first that is there counts.
  struct Place {
    std::string_view before, behind;
  };
  static constexpr std::array kPlaces{Place{"memory leak in zone [", "]"},
                                      Place{"memory leak in zone ", " "},
                                      Place{"expected: ", ")"},
                                      Place{"found in zone '", "'"},
                                      Place{"found in kalloc type zone '", "'"},
                                      Place{"zone: ", ")"},
                                      Place{", zone ", ")"},
                                      Place{"zalloc: ", " ("}};
  for (const Place& place : kPlaces)
    if (damage.zone.empty()) damage.zone = between(text, place.before, place.behind);
  damage.size = number_behind(text, "elem_size ");
  return damage;
}

using Reader = std::optional<Damage> (*)(std::string_view);
constexpr std::array<Reader, 5> kReaders{modified_after_free, freed_element_modified, gzalloc,
                                         double_free, failed_check};

/// What the value that was written may have been.
std::string value_meaning(std::uint64_t value) {
  if (value == 0) return "zero: a member was cleared, as release() or a destructor does";
  if (value >= 0xffffffff00000000)
    return "a small negative number, or a counter that was decremented";
  if ((value >> 40) == 0xfffffe || (value >> 36) == 0xffffffe || (value >> 40) == 0xffffff)
    return "like a kernel pointer";
  if (value >= 0x80000000 && value <= 0xffffffff) return "like a device virtual address";
  return value < 0x10000 ? "a small number: a state, a flag or a count" : "data";
}

void run(const Input& input, Facts& facts) {
  const Message message(input.report);
  std::optional<Damage> damage;
  for (const Reader reader : kReaders)
    if (!damage) damage = reader(message.first_line());
  if (!damage) return;

  Fact fact(kSchema);
  fact.set("kind", Value::text(std::string(damage->kind)));
  fact.decoded.push_back({"kind", std::string(damage->kind), std::string(damage->meaning)});
  if (!damage->zone.empty()) {
    fact.set("zone", Value::text(std::string(damage->zone)));
    fact.decoded.push_back({"zone", std::string(damage->zone),
                            damage->zone.find("kalloc.") != std::string_view::npos
                                ? "a size class: any type of that size can be meant"
                                : "elements of one type"});
  }
  if (damage->offset) fact.set("offset", Value::number(*damage->offset));
  if (damage->size) fact.set("size", Value::of(ValueType::bytes, *damage->size));
  if (damage->element) fact.set("element", Value::address(*damage->element));
  if (damage->offset && damage->size)
    fact.decoded.push_back(
        {"offset", std::to_string(*damage->offset) + " of " + std::to_string(*damage->size),
         *damage->offset == 0 ? "the first word: usually a vtable pointer or a list link"
                              : "the member at that offset was written"});
  if (damage->value) {
    fact.set("value", Value::hex(*damage->value));
    fact.decoded.push_back({"value", hex(*damage->value), value_meaning(*damage->value)});
  }
  fact.because.push_back(message.says("the heap found damage", message.first_line()));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kZone{"zone", kSchemas, run};

}  // namespace panicscan::analysis
