#pragma once

#include <optional>
#include <string_view>

#include "model/fact.h"
#include "model/finding.h"
#include "model/frame.h"
#include "model/image.h"
#include "model/note.h"
#include "model/panic.h"
#include "model/placement.h"
#include "model/report.h"
#include "model/symbols.h"
#include "model/vendor.h"
#include "model/wait.h"

namespace panicscan {

// The spelling of every enumerator: in JSON, in rules and in text. One table each in names.cc.

std::string_view to_string(ReportKind kind);
std::string_view to_string(Arch arch);
std::string_view to_string(ImageKind kind);
std::string_view to_string(AddressKind kind);
std::string_view to_string(WaitKind kind);
std::string_view to_string(NoteKind kind);
std::string_view to_string(BacktraceKind kind);
std::string_view to_string(KextList list);
std::string_view to_string(PlacementStatus status);
std::string_view to_string(SymbolOrigin origin);
std::string_view to_string(SymbolStatus status);
std::string_view to_string(Origin origin);
std::string_view to_string(WaitNodeKind kind);
std::string_view to_string(WaitStrength strength);
std::string_view to_string(WaitSureness sureness);
std::string_view to_string(WaitGapReason reason);
std::string_view to_string(ChainEnd end);
std::string_view to_string(IntegrityState state);
std::string_view to_string(Verdict verdict);
std::string_view to_string(Vendor vendor);
std::string_view to_string(Severity severity);
std::string_view to_string(Certainty certainty);

std::optional<ReportKind> report_kind_from(std::string_view name);
std::optional<ImageKind> image_kind_from(std::string_view name);
std::optional<WaitKind> wait_kind_from(std::string_view name);
std::optional<Severity> severity_from(std::string_view name);
std::optional<Certainty> certainty_from(std::string_view name);

}  // namespace panicscan
