#pragma once

#include <cstdint>

#include "model/report_builder.h"

namespace panicscan::parsers {

/// Reads a source file of a driver extension, .iig or .cpp, into fields:
///
///   class             "ExampleHBA : IOUserSCSIParallelInterfaceController"
///   method            "ExampleHBA::UserProcessParallelTask", of each method of an .iig file
///   queue             "ExampleHBA::UserProcessParallelTask FaultQueue", of each QUEUENAME
///   implementation    "ExampleHBA", of each class whose methods a .cpp file has (IMPL)
///   SetDispatchQueue  "AuxiliaryQueue", the names that a .cpp file gives queues to
///
/// Preprocessor lines are not obeyed: what stands under any #if counts.
/// Returns whether the text is one. Cost: linear.
bool read_driver_source(std::uint32_t document, ReportBuilder& out);

}  // namespace panicscan::parsers
