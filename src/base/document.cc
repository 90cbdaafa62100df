#include "base/document.h"

#include <algorithm>
#include <utility>

namespace panicscan {

Document::Document(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}

Document::Document(std::string text, std::uint32_t parent, std::vector<Run> runs)
    : text_(std::make_shared<const std::string>(std::move(text))),
      parent_(parent),
      runs_(std::move(runs)) {}

Document::Document(std::string text, std::uint32_t parent, std::uint32_t parent_offset)
    : text_(std::make_shared<const std::string>(std::move(text))),
      parent_(parent),
      runs_{{0, parent_offset}},
      is_unpacked_(true) {}

std::uint32_t Document::to_parent(std::uint32_t offset) const {
  if (is_unpacked_) return runs_.front().parent_offset;
  if (runs_.empty()) return offset;
  auto after = std::upper_bound(runs_.begin(), runs_.end(), offset,
                                [](std::uint32_t o, const Run& run) { return o < run.offset; });
  if (after == runs_.begin()) return runs_.front().parent_offset;
  const Run& run = *std::prev(after);
  return run.parent_offset + (offset - run.offset);
}

void DocumentBuilder::copy(std::string_view bytes, std::uint32_t parent_offset) {
  if (bytes.empty()) return;
  const auto here = static_cast<std::uint32_t>(text_.size());
  const bool continues =
      !runs_.empty() && runs_.back().parent_offset + (here - runs_.back().offset) == parent_offset;
  if (!continues) runs_.push_back({here, parent_offset});
  text_.append(bytes);
}

void DocumentBuilder::replace(std::string_view bytes, std::uint32_t parent_offset) {
  // Each replaced byte maps to the start of what it replaces; the next copy() opens a new run.
  for (const char byte : bytes) {
    runs_.push_back({static_cast<std::uint32_t>(text_.size()), parent_offset});
    text_.push_back(byte);
  }
}

Document DocumentBuilder::build() && {
  return Document(std::move(text_), parent_, std::move(runs_));
}

LineIndex::LineIndex(std::string_view text) {
  starts_.push_back(0);
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    starts_.push_back(static_cast<std::uint32_t>(at + 1));
}

Position LineIndex::at(std::uint32_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto line = static_cast<std::uint32_t>(after - starts_.begin());
  return Position{line, offset - *std::prev(after) + 1, offset};
}

}  // namespace panicscan
