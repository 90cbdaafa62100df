// Stand-in: the C library of the DriverKit SDK, as far as the samples use it.
#pragma once
#include <stddef.h>
extern "C" {
void* memset(void*, int, size_t);
void* memcpy(void*, const void*, size_t);
int strcmp(const char*, const char*);
}
