#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "app/card.h"

namespace panicscan::app {

/// A file of an incident beside its report, and why it belongs to it.
struct JoinedFile {
  std::size_t card = 0;
  std::string because;
};

/// Files that tell of one event: a report and what belongs to it.
struct Incident {
  std::size_t report = 0;  ///< index of its card
  std::vector<JoinedFile> companions;
};

/// Forms incidents. Around each panic or reset gather the crashes, logs, stackshots and registry
/// dumps of the same boot session, else those of the time before it that name the same driver or
/// process, else a log or registry dump when there is only one panic that it could belong to, it
/// does not end long before it, and not each names a driver of its own. What belongs to no panic is
/// joined with a crash in the same way; without either, a registry dump is joined with a log. What
/// is left stands alone; sources of drivers do only when nothing else was given.
///
/// Different boot sessions or models of machine are never joined. Cards that were named with --with
/// belong to every panic, or else to every crash, or else to every log. Incidents come in the order
/// of their reports. Cost: linear in the cards, times the reports that share a boot session or a
/// name.
std::vector<Incident> form_incidents(std::span<const Card> cards);

}  // namespace panicscan::app
