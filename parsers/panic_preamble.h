#pragma once

#include "parsers/panic_state.h"

namespace panicscan::parsers {

/// Keeps the date line of old report files, "Mon Oct 29 13:57:35 2018", as Field "date".
bool take_date_line(PanicState& state, const TextLine& line);

}  // namespace panicscan::parsers
