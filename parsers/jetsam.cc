#include "parsers/jetsam.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "parsers/json_fields.h"

namespace panicscan::parsers {
namespace {

/// Page size of the machines that write such reports, when one does not say: 16 KiB.
constexpr std::uint64_t kUsualPage = 16384;
constexpr std::uint64_t kLargestPage = 1U << 20;

std::uint64_t page_size(const IpsBody& body) {
  const auto size = body["memoryStatus"]["pageSize"].as_number_like();
  return size && *size > 0 && *size <= kLargestPage ? *size : kUsualPage;
}

}  // namespace

bool read_jetsam(const IpsBody& body, ReportBuilder& out) {
  const JsonValue processes = body["processes"];
  if (processes.kind() != JsonKind::array || !body["memoryStatus"].exists()) return false;
  const std::uint64_t page = page_size(body);
  processes.for_each([&](JsonValue row) {
    if (row.kind() != JsonKind::object) return;
    Process process;
    process.where = where_of(row, body.document());
    process.id = {static_cast<std::int64_t>(row["pid"].as_number_like().value_or(0))};
    process.name = scalar_text(row["name"]);
    if (const auto pages = row["rpages"].as_number_like())
      process.resident_bytes = *pages <= ~std::uint64_t{0} / page ? *pages * page : *pages;
    process.ended_because = scalar_text(row["reason"]);
    row["states"].for_each([&](JsonValue state) {
      if (std::string text = scalar_text(state); !text.empty())
        process.flags.push_back(std::move(text));
    });
    out.begin_process(std::move(process));
  });
  Machine& machine = out.report().machine;
  if (!machine.product && body["product"].kind() == JsonKind::string)
    machine.product = sourced_text(body["product"], body.document());
  std::erase_if(out.report().fields, [](const Field& field) { return field.name == "processes"; });
  return true;
}

}  // namespace panicscan::parsers
