#include "rules/example.h"

#include <algorithm>

#include "base/text.h"
#include "model/report_builder.h"

namespace panicscan::rules {
namespace {

/// Where the invented frames of examples begin: a plausible kernel text address.
constexpr std::uint64_t kFirstAddress = 0xfffffe0007100000;
constexpr std::uint64_t kFirstThread = 1000;
constexpr std::string_view kPanickedStack = "panicked";

Error usage(std::string message) { return {ErrorCode::usage, std::move(message), {}}; }

/// Writes the parts of one example into a report.
class ExampleWriter {
 public:
  ExampleWriter(const Example& example, const Hooks& hooks, ReportBuilder& builder)
      : example_(example), hooks_(hooks), builder_(builder) {}

  Status write() {
    write_message();
    for (const ExampleImage& image : example_.images)
      image_named(image.name, image.kind, image.uuid);
    for (const ExampleKext& kext : example_.kexts) write_kext(kext);
    for (const ExampleDext& dext : example_.dexts)
      builder_.panic().dexts.push_back({dext.bundle, dext.path, dext.state, {}});
    for (const auto& [name, value] : example_.fields) builder_.add_field(name, value);
    for (const auto& [name, functions] : example_.stacks) write_stack(name, functions);
    for (const ExampleThread& thread : example_.threads) write_thread(thread);
    for (const std::string& line : example_.waits) {
      if (!hooks_.parse_wait) return usage("wait lines cannot be read here");
      auto wait = hooks_.parse_wait(line);
      if (!wait) return with_context(wait.error(), "the wait line \"" + line + "\"");
      builder_.add_wait(*std::move(wait));
    }
    return std::monostate{};
  }

 private:
  void write_message() {
    if (example_.message) {
      Panic& panic = builder_.panic();
      panic.message = {*example_.message,
                       {0, 0, static_cast<std::uint32_t>(example_.message->size())}};
      panic.raw_message = *example_.message;
      panic.reporter = "panic";
      panic.where = panic.message.where;
    } else if (example_.kind == ReportKind::kernel_panic) {
      builder_.panic();
    }
    if (!example_.source.empty()) {
      const std::size_t colon = example_.source.rfind(':');
      builder_.panic().source_file = {example_.source.substr(0, colon), {}};
      if (colon != std::string::npos)
        if (const auto line = parse_number(std::string_view(example_.source).substr(colon + 1)))
          builder_.panic().source_line = static_cast<std::uint32_t>(*line);
    }
    if (!example_.process.empty()) builder_.panic().process_name = {example_.process, {}};
    if (example_.arch != Arch::unknown) builder_.report().machine.arch = example_.arch;
    if (!example_.panic_text && !example_.sample) builder_.report().kind = example_.kind;
  }

  Index<Image> image_named(const std::string& name, ImageKind kind, std::string_view uuid) {
    const auto& images = builder_.report().images;
    const auto known = std::ranges::find(images, name, &Image::name);
    if (known != images.end()) return {static_cast<std::uint32_t>(known - images.begin())};
    Image image;
    image.kind = kind;
    image.name = name;
    image.uuid = parse_uuid(uuid);
    return builder_.add_image(std::move(image));
  }

  void write_kext(const ExampleKext& example) {
    Kext kext;
    kext.list = example.list;
    kext.bundle_id = example.bundle;
    kext.version = example.version;
    builder_.panic().kexts.push_back(std::move(kext));
  }

  IndexRange<Frame> frames_of(const std::vector<std::string>& functions) {
    std::vector<Frame> frames;
    for (const std::string& written : functions) {
      Frame frame;
      frame.address = {kFirstAddress + 0x100 * next_frame_++};
      const std::size_t tick = written.find('`');
      if (tick != std::string::npos)
        frame.image = image_named(written.substr(0, tick), ImageKind::kext, {});
      frame.reported_symbol = tick == std::string::npos ? written : written.substr(tick + 1);
      frames.push_back(std::move(frame));
    }
    return builder_.add_frames(std::move(frames));
  }

  void write_thread(const ExampleThread& example) {
    const auto& processes = builder_.report().processes;
    const ProcessId pid{static_cast<std::int64_t>(example.pid)};
    if (processes.empty() || processes.back().id != pid ||
        processes.back().name != example.process) {
      Process process;
      process.id = pid;
      process.name = example.process;
      builder_.begin_process(std::move(process));
    }
    Thread thread;
    thread.id = {example.id};
    thread.name = example.name;
    thread.queue = example.queue;
    thread.state = example.state;
    thread.kernel_stack = frames_of(example.kernel);
    thread.user_stack = frames_of(example.user);
    builder_.add_thread(std::move(thread));
  }

  void write_stack(const std::string& name, const std::vector<std::string>& functions) {
    const IndexRange<Frame> range = frames_of(functions);
    if (name == kPanickedStack) {
      Backtrace backtrace;
      backtrace.frames = range;
      builder_.panic().backtraces.push_back(std::move(backtrace));
      return;
    }
    Thread thread;
    thread.id = {kFirstThread + next_thread_++};
    thread.name = name;
    thread.kernel_stack = range;
    builder_.add_thread(std::move(thread));
  }

  const Example& example_;
  const Hooks& hooks_;
  ReportBuilder& builder_;
  std::uint64_t next_frame_ = 0, next_thread_ = 0;
};

Expected<Report> read_text(const Example& example, const Hooks& hooks) {
  if (!hooks.parse_report) return usage("panic texts cannot be read here");
  if (example.panic_text) return hooks.parse_report(*example.panic_text);
  if (!hooks.read_sample) return usage("samples cannot be read here");
  const auto text = hooks.read_sample(*example.sample);
  if (!text) return text.error();
  return hooks.parse_report(*text);
}

Expected<Companion> joined_file(const std::string& text, const Hooks& hooks) {
  if (!hooks.parse_report) return usage("joined files cannot be read here");
  auto report = hooks.parse_report(text);
  if (!report) return std::move(report).error();
  Companion companion;
  companion.source = source_from_text("joined", text);
  companion.because = "the example joins it";
  companion.report = *std::move(report);
  companion.placements = place_frames(companion.report);
  companion.symbols = symbols_in_report(companion.report);
  return companion;
}

}  // namespace

Expected<BuiltExample> build_example(const Example& example, const Hooks& hooks) {
  ReportBuilder builder(std::make_shared<const std::string>(example.message.value_or("")));
  if (example.panic_text || example.sample) {
    auto report = read_text(example, hooks);
    if (!report) return std::move(report).error();
    builder.report() = *std::move(report);
  }
  if (const Status written = ExampleWriter(example, hooks, builder).write(); !written)
    return written.error();

  BuiltExample built;
  built.report = std::move(builder).build();
  built.placements = place_frames(built.report);
  // Invented addresses lie in no range; the image an example names is taken at its word.
  for (std::uint32_t i = 0; i < built.report.frames.size() && i < built.placements.size(); ++i) {
    const auto image = built.report.frames[i].image;
    if (!image || built.placements[i].status == PlacementStatus::placed) continue;
    built.placements[i].status = PlacementStatus::placed;
    built.placements[i].image = built.report.images[image->value].name;
    built.placements[i].index = image;
  }
  built.symbols = symbols_in_report(built.report);
  if (example.joined) {
    auto companion = joined_file(*example.joined, hooks);
    if (!companion) return std::move(companion).error();
    built.companions.push_back(*std::move(companion));
  }
  if (hooks.analyze)
    built.facts = hooks.analyze(built.report, built.placements, built.symbols, built.companions);
  return built;
}

}  // namespace panicscan::rules
