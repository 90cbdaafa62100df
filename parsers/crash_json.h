#pragma once

#include "model/report_builder.h"
#include "parsers/ips_body.h"
#include "parsers/ips_header.h"

namespace panicscan::parsers {

/// Whether the body has a member that only crash reports of processes have.
bool looks_like_crash(const IpsBody& body);

/// Reads the body of a process's crash report: 309 and 109, the simulated crashes 308 and 385, and
/// 409 with the stackshot inside it. What has no place in the model becomes Fields; each part may
/// be missing, null, or of another type than it should be.
///
/// Source: Apple, "Interpreting the JSON format of a crash report"; what that page leaves out
/// (compact images, sharedCache, inline, rosetta, numbers as text) from published reports.
void read_crash_json(const IpsBody& body, const IpsHeader& header, ReportBuilder& out);

}  // namespace panicscan::parsers
