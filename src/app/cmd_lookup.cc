// symbols lookup: function, file and line of addresses in one symbol file, in the text that
// llvm-symbolizer writes, so that what reads the one reads the other.

#include <algorithm>
#include <iostream>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/cli.h"
#include "app/exit_code.h"
#include "app/gathered_output.h"
#include "app/symbol_tools.h"
#include "base/source.h"
#include "base/text.h"
#include "base/threads.h"
#include "render/render.h"
#include "symbolicator/address_map.h"

namespace panicscan::app {
namespace {

using symbols::LookupReply;
using symbols::LookupRequest;
using symbols::NameFrame;
using symbols::SymbolFile;

/// Asked for in one request, so that no symbolizer ever holds the names of all.
constexpr std::size_t kAddressesInRequest = 8192;
/// Symbolizers that take turns: while one writes names out, the other reads.
constexpr unsigned kSymbolizers = 2;

/// One line of input: what it says, and where the address is among all that are looked up. A
/// stackshot has 100,000 lines, so they are small.
struct Line {
  static constexpr std::uint32_t kNoAddress = ~std::uint32_t{0};

  std::uint32_t begin = 0, length = 0;  ///< of its text in the input
  std::uint32_t place = kNoAddress;
};

/// The lines of the input, and the addresses in them as the linker wrote them.
struct Questions {
  std::string_view input;
  std::vector<Line> lines;
  std::vector<FileAddress> addresses;  ///< ascending, each once

  std::string_view text(const Line& line) const { return input.substr(line.begin, line.length); }
};

/// Reads lines; `slide` is taken from their addresses. The input is at most 256 MB (read_source).
Questions read_questions(std::string_view input, Slide slide) {
  Questions all{input, {}, {}};
  all.lines.reserve(1 + static_cast<std::size_t>(std::ranges::count(input, '\n')));
  std::unordered_map<std::string_view, std::uint32_t> numbers;  // most lines stand there often
  std::vector<FileAddress> found;
  LineReader reader(input);
  while (const auto line = reader.next()) {
    Line& row = all.lines.emplace_back();
    row.begin = line->offset;
    row.length = static_cast<std::uint32_t>(line->text.size());
    const auto [known, is_new] = numbers.try_emplace(line->text, Line::kNoAddress);
    const auto value = is_new ? parse_hex(trim(line->text)) : std::nullopt;
    if (value) {
      known->second = static_cast<std::uint32_t>(found.size());
      found.push_back(Address{*value} - slide);
    }
    row.place = known->second;
  }
  all.addresses = found;
  std::ranges::sort(all.addresses);
  all.addresses.erase(std::unique(all.addresses.begin(), all.addresses.end()), all.addresses.end());
  std::vector<std::uint32_t> places;
  for (const FileAddress address : found) {
    const auto at = std::ranges::lower_bound(all.addresses, address);
    places.push_back(static_cast<std::uint32_t>(at - all.addresses.begin()));
  }
  for (Line& line : all.lines)
    if (line.place != Line::kNoAddress) line.place = places[line.place];
  return all;
}

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

/// The answers to one request, as text.
struct Answers {
  std::string text;
  std::vector<std::size_t> ends;  ///< per address, where its lines end in the text
  std::vector<std::string> notes;
  std::string problem;  ///< why there is no answer

  std::string_view of(std::size_t address) const {
    const std::size_t begin = address == 0 ? 0 : ends[address - 1];
    return std::string_view(text).substr(begin, ends[address] - begin);
  }
};

/// Writes the answers of one reply.
class ChainWriter {
 public:
  explicit ChainWriter(const LookupReply& reply) : reply_(reply), shown_(reply.strings.size()) {}

  /// "function\nfile:line:column\n" for each frame of an address, innermost first, and an empty
  /// line.
  void write(std::size_t address, std::string& text) {
    const auto frames = reply_.chain(address);
    if (frames.empty()) text += "??\n??:0:0\n";
    for (const NameFrame& frame : frames) {
      text.append(shown(frame.function)).append("\n").append(shown(frame.file));
      text.append(":").append(std::to_string(frame.line));
      text.append(":").append(std::to_string(frame.column)).append("\n");
    }
    text += '\n';
  }

 private:
  /// A string of the reply as it may be printed; most stand in many frames.
  const std::string& shown(std::uint32_t number) {
    std::string& text = shown_[number];
    if (text.empty()) text = number == 0 ? "??" : render::printable(reply_.text(number));
    return text;
  }

  const LookupReply& reply_;
  std::vector<std::string> shown_;
};

Answers answers_to(const LookupRequest& request, const symbols::SymbolSources& sources) {
  Answers answers;
  const auto answer = sources.look_up(request);
  if (const auto* refusal = std::get_if<symbols::Refusal>(&answer)) {
    answers.problem = refusal->message;
    return answers;
  }
  const auto& reply = std::get<LookupReply>(answer);
  answers.notes = reply.notes;
  ChainWriter writer(reply);
  for (std::size_t i = 0; i < request.addresses.size(); ++i) {
    writer.write(i, answers.text);
    answers.ends.push_back(answers.text.size());
  }
  return answers;
}

/// The answers for the addresses, which ascend, from one file, request by request.
Expected<std::vector<Answers>> all_answers(const std::vector<FileAddress>& addresses,
                                           const SymbolFile& file,
                                           const symbols::SymbolSources& sources) {
  std::vector<Answers> all((addresses.size() + kAddressesInRequest - 1) / kAddressesInRequest);
  for_each_on_threads(all.size(), kSymbolizers, [&](std::size_t i) {
    const std::size_t begin = i * kAddressesInRequest;
    const auto some = std::span(addresses).subspan(
        begin, std::min(addresses.size() - begin, kAddressesInRequest));
    all[i] = answers_to({.path = file.path,
                         .uuid = file.uuid,
                         .addresses = {some.begin(), some.end()},
                         .cache = {}},
                        sources);
  });
  std::set<std::string> notes;
  for (const Answers& some : all) {
    if (!some.problem.empty())
      return Error{ErrorCode::unreadable, file.path + ": " + some.problem, {}};
    notes.insert(some.notes.begin(), some.notes.end());
  }
  for (const std::string& note : notes)
    std::cerr << "panicscan: " << render::printable(file.path + ": " + note) << '\n';
  return all;
}

/// Answers each line, each distinct address being looked up once.
Expected<ExitCode> answer(const LookupOptions& options, const SymbolTools& tools,
                          std::string_view input) {
  const auto files = files_of(options, tools.store());
  if (!files) return files.error();
  const auto slide = slide_of(options, files->front(), tools.sources());
  if (!slide) return slide.error();

  const Questions questions = read_questions(input, *slide);
  Expected<std::vector<Answers>> answers = std::vector<Answers>();
  for (const SymbolFile& file : *files) {
    answers = all_answers(questions.addresses, file, tools.sources());
    if (answers) break;
  }
  if (!answers) return answers.error();

  ExitCode code = ExitCode::done;
  GatheredOutput output;
  for (const Line& line : questions.lines) {
    if (line.place != Line::kNoAddress) {
      output.add((*answers)[line.place / kAddressesInRequest].of(line.place % kAddressesInRequest));
      continue;
    }
    const std::string_view text = questions.text(line);
    output.keep(render::printable(text) + '\n');
    if (!trim(text).empty()) code = ExitCode::unreadable;
  }
  return output.flush() ? code : ExitCode::internal;
}

}  // namespace

int symbols_lookup(const LookupOptions& options) {
  const auto fail = [](const Error& error) {
    std::cerr << "panicscan: " << render::printable(error.message) << '\n';
    return static_cast<int>(error.code == ErrorCode::usage ? ExitCode::usage
                                                           : ExitCode::unreadable);
  };
  const SymbolTools tools(options.symbols);
  tools.start_ahead();
  if (options.addresses.empty() || options.addresses == std::vector<std::string>{"-"}) {
    const auto source = read_source("-");
    if (!source) return fail(source.error());
    const auto code = answer(options, tools, *source->bytes);
    return code ? static_cast<int>(*code) : fail(code.error());
  }
  std::string lines;
  for (const std::string& address : options.addresses) {
    if (!parse_hex(address))
      return fail({ErrorCode::usage, address + " is no hexadecimal number", {}});
    lines += address + '\n';
  }
  const auto code = answer(options, tools, lines);
  return code ? static_cast<int>(*code) : fail(code.error());
}

}  // namespace panicscan::app
