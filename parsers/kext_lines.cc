#include "parsers/kext_lines.h"

#include <algorithm>
#include <array>

namespace panicscan::parsers {
namespace {

bool is_bundle_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '_' || c == '+';
}

/// A bundle id as lists print it, abbreviated or not.
bool is_kext_name(std::string_view name) {
  constexpr std::string_view kMarks = ">|$@";
  if (name.empty() || name.size() > 256) return false;
  const bool is_short = kMarks.find(name.front()) != std::string_view::npos;
  if (is_short) name.remove_prefix(1);
  const bool is_clean =
      std::ranges::all_of(name, [](char c) { return is_bundle_char(c) || c == '!'; });
  return is_clean && !name.empty() && !is_digit(name.front()) &&
         (is_short || name.find('.') != std::string_view::npos);
}

Index<Image> image_of(PanicState& state, const Kext& kext) {
  const std::pair key{kext.start->value, std::string_view(kext.bundle_id)};
  if (const auto known = state.now.images.find(key); known != state.now.images.end())
    return known->second;
  Image image;
  image.kind = ImageKind::kext;
  image.name = kext.bundle_id;
  image.uuid = kext.uuid;
  image.base = *kext.start;
  image.size = kext.last->value - kext.start->value + 1;
  image.where = kext.where;
  const Index<Image> index = state.out.add_image(std::move(image));
  // The key must outlive this line: the name as the text has it.
  const std::string_view in_text = state.text.substr(kext.where.offset);
  const std::size_t at = in_text.substr(0, kext.where.length).find(kext.bundle_id);
  if (at != std::string_view::npos)
    state.now.images.emplace(std::pair{key.first, in_text.substr(at, kext.bundle_id.size())},
                             index);
  return index;
}

void add_range(PanicState& state, Kext kext, const TextLine& line) {
  kext.where = state.ref(line.text);
  if (kext.start && kext.last) {
    if (kext.last->value >= kext.start->value)
      kext.image = image_of(state, kext);
    else
      state.note(NoteKind::damaged, "the range of a kext ends before it begins", line.text);
  }
  state.panic().kexts.push_back(std::move(kext));
}

bool take_range_line(PanicState& state, const TextLine& line) {
  std::string_view rest = line.text;
  const bool is_dependency = consume(rest, "dependency:");
  auto kext = read_kext_range(rest);
  if (kext) {
    kext->list = is_dependency ? KextList::dependency : KextList::in_backtrace;
    add_range(state, *std::move(kext), line);
    return true;
  }
  constexpr std::array<std::string_view, 2> kRemarks{"can't perform kext scan",
                                                     "kmod dependency scan stopped"};
  if (std::ranges::any_of(kRemarks, [&](auto remark) { return line.text.starts_with(remark); })) {
    state.field("line", line.text, line.text);
    return true;
  }
  const bool is_cut = state.next_line.empty() && line.text.find('(') != std::string_view::npos &&
                      is_kext_name(trim(rest.substr(0, rest.find('('))));
  if (is_cut) state.note(NoteKind::truncated, "the text ends inside the list of kexts", line.text);
  return is_cut;
}
constexpr Block kRanges{take_range_line};

void read_ranges(PanicState& state, const TextLine&, std::string_view) { state.open(kRanges); }

bool take_loaded_line(PanicState& state, const TextLine& line) {
  if (line.text == "(none)") return true;
  auto kext = read_loaded_kext(line.text);
  if (!kext) {
    // The buffer was full: the last name is not to be trusted.
    const bool is_cut = state.next_line.empty() && is_kext_name(line.text);
    if (!is_cut) return false;
    state.note(NoteKind::truncated, "the list of loaded kexts ends inside a name", line.text);
    kext.emplace();
    kext->bundle_id = expand_kext_name(line.text);
  }
  kext->list = KextList::loaded;
  kext->where = state.ref(line.text);
  state.panic().kexts.push_back(*std::move(kext));
  return true;
}
constexpr Block kLoaded{take_loaded_line};

void read_loaded(PanicState& state, const TextLine&, std::string_view) { state.open(kLoaded); }

// "last started kext at 123456789: com.example.driver.Foo<TAB>1.2 (addr 0x…, size 65536)"
template <KextList list>
void read_last_change(PanicState& state, const TextLine& line, std::string_view rest) {
  Kext kext;
  kext.list = list;
  kext.where = state.ref(line.text);
  kext.at_ticks = consume_decimal(rest);
  consume(rest, ":");
  const std::size_t bracket = rest.rfind("(addr ");
  auto named = read_loaded_kext(trim(rest.substr(0, bracket)));
  if (!named) {
    state.note(state.next_line.empty() ? NoteKind::truncated : NoteKind::damaged,
               "the kext that changed last cannot be read", line.text);
    return;
  }
  kext.bundle_id = std::move(named->bundle_id);
  kext.version = std::move(named->version);
  if (bracket != std::string_view::npos) {
    rest.remove_prefix(bracket);
    consume(rest, "(addr ");
    if (const auto address = consume_hex(rest)) kext.start = Address{*address};
    if (consume(rest, ", size ")) kext.size = consume_decimal(rest);
  }
  state.panic().kexts.push_back(std::move(kext));
}

// "( id: com.example.driver; path: /Library/…/com.example.driver.dext; state: loaded )"
bool take_dext_details(PanicState& state, const TextLine& line) {
  std::string_view rest = line.text;
  if (!consume(rest, "(")) return false;
  rest = trim(rest);
  if (!consume(rest, "id:")) return false;
  Dext dext;
  dext.where = state.ref(line.text);
  if (rest.ends_with(')')) rest.remove_suffix(1);
  for (std::string_view part = "id:"; !part.empty();) {
    const std::string_view value = trim(rest.substr(0, rest.find(';')));
    if (part == "id:") dext.bundle_id = value;
    if (part == "path:") dext.path = value;
    if (part == "state:") dext.state = value;
    if (!consume_until(rest, ";")) break;
    rest = trim(rest);
    part = {};
    for (const std::string_view name : {"path:", "state:"})
      if (consume(rest, name)) part = name;
  }
  if (dext.bundle_id.empty()) dext.bundle_id = state.now.dext_name;
  state.panic().dexts.push_back(std::move(dext));
  return true;
}

constexpr auto kBlock = LineRole::block;
constexpr std::array kLines{
    LineGrammar{"Kernel Extensions in backtrace:", kBlock, read_ranges},
    LineGrammar{"Kernel loadable modules in backtrace", kBlock, read_ranges},  // 10.6 and older
    LineGrammar{"last started kext at ", kBlock, read_last_change<KextList::last_started>},
    LineGrammar{"last loaded kext at ", kBlock, read_last_change<KextList::last_started>},
    LineGrammar{"last stopped kext at ", kBlock, read_last_change<KextList::last_stopped>},
    LineGrammar{"last unloaded kext at ", kBlock, read_last_change<KextList::last_stopped>},
    LineGrammar{"loaded kexts:", kBlock, read_loaded},
};

}  // namespace

std::span<const LineGrammar> kext_grammars() { return kLines; }

std::string expand_kext_name(std::string_view name) {
  struct Abbreviation {
    std::string_view mark, meaning;
  };
  constexpr std::array kAtStart{
      Abbreviation{">", "com.apple.driver."}, Abbreviation{"|", "com.apple.iokit."},
      Abbreviation{"$", "com.apple.security."}, Abbreviation{"@", "com.apple."}};
  constexpr std::array kInside{Abbreviation{"!U", "AppleUSB"},   Abbreviation{"!A", "Apple"},
                               Abbreviation{"!F", "Family"},     Abbreviation{"!S", "Storage"},
                               Abbreviation{"!C", "Controller"}, Abbreviation{"!B", "Bluetooth"},
                               Abbreviation{"!I", "Intel"}};
  std::string expanded;
  for (const Abbreviation& short_form : kAtStart) {
    if (!consume(name, short_form.mark)) continue;
    expanded = short_form.meaning;
    break;
  }
  while (!name.empty()) {
    const auto known = std::ranges::find_if(
        kInside, [&](const Abbreviation& a) { return name.starts_with(a.mark); });
    const bool is_known = known != kInside.end();
    expanded += is_known ? known->meaning : name.substr(0, 1);
    name.remove_prefix(is_known ? known->mark.size() : 1);
  }
  return expanded;
}

std::optional<Kext> read_kext_range(std::string_view line) {
  std::string_view rest = trim(line);
  Kext kext;
  const auto name = consume_until(rest, "(");
  if (!name || !is_kext_name(trim(*name))) return std::nullopt;
  const auto version = consume_until(rest, ")");
  if (!version) return std::nullopt;
  kext.bundle_id = trim(*name);
  kext.version = *version;
  if (consume(rest, "[")) {
    const auto uuid = consume_until(rest, "]");
    if (!uuid) return std::nullopt;
    kext.uuid = parse_uuid(*uuid);
    if (kext.uuid && kext.uuid->is_zero()) kext.uuid.reset();
  }
  if (consume(rest, "@")) {
    const auto start = consume_hex(rest);
    if (!start) return std::nullopt;
    kext.start = Address{*start};
    if (consume(rest, "->")) {
      const auto last = consume_hex(rest);
      if (!last) return std::nullopt;
      kext.last = Address{*last};
    }
  }
  if (!trim(rest).empty()) return std::nullopt;
  return kext;
}

std::optional<Kext> read_loaded_kext(std::string_view line) {
  line = trim(line);
  std::size_t separator = line.find('\t');
  const bool has_tab = separator != std::string_view::npos;
  if (!has_tab) separator = line.find_last_of(' ');
  if (separator == std::string_view::npos) return std::nullopt;
  const std::string_view name = trim(line.substr(0, separator));
  const std::string_view version = trim(line.substr(separator + 1));
  if (!is_kext_name(name) || version.empty()) return std::nullopt;
  if (!has_tab && !is_digit(version.front())) return std::nullopt;
  Kext kext;
  kext.bundle_id = expand_kext_name(name);
  kext.version = version;
  return kext;
}

bool take_lone_kext_range(PanicState& state, const TextLine& line) {
  std::string_view rest = line.text;
  const bool is_dependency = consume(rest, "dependency:");
  auto kext = read_kext_range(rest);
  if (!kext || !kext->start) return false;
  state.open(kRanges);
  kext->list = is_dependency ? KextList::dependency : KextList::in_backtrace;
  add_range(state, *std::move(kext), line);
  return true;
}

bool take_dext_line(PanicState& state, const TextLine& line) {
  if (take_dext_details(state, line)) return true;
  std::string_view name = line.text;
  if (!name.ends_with(':')) return false;
  name.remove_suffix(1);
  std::string_view next = state.next_line;
  const bool has_details = consume(next, "(") && trim(next).starts_with("id:");
  if (!has_details || !is_kext_name(name)) return false;
  state.now.dext_name = name;
  return true;
}

}  // namespace panicscan::parsers
