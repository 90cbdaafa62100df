#pragma once

#include "model/report_builder.h"
#include "parsers/ips_body.h"

namespace panicscan::parsers {

/// Adds the processes of a memory pressure event ("JetsamEvent", bug type 298): their memory, and
/// which of them the system ended and why. False when the body is no such event.
///
/// Source: xnu bsd/kern/kern_memorystatus.c for the causes; member names from published reports.
bool read_jetsam(const IpsBody& body, ReportBuilder& out);

}  // namespace panicscan::parsers
