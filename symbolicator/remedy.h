#pragma once

#include <string>
#include <vector>

#include "model/report.h"
#include "symbolicator/symbol_store.h"
#include "symbolicator/wanted.h"

namespace panicscan::symbols {

/// The name of the file that holds the report's kernel in a KDK ("kernel.release.t6000"), from the
/// version line ("…/RELEASE_ARM64_T6000"); "kernel" when that says nothing.
/// Source: the names of the files in System/Library/Kernels of KDKs; xnu makedefs,
/// KERNEL_FILE_NAME.
std::string kernel_file_name(const Machine& machine);

/// What the files of the image are called, to find those of other builds.
std::string file_name_of(const WantedImage& image, const Machine& machine);

/// One sentence: what to get for an image without symbols, and why what is there does not do.
/// `near` are the files of other builds, `kdk_builds` the KDKs that are installed.
std::string remedy_for(const WantedImage& image, const Machine& machine,
                       const std::vector<SymbolFile>& near,
                       const std::vector<std::string>& kdk_builds);

}  // namespace panicscan::symbols
