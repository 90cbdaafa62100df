#pragma once

#include <string>

namespace panicscan::symbols {

/// Where panicscan keeps what it can make again: $XDG_CACHE_HOME/panicscan, else
/// ~/.cache/panicscan, on macOS ~/Library/Caches/panicscan; empty when the environment names no
/// home folder either. A path that is not absolute is ignored. Source: XDG Base Directory
/// Specification; File System Programming Guide (Apple), "The Library Directory Stores App-Specific
/// Files".
std::string cache_folder();

}  // namespace panicscan::symbols
