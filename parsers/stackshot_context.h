#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/json_tree.h"
#include "model/report_builder.h"
#include "parsers/image_table.h"
#include "parsers/json_fields.h"

namespace panicscan::parsers {

/// What the readers of processes and threads share while they walk one stackshot.
class StackshotContext {
 public:
  StackshotContext(const ImageTable& image_table, std::uint32_t in_document,
                   NoteKind kind_of_trouble, ReportBuilder& builder)
      : images(image_table), document(in_document), trouble(kind_of_trouble), out(builder) {}

  const ImageTable& images;
  const std::uint32_t document;
  const NoteKind trouble;  ///< truncated when the file was cut off: what is odd is so from that
  ReportBuilder& out;

  SourceRef where(JsonValue value) const { return where_of(value, document); }

  /// From here on, notes are about this process: "pid 12 (example)".
  void enter_process(std::string name) {
    process_ = std::move(name);
    noted_.clear();
  }
  /// Notes a kind of trouble once in each process, however often it occurs.
  void note_once(std::string_view what, JsonValue value) {
    if (noted_.contains(what)) return;
    noted_.emplace(what);
    out.note(trouble, process_ + ": " + std::string(what), where(value));
  }
  /// Keeps a member with an unknown key as a Field, the first time that key appears.
  void keep_unknown(std::string_view prefix, JsonValue member) {
    std::string name = std::string(prefix) + member.key();
    if (unknown_keys_.insert(name).second) add_json_field(out, std::move(name), member, document);
  }

 private:
  std::string process_;
  std::set<std::string, std::less<>> noted_;
  std::set<std::string, std::less<>> unknown_keys_;
};

}  // namespace panicscan::parsers
