#pragma once

#include <string>
#include <vector>

#include "model/case.h"

namespace panicscan::app {

/// Whether everything that matters has symbols: the kernel and whatever is not Apple's.
bool has_own_symbols(const Case& examined);

/// How many frames have a name, where the names are from, and what to get for the others: lines
/// for people, the most frames first. Nothing in them is from outside without being printable.
std::vector<std::string> symbol_summary(const Case& examined);

}  // namespace panicscan::app
