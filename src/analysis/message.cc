#include "analysis/message.h"

#include "base/text.h"

namespace panicscan::analysis {

Message::Message(const Report& report) {
  if (!report.panic) return;
  text_ = report.panic->message.value;
  where_ = report.panic->message.where;
}

std::string_view Message::first_line() const { return text_.substr(0, text_.find('\n')); }

SourceRef Message::at(std::string_view part) const {
  if (!where_.known() || part.data() == nullptr) return where_;
  // A message that is not byte for byte its document can only be pointed at as a whole.
  if (where_.length != text_.size()) return where_;
  const auto offset = static_cast<std::uint32_t>(part.data() - text_.data());
  return {where_.document, where_.offset + offset, static_cast<std::uint32_t>(part.size())};
}

Evidence Message::says(std::string sentence, std::string_view part) const {
  return {std::move(sentence), at(part), {}, {}};
}

Evidence Message::says(std::string sentence, std::string_view first, std::string_view last) const {
  const auto length = static_cast<std::size_t>(last.data() + last.size() - first.data());
  return says(std::move(sentence), std::string_view(first.data(), length));
}

bool skip_past(std::string_view& text, std::string_view stop) {
  return consume_until(text, stop).has_value();
}

std::string_view consumed(std::string_view text, std::string_view rest) {
  return text.substr(0, text.size() - rest.size());
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace panicscan::analysis
