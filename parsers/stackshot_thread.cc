// A thread of a panic's stackshot, for example
//   {"id": 101, "state": ["TH_WAIT", "TH_UNINT"], "kernelFrames": [[0, 512], [0, 200]],
//    "waitEvent": [2, 11068046444225730969], "basePriority": 81, "user_usec": 15}
// Frames are [row of binaryImages, offset], the innermost first.
// Source: xnu tools/lldbmacros/kcdata.py SaveStackshotReport(); osfmk/kern/debug.h for the flags.

#include "parsers/stackshot_thread.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/snapshot_flags.h"
#include "parsers/wait_lines.h"

namespace panicscan::parsers {
namespace {

/// A thread being read; stacks are read last, since frame 0 depends on the flags.
struct ThreadParts {
  Thread thread;
  bool has_id = false;
  JsonValue kernel_frames, user_frames, async_frames, wait_info, turnstile_info;
  std::optional<std::uint64_t> user_time_us, system_time_us;  ///< from the less exact seconds
};

/// Seconds as microseconds; nothing for what is no sane time.
std::optional<std::uint64_t> microseconds(JsonValue seconds) {
  constexpr double kMaxSeconds = 1e12;
  const auto value = seconds.as_double();
  if (!value || !(*value >= 0) || *value > kMaxSeconds) return std::nullopt;
  return static_cast<std::uint64_t>(*value * 1e6 + 0.5);
}

std::optional<std::int32_t> priority(JsonValue value) {
  constexpr std::int64_t kLimit = 1 << 20;
  const auto number = value.as_signed();
  if (!number || *number > kLimit || *number < -kLimit) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

/// A pair [image, offset] as a frame. An offset in an image we do not have is kept as it is.
std::optional<Frame> read_frame(JsonValue pair, AddressKind kind, StackshotContext& context) {
  if (!pair.exists()) return std::nullopt;
  const auto offset = pair[1].as_number_like();
  if (!offset) {
    context.note_once("a frame is not [image, offset], so not read", pair);
    return std::nullopt;
  }
  Frame frame;
  frame.kind = kind;
  frame.where = context.where(pair);
  const auto row = pair[std::size_t{0}].as_number_like();
  frame.image = row ? context.images.at(*row) : std::nullopt;
  frame.address = {*offset};
  if (frame.image)
    frame.address = context.out.report().images[frame.image->value].base + Offset{*offset};
  else if (!context.images.empty())  // a table that is missing as a whole is noted once
    context.note_once("a frame names an image that binaryImages does not have; it shows its offset",
                      pair);
  return frame;
}

IndexRange<Frame> read_stack(JsonValue stack, bool is_running, StackshotContext& context) {
  std::vector<Frame> frames;
  frames.reserve(stack.size());
  stack.for_each([&](JsonValue pair) {
    const bool is_pc = is_running && frames.empty();
    auto frame = read_frame(pair, is_pc ? AddressKind::pc : AddressKind::return_address, context);
    if (frame) frames.push_back(*std::move(frame));
  });
  return context.out.add_frames(std::move(frames));
}

using Context = StackshotContext;
void ignore(JsonValue, ThreadParts&, Context&) {}
void read_id(JsonValue value, ThreadParts& parts, Context&) {
  const auto id = value.as_number_like();
  parts.has_id |= id.has_value();
  if (id) parts.thread.id = {*id};
}
void read_name(JsonValue value, ThreadParts& parts, Context&) {
  parts.thread.name = scalar_text(value);
}
void read_queue(JsonValue value, ThreadParts& parts, Context&) {
  parts.thread.queue = scalar_text(value);
}
void read_state(JsonValue value, ThreadParts& parts, Context&) {
  read_flags(value, thread_state_names(), parts.thread.state);
}
void read_snapshot_flags(JsonValue value, ThreadParts& parts, Context&) {
  read_flags(value, thread_flag_names(), parts.thread.flags);
}
void read_scheduler_flags(JsonValue value, ThreadParts& parts, Context&) {
  read_flags(value, {}, parts.thread.flags);
}
/// "isPartOfADeadlock": true, as hang reports say it, becomes a flag of that name.
void read_truth(JsonValue value, ThreadParts& parts, Context&) {
  if (value.as_bool().value_or(value.as_number_like().value_or(0) != 0))
    parts.thread.flags.push_back(value.key());
}
void read_continuation(JsonValue value, ThreadParts& parts, Context& context) {
  parts.thread.continuation = read_frame(value, AddressKind::pc, context);
}
void read_wait_event(JsonValue value, ThreadParts& parts, Context& context) {
  parts.thread.wait_event = read_frame(value, AddressKind::pc, context);
}
void read_base_priority(JsonValue value, ThreadParts& parts, Context&) {
  parts.thread.base_priority = priority(value);
}
void read_scheduled_priority(JsonValue value, ThreadParts& parts, Context&) {
  parts.thread.scheduled_priority = priority(value);
}
void read_user_microseconds(JsonValue value, ThreadParts& parts, Context&) {
  parts.thread.user_time_us = value.as_unsigned();
}
void read_system_microseconds(JsonValue value, ThreadParts& parts, Context&) {
  parts.thread.system_time_us = value.as_unsigned();
}
void read_user_seconds(JsonValue value, ThreadParts& parts, Context&) {
  parts.user_time_us = microseconds(value);
}
void read_system_seconds(JsonValue value, ThreadParts& parts, Context&) {
  parts.system_time_us = microseconds(value);
}
template <JsonValue ThreadParts::* part>
void keep(JsonValue value, ThreadParts& parts, Context&) {
  parts.*part = value;
}

/// What each key of a thread is read by; `ignore` for accounting that the model has no place for.
struct ThreadKey {
  std::string_view name;
  void (*read)(JsonValue, ThreadParts&, Context&);
};
constexpr std::array kThreadKeys{
    ThreadKey{"id", read_id},
    ThreadKey{"state", read_state},
    ThreadKey{"basePriority", read_base_priority},
    ThreadKey{"schedPriority", read_scheduled_priority},
    ThreadKey{"user_usec", read_user_microseconds},
    ThreadKey{"system_usec", read_system_microseconds},
    ThreadKey{"userTime", read_user_seconds},
    ThreadKey{"systemTime", read_system_seconds},
    ThreadKey{"waitEvent", read_wait_event},
    ThreadKey{"continuation", read_continuation},
    ThreadKey{"kernelFrames", keep<&ThreadParts::kernel_frames>},
    ThreadKey{"userFrames", keep<&ThreadParts::user_frames>},
    ThreadKey{"asyncFrames", keep<&ThreadParts::async_frames>},
    ThreadKey{"snapshotFlags", read_snapshot_flags},
    ThreadKey{"schedFlags", read_scheduler_flags},
    ThreadKey{"name", read_name},
    ThreadKey{"queue", read_queue},
    ThreadKey{"dispatch_queue_label", read_queue},
    ThreadKey{"waitInfo", keep<&ThreadParts::wait_info>},
    ThreadKey{"turnstileInfo", keep<&ThreadParts::turnstile_info>},
    ThreadKey{"isPartOfADeadlock", read_truth},
    ThreadKey{"isBlockedByADeadlock", read_truth},
    ThreadKey{"lastRunTime", ignore},
    ThreadKey{"lastMadeRunnableTime", ignore},
    ThreadKey{"qosRequested", ignore},
    ThreadKey{"qosEffective", ignore},
    ThreadKey{"qosOverride", ignore},
    ThreadKey{"dispatch_queue_serial", ignore},
    ThreadKey{"notice", ignore},
    ThreadKey{"exclaveScid", ignore},
    ThreadKey{"userStacktop", ignore},
    ThreadKey{"ioTier", ignore},
    ThreadKey{"threadTypeId", ignore},
};

void add_wait_line(JsonValue line, std::optional<ThreadId> thread, StackshotContext& context) {
  const std::string text = scalar_text(line);
  const SourceRef where = context.where(line);
  auto read = read_wait_line(text, where);
  if (!read && thread)
    read = read_wait_line("thread " + std::to_string(thread->value) + ": " + text, where);
  if (!read) {
    context.note_once("a wait line does not begin \"thread <id>:\"; kept as a field", line);
    context.out.add_field("waitInfo", text, where);
    return;
  }
  context.out.add_wait(std::move(read->wait));
  if (read->turnstile) context.out.add_wait(*std::move(read->turnstile));
}

}  // namespace

void read_wait_lines(JsonValue lines, std::optional<ThreadId> thread, StackshotContext& context) {
  if (lines.kind() != JsonKind::array) return add_wait_line(lines, thread, context);
  lines.for_each([&](JsonValue line) { add_wait_line(line, thread, context); });
}

void read_stackshot_thread(JsonValue value, StackshotContext& context) {
  if (value.kind() != JsonKind::object)
    return context.note_once("a thread is not an object, so not read", value);
  ThreadParts parts;
  parts.thread.where = context.where(value);
  if (const auto key = parse_number(value.key())) {
    parts.thread.id = {*key};
    parts.has_id = true;
  }
  value.for_each([&](JsonValue member) {
    const std::string name = member.key();
    const auto known = std::ranges::find(kThreadKeys, name, &ThreadKey::name);
    if (known != kThreadKeys.end())
      known->read(member, parts, context);
    else
      context.keep_unknown("processByPid.*.threadById.*.", member);
  });
  if (!parts.has_id) context.note_once("a thread has no id; taken as 0", value);

  Thread& thread = parts.thread;
  if (!thread.user_time_us) thread.user_time_us = parts.user_time_us;
  if (!thread.system_time_us) thread.system_time_us = parts.system_time_us;
  // Only a thread that was on a CPU has a program counter; the others hold return addresses.
  const bool on_core = std::ranges::find(thread.flags, "kThreadOnCore") != thread.flags.end();
  thread.kernel_stack = read_stack(parts.kernel_frames, on_core, context);
  thread.user_stack =
      read_stack(parts.user_frames, on_core && thread.kernel_stack.empty(), context);
  thread.async_stack = read_stack(parts.async_frames, false, context);
  const ThreadId id = thread.id;
  context.out.add_thread(std::move(thread));
  if (parts.wait_info.exists()) read_wait_lines(parts.wait_info, id, context);
  if (parts.turnstile_info.exists()) read_wait_lines(parts.turnstile_info, id, context);
}

}  // namespace panicscan::parsers
