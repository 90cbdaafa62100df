// Stand-in: the C library of the DriverKit SDK, as far as the samples use it.
#pragma once
#include <stddef.h>
extern "C" {
[[noreturn]] void abort(void);
}
