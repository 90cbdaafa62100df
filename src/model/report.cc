#include "model/report.h"

#include <algorithm>

namespace panicscan {

std::optional<std::uint64_t> RegisterSet::find(std::string_view name) const {
  const auto found = std::ranges::find(registers, name, &Register::name);
  if (found == registers.end()) return std::nullopt;
  return found->value;
}

std::string_view bytes_at(const Report& report, SourceRef where) {
  if (!where.known() || where.document >= report.documents.size()) return {};
  const std::string_view text = report.documents[where.document].text();
  if (where.offset > text.size()) return {};
  return text.substr(where.offset, where.length);
}

SourceRef in_file(const Report& report, SourceRef where) {
  while (where.known() && where.document < report.documents.size() &&
         report.documents[where.document].has_parent()) {
    const Document& document = report.documents[where.document];
    const std::uint32_t begin = document.to_parent(where.offset);
    const std::uint32_t last =
        where.length == 0 ? begin : document.to_parent(where.offset + where.length - 1);
    where = {document.parent(), begin, where.length == 0 || last < begin ? 0 : last - begin + 1};
  }
  return where;
}

}  // namespace panicscan
