#include "parsers/ips_header.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "parsers/json_fields.h"

namespace panicscan::parsers {

IpsHeader read_ips_header(JsonValue header, std::uint32_t document, ReportBuilder& out) {
  IpsHeader known;
  header.for_each([&](JsonValue member) {
    const std::string name = member.key();
    Sourced<std::string> text = sourced_text(member, document);
    if (name == "bug_type") {
      // Written as "210", 210 and " 210 ".
      known.bug_type = std::move(text.value);
    } else if (name == "os_version") {
      known.os_version = std::move(text);
    } else if (name == "incident_id") {
      if (const auto uuid = parse_uuid(text.value))
        known.incident = {*uuid, text.where};
      else
        add_json_field(out, name, member, document);
    } else {
      if (name == "name" || name == "app_name") known.name = text.value;
      if (name == "bundleID") known.bundle_id = text.value;
      if (name == "app_version") known.app_version = text.value;
      if (name == "caused_by") known.caused_by = to_lower(text.value);
      if (name == "macos_version") known.macos_version = text;
      add_json_field(out, name, member, document);
    }
  });
  if (!known.bug_type.empty()) out.report().bug_type = known.bug_type;
  return known;
}

void set_os(Machine& machine, const Sourced<std::string>& os) {
  if (os.value.empty()) return;
  if (!machine.os) machine.os = os;
  const auto open = os.value.rfind('(');
  const auto close = os.value.find(')', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos || machine.build) return;
  machine.build = {os.value.substr(open + 1, close - open - 1), os.where};
}

Arch arch_of_kernel(std::string_view kernel_version) {
  struct Mark {
    std::string_view mark;
    Arch arch;
  };
  // ARM64 before ARM: the shorter name is part of the longer one.
  constexpr std::array kMarks{Mark{"_ARM64", Arch::arm64}, Mark{"_X86_64", Arch::x86_64},
                              Mark{"_ARM_", Arch::arm32}};
  for (const Mark& mark : kMarks)
    if (kernel_version.find(mark.mark) != std::string_view::npos) return mark.arch;
  return Arch::unknown;
}

}  // namespace panicscan::parsers
