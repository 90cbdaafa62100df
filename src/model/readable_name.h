#pragma once

#include <string>
#include <string_view>

namespace panicscan {

/// A symbol as people say it: "__ZN10IOWorkLoop9sleepGateEPvyj" is "IOWorkLoop::sleepGate",
/// "_thread_block" is "thread_block". Parameters are left out; what is not a plain nested name
/// (templates, operators, thunks) stays as it is.
///
/// This is not a demangler: a full one can be made to produce gigabytes from a short hostile name.
/// Source: Itanium C++ ABI, 5.1.3 (nested-name, source-name, ctor-dtor-name).
std::string readable_name(std::string_view symbol);

}  // namespace panicscan
