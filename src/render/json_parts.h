#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "render/case_view.h"
#include "render/locator.h"
#include "render/render.h"

namespace panicscan::render {

/// The lists of names of a report as JSON, on one line; each is made once, for many frames share
/// it.
class NameLists {
 public:
  explicit NameLists(const Symbols& symbols) : symbols_(symbols), texts_(symbols.lists()) {}
  /// Of a frame that has names.
  const std::string& of(Index<Frame> frame);

 private:
  const Symbols& symbols_;
  std::vector<std::string> texts_;
};

/// What every part of the JSON report is written from.
struct JsonStory {
  const Case& subject;
  const Options& options;
  const Locator& locator;
  JsonWriter& json;
  NameLists& names;

  const Report& report() const { return subject.report; }
  const Facts& facts() const { return subject.facts; }
};

/// Writes one or more members of the report's top-level object.
using JsonPart = void (*)(const JsonStory& story);

// json_report.cc
void put_input(const JsonStory& story);
void put_environment(const JsonStory& story);
// json_joined.cc
/// "companions" and "timeline": the other files of the incident, and what happened when.
void put_joined(const JsonStory& story);
/// "log": what came of a log excerpt. "devices": the entries of a registry dump.
void put_log(const JsonStory& story);
void put_devices(const JsonStory& story);
// json_panic.cc
void put_panic(const JsonStory& story);
void put_further_panics(const JsonStory& story);
// json_crash.cc
void put_crash(const JsonStory& story);
// json_findings.cc
void put_findings(const JsonStory& story);
void put_culprit(const JsonStory& story);
void put_facts(const JsonStory& story);
// json_threads.cc
void put_processes(const JsonStory& story);
// json_waits.cc
void put_wait_graph(const JsonStory& story);
// json_symbols.cc
void put_symbols(const JsonStory& story);
// json_lists.cc
void put_images(const JsonStory& story);
void put_kexts(const JsonStory& story);
void put_dexts(const JsonStory& story);
void put_notes(const JsonStory& story);
void put_fields(const JsonStory& story);
void put_stats(const JsonStory& story);

// json_values.cc
/// `"where": {"line", "column", "offset"}` in the file, and `"text"` the same in the text
/// embedded in it; with `"companion"` when it is in the file of the n-th companion. Nothing when
/// the reference points nowhere.
void put_where(const JsonStory& story, SourceRef where, std::uint32_t companion = 0);
/// A typed value: numbers as numbers, hex and addresses as "0x…", lists as arrays.
void put_value(JsonWriter& json, const Value& value);
/// A member of that name, unless the text is empty.
void put_text(JsonWriter& json, std::string_view name, std::string_view text);
/// `"name": ["…"]`, unless the list is empty.
void put_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& items);
/// The names of a place in the code, innermost first, on one line.
void put_names(JsonWriter& json, std::span<const Symbol> names);
/// A frame of the report's arena, on one line.
void put_frame(const JsonStory& story, std::uint32_t index);
/// `"name": [frames]`, unless there are none.
void put_frames(const JsonStory& story, std::string_view name, IndexRange<Frame> frames);
/// `"decoded": [{"name", "value", "meaning"}]`, unless the list is empty.
void put_decoded(JsonWriter& json, const std::vector<Decoded>& rows);
/// `"because": [{"says", "where"}]`, unless the list is empty.
void put_evidence(const JsonStory& story, const std::vector<Evidence>& because,
                  std::uint32_t companion = 0);

}  // namespace panicscan::render
