#include "parsers/crash_rows.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace panicscan::parsers {
namespace {

constexpr auto npos = std::string_view::npos;

/// The longest row looked at; template names of several thousand characters occur.
constexpr std::size_t kLongestRow = 65536;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Where the first word begins that is a hex number as a whole; npos when there is none.
std::size_t find_hex_word(std::string_view text) {
  for (std::size_t at = text.find("0x"); at != npos; at = text.find("0x", at + 2)) {
    if (at > 0 && !is_blank(text[at - 1])) continue;
    std::string_view rest = text.substr(at);
    if (consume_hex(rest) && (rest.empty() || is_blank(rest.front()))) return at;
  }
  return npos;
}

/// "run() + 40 (main.cpp:12)" or "run() (main.cpp:12)": takes the place off the end.
void take_place(std::string_view& symbol, CrashRow& row) {
  if (!symbol.ends_with(')')) return;
  const std::size_t open = symbol.rfind(" (");
  if (open == npos) return;
  const std::string_view inside = symbol.substr(open + 2, symbol.size() - open - 3);
  const std::size_t colon = inside.rfind(':');
  if (colon == npos || colon == 0) return;
  const auto line = parse_number(inside.substr(colon + 1));
  if (!line || *line > 0xffffffff || !is_digit(inside[colon + 1])) return;
  row.file = std::string(inside.substr(0, colon));
  row.line = static_cast<std::uint32_t>(*line);
  symbol = trim(symbol.substr(0, open));
}

/// "0x100000000 + 21200", "0x0 + 0", and what some writers put behind it: "(name + 12)".
bool take_base(std::string_view text, CrashRow& row) {
  const auto base = consume_hex(text);
  if (!base) return false;
  skip_blanks(text);
  if (!consume(text, "+")) return false;
  skip_blanks(text);
  if (!consume_decimal(text)) return false;
  row.base = base;
  text = trim(text);
  if (text.starts_with('(') && text.ends_with(')') && text.size() > 2) {
    CrashRow place;
    std::string_view symbol = text;
    take_place(symbol, place);
    if (place.line != 0 && symbol.empty())
      row.file = place.file, row.line = place.line;
    else
      row.symbol = std::string(text.substr(1, text.size() - 2));
  }
  return true;
}

}  // namespace

std::optional<CrashRow> read_crash_row(std::string_view line) {
  line = trim(line.substr(0, kLongestRow));
  std::string_view rest = line;
  if (!consume_decimal(rest) || rest.empty() || !is_blank(rest.front())) return std::nullopt;
  skip_blanks(rest);
  if (rest.empty() || rest.starts_with("0x")) return std::nullopt;
  CrashRow row;
  const std::size_t address = find_hex_word(rest);
  if (address == npos || address == 0) {
    // An address that somebody replaced: the image's name is what stands before the first gap.
    const std::size_t gap = std::min(rest.find("  "), rest.find('\t'));
    if (gap == npos) return std::nullopt;
    row.image = std::string(trim(rest.substr(0, gap)));
    return row;
  }
  row.image = std::string(trim(rest.substr(0, address)));
  if (row.image == "???") row.image.clear();
  rest = rest.substr(address);
  row.address = consume_hex(rest);
  rest = trim(rest);
  constexpr std::string_view kInlined = " [inlined]";
  if (rest.ends_with(kInlined)) {
    row.is_inline = true;
    rest = trim(rest.substr(0, rest.size() - kInlined.size()));
  }
  if (take_base(rest, row)) return row;
  take_place(rest, row);
  row.symbol = std::string(rest);
  return row;
}

std::optional<Image> read_image_row(std::string_view line) {
  std::string_view rest = trim(line.substr(0, kLongestRow));
  consume(rest, "*");
  const auto first = consume_hex(rest);
  skip_blanks(rest);
  if (!first || !consume(rest, "-")) return std::nullopt;
  skip_blanks(rest);
  const auto last = consume_hex(rest);
  if (!last && !consume(rest, "???")) return std::nullopt;
  skip_blanks(rest);
  consume(rest, "+");
  Image image;
  image.base = {*first};
  image.kind = ImageKind::process;
  if (last && *last >= *first && *last - *first != ~std::uint64_t{0})
    image.size = *last - *first + 1;

  // name [arch] [(version)] <uuid> path; the name, too, may hold blanks and brackets.
  const std::size_t open = rest.find(" <");
  std::string_view name = trim(rest.substr(0, open));
  if (open != npos) {
    std::string_view behind = rest.substr(open + 2);
    const std::size_t close = behind.find('>');
    image.uuid = parse_uuid(trim(behind.substr(0, close)));
    if (image.uuid && image.uuid->is_zero()) image.uuid.reset();
    if (close != npos) image.path = std::string(trim(behind.substr(close + 1)));
  } else if (const std::size_t path = rest.find(" /"); path != npos) {
    name = trim(rest.substr(0, path));
    image.path = std::string(trim(rest.substr(path)));
  }
  const auto is_architecture = [](std::string_view word) {
    return word.starts_with("arm") || word.starts_with("x86_64") || word == "i386" ||
           word.starts_with("ppc");
  };
  if (const std::size_t bracket = name.rfind(" ("); bracket != npos && name.ends_with(')')) {
    const std::string_view inside = name.substr(bracket + 2, name.size() - bracket - 3);
    (is_architecture(inside) ? image.architecture : image.version) = std::string(inside);
    name = trim(name.substr(0, bracket));
  }
  if (const std::size_t word = name.find_last_of(" \t");
      word != npos && is_architecture(name.substr(word + 1))) {
    image.architecture = std::string(name.substr(word + 1));
    name = trim(name.substr(0, word));
  }
  image.name = std::string(name);
  const bool is_unknown = name == "???" && !image.size;
  if (is_unknown || (name == "???" && !image.uuid)) {
    image.kind = ImageKind::absolute;
    image.path.clear();
    image.size.reset();
  }
  return image;
}

std::vector<Register> read_crash_registers(std::string_view line) {
  constexpr std::size_t kMostOnLine = 64;
  std::vector<Register> found;
  std::string_view rest = trim(line.substr(0, 4096));
  while (!rest.empty() && found.size() < kMostOnLine) {
    const auto is_name = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_'; };
    std::size_t end = 0;
    while (end < rest.size() && is_name(rest[end])) ++end;
    if (end == 0 || end > 8 || end >= rest.size() || rest[end] != ':') break;
    std::string name(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    skip_blanks(rest);
    const auto value = consume_hex(rest);
    if (!value) break;
    found.push_back({std::move(name), *value});
    skip_blanks(rest);
  }
  return found;
}

std::optional<ThreadLine> read_thread_line(std::string_view line) {
  std::string_view rest = line;
  ThreadLine thread;
  if (!consume(rest, "Thread ")) return std::nullopt;
  const auto number = consume_decimal(rest);
  if (!number) return std::nullopt;
  thread.number = *number;
  skip_blanks(rest);
  if (consume(rest, "crashed with ")) {
    thread.is_state = true;
    return thread;
  }
  thread.is_crashed = consume(rest, "Crashed") || consume(rest, "Attributed");
  if (!thread.is_crashed && consume(rest, "name")) thread.is_name = true;
  if (!consume(rest, ":")) return std::nullopt;
  consume(rest, ":");
  rest = trim(rest);
  constexpr std::string_view kQueue = "Dispatch queue:";
  if (const std::size_t queue = rest.find(kQueue); queue != npos) {
    thread.queue = std::string(trim(rest.substr(queue + kQueue.size())));
    rest = trim(rest.substr(0, queue));
  }
  thread.name = std::string(rest);
  return thread;
}

}  // namespace panicscan::parsers
