// Which queues the class tables of a driver extension name, from its sources: iig turns QUEUENAME
// into the tables (xnu iokit/DriverKit/*.iig, IORPC.h OSClassDescription).

#include "parsers/driver_source.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace panicscan::parsers {
namespace {

constexpr std::size_t kMostFields = 2000;

/// What only such files have.
bool looks_like_source(std::string_view text) {
  constexpr std::array<std::string_view, 4> kMarks{"DriverKit/", ".iig>", ".iig\"",
                                                   "SUPERDISPATCH"};
  const bool has_mark = std::ranges::any_of(
      kMarks, [&](std::string_view mark) { return text.find(mark) != std::string_view::npos; });
  return has_mark && text.find("#include") != std::string_view::npos &&
         (text.find("IMPL(") != std::string_view::npos ||
          (text.find("class ") != std::string_view::npos &&
           text.find(": public ") != std::string_view::npos));
}

/// A name, a string (without its quotes), or a single other character.
struct Token {
  std::string_view text;
  enum { name, string, other } kind = other;
  bool is(std::string_view wanted) const { return kind != string && text == wanted; }
};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The tokens of a text, without blanks, comments and lines for the preprocessor.
std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  bool is_line_start = true;
  const auto skip_past = [&](std::string_view end) {
    const std::size_t found = text.find(end, at);
    at = found == std::string_view::npos ? text.size() : found + end.size();
  };
  while (at < text.size()) {
    const char c = text[at];
    const bool begins_line = is_line_start;
    if (c == '\n') is_line_start = true;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++at;
      continue;
    }
    is_line_start = false;
    if (text.substr(at).starts_with("//") || (c == '#' && begins_line)) {
      skip_past("\n");
      is_line_start = true;
    } else if (text.substr(at).starts_with("/*")) {
      at += 2;
      skip_past("*/");
    } else if (c == '"') {
      const std::size_t end = text.find_first_of("\"\n", at + 1);
      const std::size_t last = end == std::string_view::npos ? text.size() : end;
      tokens.push_back({text.substr(at + 1, last - at - 1), Token::string});
      at = std::min(last + 1, text.size());
    } else if (is_name(c)) {
      const std::size_t begin = at;
      while (at < text.size() && is_name(text[at])) ++at;
      tokens.push_back({text.substr(begin, at - begin), Token::name});
    } else {
      tokens.push_back({text.substr(at, 1), Token::other});
      ++at;
    }
  }
  return tokens;
}

class SourceReader {
 public:
  SourceReader(std::uint32_t document, ReportBuilder& out)
      : document_(document), out_(out), text_(out.text(document)), tokens_(tokens_of(text_)) {}

  void read() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      if (token().is("class")) read_class();
      if (token().is("IMPL") && token(1).is("(")) add_once("implementation", token(2).text);
      if (token().is("SetDispatchQueue") && token(1).is("(")) calls_.push_back(at_ + 2);
      // constexpr char kName[] = "…"; in a class or outside.
      if (token().kind == Token::string && token(-1).is("=")) {
        const int back = token(-2).is("]") ? -4 : -2;
        if (token(back).kind == Token::name) constants_.emplace(token(back).text, token().text);
      }
    }
    for (const std::size_t call : calls_) {
      const Token name = call < tokens_.size() ? tokens_[call] : Token{};
      const auto constant = constants_.find(name.text);
      if (name.kind == Token::string)
        add("SetDispatchQueue", std::string(name.text), name.text);
      else if (constant != constants_.end())
        add("SetDispatchQueue", std::string(constant->second), name.text);
    }
  }

 private:
  Token token(int ahead = 0) const {
    const auto index = static_cast<std::ptrdiff_t>(at_) + ahead;
    return index >= 0 && index < std::ssize(tokens_) ? tokens_[static_cast<std::size_t>(index)]
                                                     : Token{};
  }

  void add(const char* name, std::string value, std::string_view where) {
    if (left_ == 0) return;
    --left_;
    out_.add_field(name, std::move(value),
                   {document_, static_cast<std::uint32_t>(where.data() - text_.data()),
                    static_cast<std::uint32_t>(where.size())});
  }

  void add_once(const char* name, std::string_view value) {
    if (seen_.insert(value).second) add(name, std::string(value), value);
  }

  /// "class KERNEL Name : public Super {", and its methods up to the closing brace.
  void read_class() {
    std::size_t colon = at_ + 1;
    while (colon < tokens_.size() && tokens_[colon].kind == Token::name) ++colon;
    const auto is_at = [&](std::size_t i, std::string_view text) {
      return i < tokens_.size() && tokens_[i].is(text);
    };
    if (colon < at_ + 2 || !is_at(colon, ":") || !is_at(colon + 1, "public") ||
        colon + 2 >= tokens_.size() || !is_at(colon + 3, "{"))
      return;
    const std::string_view name = tokens_[colon - 1].text;
    add("class", std::string(name) + " : " + std::string(tokens_[colon + 2].text), name);
    at_ = colon + 4;
    for (std::size_t begin = at_; at_ < tokens_.size() && !token().is("}"); ++at_) {
      if (!token().is(";")) continue;
      read_method(name, begin, at_);
      begin = at_ + 1;
    }
  }

  /// One declaration: the name before its first bracket, and the queue it names.
  void read_method(std::string_view of, std::size_t begin, std::size_t end) {
    std::string_view method, queue;
    for (std::size_t i = begin + 1; i + 1 < end; ++i) {
      if (!tokens_[i].is("(")) continue;
      if (method.empty() && tokens_[i - 1].kind == Token::name) method = tokens_[i - 1].text;
      if (tokens_[i - 1].is("QUEUENAME")) queue = tokens_[i + 1].text;
    }
    if (method.empty()) return;
    const std::string whole = std::string(of) + "::" + std::string(method);
    add("method", whole, method);
    if (!queue.empty()) add("queue", whole + " " + std::string(queue), queue);
  }

  std::uint32_t document_;
  ReportBuilder& out_;
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0, left_ = kMostFields;
  std::set<std::string_view> seen_;
  std::map<std::string_view, std::string_view> constants_;
  std::vector<std::size_t> calls_;  ///< token behind "SetDispatchQueue("
};

}  // namespace

bool read_driver_source(std::uint32_t document, ReportBuilder& out) {
  if (!looks_like_source(out.text(document))) return false;
  out.report().kind = ReportKind::other;
  SourceReader(document, out).read();
  return true;
}

}  // namespace panicscan::parsers
