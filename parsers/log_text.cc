#include "parsers/log_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_tree.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "base/uuid.h"
#include "parsers/log_calls.h"
#include "parsers/log_events.h"
#include "parsers/log_prefix.h"
#include "parsers/panic_text.h"
#include "parsers/text_report.h"

namespace panicscan::parsers {
namespace {

/// So many lines at the start decide which style it is.
constexpr int kSampledLines = 150;
constexpr std::size_t kSampledBytes = 1024;  // of a line

/// What only a whole panic has; a log around one is read as the panic (paste_lines.cc takes the
/// columns away).
bool holds_panic(std::string_view text) {
  constexpr std::array<std::string_view, 4> kMarks{
      "panic(cpu ", "Debugger message:", "Panicked task 0x", "Kernel text exec base:"};
  return std::ranges::any_of(
      kMarks, [&](std::string_view mark) { return text.find(mark) != std::string_view::npos; });
}

/// How the first lines of a text look.
struct Sample {
  int lines = 0;   ///< that are not blank
  int styled = 0;  ///< of those the ones of `style`
  int known = 0;   ///< lines with a meaning, whatever stands before it
  const LogStyle* style = nullptr;
};

Sample sample(std::string_view text) {
  Sample result;
  std::vector<int> counts(log_styles().size());
  LineReader lines(text);
  for (auto line = lines.next(); line && result.lines < kSampledLines; line = lines.next()) {
    const std::string_view content = trim(line->text).substr(0, kSampledBytes);
    if (content.empty()) continue;
    ++result.lines;
    if (read_log_message(content) || read_own_line({}, content)) ++result.known;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (!log_styles()[i].read(content)) continue;
      ++counts[i];
      break;
    }
  }
  const auto most = std::ranges::max_element(counts);
  result.styled = *most;
  if (*most > 0) result.style = &log_styles()[static_cast<std::size_t>(most - counts.begin())];
  return result;
}

/// Reads the lines of one log.
class LogReader {
 public:
  LogReader(std::uint32_t document, ReportBuilder& out)
      : document_(document), out_(out), text_(out.text(document)) {}

  void read(const LogStyle* style) {
    Log& log = out_.report().log;
    log.style = style == nullptr ? "plain" : style->name;
    LineReader lines(text_);
    LogPrefix last;  // a message that spans lines has one prefix
    while (const auto line = lines.next()) {
      const std::string_view content = trim(line->text);
      if (content.empty()) continue;
      ++log.lines;
      auto prefix = style == nullptr ? std::nullopt : style->read(content);
      if (prefix) last = *prefix;
      LogPrefix whole = last;
      whole.message = prefix ? prefix->message : content;
      if (!take(whole, content)) ++log.unknown;
    }
    finish();
  }

  /// Reads objects, one a line or in an array: `log show --style ndjson` and `json`.
  void read_json() {
    Log& log = out_.report().log;
    log.style = "ndjson";
    std::uint32_t at = 0;
    JsonLimits limits;
    limits.depth = static_cast<std::uint32_t>(out_.limits().json_depth);
    while (at < text_.size()) {
      const std::size_t open = text_.find('{', at);
      if (open == std::string_view::npos) break;
      auto tree = JsonTree::parse(text_, static_cast<std::uint32_t>(open), limits);
      if (!tree) break;
      ++log.lines;
      if (!take(tree->root())) ++log.unknown;
      if (tree->truncated())
        out_.note(NoteKind::truncated, "the log ends in the middle of a message",
                  {document_, static_cast<std::uint32_t>(open),
                   static_cast<std::uint32_t>(text_.size() - open)});
      at = std::max(tree->end(), static_cast<std::uint32_t>(open + 1));
    }
    finish();
  }

 private:
  SourceRef ref(std::string_view part) const {
    return {document_, static_cast<std::uint32_t>(part.data() - text_.data()),
            static_cast<std::uint32_t>(part.size())};
  }

  static std::optional<KnownLine> read_line(std::string_view sender, std::string_view message) {
    auto known = read_log_message(message);
    return known ? known : read_own_line(sender, message);
  }

  static LogEvent event_of(const LogPrefix& prefix, KnownLine known) {
    LogEvent event;
    event.kind = known.pattern->kind;
    event.time = prefix.time;
    event.unix_us = prefix.unix_us;
    event.since_boot_us = prefix.since_boot_us;
    event.process = prefix.process;
    if (prefix.pid) event.pid = ProcessId{static_cast<std::int64_t>(*prefix.pid)};
    if (prefix.thread) event.thread = ThreadId{*prefix.thread};
    event.sender = prefix.sender;
    event.level = prefix.level;
    event.message = prefix.message;
    event.values = std::move(known.captures);
    return event;
  }

  bool keep(LogEvent event) {
    auto& events = out_.report().log.events;
    if (events.size() < out_.limits().log_events)
      events.push_back(std::move(event));
    else
      ++dropped_;
    return true;
  }

  bool take(const LogPrefix& prefix, std::string_view line) {
    auto known = read_line(prefix.sender, prefix.message);
    if (!known) return false;
    LogEvent event = event_of(prefix, *std::move(known));
    event.where = ref(line);
    return keep(std::move(event));
  }

  static std::string_view last_part(std::string_view path) {
    return path.substr(path.find_last_of('/') + 1);
  }

  bool take(const JsonValue& entry) {
    if (!out_.report().machine.boot_session)
      if (const auto boot = parse_uuid(entry["bootUUID"].as_string().value_or("")))
        out_.report().machine.boot_session = {*boot, ref(entry["bootUUID"].raw())};
    const std::string message = entry["eventMessage"].as_string().value_or("");
    const std::string sender = entry["senderImagePath"].as_string().value_or("");
    auto known = read_line(last_part(sender), message);
    if (!known) return false;
    const std::string time = entry["timestamp"].as_string().value_or("");
    const std::string process = entry["processImagePath"].as_string().value_or("");
    const std::string level = entry["messageType"].as_string().value_or("");
    std::string_view stamp = time;
    const auto timestamp = consume_timestamp(stamp);
    LogPrefix prefix;
    prefix.time = time;
    if (timestamp) prefix.unix_us = timestamp->unix_us;
    prefix.level = level;
    prefix.process = last_part(process);
    prefix.sender = last_part(sender);
    prefix.pid = entry["processID"].as_unsigned();
    prefix.thread = entry["threadID"].as_unsigned();
    prefix.message = message;
    LogEvent event = event_of(prefix, *std::move(known));
    event.where = ref(entry["eventMessage"].raw());
    return keep(std::move(event));
  }

  void finish() {
    out_.report().kind = ReportKind::log;
    if (dropped_ > 0)
      out_.note(NoteKind::truncated, std::to_string(dropped_) + " further events are left out: " +
                                         beyond_limit(out_.limits(), &Limits::log_events));
  }

  std::uint32_t document_;
  ReportBuilder& out_;
  std::string_view text_;
  std::size_t dropped_ = 0;
};

/// Objects of `log show`, in its first line or behind the bracket of an array.
bool is_json_log(std::string_view text) {
  constexpr std::size_t kHead = 16384;
  std::string_view head = trim(text.substr(0, kHead));
  consume(head, "[");
  head = trim(head);
  return head.starts_with('{') && head.find("\"eventMessage\"") != std::string_view::npos &&
         head.find("\"timestamp\"") != std::string_view::npos;
}

/// Messages span lines, so not every line has a prefix; without any, many lines must be known.
bool is_styled(const Sample& seen) {
  return seen.styled * 3 >= seen.lines && seen.styled + seen.known > 1;
}
/// What is quoted without a prefix may be the message of a panic.
bool is_plain(const Sample& seen, std::string_view text) {
  return seen.lines > 0 && seen.known * 4 >= seen.lines && score_panic_text(text) < kLooksLikePanic;
}

}  // namespace

bool looks_like_log(std::string_view text) {
  const Sample seen = sample(text);
  return is_json_log(text) || is_styled(seen) || is_plain(seen, text);
}

bool read_log(std::uint32_t document, ReportBuilder& out) {
  const std::string_view text = out.text(document);
  LogReader reader(document, out);
  if (is_json_log(text)) {
    reader.read_json();
    return true;
  }
  const Sample seen = sample(text);
  if ((!is_styled(seen) && !is_plain(seen, text)) || holds_panic(text)) return false;
  reader.read(is_styled(seen) ? seen.style : nullptr);
  return true;
}

}  // namespace panicscan::parsers
