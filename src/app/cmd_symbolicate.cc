// symbolicate: the report again, with names in it.

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "app/cli.h"
#include "app/examine.h"
#include "app/exit_code.h"
#include "app/inputs.h"
#include "app/output.h"
#include "app/symbol_summary.h"
#include "app/symbol_tools.h"

namespace panicscan::app {
namespace {

void complain(const Error& error) {
  std::cerr << "panicscan: " << render::printable(error.message) << '\n';
}

int fail(const Error& error) {
  complain(error);
  return static_cast<int>(error.code == ErrorCode::internal ? ExitCode::internal : ExitCode::usage);
}

/// One `symbolicate`: takes the inputs one by one and keeps count of what became of them.
class Symbolication {
 public:
  Symbolication(const SymbolicateOptions& options, std::vector<Output>& outputs, bool several)
      : options_(options), outputs_(outputs), several_(several) {
    if (are_symbols_wanted(options.symbols))
      tools_.emplace(options.symbols, SymbolTools::For::names);
  }

  void take(const Input& input) {
    auto source = read_source(input.path, static_cast<std::size_t>(options_.limits.input));
    auto named =
        source ? read_with_names(*std::move(source), tools_ ? &*tools_ : nullptr, options_.limits)
               : Expected<Case>(source.error());
    if (!named && input.found_in_directory && named.error().code == ErrorCode::unknown_format)
      return;
    if (!named) {
      complain(named.error());
      code_ = worse(code_, named.error().code == ErrorCode::internal ? ExitCode::internal
                                                                     : ExitCode::unreadable);
      return;
    }
    if (options_.require_symbols && !has_own_symbols(*named))
      code_ = worse(code_, ExitCode::not_met);
    write(*named);
    if (options_.quiet) return;
    for (const std::string& line : symbol_summary(*named))
      std::cerr << "panicscan: " << render::printable(named->source.path) << ": " << line << '\n';
  }

  ExitCode finish() {
    // Without a report no output is completed: the files asked for do not appear.
    if (written_ == 0) return worse(code_, ExitCode::unreadable);
    for (Output& output : outputs_) {
      if (const auto kept = output.finish(); !kept) {
        complain(kept.error());
        code_ = worse(code_, ExitCode::internal);
      }
    }
    return code_;
  }

 private:
  void write(const Case& named) {
    for (Output& output : outputs_) {
      if (output.format().name == "ips" && !named.report.body.known()) {
        complain({ErrorCode::unknown_format,
                  named.source.path + ": is no JSON, so it stays text; leave out --ips",
                  {}});
        code_ = worse(code_, ExitCode::unreadable);
        continue;
      }
      if (several_)
        output.stream() << (written_ == 0 ? "" : "\n")
                        << "== " << render::printable(named.source.path) << '\n';
      const bool to_terminal = output.is_stdout() && ::isatty(STDOUT_FILENO) != 0;
      output.format().render(output.stream(), named,
                             {.tool_version = PANICSCAN_VERSION, .to_terminal = to_terminal});
      ++written_;
    }
  }

  const SymbolicateOptions& options_;
  std::vector<Output>& outputs_;
  std::optional<SymbolTools> tools_;
  ExitCode code_ = ExitCode::done;
  std::size_t written_ = 0;
  bool several_;
};

}  // namespace

int symbolicate(const SymbolicateOptions& options) {
  std::vector<std::string> wanted = options.outputs;
  if (options.ips) wanted.insert(wanted.begin(), "ips");
  auto outputs = open_outputs(wanted, render::symbolicated_formats());
  if (!outputs) return fail(outputs.error());
  const auto inputs = expand_inputs(options.inputs);
  const auto is_ips = [](const Output& output) { return output.format().name == "ips"; };
  if (inputs.size() > 1 && std::ranges::any_of(*outputs, is_ips))
    return fail({ErrorCode::usage, "a JSON report holds one report: give one FILE at a time", {}});

  Symbolication symbolication(options, *outputs, inputs.size() > 1);
  for (const Input& input : inputs) symbolication.take(input);
  return static_cast<int>(symbolication.finish());
}

}  // namespace panicscan::app
