// Host: the results that the portable parts of the reference extension use.
#pragma once

typedef int kern_return_t;
constexpr kern_return_t kIOReturnSuccess = 0;
constexpr kern_return_t kIOReturnNoResources = static_cast<kern_return_t>(0xe00002be);
constexpr kern_return_t kIOReturnAborted = static_cast<kern_return_t>(0xe00002eb);
