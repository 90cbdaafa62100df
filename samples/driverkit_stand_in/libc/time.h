// Stand-in: the C library of the DriverKit SDK, as far as the samples use it.
#pragma once
#include <stdint.h>
typedef int clockid_t;
#define CLOCK_UPTIME_RAW 8
extern "C" uint64_t clock_gettime_nsec_np(clockid_t clock);
