#include "rules/problem.h"

#include <algorithm>

namespace panicscan::rules {
namespace {

/// Source lines are shown up to this width, around the column in question.
constexpr std::size_t kShownWidth = 100;

/// Number of characters to insert, remove, replace or swap; gives up above `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::move(last);
    last = row;
  }
  return last[b.size()];
}

/// Whether the byte is the second or a later one of a UTF-8 sequence: it takes no column.
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The offending line, cut to a window around the column, and a caret under it.
std::string snippet(const RuleProblem& problem) {
  const std::string_view line = problem.source_line;
  const std::size_t column = std::min<std::size_t>(problem.column - 1, line.size());
  std::size_t from = column < kShownWidth ? 0 : column - kShownWidth / 2;
  while (from > 0 && continues(line[from])) --from;
  std::size_t to = std::min(from + kShownWidth, line.size());
  while (to < line.size() && continues(line[to])) ++to;
  std::string caret;
  for (const char c : line.substr(from, column - from))
    if (!continues(c)) caret += c == '\t' ? '\t' : ' ';
  return "  | " + std::string(line.substr(from, to - from)) + "\n  | " + caret + "^\n";
}

}  // namespace

FileProblems::FileProblems(std::string file, std::string_view text, std::vector<RuleProblem>& out)
    : file_(std::move(file)), text_(text), out_(out) {}

void FileProblems::error(std::uint32_t offset, std::string message, std::string help) {
  failed_ = true;
  add(true, offset, std::move(message), std::move(help));
}

void FileProblems::remark(std::uint32_t offset, std::string message, std::string help) {
  add(false, offset, std::move(message), std::move(help));
}

void FileProblems::add(bool is_error, std::uint32_t offset, std::string message, std::string help) {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  if (!lines_) lines_.emplace(text_);
  const Position at = lines_->at(offset);
  const std::size_t begin = offset - (at.column - 1);
  const std::size_t end = std::min(text_.find('\n', begin), text_.size());
  std::string line(text_.substr(begin, end - begin));
  if (line.ends_with('\r')) line.pop_back();
  out_.push_back(
      {is_error, file_, at.line, at.column, std::move(message), std::move(line), std::move(help)});
}

std::string format(const RuleProblem& problem) {
  std::string text =
      std::string(problem.is_error ? "error: " : "remark: ") + problem.message + "\n";
  if (!problem.file.empty()) {
    text += " --> " + problem.file;
    if (problem.line > 0)
      text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    text += "\n";
  }
  if (!problem.source_line.empty() && problem.column > 0) text += snippet(problem);
  if (!problem.help.empty()) text += " = help: " + problem.help + "\n";
  return text;
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > 100) return {};
  std::string best;
  std::size_t best_distance =
      std::max<std::size_t>(1, std::min<std::size_t>(3, word.size() / 3)) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string otherwise) {
  const std::string near = closest(word, candidates);
  return near.empty() ? std::move(otherwise) : "did you mean \"" + near + "\"?";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace panicscan::rules
