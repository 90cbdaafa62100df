// analyze: the main job. Reads each input, examines it, writes it in every format asked for.

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <span>

#include "app/cli.h"
#include "app/examine.h"
#include "app/exit_code.h"
#include "app/inputs.h"
#include "app/output.h"
#include "app/rule_loading.h"
#include "app/symbol_tools.h"
#include "base/text.h"
#include "render/case_view.h"

namespace panicscan::app {
namespace {

bool colors_wanted(const std::string& choice) {
  if (choice != "auto") return choice == "always";
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr && !dumb;
}

std::uint32_t terminal_width() {
  winsize size{};
  const bool known = ::isatty(STDOUT_FILENO) != 0 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col >= 40 ? size.ws_col : 100;
}

Expected<render::Options> render_options(const AnalyzeOptions& options) {
  render::Options result{.width = options.width.value_or(terminal_width()),
                         .brief = options.brief,
                         .full = options.full,
                         .tool_version = PANICSCAN_VERSION};
  const std::string& threads = options.threads;
  if (threads == "own") result.threads = render::ThreadChoice::own;
  if (threads == "all") result.threads = render::ThreadChoice::all;
  if (threads == "panicked") result.threads = render::ThreadChoice::panicked;
  if (threads.empty() || result.threads) return result;
  const auto limit = parse_number(threads);
  if (!limit || *limit > 1'000'000)
    return Error{
        ErrorCode::usage, "--threads " + threads + ": give own, all, panicked or a number", {}};
  result.thread_limit = static_cast<std::uint32_t>(*limit);
  return result;
}

/// Whether everything that matters has symbols: the kernel and whatever is not Apple's.
bool has_own_symbols(const Case& examined) {
  const auto lacks = [](const ImageSymbols& image) {
    const bool matters = image.image == "kernel" || render::is_third_party(image.image);
    return matters && image.frames > 0 && image.status != SymbolStatus::named;
  };
  const bool was_asked = !examined.symbols.images.empty() || examined.report.frames.empty();
  return was_asked && std::ranges::none_of(examined.symbols.images, lacks);
}

/// Several reports in one stream: JSON becomes an array, text gets a line naming the input.
class Separator {
 public:
  explicit Separator(bool several) : several_(several) {}

  void before(Output& output, const Case& examined) {
    if (!several_) return;
    auto& out = output.stream();
    if (output.format().name == "json") {
      out << (first_ ? "[\n" : ",\n");
    } else {
      out << (first_ ? "" : "\n") << "== " << render::printable(examined.source.path) << '\n';
    }
    first_ = false;
  }
  void finish(Output& output) {
    if (several_ && output.format().name == "json") output.stream() << (first_ ? "[]\n" : "]\n");
  }

 private:
  bool several_;
  bool first_ = true;
};

}  // namespace

int analyze(const AnalyzeOptions& options) {
  const auto fail = [](const Error& error) {
    std::cerr << "panicscan: " << render::printable(error.message) << '\n';
    return static_cast<int>(error.code == ErrorCode::internal ? ExitCode::internal
                                                              : ExitCode::usage);
  };
  auto settings = render_options(options);
  if (!settings) return fail(settings.error());
  const auto rules = load_rules(options.rules, options.quiet);
  if (!rules) return fail(rules.error());
  auto outputs = open_outputs(options.outputs);
  if (!outputs) return fail(outputs.error());

  std::optional<SymbolTools> tools;
  if (are_symbols_wanted(options.symbols)) tools.emplace(options.symbols);

  const auto inputs = expand_inputs(options.inputs);
  std::vector<Separator> separators(outputs->size(), Separator(inputs.size() > 1));
  ExitCode code = ExitCode::done;
  std::size_t skipped = 0, examined_count = 0;
  for (const Input& input : inputs) {
    auto source = read_source(input.path, std::size_t{options.max_input_mb} << 20);
    auto examined = source ? examine(*std::move(source), *rules, tools ? &*tools : nullptr)
                           : Expected<Case>(source.error());
    if (!examined) {
      if (input.found_in_directory && examined.error().code == ErrorCode::unknown_format) {
        ++skipped;
        continue;
      }
      std::cerr << "panicscan: " << render::printable(examined.error().message) << '\n';
      code = worse(code, examined.error().code == ErrorCode::internal ? ExitCode::internal
                                                                      : ExitCode::unreadable);
      continue;
    }
    ++examined_count;
    if (options.require_complete && (examined->facts.integrity.state == IntegrityState::truncated ||
                                     examined->facts.integrity.state == IntegrityState::damaged))
      code = worse(code, ExitCode::not_met);
    if (options.require_symbols && !has_own_symbols(*examined))
      code = worse(code, ExitCode::not_met);
    for (std::size_t i = 0; i < outputs->size(); ++i) {
      Output& output = (*outputs)[i];
      settings->color = output.is_stdout() && colors_wanted(options.color);
      separators[i].before(output, *examined);
      output.format().render(output.stream(), *examined, *settings);
    }
  }
  if (skipped > 0 && !options.quiet)
    std::cerr << "panicscan: " << skipped << (skipped == 1 ? " file is" : " files are")
              << " no report and left out\n";
  if (skipped > 0 && skipped == inputs.size()) {
    std::cerr << "panicscan: no report was found\n";
    code = worse(code, ExitCode::unreadable);
  }

  // Without a single report no output is completed: the files asked for do not appear.
  if (examined_count == 0) outputs->clear();
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    separators[i].finish((*outputs)[i]);
    if (const auto kept = (*outputs)[i].finish(); !kept) {
      std::cerr << "panicscan: " << kept.error().message << '\n';
      code = worse(code, ExitCode::internal);
    }
  }
  return options.exit_zero && code != ExitCode::internal && code != ExitCode::usage
             ? 0
             : static_cast<int>(code);
}

}  // namespace panicscan::app
