#pragma once

#include <optional>
#include <string_view>

#include "parsers/log_events.h"

namespace panicscan::parsers {

/// A line that a driver extension logged itself and that names a method of DriverKit
/// (model/driverkit_calls.h):
///
///   "PSRefSCSI: UserReportHBAConstraints 0xe00002c7"   dext-call-result, with the result
///   "ExampleHBA::UserStartController entered"          dext-method, when `sender` is a bundle id
///
/// Extensions log what they like; only the method and a kIOReturn code are taken from it. The holes
/// are function, code, subject (the class in front) and address_bits ("maxAddressBits 31").
/// Cost: linear in the message.
std::optional<KnownLine> read_own_line(std::string_view sender, std::string_view message);

}  // namespace panicscan::parsers
