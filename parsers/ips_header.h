#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json_tree.h"
#include "model/report_builder.h"
#include "parsers/ips_body.h"

namespace panicscan::parsers {

/// What the first object of a report file says about it. Empty when a file has no header.
struct IpsHeader {
  std::string bug_type;                      ///< blanks trimmed; "" when not said
  std::string name, bundle_id, app_version;  ///< of the process, for crash reports
  std::string caused_by;  ///< "macos" or "bridgeos": which side of a T2 machine panicked
  std::optional<Sourced<std::string>> os_version, macos_version;
  std::optional<Sourced<Uuid>> incident;
};

/// Reads a header and keeps its other members as Fields.
IpsHeader read_ips_header(JsonValue header, std::uint32_t document, ReportBuilder& out);

/// Sets os and build from "macOS 15.5 (24F74)", unless they are known already.
void set_os(Machine& machine, const Sourced<std::string>& os);

/// Which processor a kernel was built for, from "…/RELEASE_ARM64_T6000".
Arch arch_of_kernel(std::string_view kernel_version);

}  // namespace panicscan::parsers
