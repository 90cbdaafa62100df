#include "app/gathering.h"

#include <utility>

#include "app/archive.h"
#include "parsers/sniff.h"

namespace panicscan::app {
namespace {

/// Of so many bytes the reports are kept; a report takes several times the bytes it is made of.
constexpr std::uint64_t kKeptBytes = std::uint64_t{8} << 20;

bool is_only_no_report(const Error& error) { return error.code == ErrorCode::unknown_format; }

}  // namespace

void Gathering::add(const Input& input, bool is_forced) {
  std::uint64_t reports = 0;
  const auto take_member = [&](Source member) {
    if (add_source(std::move(member), true, is_forced, true)) ++reports;
  };
  const auto finish_archive = [&](const Expected<ArchiveResult>& result) {
    add_archive(result);
    if (result) skipped_ += result->members > reports ? result->members - reports : 0;
  };
  if (is_archive_file(input.path))
    return finish_archive(read_archive(input.path, limits_, take_member));
  auto source = read_source(input.path, static_cast<std::size_t>(limits_.input));
  if (!source) {
    errors_.push_back(source.error());
    return;
  }
  if (parsers::is_archive(std::string_view(*source->bytes).substr(0, parsers::kSniffed)))
    return finish_archive(read_archive(*source, limits_, take_member));
  const bool is_found = input.found_in_directory;
  if (!add_source(*std::move(source), is_found, is_forced, input.path == "-") && is_found)
    ++skipped_;
}

void Gathering::add_archive(const Expected<ArchiveResult>& result) {
  if (!result) {
    errors_.push_back(result.error());
    return;
  }
  remarks_.insert(remarks_.end(), result->remarks.begin(), result->remarks.end());
  if (!result->cut.empty()) errors_.push_back({ErrorCode::unreadable, result->cut, {}});
}

bool Gathering::add_source(Source source, bool is_found, bool is_forced, bool must_keep) {
  auto file = parse_file(source, limits_);
  if (!file) {
    if (!is_found || !is_only_no_report(file.error())) errors_.push_back(file.error());
    return false;
  }
  Card card = make_card(file->report);
  // A log of which no line is known says nothing, unless it was named.
  if (is_found && !card.is_useful) return false;
  card.is_forced = is_forced;
  kept_bytes_ += source.bytes->size();
  const bool keeps_report = kept_bytes_ <= kKeptBytes;
  File kept{source.path, std::nullopt, std::nullopt};
  if (keeps_report) kept.report = std::move(file->report);
  if (keeps_report || must_keep) kept.bytes = std::move(source);
  files_.push_back(std::move(kept));
  cards_.push_back(std::move(card));
  return true;
}

Expected<ParsedFile> Gathering::open(std::size_t card) {
  File& file = files_[card];
  if (file.report) return ParsedFile{*file.bytes, *std::exchange(file.report, std::nullopt)};
  auto source = file.bytes ? Expected<Source>(*file.bytes)
                           : read_source(file.path, static_cast<std::size_t>(limits_.input));
  if (!source) return std::move(source).error();
  return parse_file(*std::move(source), limits_);
}

}  // namespace panicscan::app
