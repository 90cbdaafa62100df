#include "analysis/analysis.h"

#include <algorithm>
#include <array>

#include "analysis/message.h"
#include "base/text.h"

// macOS 26:
//   dart-apciec0 (0x…): DART DART exception SID 0 ERROR_STATUS 0x80000001 ERROR_ADDRESS
//   0x0000000080000000 (…)
// before:
//   dart-apcie1 (0x…): DART(DART) error: SID 1 PTE invalid exception on write of DVA 0xad8000
//   (TTBR 0 SEG 0 PTE 0x2b6) ERROR_STATUS 0x81000404 TIME 0x… TTE … AXI_ID …
//   dart-disp0 (0x…): SMMU(SMMU) error: SID 4 PTE invalid exception on read of DVA 0x… (…)
// The driver is closed; the meaning of the bits is that of Linux's drivers/iommu/apple-dart.c.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"dart", ValueType::text, "name of the DART, e.g. dart-apciec0"},
    {"device_class", ValueType::text,
     "what sits behind it, by its name: pcie, display, media or other"},
    {"base", ValueType::address, "address of its registers or object, as printed"},
    {"sid", ValueType::number,
     "the stream id in the text; this, not the status word, says which device"},
    {"status", ValueType::hex, "ERROR_STATUS"},
    {"stream", ValueType::number, "the stream field inside ERROR_STATUS"},
    {"code", ValueType::list, "names of the code bits of ERROR_STATUS that are set"},
    {"fault", ValueType::text, "no-ttbr, no-pgd, no-pmd, no-pte, write, read or unknown"},
    {"chip", ValueType::text,
     "which layout of ERROR_STATUS was used: t8110, t6000, t8020 or other"},
    {"dva", ValueType::address, "the device virtual address that was accessed"},
    {"direction", ValueType::text, "read or write, when the text says it"},
    {"walk", ValueType::text, "the page table walk as printed: TTBR, SEG, PTE"},
    {"at_window_base", ValueType::boolean,
     "whether the address is 0x80000000, where DMA windows of PCIe usually begin"},
    {"style", ValueType::text, "which wording: exception (macOS 26) or error (older)"},
};
constexpr FactSchema kSchema{
    "dart.error", "An I/O memory management unit (DART) stopped an access by a device.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// The message, taken apart; parts are views into it.
struct Error {
  std::string_view dart, style, walk, direction, cause, whole;
  std::optional<std::uint64_t> base, sid, status, dva;
  std::string_view status_text, dva_text, sid_text;
};

/// A bit of the code field of ERROR_STATUS.
struct CodeBit {
  std::uint32_t bit;
  std::string_view name, meaning;
};
constexpr std::string_view kNoTtbr = "the stream has no translation table at all";
constexpr CodeBit kT8110Codes[] = {
    {0, "no-ttbr", kNoTtbr},
    {1, "no-pgd", "the first level of the table has no entry for the address"},
    {2, "no-pmd", "the second level of the table has no entry for the address"},
    {3, "no-pte", "the page is not mapped"},
    {4, "write", "the page may not be written"},
    {5, "read", "the page may not be read"},
};
constexpr CodeBit kT8020Codes[] = {
    {0, "no-ttbr", kNoTtbr},
    {1, "no-pmd", "the upper level of the table has no entry for the address"},
    {2, "no-pte", "the page is not mapped"},
    {3, "write", "the page may not be written"},
    {4, "read", "the page may not be read"},
};

/// How a generation of DARTs lays ERROR_STATUS out.
struct Layout {
  unsigned stream_shift;
  std::uint64_t stream_mask, code_mask;
  std::span<const CodeBit> codes;
};
constexpr Layout kT8110{20, 0xff, 0x7fff, kT8110Codes};
constexpr Layout kT8020{24, 0xf, 0xfff, kT8020Codes};

constexpr std::uint64_t stream_of(const Layout& layout, std::uint64_t status) {
  return (status >> layout.stream_shift) & layout.stream_mask;
}
static_assert(stream_of(kT8020, 0x81000404) == 1);
static_assert(stream_of(kT8110, 0x80000001) == 0);

std::optional<std::uint64_t> consume_labelled(std::string_view text, std::string_view label,
                                              std::string_view& where) {
  const auto at = text.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at);
  std::string_view rest = text.substr(label.size());
  const auto value = consume_number(rest);
  if (value) where = consumed(text, rest);
  return value;
}

/// "SID 1 PTE invalid exception on write of DVA 0xad8000 (TTBR 0 SEG 0 PTE 0x2b6)"
void parse_old(std::string_view text, Error& error) {
  const auto cause = consume_until(text, " exception on ");
  if (cause) {
    std::string_view words = *cause;
    consume_while(words, [](char c) { return is_digit(c) || c == ' '; });
    error.cause = words;
    error.direction = consume_while(text, [](char c) { return c >= 'a' && c <= 'z'; });
  }
  error.dva = consume_labelled(text, "DVA ", error.dva_text);
  if (error.dva && skip_past(text, error.dva_text) && consume(text, " (")) {
    if (const auto walk = consume_until(text, ")")) error.walk = *walk;
  }
}

std::optional<Error> parse(const Message& message) {
  std::string_view text = message.text();
  Error error;
  // The message may begin with the driver's own words; a DART's name begins with "dart".
  const std::size_t at = text.find("dart");
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at);
  const std::string_view start = text;
  error.dart = consume_while(text, [](char c) { return is_name_character(c, "-_"); });
  skip_blanks(text);
  if (consume(text, "(")) {
    error.base = consume_hex(text);
    consume(text, ")");
  }
  consume(text, ":");
  skip_blanks(text);

  const bool is_new = consume(text, "DART DART exception ") || consume(text, "DART exception ");
  if (!is_new && !skip_past(text, ") error: ")) return std::nullopt;
  error.style = is_new ? "exception" : "error";
  error.sid = consume_labelled(text, "SID ", error.sid_text);
  if (!error.sid) return std::nullopt;
  error.status = consume_labelled(text, "ERROR_STATUS ", error.status_text);
  if (is_new)
    error.dva = consume_labelled(text, "ERROR_ADDRESS ", error.dva_text);
  else if (skip_past(text, "SID "))
    parse_old(text, error);
  error.whole = start.substr(0, start.find('\n'));
  return error;
}

std::string_view device_class(std::string_view dart) {
  struct Row {
    std::string_view part, name;
  };
  // Names of the SoC's blocks as Apple's device tree spells them.
  static constexpr std::array kRows{
      Row{"pcie", "pcie"},    Row{"disp", "display"}, Row{"dcp", "display"}, Row{"scaler", "media"},
      Row{"ave", "media"},    Row{"avd", "media"},    Row{"isp", "media"},   Row{"jpeg", "media"},
      Row{"prores", "media"}, Row{"msr", "media"},    Row{"apr", "media"},
  };
  const auto found = std::ranges::find_if(
      kRows, [&](const Row& row) { return dart.find(row.part) != std::string_view::npos; });
  return found == kRows.end() ? "other" : found->name;
}

/// Which layout applies: by the driver's source file, else by the wording; else by which of the two
/// stream fields agrees with the SID in the text.
struct Choice {
  std::string_view chip, why;
  const Layout* layout;
};

Choice choose(const Panic& panic, const Error& error) {
  const std::string file = panic.source_file ? panic.source_file->value : std::string();
  const auto by_file = [&](std::string_view part) { return file.find(part) != std::string::npos; };
  if (by_file("T8110")) return {"t8110", "by the driver's source file", &kT8110};
  if (by_file("T6000")) return {"t6000", "by the driver's source file", &kT8020};
  if (by_file("T8020") || by_file("T8103"))
    return {"t8020", "by the driver's source file", &kT8020};
  if (error.style == "exception") return {"t8110", "by the wording", &kT8110};
  if (!error.status || !error.sid) return {"other", "", nullptr};
  const bool wide = stream_of(kT8110, *error.status) == *error.sid;
  const bool narrow = stream_of(kT8020, *error.status) == *error.sid;
  if (wide != narrow)
    return {"other", "because its stream field agrees with the SID", wide ? &kT8110 : &kT8020};
  return {"other", "", nullptr};
}

/// "PTE invalid" in the text says what the code says.
std::string_view fault_in_words(std::string_view cause) {
  if (cause.starts_with("TTBR")) return "no-ttbr";
  if (cause.starts_with("PGD")) return "no-pgd";
  if (cause.starts_with("PMD") || cause.starts_with("STE") || cause.starts_with("L1"))
    return "no-pmd";
  if (cause.starts_with("PTE") || cause.starts_with("L2")) return "no-pte";
  if (cause.starts_with("Write") || cause.starts_with("write")) return "write";
  if (cause.starts_with("Read") || cause.starts_with("read")) return "read";
  return "unknown";
}

void decode_status(const Error& error, const Choice& choice, Fact& fact) {
  const std::uint64_t status = *error.status;
  auto& rows = fact.decoded;
  fact.set("status", Value::hex(status));
  if (choice.layout == nullptr) {
    rows.push_back(
        {"ERROR_STATUS", hex(status), "two layouts exist and nothing says which applies"});
    return;
  }
  const Layout& layout = *choice.layout;
  const std::uint64_t stream = stream_of(layout, status);
  const std::uint64_t code = status & layout.code_mask;
  std::vector<std::string> names;
  rows.push_back({"ERROR_STATUS", hex(status), std::string("read ") + std::string(choice.why)});
  rows.push_back({"stream", std::to_string(stream),
                  error.sid && stream == *error.sid ? "agrees with the SID"
                                                    : "differs from the SID, which counts"});
  std::uint64_t unknown = code;
  for (const CodeBit& bit : layout.codes) {
    if ((code >> bit.bit & 1) == 0) continue;
    unknown &= ~(std::uint64_t{1} << bit.bit);
    names.emplace_back(bit.name);
    rows.push_back(
        {"code bit " + std::to_string(bit.bit), std::string(bit.name), std::string(bit.meaning)});
  }
  if (unknown != 0) rows.push_back({"code bits", hex(unknown), "without a known meaning"});
  fact.set("stream", Value::number(stream));
  fact.set("code", Value::list(std::move(names)));
}

std::string fault_of(const Error& error, const Fact& fact) {
  const std::string_view words = fault_in_words(error.cause);
  if (words != "unknown") return std::string(words);
  const Value* code = fact.find("code");
  if (code == nullptr) return "unknown";
  const auto& names = std::get<std::vector<std::string>>(code->data);
  return names.empty() ? "unknown" : names.front();  // the table is sorted, worst first
}

void run(const Input& input, Facts& facts) {
  if (!input.report.panic) return;
  constexpr std::uint64_t kWindowBase = 0x80000000;
  const Message message(input.report);
  const auto error = parse(message);
  if (!error) return;
  const Choice choice = choose(*input.report.panic, *error);
  const std::string_view devices = device_class(error->dart);
  const auto text = [](std::string_view value) { return Value::text(std::string(value)); };

  Fact fact(kSchema);
  fact.set("dart", text(error->dart));
  fact.set("device_class", text(devices));
  fact.set("chip", text(choice.chip));
  fact.set("style", text(error->style));
  if (error->base) fact.set("base", Value::address(*error->base));
  fact.set("sid", Value::number(*error->sid));
  fact.decoded.push_back(
      {"SID", std::to_string(*error->sid), "the stream, that is which device behind the DART"});
  if (error->status) decode_status(*error, choice, fact);
  fact.set("fault", Value::text(fault_of(*error, fact)));
  if (!error->direction.empty()) fact.set("direction", text(error->direction));
  if (!error->walk.empty()) fact.set("walk", text(error->walk));
  if (error->dva) {
    const bool at_base = *error->dva == kWindowBase;
    fact.set("dva", Value::address(*error->dva));
    fact.set("at_window_base", Value::boolean(at_base));
    fact.decoded.push_back({"address", hex(*error->dva),
                            at_base ? "where the DMA window of a PCIe device usually begins: the "
                                      "first buffer that was mapped"
                                    : "the address that the device used, not a physical one"});
    fact.because.push_back(
        message.says("the device accessed " + hex(*error->dva), error->dva_text));
  }
  fact.because.insert(fact.because.begin(),
                      message.says(std::string(error->dart) + " stopped an access", error->whole));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kDart{"dart", kSchemas, run};

}  // namespace panicscan::analysis
