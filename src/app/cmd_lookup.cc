// symbols lookup: function, file and line of addresses in one symbol file, in the text that
// llvm-symbolizer writes, so that what reads the one reads the other.

#include <algorithm>
#include <iostream>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "app/answers.h"
#include "app/cli.h"
#include "app/exit_code.h"
#include "app/gathered_output.h"
#include "app/questions.h"
#include "app/symbol_tools.h"
#include "base/source.h"
#include "base/text.h"
#include "base/threads.h"
#include "render/render.h"
#include "symbolicator/address_map.h"

namespace panicscan::app {
namespace {

using symbols::LookupReply;
using symbols::SymbolFile;

/// Asked for in one request, so that no symbolizer ever holds the names of all.
constexpr std::size_t kAddressesInRequest = 8192;
/// Symbolizers that take turns: while one writes names out, the other reads.
constexpr unsigned kSymbolizers = 2;

/// The files of the one image that is meant, the most useful first.
Expected<std::vector<SymbolFile>> files_of(const LookupOptions& options,
                                           const symbols::SymbolStore& store) {
  std::set<Uuid> uuids;
  std::string images;
  for (const SymbolFile& file : store.all()) {
    if (!options.uuid.empty() && parse_uuid(options.uuid) != file.uuid) continue;
    if (!options.arch.empty() && options.arch != file.arch) continue;
    if (uuids.insert(file.uuid).second) images += ", " + to_string(file.uuid) + " " + file.arch;
  }
  if (uuids.size() == 1) return store.find(*uuids.begin());
  if (uuids.size() > 1)
    return Error{ErrorCode::usage,
                 "say which image with --uuid or --arch; these are" + images.substr(1),
                 {}};
  const auto& notes = store.notes();
  return Error{ErrorCode::unreadable,
               notes.empty() ? "no symbol file of that image was given" : notes.front(),
               {}};
}

/// The image with that UUID: a slice, or an entry of a collection.
const symbols::MachImage* image_with(const symbols::IdentifyReply& reply, const Uuid& uuid) {
  for (const symbols::Slice& slice : reply.slices) {
    if (slice.image.uuid == uuid) return &slice.image;
    for (const symbols::MachImage& entry : slice.entries)
      if (entry.uuid == uuid) return &entry;
  }
  return nullptr;
}

/// What is to be subtracted from the addresses to get those that the linker wrote.
Expected<Slide> slide_of(const LookupOptions& options, const SymbolFile& file,
                         const symbols::SymbolSources& sources) {
  const std::string& given = options.slide.empty() ? options.load_address : options.slide;
  if (given.empty()) return Slide{};
  const auto value = parse_hex(given);
  if (!value) return Error{ErrorCode::usage, given + " is no hexadecimal number", {}};
  if (!options.slide.empty()) return Slide{*value};
  const auto answer = sources.identify(file.path);
  if (const auto* refusal = std::get_if<symbols::Refusal>(&answer))
    return Error{ErrorCode::unreadable, file.path + ": " + refusal->message, {}};
  const auto* image = image_with(std::get<symbols::IdentifyReply>(answer), file.uuid);
  const auto linked =
      image != nullptr ? symbols::file_address({symbols::Anchor::text, 0}, *image) : std::nullopt;
  if (!linked)
    return Error{ErrorCode::unreadable, file.path + " does not say where it was linked to", {}};
  return Slide{*value - linked->value};
}

/// What is asked about.
struct Target {
  std::vector<SymbolFile> files;  ///< of one image, the most useful first; the first can be read
  Slide slide;
};

Expected<Target> find_target(const LookupOptions& options, const SymbolTools& tools) {
  auto files = files_of(options, tools.store());
  if (!files) return files.error();
  const auto slide = slide_of(options, files->front(), tools.sources());
  if (!slide) return slide.error();
  // Asking for nothing makes whoever is asked open a file, and its cache, ahead of time.
  for (auto file = files->begin();; ++file) {
    const auto answer = tools.sources().look_up(
        {.path = file->path, .uuid = file->uuid, .addresses = {}, .cache = {}});
    const auto* refusal = std::get_if<symbols::Refusal>(&answer);
    if (refusal == nullptr) return Target{{file, files->end()}, *slide};
    if (std::next(file) == files->end())
      return Error{ErrorCode::unreadable, file->path + ": " + refusal->message, {}};
  }
}

/// The answers for the addresses, which ascend, from one file, request by request.
Expected<std::vector<Answers>> all_answers(const std::vector<FileAddress>& addresses,
                                           const SymbolFile& file,
                                           const symbols::SymbolSources& sources) {
  std::vector<Answers> all((addresses.size() + kAddressesInRequest - 1) / kAddressesInRequest);
  std::mutex mutex;
  std::set<std::string> notes, problems;
  for_each_on_threads(all.size(), kSymbolizers, [&](std::size_t i) {
    const std::size_t begin = i * kAddressesInRequest;
    const auto some = std::span(addresses).subspan(
        begin, std::min(addresses.size() - begin, kAddressesInRequest));
    const auto answer = sources.look_up({.path = file.path,
                                         .uuid = file.uuid,
                                         .addresses = {some.begin(), some.end()},
                                         .cache = {}});
    const auto* reply = std::get_if<LookupReply>(&answer);
    if (reply != nullptr) all[i] = Answers(*reply, default_threads());
    const std::lock_guard lock(mutex);
    if (reply != nullptr)
      notes.insert(reply->notes.begin(), reply->notes.end());
    else
      problems.insert(std::get<symbols::Refusal>(answer).message);
  });
  if (!problems.empty())
    return Error{ErrorCode::unreadable, file.path + ": " + *problems.begin(), {}};
  for (const std::string& note : notes)
    std::cerr << "panicscan: " << render::printable(file.path + ": " + note) << '\n';
  return all;
}

/// Prints the answer of each line.
ExitCode print(const Questions& questions, const std::vector<Answers>& answers) {
  ExitCode code = ExitCode::done;
  GatheredOutput output;
  auto other = questions.others.begin();
  for (const std::uint32_t place : questions.lines) {
    if (place != Questions::kNoAddress) {
      output.add(answers[place / kAddressesInRequest].of(place % kAddressesInRequest));
      continue;
    }
    std::string_view text = *other++;
    if (text.ends_with('\r')) text.remove_suffix(1);
    output.keep(render::printable(text) + '\n');
    if (!trim(text).empty()) code = ExitCode::unreadable;
  }
  return output.flush() ? code : ExitCode::internal;
}

/// The lines that are given as arguments, or else those of standard input.
Expected<Questions> questions_of(const LookupOptions& options) {
  QuestionReader reader;
  if (options.addresses.empty() || options.addresses == std::vector<std::string>{"-"}) {
    const auto read = read_standard_input([&](std::string_view piece) { reader.take(piece); });
    if (!read) return read.error();
  } else {
    for (const std::string& address : options.addresses) {
      if (!parse_hex(address))
        return Error{ErrorCode::usage, address + " is no hexadecimal number", {}};
      reader.take(address + '\n');
    }
  }
  return reader.finish();
}

/// Answers each line, each distinct address being looked up once.
Expected<ExitCode> answer(const LookupOptions& options) {
  std::optional<SymbolTools> tools;
  Expected<Target> target = Target();
  Expected<Questions> questions = Questions();
  // Files are found, and who reads them is started, while the lines are read.
  for_each_on_threads(2, 2, [&](std::size_t i) {
    if (i == 0) {
      tools.emplace(options.symbols, SymbolTools::For::names);
      target = find_target(options, *tools);
    } else {
      questions = questions_of(options);
    }
  });
  if (!questions) return questions.error();
  if (!target) return target.error();

  const auto addresses = linked_addresses(*questions, target->slide);
  Expected<std::vector<Answers>> answers = std::vector<Answers>();
  for (const SymbolFile& file : target->files) {
    answers = all_answers(addresses, file, tools->sources());
    if (answers) break;
  }
  if (!answers) return answers.error();
  tools->dismiss();
  return print(*questions, *answers);
}

}  // namespace

int symbols_lookup(const LookupOptions& options) {
  const auto code = answer(options);
  if (code) return static_cast<int>(*code);
  std::cerr << "panicscan: " << render::printable(code.error().message) << '\n';
  return static_cast<int>(code.error().code == ErrorCode::usage ? ExitCode::usage
                                                                : ExitCode::unreadable);
}

}  // namespace panicscan::app
