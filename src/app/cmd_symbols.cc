// symbols: which symbol files there are, and which ones a report needs.

#include <iostream>
#include <set>

#include "app/cli.h"
#include "app/exit_code.h"
#include "app/symbol_tools.h"
#include "base/source.h"
#include "parsers/format.h"
#include "render/render.h"
#include "symbolicator/symbol_commands.h"

namespace panicscan::app {
namespace {

int finish(ExitCode code = ExitCode::done) {
  return static_cast<int>(std::cout.flush() ? code : ExitCode::internal);
}

void write_notes(const symbols::SymbolStore& store) {
  for (const std::string& note : store.notes())
    std::cerr << "panicscan: " << render::printable(note) << '\n';
}

}  // namespace

int symbols_list(const SymbolOptions& options) {
  const SymbolTools tools(options, SymbolTools::For::files);
  std::cout << symbols::list(tools.store());
  write_notes(tools.store());
  return finish();
}

int symbols_index(const SymbolOptions& options) {
  const SymbolTools tools(options, SymbolTools::For::files);
  const auto files = tools.store().all();
  std::set<Uuid> images;
  for (const auto& file : files) images.insert(file.uuid);
  std::cout << files.size() << " symbol files of " << images.size() << " images\n";
  write_notes(tools.store());
  return finish();
}

int symbols_need(const SymbolOptions& options, const std::string& report_path) {
  const auto fail = [](const Error& error) {
    std::cerr << "panicscan: " << render::printable(error.message) << '\n';
    return static_cast<int>(ExitCode::unreadable);
  };
  const auto source = read_source(report_path, std::size_t{256} << 20);
  if (!source) return fail(source.error());
  const auto report = parsers::parse(*source);
  if (!report) return fail(report.error());
  const SymbolTools tools(options, SymbolTools::For::files);
  const Symbols found = tools.names_for(*report, place_frames(*report));
  for (const ImageSymbols& image : found.images)
    if (!image.remedy.empty())
      std::cout << render::printable(image.image) << ": " << render::printable(image.remedy)
                << '\n';
  write_notes(tools.store());
  return finish();
}

int symbols_doctor(const SymbolOptions& options) {
  const SymbolTools tools(options, SymbolTools::For::files);
  std::cout << "symbolizer: " << render::printable(tools.symbolizer()) << '\n';
  std::cout << "symbol files: " << tools.store().all().size() << '\n';
  std::cout << "KDKs:";
  const auto builds = tools.store().kdk_builds();
  for (const std::string& build : builds) std::cout << ' ' << render::printable(build);
  std::cout << (builds.empty() ? " none\n" : "\n");
  for (const std::string& note : tools.store().notes())
    std::cout << "remark: " << render::printable(note) << '\n';
  return finish();
}

int symbols_dsym_for_uuid(const SymbolOptions& options, const std::string& text) {
  const auto uuid = parse_uuid(text);
  if (!uuid) {
    std::cerr << "panicscan: " << render::printable(text) << " is no UUID\n";
    return static_cast<int>(ExitCode::usage);
  }
  const SymbolTools tools(options, SymbolTools::For::files);
  std::cout << symbols::dsym_for_uuid(tools.store(), *uuid);
  return finish();
}

}  // namespace panicscan::app
