#pragma once

#include <string_view>

namespace panicscan::render {

/// What a report of a bug type is, in a few words; empty for types that are not known.
/// Source: the submission table of OSAnalytics as published, checked with reports seen in public.
std::string_view report_type_words(std::string_view bug_type);

}  // namespace panicscan::render
