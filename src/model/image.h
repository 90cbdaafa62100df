#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/source_ref.h"
#include "base/uuid.h"
#include "model/address.h"

namespace panicscan {

/// What an image is, and so how its addresses are to be read.
enum class ImageKind {
  process,           ///< main binary or dylib of a process (type P); slid
  shared_cache,      ///< the whole dyld shared cache (S); slid
  cached_library,    ///< a library inside the shared cache (C); slid
  kernel,            ///< kernel or kext, whole image (K); unslid __TEXT
  kernel_text_exec,  ///< kernel or kext, __TEXT_EXEC only (T); unslid
  kernelcache,       ///< the kernel collection (U); unslid
  kext,              ///< a range printed under "Kernel Extensions in backtrace"; slid
  absolute,          ///< no image: the offset is the address (A)
  jit,               ///< just-in-time code (J)
  other,             ///< a type letter we do not know; see `letter`
};

/// A piece of loaded code that frames can lie in.
struct Image {
  ImageKind kind = ImageKind::other;
  std::string name;  ///< bundle id, path or library name; empty when the report gives none
  std::string path;  ///< of its file; crash reports say that
  std::string bundle_id, version, architecture;  ///< what a crash report adds, as printed
  std::optional<Uuid> uuid;
  Address base;
  std::optional<std::uint64_t> size;  ///< bytes; stackshots do not say
  char letter = 0;                    ///< the type letter of a stackshot's binaryImages
  SourceRef where;
};

/// Whether addresses in the image are as linked plus no slide (stackshot kernel rows).
constexpr bool is_unslid(ImageKind kind) {
  return kind == ImageKind::kernel || kind == ImageKind::kernel_text_exec ||
         kind == ImageKind::kernelcache;
}

}  // namespace panicscan
