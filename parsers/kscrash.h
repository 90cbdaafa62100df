#pragma once

#include "model/report_builder.h"
#include "parsers/ips_body.h"

namespace panicscan::parsers {

/// Reads the report of an application that the KSCrash library wrote: the same things as the
/// system's, under other names. False, and nothing read, for other bodies.
/// Source: KSCrash's report format, as its reports show it.
bool read_kscrash(const IpsBody& body, ReportBuilder& out);

}  // namespace panicscan::parsers
