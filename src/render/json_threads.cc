// "processes": the stackshot.

#include <algorithm>

#include "base/uuid.h"
#include "model/names.h"
#include "render/json_parts.h"
#include "render/thread_groups.h"

namespace panicscan::render {
namespace {

/// Which threads are written, and in which group of identical stacks each is.
struct Selection {
  std::vector<bool> shown;
  std::vector<std::uint32_t> group;
};

/// Groups are numbered in the order of group_threads(), the most important first; a limited
/// number of threads is taken from the front of that order.
Selection select_threads(const Case& subject, const Options& options) {
  const std::size_t count = subject.report.threads.size();
  Selection selection{std::vector<bool>(count, false), std::vector<std::uint32_t>(count, 0)};
  const auto choice = options.threads.value_or(ThreadChoice::all);
  std::size_t left = options.thread_limit.value_or(static_cast<std::uint32_t>(count));
  const auto groups = group_threads(subject);
  for (std::uint32_t number = 0; number < groups.size(); ++number) {
    const ThreadRank rank = groups[number].rank;
    const bool wanted = choice == ThreadChoice::all ||
                        (choice == ThreadChoice::own && rank <= ThreadRank::caller) ||
                        rank == ThreadRank::panicked;
    for (const Index<Thread> thread : groups[number].threads) {
      selection.group[thread.value] = number;
      if (!wanted || left == 0) continue;
      selection.shown[thread.value] = true;
      --left;
    }
  }
  return selection;
}

/// The waits of each thread, as positions in Report::waits, sorted by waiter.
std::vector<std::uint32_t> waits_by_waiter(const Report& report) {
  std::vector<std::uint32_t> order(report.waits.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return report.waits[i].waiter; });
  return order;
}

void put_waits(const JsonStory& story, ThreadId thread, const std::vector<std::uint32_t>& order) {
  const Report& report = story.report();
  const auto waiter = [&](std::uint32_t wait) { return report.waits[wait].waiter; };
  auto at = std::ranges::lower_bound(order, thread, {}, waiter);
  if (at == order.end() || waiter(*at) != thread) return;
  story.json.key("waits").inline_begin().begin_array();
  for (; at != order.end() && waiter(*at) == thread; ++at)
    story.json.value(report.waits[*at].phrase);
  story.json.end_array().inline_end();
}

void put_single_frame(JsonWriter& json, std::string_view name, const std::optional<Frame>& frame,
                      const Report& report) {
  if (!frame) return;
  json.key(name).inline_begin().begin_object().hex_member("address", frame->address.value);
  if (frame->image) {
    const Image& image = report.images[frame->image->value];
    if (!image.name.empty()) {
      json.member("image", image.name);
    } else if (image.uuid && !image.uuid->is_zero()) {
      json.member("image", to_string(*image.uuid));
    }
  }
  json.end_object().inline_end();
}

void put_inline_list(JsonWriter& json, std::string_view name,
                     const std::vector<std::string>& items) {
  if (items.empty()) return;
  json.inline_begin();
  put_list(json, name, items);
  json.inline_end();
}

void put_thread(const JsonStory& story, const Thread& thread, std::uint32_t group,
                const std::vector<std::uint32_t>& waits) {
  JsonWriter& json = story.json;
  json.begin_object().member("tid", thread.id.value);
  put_text(json, "name", thread.name);
  put_text(json, "queue", thread.queue);
  put_inline_list(json, "state", thread.state);
  put_inline_list(json, "flags", thread.flags);
  if (thread.base_priority) json.member("base_priority", *thread.base_priority);
  if (thread.scheduled_priority) json.member("scheduled_priority", *thread.scheduled_priority);
  if (thread.user_time_us) json.member("user_time_us", *thread.user_time_us);
  if (thread.system_time_us) json.member("system_time_us", *thread.system_time_us);
  put_waits(story, thread.id, waits);
  json.member("group", group);
  put_single_frame(json, "continuation", thread.continuation, story.report());
  put_single_frame(json, "wait_event", thread.wait_event, story.report());
  put_frames(story, "kernel_frames", thread.kernel_stack);
  put_frames(story, "user_frames", thread.user_stack);
  put_frames(story, "async_frames", thread.async_stack);
  json.end_object();
}

}  // namespace

void put_processes(const JsonStory& story) {
  const Report& report = story.report();
  if (report.processes.empty()) return;
  const Selection selection = select_threads(story.subject, story.options);
  const auto waits = waits_by_waiter(report);
  JsonWriter& json = story.json;
  json.key("processes").begin_array();
  for (const Process& process : report.processes) {
    json.begin_object().member("pid", process.id.value);
    put_text(json, "name", process.name);
    put_inline_list(json, "flags", process.flags);
    if (process.resident_bytes) json.member("resident_bytes", *process.resident_bytes);
    put_text(json, "ended_because", process.ended_because);
    json.key("threads").begin_array();
    for (std::uint32_t i = process.threads.begin; i < process.threads.end; ++i)
      if (selection.shown[i]) put_thread(story, report.threads[i], selection.group[i], waits);
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace panicscan::render
