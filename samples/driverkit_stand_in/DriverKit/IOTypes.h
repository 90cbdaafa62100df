// Stand-in: plain types.
#pragma once
#include <stdint.h>

typedef uint32_t IOOptionBits;
