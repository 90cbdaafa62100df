#include "analysis/analysis.h"

#include "analysis/message.h"
#include "base/text.h"

// [SPTM] VIOLATION_T8110_DART_INVALID_ERR_MASK:
// validate_t8110dart_err_mask(t8110dart_validation.h:324)
//   state->dart_id(0x9), err_mask(0x80180000)
// The monitor is closed; only what the text itself names is read.

namespace panicscan::analysis {
namespace {

constexpr FactField kFields[] = {
    {"name", ValueType::text, "what was violated, without \"VIOLATION_\""},
    {"is_dart", ValueType::boolean, "whether it concerns a DART"},
    {"dart_id", ValueType::hex, "number of the DART"},
    {"err_mask", ValueType::hex, "the error mask as printed; its layout is not known"},
};
constexpr FactSchema kSchema{
    "sptm.violation", "The secure page table monitor refused a request of the kernel.", kFields};

constexpr const FactSchema* kSchemas[] = {&kSchema};

/// The number in "label(0x…)"; a function's name may end in the same label.
std::optional<std::uint64_t> in_brackets(std::string_view text, std::string_view label) {
  while (skip_past(text, label))
    if (consume(text, "("))
      if (const auto value = consume_hex(text)) return value;
  return std::nullopt;
}

void run(const Input& input, Facts& facts) {
  const Message message(input.report);
  std::string_view text = message.text();
  if (!consume(text, "[SPTM]")) return;
  skip_blanks(text);
  if (!consume(text, "VIOLATION_")) return;
  const std::string_view name =
      consume_while(text, [](char c) { return is_name_character(c, "_"); });
  const bool is_dart = name.find("DART") != std::string_view::npos;
  const auto dart_id = in_brackets(text, "dart_id");
  const auto mask = in_brackets(text, "err_mask");

  Fact fact(kSchema);
  fact.set("name", Value::text(std::string(name)));
  fact.set("is_dart", Value::boolean(is_dart));
  fact.decoded.push_back({"violation", std::string(name),
                          is_dart ? "the kernel asked for a DART state that the monitor forbids"
                                  : "the kernel asked for something that the monitor forbids"});
  if (dart_id) {
    fact.set("dart_id", Value::hex(*dart_id));
    fact.decoded.push_back({"dart_id", hex(*dart_id), "the monitor's number of the DART"});
  }
  if (mask) {
    fact.set("err_mask", Value::hex(*mask));
    fact.decoded.push_back({"err_mask", hex(*mask), "its layout is not public"});
  }
  fact.because.push_back(message.says("the page table monitor refused a request", message.text()));
  facts.all.push_back(std::move(fact));
}

}  // namespace

constinit const Analysis kSptm{"sptm", kSchemas, run};

}  // namespace panicscan::analysis
