// analyze: the main job. Reads all inputs, joins those that tell of one incident, examines each
// incident and writes it in every format asked for.

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
#include "app/gathering.h"
#include "app/incident.h"
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

/// Several reports in one stream, as their format puts them together.
class Separator {
 public:
  explicit Separator(bool several) : several_(several) {}

  void before(Output& output, const Case& examined) {
    if (!several_) return;
    output.format().seam(output.stream(),
                         first_ ? render::Seam::before_first : render::Seam::between,
                         examined.source.path);
    first_ = false;
  }
  void finish(Output& output) {
    if (several_) output.format().seam(output.stream(), render::Seam::behind_last, {});
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

/// Every report for itself: what --no-join asks for.
std::vector<Incident> each_alone(std::span<const Card> cards) {
  std::vector<Incident> incidents(cards.size());
  for (std::size_t i = 0; i < cards.size(); ++i) incidents[i].report = i;
  return incidents;
}

/// One `analyze`: takes the incidents one by one and keeps count of what became of them.
class Analysis {
 public:
  Analysis(const AnalyzeOptions& options, const rules::RuleSet& rules, render::Options settings,
           std::vector<Output>& outputs, const Ownership& owners, Gathering& files)
      : options_(options),
        rules_(rules),
        owners_(owners),
        settings_(settings),
        outputs_(outputs),
        files_(files) {
    if (are_symbols_wanted(options.symbols))
      tools_.emplace(options.symbols, SymbolTools::For::names);
  }

  void run() {
    for (const Error& error : files_.errors()) fail(error);
    if (!options_.quiet)
      for (const std::string& remark : files_.remarks())
        std::cerr << "panicscan: " << render::printable(remark) << '\n';
    const auto incidents =
        options_.no_join ? each_alone(files_.cards()) : form_incidents(files_.cards());
    separators_.assign(outputs_.size(), Separator(incidents.size() > 1));
    for (const Incident& incident : incidents) take(incident, &incident == &incidents.back());
  }

  ExitCode finish() {
    const std::uint64_t skipped = files_.skipped();
    if (skipped > 0 && !options_.quiet)
      std::cerr << "panicscan: " << skipped << (skipped == 1 ? " file is" : " files are")
                << " no report and left out\n";
    if (examined_ == 0) {
      // No output is completed: the files asked for do not appear.
      if (skipped > 0) std::cerr << "panicscan: no report was found\n";
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
  void fail(const Error& error) {
    complain(error);
    code_ =
        worse(code_, error.code == ErrorCode::internal ? ExitCode::internal : ExitCode::unreadable);
  }

  void take(const Incident& incident, bool is_last) {
    auto primary = files_.open(incident.report);
    if (!primary) return fail(primary.error());
    std::vector<JoinedReport> joined;
    for (const JoinedFile& each : incident.companions) {
      auto file = files_.open(each.card);
      if (file)
        joined.push_back({*std::move(file), each.because});
      else
        fail(file.error());
    }
    const Case examined = examine(*std::move(primary), std::move(joined), rules_,
                                  tools_ ? &*tools_ : nullptr, owners_);
    ++examined_;
    if (is_last && tools_) tools_->dismiss();
    const bool lacks_parts = options_.require_complete && is_incomplete(examined);
    const bool lacks_names = options_.require_symbols && !has_own_symbols(examined);
    if (lacks_parts || lacks_names) code_ = worse(code_, ExitCode::not_met);
    write(examined);
  }

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
  Gathering& files_;
  std::vector<Separator> separators_;
  std::optional<SymbolTools> tools_;
  ExitCode code_ = ExitCode::done;
  std::size_t examined_ = 0;
};

int fail(const Error& error) {
  complain(error);
  return static_cast<int>(error.code == ErrorCode::internal ? ExitCode::internal : ExitCode::usage);
}

}  // namespace

int analyze(const AnalyzeOptions& options) {
  const auto settings = render_options(options);
  if (!settings) return fail(settings.error());
  const auto rules = load_rules(options.rules, options.quiet, rules::Reading::quick);
  if (!rules) return fail(rules.error());
  auto outputs = open_outputs(options.outputs);
  if (!outputs) return fail(outputs.error());

  const auto owners = load_ownership(options.own, options.owners);
  if (!owners) return fail(owners.error());

  Gathering files(options.limits);
  Analysis analysis(options, *rules, *settings, *outputs, *owners, files);
  for (const Input& input : expand_inputs(options.inputs, options.limits)) files.add(input);
  for (const Input& input : expand_inputs(options.with, options.limits)) files.add(input, true);
  analysis.run();
  const ExitCode code = analysis.finish();
  const bool counts = code == ExitCode::internal || code == ExitCode::usage || !options.exit_zero;
  return counts ? static_cast<int>(code) : 0;
}

}  // namespace panicscan::app
