// The only file that knows CLI11. It turns the command line into one of the option structs of
// cli.h and calls the command; commands never see argc and argv.

#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <iostream>

#include "app/exit_code.h"

namespace panicscan::app {
namespace {

constexpr std::array<std::string_view, 8> kVerbs{"analyze", "symbolicate", "rules",  "explain",
                                                 "schema",  "symbols",     "limits", "kcdata"};

constexpr const char* kFooter =
    "The verb may be left out: `panicscan REPORT` is `panicscan analyze REPORT`.\n"
    "Exit codes: 0 done, 2 usage or rule error, 3 an input was unreadable or not recognised,\n"
    "4 --require-complete or --require-symbols not met, 70 internal error or the result could not "
    "be written.";

/// A command whose options are made when it is called: those of all commands take longer than most
/// of what a short report takes.
CLI::App* add_command(CLI::App& parent, const char* name, const char* what,
                      const std::function<void(CLI::App&)>& add_options) {
  auto* command = parent.add_subcommand(name, what);
  command->preparse_callback([command, add_options](std::size_t) { add_options(*command); });
  return command;
}

void add_rule_options(CLI::App& command, RuleOptions& options) {
  command
      .add_option("--rules", options.directories,
                  "Add the rules below DIR; one with a built-in id replaces it (repeatable)")
      ->type_name("DIR");
  command.add_flag("--no-builtin-rules", options.no_builtin, "Start without the built-in rules");
}

/// A flag for each limit; `panicscan limits` explains them.
void add_limit_options(CLI::App& command, Limits& limits) {
  for (const LimitRow& row : limit_rows()) {
    const auto set = [&limits, &row](const std::string& text) {
      if (const Status done = set_limit(limits, row, text); !done)
        throw CLI::ValidationError(done.error().message);
    };
    command
        .add_option_function<std::string>("--limit-" + std::string(row.name), set,
                                          "At most so many " + std::string(row.meaning))
        ->type_name("N")
        ->default_str(limit_text(row, limits.*row.value))
        ->group("Limits");
  }
}

void add_symbol_options(CLI::App& command, SymbolOptions& options) {
  // One place each time: what follows it may be an address or a report.
  command
      .add_option("--kdk", options.kdks,
                  "A Kernel Debug Kit, or a folder that holds some (repeatable)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command.add_option("--dsym", options.dsyms, "A dSYM or a Mach-O file (repeatable)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option("--symbols", options.folders,
                  "Search DIR and all below it for symbol files (repeatable)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command.add_flag("--no-symbols", options.none, "Look no names up in symbol files");
  command.add_flag("--allow-near-match", options.allow_near_match,
                   "Use files of another build where there is none of this one; such names say so");
  command.add_flag("--no-cache", options.no_cache,
                   "Neither use nor keep the index of symbol files, nor use `symbols cache`");
}

void add_analyze_options(CLI::App& command, AnalyzeOptions& options) {
  command
      .add_option("input", options.inputs,
                  "Reports, logs, ioreg dumps, sysdiagnose archives, directories (searched), or - "
                  "for stdin")
      ->required()
      ->type_name("FILE|DIR|-");
  command
      .add_option("--with", options.with,
                  "A file that belongs to the incident: log, ioreg dump, crash report (repeatable)")
      ->type_name("FILE")
      ->take_all();
  command.add_flag("--no-join", options.no_join,
                   "Every report for itself, even when several tell of one incident");
  command
      .add_option("-o,--output", options.outputs,
                  "What to write: text, json, dot or mermaid, with =FILE to a file (repeatable; "
                  "default: text)")
      ->type_name("FORMAT[=FILE]")
      ->take_all()
      ->allow_extra_args(false);
  command
      .add_option("--threads", options.threads, "Threads to show: own, all, panicked, or at most N")
      ->type_name("own|all|panicked|N");
  auto* brief =
      command.add_flag("--brief", options.brief, "Two lines only: the verdict and the panic line");
  command.add_flag("--full", options.full, "Every thread of every process, every note")
      ->excludes(brief);
  command.add_option("--color", options.color, "Colour the text (default: auto)")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command
      .add_option("--width", options.width,
                  "Columns to wrap text to (default: the terminal's, else 100)")
      ->check(CLI::Range(40, 1000));
  command
      .add_option("--own", options.own,
                  "Bundle id, or the beginning of one up to a dot, of your own code; what you give "
                  "dSYMs of is yours as well (repeatable)")
      ->type_name("BUNDLE")
      ->allow_extra_args(false);
  command
      .add_option("--owners", options.owners,
                  "Which team looks after what: {\"owners\": [{\"match\": PATTERN, \"team\": "
                  "NAME}]}")
      ->type_name("FILE");
  command.add_flag("--require-complete", options.require_complete,
                   "Exit with 4 when a report is truncated or damaged");
  command.add_flag("--require-symbols", options.require_symbols,
                   "Exit with 4 when the kernel or third-party code has no symbols");
  command.add_flag("--exit-zero", options.exit_zero, "Exit with 0 whatever the inputs were");
  command.add_flag("-q,--quiet", options.quiet, "No remarks on stderr, errors only");
  add_rule_options(command, options.rules);
  add_symbol_options(command, options.symbols);
  add_limit_options(command, options.limits);
}

void add_rule_test_options(CLI::App& command, RuleTestOptions& options) {
  command
      .add_option("--lab", options.lab,
                  "A folder with a folder for each incident, as samples/lab/lab.py writes it")
      ->required()
      ->type_name("DIR");
  command.add_flag("--json", options.json, "Print the table as JSON");
  add_rule_options(command, options.rules);
  add_symbol_options(command, options.symbols);
}

void add_lookup_options(CLI::App& command, LookupOptions& options) {
  command
      .add_option("address", options.addresses,
                  "Addresses in hexadecimal; without any, one a line from standard input")
      ->type_name("ADDRESS|-");
  command.add_option("--uuid", options.uuid, "The image, when the files have several")
      ->type_name("UUID");
  command.add_option("--arch", options.arch, "The same by architecture, as `symbols list` says it")
      ->type_name("ARCH");
  auto* slide =
      command.add_option("--slide", options.slide, "How far the image was moved")->type_name("HEX");
  command.add_option("--load-address", options.load_address, "Where its __TEXT was loaded")
      ->type_name("HEX")
      ->excludes(slide);
  add_symbol_options(command, options.symbols);
}

constexpr const char* kSymbolicateFooter =
    "A text keeps every byte; rows of stacks get \"name + offset (file:line)\" behind them, code\n"
    "that was inlined is marked [inlined], and its callers follow. Of a JSON report, `text` is "
    "the\n"
    "panic text and every thread of every process, and `ips` is the same file: the panic text "
    "gets\n"
    "names, and the body a member panicscanSymbols. Its `returnAddresses` and `programCounters`\n"
    "hold the names of the stackshot's frames by image and offset, as the frames spell them, with\n"
    "the keys of Apple's crash reports: symbol, symbolLocation, sourceFile, sourceLine, inline.";

void add_symbolicate_options(CLI::App& command, SymbolicateOptions& options) {
  command.add_option("input", options.inputs, "Reports, directories (searched), or - for stdin")
      ->required()
      ->type_name("FILE|DIR|-");
  command
      .add_option("-o,--output", options.outputs,
                  "What to write: text or ips, with =FILE to a file (repeatable; default: text)")
      ->type_name("FORMAT[=FILE]")
      ->take_all()
      ->allow_extra_args(false);
  command.add_flag("--ips", options.ips, "The same as -o ips: the JSON file, with names");
  command.add_flag("--require-symbols", options.require_symbols,
                   "Exit with 4 when the kernel or third-party code has no symbols");
  command.add_flag("-q,--quiet", options.quiet, "No remarks on stderr, errors only");
  add_symbol_options(command, options.symbols);
  add_limit_options(command, options.limits);
  command.footer(kSymbolicateFooter);
}

/// The commands under `symbols cache`.
struct CacheCommands {
  CLI::App* build = nullptr;
  CLI::App* list = nullptr;
  CLI::App* prune = nullptr;
};

void add_cache_limit(CLI::App& command, CacheOptions& options) {
  command
      .add_option("--cache-limit", options.limit,
                  "How much to keep: bytes, or 500MB, 10GB (default: 10GB)")
      ->envname("PANICSCAN_CACHE_LIMIT")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE");
}

CacheCommands add_cache(CLI::App& symbols, CacheOptions& options) {
  auto* cache = symbols.add_subcommand(
      "cache", "Debug information in a form that is quicker to look up; used where it is there");
  cache->require_subcommand(1);
  return {
      add_command(*cache, "build", "Make it for some images, one at a time on this machine",
                  [&](CLI::App& command) {
                    command.add_option("what", options.what, "Images, or symbol files")
                        ->type_name("UUID|FILE");
                    command.add_flag("--all", options.all, "Every dSYM that is found");
                    add_symbol_options(command, options.symbols);
                    add_cache_limit(command, options);
                  }),
      add_command(*cache, "list", "What there is: UUID, bytes, whether its file is unchanged",
                  [&](CLI::App& command) { command.add_flag("--json", options.json, "As JSON"); }),
      add_command(*cache, "prune", "Remove what was not used for longest, and what is stale",
                  [&](CLI::App& command) {
                    command.add_flag("--all", options.all, "Remove everything");
                    add_cache_limit(command, options);
                  })};
}

/// One of the commands under `symbols`.
struct SymbolCommand {
  const char* name;
  const char* what;
  const char* argument;  ///< null: takes none
  const char* type;
  int (*run)(const SymbolOptions&, const std::string&);
};
constexpr std::array kSymbolCommands{
    SymbolCommand{"index", "Look at all places and renew the index", nullptr, nullptr,
                  [](const SymbolOptions& o, const std::string&) { return symbols_index(o); }},
    SymbolCommand{"list", "Every image that has symbols, one line each", nullptr, nullptr,
                  [](const SymbolOptions& o, const std::string&) { return symbols_list(o); }},
    SymbolCommand{"need", "What to get for the code of a report that has no symbols", "A report",
                  "FILE", symbols_need},
    SymbolCommand{"doctor", "What names are made with: the symbolizer, the files, the KDKs",
                  nullptr, nullptr,
                  [](const SymbolOptions& o, const std::string&) { return symbols_doctor(o); }},
    SymbolCommand{"dsym-for-uuid", "The property list that LLDB expects of a dsymForUUID program",
                  "A UUID", "UUID", symbols_dsym_for_uuid}};

/// Puts `analyze` in front when the first argument is no command.
std::vector<std::string> with_verb(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return {"--help"};
  const std::string& first = arguments.front();
  const bool is_own_option = first == "--help" || first == "-h" || first == "--version";
  if (!is_own_option && std::ranges::find(kVerbs, first) == kVerbs.end())
    arguments.insert(arguments.begin(), "analyze");
  return arguments;
}

/// `panicscan rulez` is more likely a mistyped command than a report.
bool looks_like_a_mistyped_command(int argc, const char* const* argv) {
  if (argc < 2) return false;
  const std::string_view first = argv[1];
  const bool is_word = !first.empty() && first.find_first_of("./-") == std::string_view::npos;
  std::error_code ignored;
  return is_word && std::ranges::find(kVerbs, first) == kVerbs.end() &&
         !std::filesystem::exists(first, ignored);
}

}  // namespace

int run(int argc, const char* const* argv) {
  if (looks_like_a_mistyped_command(argc, argv)) {
    std::cerr << "panicscan: '" << argv[1] << "' is neither a command nor a file; commands are";
    for (const auto verb : kVerbs) std::cerr << ' ' << verb;
    std::cerr << " (panicscan --help)\n";
    return static_cast<int>(ExitCode::usage);
  }

  CLI::App app(
      "panicscan reads Apple kernel panics and says what happened, who did it, how sure that "
      "is, and what to do next.",
      "panicscan");
  app.set_version_flag("--version", "panicscan " PANICSCAN_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);

  AnalyzeOptions analyze_options;
  add_command(app, "analyze", "Say what happened, who did it, how sure that is, what to do",
              [&](CLI::App& command) { add_analyze_options(command, analyze_options); });

  SymbolicateOptions symbolicate_options;
  add_command(app, "symbolicate", "Write the report again, with functions, files and lines in it",
              [&](CLI::App& command) { add_symbolicate_options(command, symbolicate_options); });

  RuleOptions rule_options;
  const auto add_rules = [&](CLI::App& command) { add_rule_options(command, rule_options); };
  auto* rules = app.add_subcommand("rules", "List, check, test and document the rules");
  rules->require_subcommand(1);
  auto* list = add_command(*rules, "list", "One line for each rule", add_rules);
  auto* check = add_command(
      *rules, "check", "Check rule files and run their examples", [&](CLI::App& command) {
        add_rules(command);
        command.add_option("directory", rule_options.directories, "More rules to check")
            ->type_name("DIR");
      });
  auto* doc = add_command(*rules, "doc", "The catalogue of rules, as Markdown", add_rules);
  auto* rule_schema =
      rules->add_subcommand("schema", "The JSON Schema of a rule file, for editors");
  RuleTestOptions test_options;
  auto* test =
      add_command(*rules, "test", "Incidents whose answer is known, against the rules",
                  [&](CLI::App& command) { add_rule_test_options(command, test_options); });

  std::string rule_id;
  auto* explain_command = add_command(
      app, "explain", "What a rule looks for, what it means, what to do", [&](CLI::App& command) {
        command.add_option("rule", rule_id, "The id of a rule, as `rules list` prints it")
            ->required();
        add_rules(command);
      });

  std::string schema_name;
  auto* schema_command =
      add_command(app, "schema", "Print a JSON Schema: report or rule", [&](CLI::App& command) {
        command.add_option("name", schema_name, "Which one")
            ->required()
            ->check(CLI::IsMember({"report", "rule"}));
      });

  std::string kcdata_path;
  Limits kcdata_limits;
  auto* kcdata_command = add_command(
      app, "kcdata", "Everything that a kcdata buffer holds, as JSON", [&](CLI::App& command) {
        command.add_option("file", kcdata_path, "kcdata, raw or packed, or - for stdin")
            ->required()
            ->type_name("FILE");
        add_limit_options(command, kcdata_limits);
      });
  auto* limits_command =
      app.add_subcommand("limits", "How much is read of everything, and the flags that change it");

  SymbolOptions symbol_options;
  std::string symbol_argument;
  std::vector<std::pair<CLI::App*, SymbolCommand>> symbol_commands;
  auto* symbols =
      app.add_subcommand("symbols", "Which symbol files there are, and which are needed");
  symbols->require_subcommand(1);
  for (const SymbolCommand& row : kSymbolCommands) {
    auto* command = add_command(*symbols, row.name, row.what, [&, row](CLI::App& called) {
      if (row.argument != nullptr)
        called.add_option("what", symbol_argument, row.argument)->required()->type_name(row.type);
      add_symbol_options(called, symbol_options);
    });
    symbol_commands.emplace_back(command, row);
  }

  LookupOptions lookup_options;
  auto* lookup = add_command(
      *symbols, "lookup", "Function, file and line of addresses, as llvm-symbolizer prints them",
      [&](CLI::App& command) { add_lookup_options(command, lookup_options); });
  CacheOptions cache_options;
  const CacheCommands cache = add_cache(*symbols, cache_options);

  auto arguments = with_verb(argc, argv);
  std::ranges::reverse(arguments);  // CLI11 takes a vector back to front
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }

  if (app.got_subcommand("symbolicate")) return symbolicate(symbolicate_options);
  for (const auto& [command, row] : symbol_commands)
    if (command->parsed()) return row.run(symbol_options, symbol_argument);
  if (lookup->parsed()) return symbols_lookup(lookup_options);
  if (cache.build->parsed()) return symbols_cache_build(cache_options);
  if (cache.list->parsed()) return symbols_cache_list(cache_options);
  if (cache.prune->parsed()) return symbols_cache_prune(cache_options);
  if (list->parsed()) return rules_list(rule_options);
  if (check->parsed()) return rules_check(rule_options);
  if (doc->parsed()) return rules_doc(rule_options);
  if (rule_schema->parsed()) return rules_schema();
  if (test->parsed()) return rules_test(test_options);
  if (explain_command->parsed()) return explain(rule_options, rule_id);
  if (schema_command->parsed()) return schema(schema_name);
  if (limits_command->parsed()) return limits();
  if (kcdata_command->parsed()) return kcdata(kcdata_path, kcdata_limits);
  return analyze(analyze_options);
}

}  // namespace panicscan::app
