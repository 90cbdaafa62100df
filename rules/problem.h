#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "rules/rules.h"

namespace panicscan::rules {

/// Collects the problems of one rule file, turning offsets into lines and columns.
class FileProblems {
 public:
  /// `text` is the file's text and must outlive this; `file` is how it is named.
  FileProblems(std::string file, std::string_view text, std::vector<RuleProblem>& out);

  /// The rule is wrong: it will be left out.
  void error(std::uint32_t offset, std::string message, std::string help = {});
  /// Worth saying, but the rule works.
  void remark(std::uint32_t offset, std::string message, std::string help = {});
  /// Whether there was an error.
  bool failed() const { return failed_; }

 private:
  void add(bool is_error, std::uint32_t offset, std::string message, std::string help);

  std::string file_;
  std::string_view text_;
  std::optional<LineIndex> lines_;  ///< made for the first problem; most files have none
  std::vector<RuleProblem>& out_;
  bool failed_ = false;
};

/// The candidate that `word` is most likely a slip of; empty when none is close.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);
/// "did you mean "x"?", or `otherwise` when nothing is close.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string otherwise = {});
/// "a, b, c"
std::string joined(const std::vector<std::string>& words);

}  // namespace panicscan::rules
