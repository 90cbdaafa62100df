#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/symbol_tools.h"
#include "base/limits.h"

namespace panicscan::app {

/// What every command that reads rules was given.
struct RuleOptions {
  std::vector<std::string> directories;  ///< --rules, repeatable
  bool no_builtin = false;               ///< --no-builtin-rules
};

/// The options of `analyze`.
struct AnalyzeOptions {
  std::vector<std::string> inputs;
  std::vector<std::string> with;     ///< --with: files that belong to the incident
  std::vector<std::string> outputs;  ///< FORMAT or FORMAT=FILE
  RuleOptions rules;
  SymbolOptions symbols;
  std::string threads;  ///< own, all, panicked or a number; empty = the format's default
  std::string color = "auto";
  std::optional<std::uint32_t> width;
  std::vector<std::string> own;  ///< --own, repeatable: bundle ids of the user's code
  std::string owners;            ///< --owners: a file that names teams
  Limits limits;
  bool brief = false, full = false, quiet = false, require_complete = false, exit_zero = false;
  bool require_symbols = false;
  bool no_join = false;  ///< --no-join: every report stands alone
};

/// The options of `symbols lookup`.
struct LookupOptions {
  SymbolOptions symbols;
  std::vector<std::string> addresses;  ///< none, or "-": one a line from standard input
  std::string uuid, arch;              ///< of the image, where the files have several
  std::string slide, load_address;     ///< hexadecimal; empty: addresses are as linked
};

/// The options of `rules test`.
struct RuleTestOptions {
  RuleOptions rules;
  SymbolOptions symbols;
  std::string lab;    ///< --lab: the folder of the incidents
  bool json = false;  ///< --json
};

/// The options of `symbolicate`.
struct SymbolicateOptions {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;  ///< FORMAT or FORMAT=FILE
  SymbolOptions symbols;
  Limits limits;
  bool ips = false;  ///< --ips: the same as -o ips
  bool quiet = false, require_symbols = false;
};

/// The options of `symbols cache`; not every command has all.
struct CacheOptions {
  SymbolOptions symbols;
  std::vector<std::string> what;                  ///< UUIDs and files to make it for
  bool all = false;                               ///< build: every dSYM; prune: everything
  bool json = false;                              ///< list
  std::uint64_t limit = std::uint64_t{10} << 30;  ///< bytes that the cache may have
};

/// Reads the command line, runs the command, returns the exit code.
int run(int argc, const char* const* argv);

// The commands; each returns its exit code.
int analyze(const AnalyzeOptions& options);
int symbolicate(const SymbolicateOptions& options);
int rules_list(const RuleOptions& options);
int rules_check(const RuleOptions& options);
int rules_doc(const RuleOptions& options);
int rules_schema();
int rules_test(const RuleTestOptions& options);
int explain(const RuleOptions& options, const std::string& id);
int schema(const std::string& name);
int limits();
int kcdata(const std::string& path, const Limits& limits);
int symbols_index(const SymbolOptions& options);
int symbols_list(const SymbolOptions& options);
int symbols_need(const SymbolOptions& options, const std::string& report_path);
int symbols_lookup(const LookupOptions& options);
int symbols_cache_build(const CacheOptions& options);
int symbols_cache_list(const CacheOptions& options);
int symbols_cache_prune(const CacheOptions& options);
int symbols_doctor(const SymbolOptions& options);
int symbols_dsym_for_uuid(const SymbolOptions& options, const std::string& uuid);

}  // namespace panicscan::app
