#pragma once

#include <string>

#include "base/uuid.h"
#include "symbolicator/symbol_store.h"

namespace panicscan::symbols {

/// Everything the store knows, one line an image, for `symbols list`; safe to print on a terminal
/// whatever files are called.
std::string list(const SymbolStore& store);

/// The property list that LLDB and DebugSymbols.framework expect of a dsymForUUID program.
///
/// When there is no file, it says so by DBGError. Kernel collections are never named: LLDB takes a
/// file that is the image, not one that contains it.
/// Source: lldb.llvm.org/use/symbols.html ("Shell Script Property List Format").
std::string dsym_for_uuid(const SymbolStore& store, const Uuid& uuid);

}  // namespace panicscan::symbols
