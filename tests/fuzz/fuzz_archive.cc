// Any bytes as an archive: each member is read as a report, and all are joined.

#include "app/archive.h"
#include "app/gathering.h"
#include "app/incident.h"
#include "fuzz/examine_everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace panicscan;
  Limits limits;
  limits.archive_total = 8 << 20;
  limits.input = 1 << 20;
  std::vector<app::Card> cards;
  const auto source =
      source_from_text("input", std::string(reinterpret_cast<const char*>(data), size));
  const auto result = app::read_archive(source, limits, [&](Source member) {
    auto file = app::parse_file(std::move(member), limits);
    if (!file) return;
    if (!validate(file->report).empty()) std::abort();
    cards.push_back(app::make_card(file->report));
  });
  if (result && result->candidates > result->members + 1) std::abort();
  std::size_t placed = 0;
  for (const app::Incident& incident : app::form_incidents(cards))
    placed += 1 + incident.companions.size();
  if (placed != cards.size()) std::abort();
  return 0;
}
