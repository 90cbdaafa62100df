#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/json_tree.h"
#include "model/report_builder.h"

namespace panicscan::parsers {

/// The members of a report's body; also of one whose JSON is broken in the middle: what stands
/// behind the break is found by its names and read one by one.
class IpsBody {
 public:
  struct Member {
    std::string name;
    JsonValue value;
  };

  /// Reads the object that begins at `start` of a document.
  /// Errors: those of JsonTree::parse, when nothing could be salvaged either.
  static Expected<IpsBody> read(std::uint32_t document, std::uint32_t start, ReportBuilder& out);

  /// The member of that name, of several the last; absent when there is none.
  JsonValue operator[](std::string_view name) const;
  const std::vector<Member>& members() const { return members_; }
  /// The document that the values stand in; a repaired one when quotes had to be restored.
  std::uint32_t document() const { return document_; }
  /// The offset behind the body.
  std::uint32_t end() const { return end_; }

 private:
  IpsBody() = default;
  void add_members(const JsonTree& tree);
  void salvage(std::string_view text, std::uint32_t from, ReportBuilder& out);

  std::uint32_t document_ = 0;
  std::uint32_t end_ = 0;
  std::deque<JsonTree> trees_;  ///< a deque: values keep pointing at their tree
  std::vector<Member> members_;
};

}  // namespace panicscan::parsers
