#include "app/card.h"

#include <algorithm>

#include "base/text.h"
#include "base/timestamp.h"
#include "model/driver_extension.h"
#include "model/value.h"
#include "model/vendor.h"

namespace panicscan::app {
namespace {

/// So many names are kept; a report that names more is about nothing in particular.
constexpr std::size_t kMostNames = 5000;
constexpr std::size_t kShortestName = 4;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_name_character(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// "com.example.driver", and not "com.apple.driver" or "v1.2.3".
bool is_bundle_id_of_others(std::string_view name) {
  const std::string_view domain = name.substr(0, name.find('.'));
  return domain.size() >= 2 && std::ranges::all_of(domain, is_letter) && !name.ends_with('.') &&
         std::ranges::count(name, '.') >= 2 && std::ranges::all_of(name, is_name_character) &&
         !is_apple(name);
}

void add_name(Card& card, std::string_view name) {
  if (name.size() < kShortestName || card.names.size() >= kMostNames) return;
  card.names.emplace(name);
  if (is_bundle_id_of_others(name)) card.drivers.emplace(name);
}

/// The words of a message that could be names: "ExampleNIC::setPowerState(" gives both.
void add_words(Card& card, std::string_view text) {
  constexpr std::size_t kMostText = 4096;
  text = text.substr(0, kMostText);
  while (!text.empty()) {
    std::size_t length = 0;
    while (length < text.size() && is_name_character(text[length])) ++length;
    add_name(card, text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
}

std::optional<std::int64_t> in_us(const std::optional<Sourced<EpochTime>>& time) {
  constexpr std::uint64_t kYear10000 = 253'402'300'800;
  if (!time || time->value.seconds == 0 || time->value.seconds >= kYear10000) return std::nullopt;
  return static_cast<std::int64_t>(time->value.seconds * 1'000'000 + time->value.microseconds);
}

void read_panic(const Panic& panic, Card& card) {
  card.begin_us = in_us(panic.times.boot);
  card.end_us = in_us(panic.times.calendar);
  add_words(card, panic.message.value);
  for (const Dext& dext : panic.dexts) add_name(card, dext.bundle_id);
  for (const Kext& kext : panic.kexts)
    if (kext.list == KextList::in_backtrace) add_name(card, kext.bundle_id);
  if (panic.process_name && panic.process_name->value != "kernel_task")
    add_name(card, panic.process_name->value);
}

void read_crash(const Crash& crash, Card& card) {
  card.begin_us = parse_timestamp(crash.launch_time);
  card.end_us = parse_timestamp(crash.time);
  add_name(card, crash.bundle_id);
  add_name(card, crash.process);
}

/// "ExampleNIC-0x100000abc" without the registry entry id.
std::string_view without_id(std::string_view name) {
  const auto dash = name.rfind("-0x");
  return dash == std::string_view::npos ? name : name.substr(0, dash);
}

void read_log(const Log& log, Card& card) {
  for (const LogEvent& event : log.events) {
    if (event.unix_us) {
      card.begin_us = std::min(card.begin_us.value_or(*event.unix_us), *event.unix_us);
      card.end_us = std::max(card.end_us.value_or(*event.unix_us), *event.unix_us);
    }
    for (const auto& [name, value] : event.values)
      if (name == "subject" || name == "object") add_name(card, without_id(format(value)));
  }
  card.is_useful = !log.events.empty();
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
    text = text.substr(1, text.size() - 2);
  return text;
}

/// Data that hold a text, <"Mac14,2"> or <4d616331342c3200>, as the text; empty for others.
std::string text_in_data(std::string_view data) {
  if (!consume(data, "<") || !data.ends_with('>')) return {};
  data.remove_suffix(1);
  if (data.starts_with('"')) return std::string(unquoted(data));
  std::string text;
  for (; data.size() >= 2; data.remove_prefix(2)) {
    const auto byte = parse_hex(data.substr(0, 2));
    if (!byte || *byte == 0) break;
    text += static_cast<char>(*byte);
  }
  return text;
}

void read_devices(const DeviceTree& devices, Card& card) {
  for (const DeviceNode& node : devices.nodes) {
    // The model of the machine stands at the entry that stands for it.
    if (node.class_name == "IOPlatformExpertDevice" && card.product.empty())
      if (const std::string* model = node.find("model"); model != nullptr)
        card.product = text_in_data(*model);
    const bool is_dext = node.find("IOUserServerName") != nullptr;
    if (is_dext) add_name(card, std::string_view(node.name).substr(0, node.name.find('@')));
    for (const char* property : {"IOUserServerName", "IOUserClass", "CFBundleIdentifier"})
      if (const std::string* value = node.find(property); is_dext && value != nullptr)
        add_name(card, unquoted(*value));
  }
}

}  // namespace

Card make_card(const Report& report) {
  Card card;
  card.kind = report.kind;
  card.is_source = report.format == kDriverSourceFormat;
  if (report.machine.boot_session && !report.machine.boot_session->value.is_zero())
    card.boot_session = report.machine.boot_session->value;
  if (report.machine.product) card.product = report.machine.product->value;
  if (report.panic) read_panic(*report.panic, card);
  if (report.crash) read_crash(*report.crash, card);
  read_log(report.log, card);
  read_devices(report.devices, card);
  if (report.kind != ReportKind::log) card.is_useful = true;
  // Processes of a stackshot that are named like bundles: driver extensions are.
  for (const Process& process : report.processes)
    if (process.name.find('.') != std::string::npos) add_name(card, process.name);
  return card;
}

}  // namespace panicscan::app
