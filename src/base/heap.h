#pragma once

#include <cstddef>

namespace panicscan {

/// Makes the heap of a program that runs for milliseconds: what it frees it keeps, and the first 64
/// MB are in large pages where the kernel gives them on request. Fetching memory page by page, and
/// again after each large vector, took a quarter of the time of a 2 MB panic. To be called first.
void prepare_heap();
/// Fetches that many bytes of the large pages ahead of their use, on a thread that has time for it.
void fill_heap(std::size_t bytes);

}  // namespace panicscan
