// Stacks sampled over time:
//   Date/Time:        2025-11-03 09:09:44.123 +0000
//   Event:            cpu usage
//   Heaviest stack for the target process:
//     37  ??? (exampled + 18104) [0x1045046b8]
//   Process:          exampled [812]
//   Path:             /usr/libexec/exampled
//     Thread 0x3461855    DispatchQueue "com.example.q"(8)    37 samples (1-37)    priority 31
//     37  start + 462 (dyld + 21790) [0x113f6c51e]
//       30  run + 20 (exampled + 9120) [0x1045023a0]
//        *30  ??? (kernel + 335600) [0xfffffe0007261ef0]
//       7  …
//     Binary Images:
//            0x104500000 -        0x10450ffff  exampled (1)  <UUID>  /usr/libexec/exampled
// Images come behind the threads that name them, so processes are kept and added at the end.

#include "parsers/sampled_text.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "parsers/crash_frame.h"
#include "parsers/crash_rows.h"
#include "parsers/ips_header.h"
#include "parsers/sample_rows.h"

namespace panicscan::parsers {
namespace {

/// Lines that only such texts have, and whether they are about a process that used too much.
struct Mark {
  std::string_view text;
  bool is_resource_report;
};
constexpr std::array kMarks{
    Mark{"Num samples:", false},
    Mark{"Data Source:      Stackshots", false},
    Mark{"Analysis of sampling ", false},
    Mark{"Call graph:", false},
    Mark{"Data Source:      Microstackshots", true},
    Mark{"Heaviest stack for the target process:", true},
    Mark{"Powerstats for:", true},
};
/// Calls `found` for each mark in the text, until it returns false.
template <typename Found>
void find_marks(std::string_view text, Found found) {
  constexpr int kMostLines = 5000;
  LineReader lines(text);
  int left = kMostLines;
  for (auto line = lines.next(); line && left-- > 0; line = lines.next())
    for (const Mark& mark : kMarks)
      if (trim(line->text).starts_with(mark.text) && !found(mark)) return;
}

struct PendingThread {
  SampledThread head;
  SourceRef where;
  std::vector<SampleRow> path;  ///< outermost first
};

struct PendingProcess {
  SampledProcess head;
  SourceRef where;
  std::vector<PendingThread> threads;
  std::map<std::uint64_t, Index<Image>> images_by_base;
  std::map<std::string, Index<Image>, std::less<>> images_by_name;
};

class SampledTextReader {
 public:
  SampledTextReader(std::uint32_t document, ReportBuilder& out) : document_(document), out_(out) {}

  void read() {
    bool is_resource = false;
    find_marks(out_.text(document_),
               [&](const Mark& mark) { return !(is_resource = mark.is_resource_report); });
    LineReader lines(out_.text(document_));
    while (const auto line = lines.next())
      read_line(line->text, {document_, line->offset, std::uint32_t(line->text.size())});
    end_thread();
    place_heaviest();
    for (const PendingProcess& process : processes_) add(process);
    out_.report().kind = is_resource ? ReportKind::other : ReportKind::stackshot;
    if (left_out_ > 0)
      out_.note(NoteKind::remark,
                "stacks were sampled over time; of each thread the one seen most "
                "often was kept, and " +
                    std::to_string(left_out_) + " rows of others were not");
  }

 private:
  enum class Section { head, heaviest, process, thread, images };

  void read_line(std::string_view line, SourceRef where);
  bool open_section(std::string_view line, SourceRef where);
  void read_head(std::string_view line, SourceRef where);
  void read_image(std::string_view line, SourceRef where);
  void begin_process(SampledProcess head, SourceRef where);
  void begin_thread(SampledThread head, SourceRef where);
  void end_thread();
  void place_heaviest();
  void add(const PendingProcess& process);
  IndexRange<Frame> add_stack(const PendingProcess& process, const PendingThread& thread,
                              bool in_kernel);
  std::optional<Index<Image>> image_of(const PendingProcess& process, const SampleRow& row) const;

  std::uint32_t document_;
  ReportBuilder& out_;
  Section section_ = Section::head;
  SampledProcess target_;  ///< the one a resource report is about
  PendingThread heaviest_;
  std::vector<PendingProcess> processes_;
  std::vector<SampleRow> rows_;  ///< of the open thread
  std::map<std::pair<std::uint64_t, std::string>, Index<Image>> seen_images_;
  std::map<std::string, Index<Image>, std::less<>> all_by_name_;
  std::size_t left_out_ = 0;
};

void SampledTextReader::read_line(std::string_view line, SourceRef where) {
  if (trim(line).empty()) {
    if (section_ == Section::heaviest) section_ = Section::head;
    return;
  }
  if (open_section(line, where)) return;
  if (section_ == Section::images) return read_image(line, where);
  if (auto row = read_sample_row(line)) {
    row->where = where;
    if (section_ == Section::heaviest) heaviest_.path.push_back(*row);
    if (section_ == Section::process) begin_thread({}, where);  // a tree of the whole process
    if (section_ == Section::thread) rows_.push_back(*row);
    return;
  }
  if (section_ != Section::thread) read_head(line, where);
}

bool SampledTextReader::open_section(std::string_view line, SourceRef where) {
  std::string_view rest = trim(line);
  if (rest.starts_with("Heaviest stack for the target process:")) {
    section_ = Section::heaviest;
    heaviest_.where = where;
  } else if (consume(rest, "Process:") || consume(rest, "Powerstats for:")) {
    begin_process(read_sampled_process(rest), where);
  } else if (rest.starts_with("Binary Images:")) {
    end_thread();
    section_ = Section::images;
  } else if (rest.starts_with("Total number in stack") ||
             rest.starts_with("Sort by top of stack")) {
    end_thread();  // sample(1) counts the same rows again
    section_ = Section::head;
  } else if (auto thread = read_sampled_thread(line)) {
    begin_thread(*std::move(thread), where);
  } else {
    return false;
  }
  return true;
}

/// "Name: value" of the whole report, or of a process.
void SampledTextReader::read_head(std::string_view line, SourceRef where) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  const std::string_view name = trim(line.substr(0, colon)), value = trim(line.substr(colon + 1));
  if (value.empty()) return;
  Machine& machine = out_.report().machine;
  if (name == "OS Version" && !machine.os) set_os(machine, {std::string(value), where});
  if (name == "Hardware model" && !machine.product) machine.product = {std::string(value), where};
  if (name == "Architecture" && machine.arch == Arch::unknown)
    machine.arch = arch_of_code_type(value);
  if (name == "Incident Identifier" && !machine.incident)
    if (const auto uuid = parse_uuid(value)) machine.incident = {*uuid, where};
  if (!processes_.empty()) {
    const auto& process = processes_.back().head;
    out_.add_field("processes." + (process.id ? std::to_string(process.id->value) : process.name) +
                       "." + std::string(name),
                   std::string(value), where);
    return;
  }
  out_.add_field(std::string(name), std::string(value), where);
  if (name == "Command") target_.name = std::string(value);
  if (name == "PID")
    if (const auto pid = parse_number(value)) target_.id = ProcessId{std::int64_t(*pid)};
}

void SampledTextReader::read_image(std::string_view line, SourceRef where) {
  auto image = read_image_row(line);
  if (!image || processes_.empty()) return;
  image->where = where;
  if (trim(line).starts_with('*')) image->kind = ImageKind::kext;  // a slid range of the kernel's
  // "com.example.Library 6.9" at /…/Library: rows of stacks name the file.
  if (const std::size_t slash = image->path.rfind('/'); slash != std::string::npos) {
    if (image->name.find('.') != std::string::npos && !image->path.ends_with(image->name))
      image->bundle_id = image->name.substr(0, image->name.find(' '));
    image->name = image->path.substr(slash + 1);
  }
  const auto key = std::pair(image->base.value, image->name);
  const bool is_unknown = image->kind == ImageKind::absolute;
  auto known = seen_images_.find(key);
  if (known == seen_images_.end()) {
    if (!out_.has_room_for_image()) return;
    known = seen_images_.emplace(key, out_.add_image(*std::move(image))).first;
  }
  PendingProcess& process = processes_.back();
  if (!is_unknown) process.images_by_base[key.first] = known->second;
  process.images_by_name.emplace(key.second, known->second);
  all_by_name_.emplace(key.second, known->second);
}

void SampledTextReader::begin_process(SampledProcess head, SourceRef where) {
  end_thread();
  processes_.push_back({std::move(head), where, {}, {}, {}});
  section_ = Section::process;
}

void SampledTextReader::begin_thread(SampledThread head, SourceRef where) {
  end_thread();
  if (processes_.empty()) begin_process(target_, where);
  processes_.back().threads.push_back({std::move(head), where, {}});
  section_ = Section::thread;
}

void SampledTextReader::end_thread() {
  if (rows_.empty()) return;
  std::vector<SampleRow> path = heaviest_path(rows_);
  left_out_ += rows_.size() - path.size();
  rows_.clear();
  processes_.back().threads.back().path = std::move(path);
}

/// The heaviest stack is that of the target, which may be among the processes or not.
void SampledTextReader::place_heaviest() {
  if (heaviest_.path.empty()) return;
  heaviest_.head.name = "heaviest stack";
  const auto is_target = [&](const PendingProcess& process) {
    return target_.id ? process.head.id == target_.id : process.head.name == target_.name;
  };
  auto found = std::ranges::find_if(processes_, is_target);
  if (found == processes_.end())
    found = processes_.insert(processes_.begin(), {target_, heaviest_.where, {}, {}, {}});
  found->threads.insert(found->threads.begin(), std::move(heaviest_));
}

std::optional<Index<Image>> SampledTextReader::image_of(const PendingProcess& process,
                                                        const SampleRow& row) const {
  if (row.address) {
    const auto after = process.images_by_base.upper_bound(*row.address);
    if (after != process.images_by_base.begin()) {
      const Index<Image> below = std::prev(after)->second;
      const Image& image = out_.report().images[below.value];
      const bool is_inside = image.size && *row.address - image.base.value < *image.size;
      if (is_inside || image.name == row.image) return below;
    }
  }
  for (const auto* names : {&process.images_by_name, &all_by_name_})
    if (const auto known = names->find(row.image); known != names->end()) {
      const Image& image = out_.report().images[known->second.value];
      if (!row.address || *row.address >= image.base.value) return known->second;
    }
  return std::nullopt;
}

IndexRange<Frame> SampledTextReader::add_stack(const PendingProcess& process,
                                               const PendingThread& thread, bool in_kernel) {
  std::vector<Frame> frames;
  for (auto at = thread.path.rbegin(); at != thread.path.rend(); ++at) {
    const SampleRow& row = *at;
    if (row.is_kernel != in_kernel || !row.is_frame()) continue;
    Frame frame;
    frame.image = image_of(process, row);
    if (row.address)
      frame.address = {*row.address};
    else if (frame.image && row.offset)
      frame.address = {out_.report().images[frame.image->value].base.value + *row.offset};
    frame.reported_symbol = std::string(row.symbol);
    frame.where = row.where;
    if (!frame.image && !row.image.empty())
      frame.reported_place = out_.add_place({std::string(row.image), {}, 0});
    frames.push_back(std::move(frame));
  }
  set_address_kinds(frames, true);
  return out_.add_frames(std::move(frames));
}

void SampledTextReader::add(const PendingProcess& pending) {
  Process process;
  process.id = pending.head.id.value_or(ProcessId{});
  process.name = pending.head.name;
  process.where = pending.where;
  out_.begin_process(std::move(process));
  for (const PendingThread& each : pending.threads) {
    Thread thread;
    thread.id = {each.head.id};
    thread.name = each.head.name;
    thread.queue = each.head.queue;
    if (each.head.samples > 0)
      thread.state.push_back(std::to_string(each.head.samples) + " samples");
    thread.base_priority = each.head.base_priority;
    thread.scheduled_priority = each.head.priority;
    thread.where = each.where;
    thread.kernel_stack = add_stack(pending, each, true);
    thread.user_stack = add_stack(pending, each, false);
    out_.add_thread(std::move(thread));
  }
}

}  // namespace

bool looks_like_sampling(std::string_view text) {
  bool is_there = false;
  find_marks(text, [&](const Mark&) { return !(is_there = true); });
  return is_there;
}

void read_sampled_text(std::uint32_t document, ReportBuilder& out) {
  SampledTextReader(document, out).read();
}

}  // namespace panicscan::parsers
