#include "parsers/kcdata_report.h"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/format.h"
#include "parsers/kcdata.h"
#include "parsers/kcdata_corpse.h"
#include "parsers/kcdata_types.h"
#include "parsers/snapshot_flags.h"

namespace panicscan::parsers {
namespace {

std::vector<std::string> names_of(std::uint64_t flags, std::span<const FlagName> names) {
  std::vector<std::string> found;
  for (const FlagName& flag : names) {
    if ((flags & flag.bit) == 0) continue;
    found.emplace_back(flag.name);
    flags &= ~flag.bit;
  }
  if (flags != 0) found.push_back(hex(flags));
  return found;
}

class KcdataReport {
 public:
  KcdataReport(KcdataPlace place, ReportBuilder& out)
      : document_(place.document),
        start_(place.start),
        out_(out),
        tree_(KcdataTree::parse(out.text(place.document).substr(place.start), out.limits())) {}

  std::string_view read() {
    const auto kind = static_cast<KcdataClass>(tree_.root().type);
    const bool is_delta = kind == KcdataClass::delta_stackshot;
    const bool is_stackshot = is_delta || kind == KcdataClass::stackshot;
    const bool is_embedded = document_ != 0;  // then the report around it says what it is
    if (!is_embedded) out_.report().kind = is_stackshot ? ReportKind::stackshot : ReportKind::other;
    for (const KcdataDamage& damage : tree_.damage())
      out_.note(damage.is_end ? NoteKind::truncated : NoteKind::damaged, damage.what,
                {document_, start_ + damage.offset, 0});
    if (is_delta)
      out_.note(NoteKind::remark,
                "a delta stackshot: it holds only what changed since the one before it");
    read_labels(tree_.root());
    tree_.for_each(tree_.root(), [&](const KcdataNode& node) { read_top(node); });
    const bool is_crash = kind == KcdataClass::crashinfo || kind == KcdataClass::btinfo ||
                          kind == KcdataClass::os_reason;
    if (is_crash && !is_embedded) {
      read_kcdata_corpse(tree_, {document_, start_}, out_);
      return "kcdata-crash";
    }
    return is_stackshot ? "kcdata-stackshot" : "kcdata-other";
  }

 private:
  static constexpr std::uint32_t kTask = 0x903, kExitingTask = 0x931, kThread = 0x904;
  using Number = std::optional<std::uint64_t>;

  SourceRef where(const KcdataNode& node) const {
    return {document_, start_ + node.offset, node.size};
  }
  Number number(const KcdataNode* node, std::string_view name = {}) const {
    return node == nullptr ? Number() : kcdata_number(node->type, tree_.data(*node), name);
  }
  std::string text(const KcdataNode* node, std::string_view name = {}) const {
    return node == nullptr ? std::string() : kcdata_text(node->type, tree_.data(*node), name);
  }

  void read_top(const KcdataNode& node) {
    if (node.kind == KcdataKind::container) {
      if (node.type == kTask || node.type == kExitingTask) read_task(node);
      return;
    }
    if (node.kind != KcdataKind::item) return;
    Machine& machine = out_.report().machine;
    if (node.type == 0x90f && !machine.kernel_version)
      machine.kernel_version = {text(&node), where(node)};
    if (node.type == 0x90e && !machine.boot_args) machine.boot_args = {text(&node), where(node)};
    if (node.type == 0x947 && !machine.build) machine.build = {text(&node), where(node)};
    keep_as_fields(node);
  }

  void keep_as_fields(const KcdataNode& node) {
    constexpr std::uint32_t kLastDescribed = 6;
    const KcdataType* type = find_kcdata_type(node.type);
    if (type == nullptr)
      return out_.add_field("Type_" + hex(node.type), std::to_string(node.size) + " bytes",
                            where(node));
    const bool is_described = node.type <= kLastDescribed;
    const std::string key = is_described ? text(&node, "desc") : std::string(type->name);
    KcdataFields fields(*type, tree_.data(node));
    while (const auto field = fields.next()) {
      if (is_described && field->name == "desc") continue;
      std::string value;
      if (field->kind == 'c') {
        value = field->text();
      } else {
        for (std::uint32_t i = 0; i < std::min(field->count, 64U); ++i) {
          if (i > 0) value += ' ';
          value += field->kind == 'i' ? std::to_string(static_cast<std::int64_t>(field->at(i)))
                                      : std::to_string(field->at(i));
        }
      }
      const bool is_alone = type->shape == KcdataShape::value || is_described;
      out_.add_field(is_alone ? key : key + "." + std::string(field->name), std::move(value),
                     where(node));
    }
  }

  void read_task(const KcdataNode& task) {
    const KcdataNode* whole = tree_.find(task, 0x905);
    const KcdataNode* snapshot = whole != nullptr ? whole : tree_.find(task, 0x930);
    const std::string prefix = whole != nullptr ? "ts_" : "tts_";
    Process process;
    process.where = where(snapshot != nullptr ? *snapshot : task);
    if (snapshot != nullptr) {
      process.id = {static_cast<std::int64_t>(number(snapshot, prefix + "pid").value_or(0))};
      process.name = text(snapshot, prefix + "p_comm");
      process.flags =
          names_of(number(snapshot, prefix + "ss_flags").value_or(0), task_flag_names());
      process.resident_bytes = whole != nullptr ? number(whole, "ts_task_size") : Number();
    }
    if (snapshot != nullptr && whole == nullptr)
      out_.note(NoteKind::remark, "process " + std::to_string(process.id.value) + " was exiting",
                process.where);
    read_labels(task);
    const bool is_kernel = task.id == 0;
    out_.begin_process(std::move(process));
    images_.clear();
    tree_.for_each(task, [&](const KcdataNode& node) {
      if (node.type == 0x30 || node.type == 0x31)
        add_images(node, is_kernel ? ImageKind::kernel : ImageKind::process);
      if (node.type == 0x92e) add_images(node, ImageKind::kernel_text_exec);
      if (node.type == 0x91c) add_images(node, ImageKind::kernelcache);
    });
    if (is_kernel) kernel_images_ = images_;
    tree_.for_each(task, [&](const KcdataNode& node) {
      if (node.kind == KcdataKind::container && node.type == kThread) read_thread(node);
      if (node.type == 0x91d || node.type == 0x929) read_waits(node);
    });
  }

  void add_images(const KcdataNode& node, ImageKind kind) {
    const std::uint32_t count = node.kind == KcdataKind::array ? node.count : 1;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string_view data =
          node.kind == KcdataKind::array ? tree_.element(node, i) : tree_.data(node);
      const auto base = kcdata_number(node.type, data, "imageLoadAddress");
      const auto bytes = kcdata_field(node.type, data, "imageUUID");
      if (!base || !bytes || bytes->count != 16) continue;
      Image image;
      image.kind = kind;
      image.base = {*base};
      image.uuid.emplace();
      for (std::uint32_t n = 0; n < 16; ++n)
        image.uuid->bytes[n] = static_cast<std::uint8_t>(bytes->at(n));
      image.letter = kind == ImageKind::process            ? 'P'
                     : kind == ImageKind::kernel           ? 'K'
                     : kind == ImageKind::kernel_text_exec ? 'T'
                                                           : 'U';
      image.where = where(node);
      const auto key = std::tuple(*base, *image.uuid, kind);
      auto known = seen_.find(key);
      if (known == seen_.end()) {
        if (!out_.has_room_for_image()) return;
        known = seen_.emplace(key, out_.add_image(std::move(image))).first;
      }
      images_[*base] = known->second;
    }
  }

  Frame frame_at(std::uint64_t address, bool in_kernel, AddressKind kind, SourceRef at) const {
    Frame frame{{address}, kind, std::nullopt, {}, at};
    const auto& images = in_kernel ? kernel_images_ : images_;
    const auto after = images.upper_bound(address);
    if (after != images.begin()) frame.image = std::prev(after)->second;
    return frame;
  }

  IndexRange<Frame> stack(const KcdataNode& thread, std::span<const std::uint32_t> types,
                          bool in_kernel, bool on_core) {
    std::vector<Frame> frames;
    tree_.for_each(thread, [&](const KcdataNode& node) {
      if (node.kind != KcdataKind::array || std::ranges::find(types, node.type) == types.end())
        return;
      for (std::uint32_t i = 0; i < node.count; ++i)
        if (const auto lr = kcdata_number(node.type, tree_.element(node, i), "lr"))
          frames.push_back(frame_at(
              *lr, in_kernel,
              on_core && frames.empty() ? AddressKind::pc : AddressKind::return_address,
              {document_, start_ + node.offset + i * node.element_size, node.element_size}));
    });
    return out_.add_frames(std::move(frames));
  }

  void read_thread(const KcdataNode& node) {
    constexpr std::uint32_t kKernel[] = {0x90a, 0x90b, 0x913, 0x914};
    constexpr std::uint32_t kUser[] = {0x90c, 0x90d, 0x915, 0x916};
    constexpr std::uint32_t kAsync[] = {0x933};
    const KcdataNode* snapshot = tree_.find(node, 0x906);
    Thread thread;
    thread.id = {number(snapshot, "ths_thread_id").value_or(node.id)};
    thread.where = where(snapshot != nullptr ? *snapshot : node);
    thread.name = text(tree_.find(node, 0x909));
    thread.queue = text(tree_.find(node, 0x928));
    thread.user_time_us = number(tree_.find(node, 0x919), "user_usec");
    thread.system_time_us = number(tree_.find(node, 0x919), "system_usec");
    if (snapshot != nullptr) {
      thread.state = names_of(number(snapshot, "ths_state").value_or(0), thread_state_names());
      thread.flags = names_of(number(snapshot, "ths_ss_flags").value_or(0), thread_flag_names());
      const auto priority = [&](std::string_view name) -> std::optional<std::int32_t> {
        const Number value = number(snapshot, name);
        if (!value) return std::nullopt;
        return static_cast<std::int32_t>(static_cast<std::int64_t>(*value));
      };
      thread.base_priority = priority("ths_base_priority");
      thread.scheduled_priority = priority("ths_sched_priority");
      if (const Number at = number(snapshot, "ths_continuation"); at && *at != 0)
        thread.continuation = frame_at(*at, true, AddressKind::pc, thread.where);
      if (const Number at = number(snapshot, "ths_wait_event"); at && *at != 0)
        thread.wait_event = frame_at(*at, true, AddressKind::pc, thread.where);
    }
    const bool on_core = std::ranges::find(thread.flags, "kThreadOnCore") != thread.flags.end();
    thread.kernel_stack = stack(node, kKernel, true, on_core);
    thread.user_stack = stack(node, kUser, false, on_core && thread.kernel_stack.empty());
    thread.async_stack = stack(node, kAsync, false, false);
    out_.add_thread(std::move(thread));
  }

  /// The names of services that waits refer to by number.
  void read_labels(const KcdataNode& parent) {
    tree_.for_each(parent, [&](const KcdataNode& node) {
      if (node.kind == KcdataKind::container && node.type == 0x934)
        labels_[node.id] = text(tree_.find(node, 0x936));
    });
  }

  /// Says each record as the system's own writer would, so that one grammar reads both.
  void read_waits(const KcdataNode& node) {
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const std::string_view data = tree_.element(node, i);
      const auto get = [&](std::string_view name) {
        return kcdata_number(node.type, data, name).value_or(0);
      };
      const std::string line =
          "thread " + std::to_string(get("waiter")) + ": " +
          (node.type == 0x91d
               ? "unknown type " + std::to_string(get("wait_type")) + " (owner " +
                     std::to_string(get("owner")) + ", context " + hex(get("context")) + ")"
               : turnstile_phrase(get));
      auto wait = parse_wait_line(
          line, {document_, start_ + node.offset + i * node.element_size, node.element_size});
      if (!wait) continue;
      if (const auto label = labels_.find(get("portlabel_id")); label != labels_.end())
        wait->label = label->second;
      out_.add_wait(*std::move(wait));
    }
  }

  template <typename Get>
  static std::string turnstile_phrase(const Get& get) {
    const std::uint64_t flags = get("turnstile_flags"), context = get("turnstile_context");
    const std::string chain = ", hops: " + std::to_string(get("number_of_hops")) +
                              ", priority: " + std::to_string(get("turnstile_priority"));
    if ((flags & 0x2) != 0) return "turnstile was in the process of being updated";
    if ((flags & 0x4) != 0) return "blocked on workqueue: " + hex(context) + chain;
    if ((flags & 0x8) != 0) return "blocked on " + std::to_string(context) + chain;
    if ((flags & 0x1) != 0) return "turnstile has unknown inheritor";
    if ((flags & 0x10) != 0)
      return "turnstile blocked on task pid " + std::to_string(context) + chain;
    return "turnstile had unknown status (flags: " + hex(flags) + ")!";
  }

  std::uint32_t document_, start_;
  ReportBuilder& out_;
  KcdataTree tree_;
  std::map<std::uint64_t, std::string> labels_;
  std::map<std::uint64_t, Index<Image>> images_, kernel_images_;  ///< of the task, by base
  std::map<std::tuple<std::uint64_t, Uuid, ImageKind>, Index<Image>> seen_;
};

}  // namespace

std::optional<std::uint32_t> find_kcdata(std::string_view bytes) {
  constexpr std::uint32_t kChunkHeader = 16;
  if (kcdata_class(bytes)) return 0;
  if (bytes.size() > kChunkHeader && kcdata_class(bytes.substr(kChunkHeader))) return kChunkHeader;
  return std::nullopt;
}

std::string_view read_kcdata(std::uint32_t document, std::uint32_t start, ReportBuilder& out) {
  return KcdataReport({document, start}, out).read();
}

}  // namespace panicscan::parsers
