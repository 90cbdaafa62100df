#include "render/locator.h"

#include "render/case_view.h"

#include <string_view>

namespace panicscan::render {

Locator::Locator(const Case& subject) : Locator(subject.report) {
  for (const Companion& companion : subject.companions) {
    companions_.emplace_back(companion.report);
    companions_.back().name_ = file_name(companion.source.path);
  }
}

const Locator& Locator::of(std::uint32_t companion) const {
  return companion == 0 || companion > companions_.size() ? *this : companions_[companion - 1];
}

TerminalText Locator::say(SourceRef where, std::uint32_t companion) const {
  const Locator& inner = of(companion);
  const TerminalText place = inner.say(where);
  if (&inner == this) return companion == 0 ? place : TerminalText();
  return place.empty() ? escape(inner.name_) : render::say("{}, {}", inner.name_, place);
}

const LineIndex& Locator::index(std::uint32_t document) const {
  auto& slot = indices_[document];
  if (!slot) slot = std::make_unique<const LineIndex>(report_->documents[document].text());
  return *slot;
}

std::optional<Position> Locator::in_file(SourceRef where) const {
  const SourceRef file = panicscan::in_file(*report_, where);
  if (!file.known() || file.document >= report_->documents.size()) return std::nullopt;
  return index(file.document).at(file.offset);
}

bool Locator::unfolds_a_line(std::uint32_t document) const {
  auto& answer = unfolds_[document];
  if (!answer) {
    const std::string_view text = report_->documents[document].text();
    const auto first = in_file({document, 0, 0});
    const auto last = in_file({document, static_cast<std::uint32_t>(text.size()), 0});
    answer =
        first && last && first->line == last->line && text.find('\n') != std::string_view::npos;
  }
  return *answer;
}

std::optional<EmbeddedPosition> Locator::embedded(SourceRef where) const {
  // The outermost document that spreads one line of the file over several is the one that a
  // JSON escape hid: further documents (the message without its quotes) are pieces of it.
  std::optional<EmbeddedPosition> found;
  while (where.known() && where.document < report_->documents.size() &&
         report_->documents[where.document].has_parent()) {
    const Document& document = report_->documents[where.document];
    if (unfolds_a_line(where.document))
      found = EmbeddedPosition{index(where.document).at(where.offset), where.document};
    where = {document.parent(), document.to_parent(where.offset), 0};
  }
  return found;
}

TerminalText Locator::say(SourceRef where) const {
  if (const auto inner = embedded(where)) {
    const SourceRef panic = report_->panic ? report_->panic->where : SourceRef{};
    const bool is_panic = panic.known() && panic.document == inner->document;
    return is_panic ? render::say("panic text, line {}", inner->position.line)
                    : render::say("embedded text, line {}", inner->position.line);
  }
  if (const auto place = in_file(where)) return render::say("line {}", place->line);
  return {};
}

}  // namespace panicscan::render
