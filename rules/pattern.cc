#include "rules/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "rules/literal.h"
#include "rules/template.h"

namespace panicscan::rules {
namespace {

// re2 took re2::StringPiece until 2022 and absl::string_view since; both are what
// RE2::FullMatch's first parameter converts to, and both are made from pointer and length.
#if __has_include(<re2/stringpiece.h>)
using Re2View = re2::StringPiece;
#else
using Re2View = absl::string_view;
#endif

/// What one expression may use: the compiled program and RE2's caches while matching.
constexpr std::int64_t kMaxMemory = 16 << 20;
/// Groups of one expression; more are refused at load.
constexpr std::size_t kMaxGroups = 32;

RE2::Options options() {
  RE2::Options wanted;
  wanted.set_log_errors(false);
  wanted.set_max_mem(kMaxMemory);
  // Reports are bytes: with Latin-1, '.' fits each byte, also of broken UTF-8.
  wanted.set_encoding(RE2::Options::EncodingLatin1);
  return wanted;
}

Re2View view(std::string_view text) { return Re2View(text.data(), text.size()); }

std::string escaped(std::string_view literal, bool is_name) {
  std::string regex;
  while (is_name) {
    const std::size_t star = literal.find('*');
    if (star == std::string_view::npos) break;
    regex += RE2::QuoteMeta(view(literal.substr(0, star))) + "(?s:.*)";
    literal.remove_prefix(star + 1);
  }
  return regex + RE2::QuoteMeta(view(literal));
}

Error malformed(std::string message, std::uint32_t offset) {
  return {ErrorCode::malformed, std::move(message), {0, offset, 1}};
}

}  // namespace

struct Pattern::Compiled {
  std::string text;
  bool is_regex = false, is_name = false, spans_lines = false;
  bool at_start = false, at_end = false;
  std::vector<Piece> pieces;      ///< of templates
  std::vector<Capture> groups;    ///< of templates: one for each group, repeated names included
  std::vector<Capture> captures;  ///< distinct names
  std::vector<Capture> references;
  std::vector<std::string> literals;

  mutable std::once_flag once;
  mutable std::unique_ptr<const RE2> re2;
  mutable std::vector<int> group_of;  ///< parallel to `groups`

  const RE2& ready() const {
    std::call_once(once, [this] {
      re2 = std::make_unique<const RE2>(view(expression({})), options());
      const auto named = re2->NamedCapturingGroups();
      for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto found = named.find(groups[i].name);
        group_of.push_back(is_regex ? (found == named.end() ? 0 : found->second)
                                    : static_cast<int>(i) + 1);
      }
    });
    return *re2;
  }

  /// The RE2 expression; holes that are references are taken from `bindings`.
  std::string expression(const Bindings& bindings) const {
    if (is_regex) return (spans_lines ? "(?m)" : "") + text;
    std::string regex = spans_lines ? "(?m)" : "";
    if (at_start) regex += '^';
    std::size_t group = 0;
    for (const Piece& piece : pieces) {
      if (!piece.is_hole) {
        regex += escaped(piece.text, is_name);
      } else if (group < groups.size() && groups[group].offset == piece.offset) {
        regex += "(" + std::string(groups[group].type->pattern) + ")";
        ++group;
      } else {
        const Binding* bound = bindings.find(piece.text);
        regex += escaped(bound == nullptr ? "" : bound->raw, false);
      }
    }
    if (at_end) regex += '$';
    return regex;
  }
};

namespace {

/// Tells the holes of a template apart: those that capture, and those that refer back.
Status sort_holes(const std::vector<Piece>& pieces, std::vector<Capture>& groups,
                  std::vector<Capture>& captures, std::vector<Capture>& references) {
  for (const Piece& piece : pieces) {
    if (!piece.is_hole) continue;
    const auto earlier = std::ranges::find(captures, piece.text, &Capture::name);
    const CaptureType* type = earlier == captures.end() ? nullptr : earlier->type;
    if (!piece.type.empty()) {
      const CaptureType* stated = find_capture_type(piece.type);
      if (stated == nullptr)
        return malformed("there is no capture type \"" + piece.type + "\"", piece.offset);
      if (piece.text.find('.') != std::string::npos)
        return malformed("the name of a capture has no dot: \"" + piece.text + "\"", piece.offset);
      if (type != nullptr && type != stated)
        return malformed("\"" + piece.text + "\" is captured with two types", piece.offset);
      type = stated;
    }
    if (type == nullptr) {
      if (std::ranges::find(references, piece.text, &Capture::name) == references.end())
        references.push_back({piece.text, nullptr, piece.offset});
      continue;
    }
    groups.push_back({piece.text, type, piece.offset});
    if (earlier == captures.end()) captures.push_back(groups.back());
  }
  if (groups.size() > kMaxGroups)
    return malformed("more than " + std::to_string(kMaxGroups) + " holes", 0);
  return std::monostate{};
}

std::string longest_literal(const std::vector<Piece>& pieces, bool is_name) {
  std::string_view longest;
  for (const Piece& piece : pieces) {
    if (piece.is_hole) continue;
    std::string_view rest = piece.text;
    while (!rest.empty()) {
      const std::size_t end = is_name ? rest.find('*') : std::string_view::npos;
      const std::string_view part = rest.substr(0, end);
      if (part.size() > longest.size()) longest = part;
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  return std::string(longest);
}

}  // namespace

Expected<Pattern> Pattern::line_template(std::string_view text) {
  auto made = std::make_shared<Compiled>();
  made->text = std::string(text);
  const std::uint32_t shift = text.starts_with('^') ? 1 : 0;
  made->at_start = shift == 1;
  text.remove_prefix(shift);
  made->at_end = text.ends_with('$');
  if (made->at_end) text.remove_suffix(1);
  if (text.empty()) return malformed("a template needs some text to look for", 0);

  auto pieces = split_holes(text);
  if (!pieces) {
    Error error = std::move(pieces).error();
    error.where.offset += shift;
    return error;
  }
  made->pieces = *std::move(pieces);
  for (Piece& piece : made->pieces) piece.offset += shift;
  if (auto sorted = sort_holes(made->pieces, made->groups, made->captures, made->references);
      !sorted)
    return std::move(sorted).error();
  const Piece& last = made->pieces.back();
  if (last.is_hole && last.type == "text" && !made->at_end)
    return malformed("a hole of type text at the end fits one character only", last.offset);
  made->spans_lines = text.find('\n') != std::string_view::npos;
  if (std::string literal = longest_literal(made->pieces, false); !literal.empty())
    made->literals.push_back(std::move(literal));
  return Pattern(std::move(made));
}

Expected<Pattern> Pattern::name_pattern(std::string_view text) {
  auto made = std::make_shared<Compiled>();
  made->text = std::string(text);
  made->is_name = true;
  if (text.empty()) return malformed("a name pattern must not be empty; \"*\" fits any name", 0);
  auto pieces = split_holes(text);
  if (!pieces) return std::move(pieces).error();
  made->pieces = *std::move(pieces);
  if (auto sorted = sort_holes(made->pieces, made->groups, made->captures, made->references);
      !sorted)
    return std::move(sorted).error();
  if (std::string literal = longest_literal(made->pieces, true); !literal.empty())
    made->literals.push_back(std::move(literal));
  return Pattern(std::move(made));
}

Expected<Pattern> Pattern::regex(
    std::string_view text, const std::vector<std::pair<std::string, const CaptureType*>>& types) {
  auto made = std::make_shared<Compiled>();
  made->text = std::string(text);
  made->is_regex = true;
  if (text.empty()) return malformed("a regular expression must not be empty", 0);
  constexpr std::string_view kGroup = "(?P<";
  for (std::size_t at = text.find(kGroup); at != std::string_view::npos;
       at = text.find(kGroup, at + 1)) {
    const std::size_t close = text.find('>', at);
    if (close == std::string_view::npos) break;  // compile() says so
    const std::string name(text.substr(at + kGroup.size(), close - at - kGroup.size()));
    const auto typed =
        std::ranges::find(types, name, &std::pair<std::string, const CaptureType*>::first);
    made->captures.push_back({name,
                              typed == types.end() ? find_capture_type("text") : typed->second,
                              static_cast<std::uint32_t>(at)});
  }
  for (const auto& [name, type] : types)
    if (std::ranges::find(made->captures, name, &Capture::name) == made->captures.end())
      return malformed("the expression has no group (?P<" + name + ">…)", 0);
  if (made->captures.size() > kMaxGroups)
    return malformed("more than " + std::to_string(kMaxGroups) + " groups", 0);
  made->groups = made->captures;
  made->spans_lines =
      text.find('\n') != std::string_view::npos || text.find("\\n") != std::string_view::npos;
  made->literals = required_literals(text);
  return Pattern(std::move(made));
}

const std::string& Pattern::text() const { return compiled_->text; }
bool Pattern::is_regex() const { return compiled_->is_regex; }
std::span<const Capture> Pattern::captures() const { return compiled_->captures; }
std::span<const Capture> Pattern::references() const { return compiled_->references; }
std::span<const std::string> Pattern::literals() const { return compiled_->literals; }
bool Pattern::spans_lines() const { return compiled_->spans_lines; }

Status Pattern::compile() const {
  const RE2& re2 = compiled_->ready();
  if (!re2.ok()) return malformed(re2.error(), 0);
  return std::monostate{};
}

std::optional<Matcher> Pattern::with(const Bindings& bindings) const {
  if (compiled_->references.empty()) return Matcher(compiled_);
  auto filled = std::make_shared<Compiled>();
  filled->is_name = compiled_->is_name;
  filled->spans_lines = compiled_->spans_lines;
  filled->at_start = compiled_->at_start;
  filled->at_end = compiled_->at_end;
  filled->groups = compiled_->groups;
  filled->captures = compiled_->captures;
  filled->literals = compiled_->literals;
  filled->pieces = compiled_->pieces;
  for (const Capture& reference : compiled_->references) {
    const Binding* bound = bindings.find(reference.name);
    if (bound == nullptr) return std::nullopt;
    filled->references.push_back(reference);
  }
  // A reference is a literal from now on. '*' in it must not become a wildcard, so the
  // expression is made here and handed over as one.
  auto ready = std::make_unique<const RE2>(view(compiled_->expression(bindings)), options());
  std::call_once(filled->once, [&] {
    filled->re2 = std::move(ready);
    for (std::size_t i = 0; i < filled->groups.size(); ++i)
      filled->group_of.push_back(static_cast<int>(i) + 1);
  });
  return Matcher(std::move(filled));
}

std::optional<PatternMatch> Matcher::try_on(std::string_view text, bool whole) const {
  const RE2& re2 = compiled_->ready();
  if (!re2.ok()) return std::nullopt;
  std::array<Re2View, kMaxGroups + 1> groups;
  const int last = compiled_->group_of.empty() ? 0 : *std::ranges::max_element(compiled_->group_of);
  if (last > static_cast<int>(kMaxGroups)) return std::nullopt;
  if (!re2.Match(view(text), 0, text.size(), whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED,
                 groups.data(), last + 1))
    return std::nullopt;

  PatternMatch match;
  match.offset = static_cast<std::uint32_t>(groups[0].data() - text.data());
  match.length = static_cast<std::uint32_t>(groups[0].size());
  Bindings bound;
  for (std::size_t i = 0; i < compiled_->groups.size(); ++i) {
    const Re2View& group = groups[static_cast<std::size_t>(compiled_->group_of[i])];
    if (group.data() == nullptr) continue;  // an optional group that took no part
    const std::string raw(group.data(), group.size());
    const std::vector<Binding> one{
        {compiled_->groups[i].name, to_value(*compiled_->groups[i].type, raw), raw}};
    if (!bound.agree(one)) return std::nullopt;
    bound.add(one);
  }
  match.captures = bound.all();
  return match;
}

std::optional<PatternMatch> Matcher::fits(std::string_view name) const {
  for (const std::string& literal : compiled_->literals)
    if (name.find(literal) == std::string_view::npos) return std::nullopt;
  return try_on(name, true);
}

std::optional<PatternMatch> Matcher::find_in(std::string_view text, bool first_line_only,
                                             const Accept& accept) const {
  if (first_line_only) text = text.substr(0, text.find('\n'));
  if (compiled_->spans_lines) {
    auto match = try_on(text, false);
    return match && accept(*match) ? match : std::nullopt;
  }
  // The next place of each literal at or behind `at`; searched again only once passed.
  const auto& literals = compiled_->literals;
  std::vector<std::size_t> next(literals.size(), 0);
  std::vector<bool> known(literals.size(), false);
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t hit = literals.empty() ? at : std::string_view::npos;
    for (std::size_t i = 0; i < literals.size(); ++i) {
      if (!known[i] || next[i] < at) next[i] = text.find(literals[i], at);
      known[i] = true;
      hit = std::min(hit, next[i]);
    }
    if (hit == std::string_view::npos) return std::nullopt;
    const std::size_t before = hit == 0 ? std::string_view::npos : text.rfind('\n', hit - 1);
    const std::size_t begin = before == std::string_view::npos ? at : std::max(at, before + 1);
    const std::size_t end = std::min(text.find('\n', hit), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto match = try_on(line, false)) {
      match->offset += static_cast<std::uint32_t>(begin);
      if (accept(*match)) return match;
    }
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace panicscan::rules
