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
#include "app/owners.h"
#include "app/rule_loading.h"
#include "app/symbol_summary.h"
#include "app/symbol_tools.h"
#include "base/text.h"

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

bool is_incomplete(const Case& examined) {
  const IntegrityState state = examined.facts.integrity.state;
  return state == IntegrityState::truncated || state == IntegrityState::damaged;
}

void complain(const Error& error) {
  std::cerr << "panicscan: " << render::printable(error.message) << '\n';
}

/// One `analyze`: takes the inputs one by one and keeps count of what became of them.
class Analysis {
 public:
  Analysis(const AnalyzeOptions& options, const rules::RuleSet& rules, render::Options settings,
           std::vector<Output>& outputs, const Ownership& owners, bool several)
      : options_(options),
        rules_(rules),
        owners_(owners),
        settings_(settings),
        outputs_(outputs),
        separators_(outputs.size(), Separator(several)) {
    if (are_symbols_wanted(options.symbols)) tools_.emplace(options.symbols).start_ahead();
  }

  void take(const Input& input) {
    auto source = read_source(input.path, static_cast<std::size_t>(options_.limits.input));
    auto examined = source ? examine(*std::move(source), rules_, tools_ ? &*tools_ : nullptr,
                                     options_.limits, owners_)
                           : Expected<Case>(source.error());
    if (examined) {
      ++examined_;
      const bool lacks_parts = options_.require_complete && is_incomplete(*examined);
      const bool lacks_names = options_.require_symbols && !has_own_symbols(*examined);
      if (lacks_parts || lacks_names) code_ = worse(code_, ExitCode::not_met);
      write(*examined);
    } else if (input.found_in_directory && examined.error().code == ErrorCode::unknown_format) {
      ++skipped_;
    } else {
      complain(examined.error());
      code_ = worse(code_, examined.error().code == ErrorCode::internal ? ExitCode::internal
                                                                        : ExitCode::unreadable);
    }
  }

  ExitCode finish() {
    if (skipped_ > 0 && !options_.quiet)
      std::cerr << "panicscan: " << skipped_ << (skipped_ == 1 ? " file is" : " files are")
                << " no report and left out\n";
    if (examined_ == 0) {
      // No output is completed: the files asked for do not appear.
      if (skipped_ > 0) std::cerr << "panicscan: no report was found\n";
      return worse(code_, ExitCode::unreadable);
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      separators_[i].finish(outputs_[i]);
      if (const auto kept = outputs_[i].finish(); !kept) {
        complain(kept.error());
        code_ = worse(code_, ExitCode::internal);
      }
    }
    return code_;
  }

 private:
  void write(const Case& examined) {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      settings_.color = outputs_[i].is_stdout() && colors_wanted(options_.color);
      separators_[i].before(outputs_[i], examined);
      outputs_[i].format().render(outputs_[i].stream(), examined, settings_);
    }
  }

  const AnalyzeOptions& options_;
  const rules::RuleSet& rules_;
  const Ownership& owners_;
  render::Options settings_;
  std::vector<Output>& outputs_;
  std::vector<Separator> separators_;
  std::optional<SymbolTools> tools_;
  ExitCode code_ = ExitCode::done;
  std::size_t examined_ = 0, skipped_ = 0;
};

int fail(const Error& error) {
  complain(error);
  return static_cast<int>(error.code == ErrorCode::internal ? ExitCode::internal : ExitCode::usage);
}

}  // namespace

int analyze(const AnalyzeOptions& options) {
  const auto settings = render_options(options);
  if (!settings) return fail(settings.error());
  const auto rules = load_rules(options.rules, options.quiet);
  if (!rules) return fail(rules.error());
  auto outputs = open_outputs(options.outputs);
  if (!outputs) return fail(outputs.error());

  const auto owners = load_ownership(options.own, options.owners);
  if (!owners) return fail(owners.error());

  const auto inputs = expand_inputs(options.inputs);
  Analysis analysis(options, *rules, *settings, *outputs, *owners, inputs.size() > 1);
  for (const Input& input : inputs) analysis.take(input);
  const ExitCode code = analysis.finish();
  const bool counts = code == ExitCode::internal || code == ExitCode::usage || !options.exit_zero;
  return counts ? static_cast<int>(code) : 0;
}

}  // namespace panicscan::app
