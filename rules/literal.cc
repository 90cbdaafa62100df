#include "rules/literal.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace panicscan::rules {
namespace {

std::uint32_t four_bytes(const char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

constexpr std::uint32_t hash(std::uint32_t word) { return (word * 2654435761u) >> 17; }

/// The end of a bracketed part: `at` stands on '(' or '['.
std::size_t skip_bracket(std::string_view regex, std::size_t at) {
  const bool is_class = regex[at] == '[';
  std::size_t depth = 0;
  const std::size_t begin = at;
  for (; at < regex.size(); ++at) {
    const char c = regex[at];
    if (c == '\\') {
      ++at;
    } else if (is_class) {
      // "[]a]" and "[^]a]" hold a bracket of their own.
      const bool first = at == begin + 1 || (at == begin + 2 && regex[begin + 1] == '^');
      if (c == ']' && !first) return at + 1;
    } else if (c == '[') {
      at = skip_bracket(regex, at) - 1;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 0) {
      return at + 1;
    }
  }
  return regex.size();
}

}  // namespace

std::vector<std::string> required_literals(std::string_view regex) {
  // (?i), (?s)… change what a character means; named and plain groups do not.
  for (std::size_t at = regex.find("(?"); at != std::string_view::npos;
       at = regex.find("(?", at + 1)) {
    const std::string_view rest = regex.substr(at + 2);
    if (!rest.starts_with(":") && !rest.starts_with("P<")) return {};
  }
  std::vector<std::string> found;
  std::string longest, run;
  const auto end_run = [&] {
    if (run.size() > longest.size()) longest = run;
    run.clear();
  };
  for (std::size_t at = 0; at <= regex.size();) {
    if (at == regex.size() || regex[at] == '|') {
      end_run();
      if (longest.empty()) return {};
      found.push_back(std::move(longest));
      longest.clear();
      ++at;
      continue;
    }
    const char c = regex[at];
    if (c == '(' || c == '[') {
      end_run();
      at = skip_bracket(regex, at);
    } else if (c == '\\') {
      const char escaped = at + 1 < regex.size() ? regex[at + 1] : '\0';
      at += 2;
      if (escaped == 'Q') return {};  // \Q…\E: leave it to RE2
      if (std::string_view("xpP").find(escaped) != std::string_view::npos) return {};
      const bool is_letter =
          (escaped >= 'a' && escaped <= 'z') || (escaped >= 'A' && escaped <= 'Z');
      if (is_letter || is_digit(escaped))
        end_run();
      else
        run += escaped;
    } else if (c == '?' || c == '*' || c == '{') {
      if (!run.empty()) run.pop_back();
      end_run();
      const std::size_t close = c == '{' ? regex.find('}', at) : at;
      at = close == std::string_view::npos ? regex.size() : close + 1;
    } else if (c == '+' || c == '.' || c == '^' || c == '$') {
      end_run();
      ++at;
    } else {
      run += c;
      ++at;
    }
  }
  return found;
}

LiteralSet::LiteralSet(std::vector<std::string> literals)
    : literals_(std::move(literals)), seen_(kBits, false) {
  std::ranges::sort(literals_);
  literals_.erase(std::unique(literals_.begin(), literals_.end()), literals_.end());
  std::unordered_map<std::uint32_t, std::uint32_t> count;
  for (const std::string& literal : literals_)
    for (std::size_t at = 0; at + 4 <= literal.size(); ++at) ++count[four_bytes(&literal[at])];
  for (std::uint32_t i = 0; i < literals_.size(); ++i) {
    const std::string& literal = literals_[i];
    if (literal.size() < 4) {
      short_.push_back(i);
      continue;
    }
    std::size_t rarest = 0;
    for (std::size_t at = 1; at + 4 <= literal.size(); ++at)
      if (count[four_bytes(&literal[at])] < count[four_bytes(&literal[rarest])]) rarest = at;
    const std::uint32_t word = four_bytes(&literal[rarest]);
    seen_[hash(word)] = true;
    by_window_[word].push_back({i, static_cast<std::uint32_t>(rarest)});
  }
}

LiteralSet::Scan LiteralSet::scan(std::string_view text) const {
  Scan result;
  result.set_ = this;
  result.first_.assign(literals_.size(), kAbsent);
  for (const std::uint32_t i : short_)
    if (const std::size_t at = text.find(literals_[i]); at != std::string_view::npos)
      result.first_[i] = static_cast<std::uint32_t>(at);
  if (by_window_.empty()) return result;
  for (std::size_t at = 0; at + 4 <= text.size(); ++at) {
    const std::uint32_t word = four_bytes(text.data() + at);
    if (!seen_[hash(word)]) continue;
    const auto entries = by_window_.find(word);
    if (entries == by_window_.end()) continue;
    for (const Entry& entry : entries->second) {
      std::uint32_t& first = result.first_[entry.literal];
      if (first != kAbsent || entry.at > at) continue;
      const std::size_t begin = at - entry.at;
      if (text.substr(begin).starts_with(literals_[entry.literal]))
        first = static_cast<std::uint32_t>(begin);
    }
  }
  return result;
}

std::optional<std::uint32_t> LiteralSet::Scan::first(std::string_view literal) const {
  if (set_ == nullptr) return 0;
  const auto at = std::ranges::lower_bound(set_->literals_, literal);
  if (at == set_->literals_.end() || *at != literal) return 0;
  const std::uint32_t offset = first_[static_cast<std::size_t>(at - set_->literals_.begin())];
  if (offset == kAbsent) return std::nullopt;
  return offset;
}

}  // namespace panicscan::rules
