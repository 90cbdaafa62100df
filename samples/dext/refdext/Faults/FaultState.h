// Which fault is armed in this process. One at a time, so that a report has one cause.
#pragma once
#include "FaultTable.h"

namespace psref {

/// Arms a fault after asking MayArm, and logs the answer. `argument` is the fault's own (0: its
/// default).
Arming Arm(Fault fault, ArmedBy way, bool allow_panic, uint64_t key, uint64_t argument);
void Disarm();

/// Whether this fault is armed: the question at each place where one can strike.
bool Strikes(Fault fault);
Fault Armed();
uint64_t Argument();

/// Logs `PSRef: F15 hold-lock 7` before a dangerous step: the log shows how far the code came.
void Step(Fault fault, const char* step);
uint64_t StepsLogged();

}  // namespace psref
