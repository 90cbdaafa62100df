#include "FaultTable.h"
#include "../PSRefProtocol.h"

namespace psref {

// clang-format off
const FaultRow kFaults[static_cast<size_t>(Fault::count)] = {
  {"F00", "control", Safety::log, ArmedBy::call, Site::none, "nothing: what a healthy run looks like"},
  {"F01", "pm-no-super", Safety::machine, ArmedBy::personality, Site::power, "SetPowerState succeeds without calling super: the change is never acknowledged"},
  {"F02", "pm-no-super-off", Safety::machine, ArmedBy::call, Site::power, "the same, only on the way down: the panic comes at sleep"},
  {"F03", "pm-block", Safety::machine, ArmedBy::call, Site::power, "SetPowerState sleeps for ten minutes: the message never returns"},
  {"F04", "pm-error-no-super", Safety::log, ArmedBy::call, Site::power, "SetPowerState fails without calling super: an error acknowledges, so nothing happens"},
  {"F05", "pm-late-ack", Safety::machine, ArmedBy::call, Site::power, "super is called on another queue after argument seconds (25 when 0); 20 are allowed"},
  {"F06", "bad-ioclass", Safety::dext, ArmedBy::plist, Site::none, "IOClass is IOService: the first message finds no default queue"},
  {"F06b", "bad-iouserservice", Safety::log, ArmedBy::plist, Site::none, "IOClass is IOUserService for a SCSI controller: the family's calls are unsupported"},
  {"F07", "queuename-unset", Safety::dext, ArmedBy::build, Site::none, "NewUserClient names a queue that is never set"},
  {"F08", "parallel-queue", Safety::dext, ArmedBy::build, Site::none, "UserProcessParallelTask names a queue that is created and never set"},
  {"F09", "bundled-release", Safety::dext, ArmedBy::call, Site::scsi, "one release too many on the action of bundled tasks"},
  {"F10", "bundled-wrong-completion", Safety::dext, ArmedBy::call, Site::scsi, "completes a bundled task with ParallelTaskCompletion"},
  {"F11", "over-retain", Safety::dext, ArmedBy::call, Site::call, "32768 retains of one object"},
  {"F12", "over-release", Safety::dext, ArmedBy::call, Site::call, "releases an object twice, then retains it"},
  {"F13", "use-after-stop", Safety::dext, ArmedBy::call, Site::stop, "leaves the timer armed across Stop; its callback uses the stopped service"},
  {"F14", "cancel-order", Safety::dext, ArmedBy::call, Site::call, "cancels a queue, then an action that was to run on it"},
  {"F15", "abba", Safety::machine, ArmedBy::call, Site::client, "arms the timer while holding the scheduler's lock: deadlock of two queues"},
  {"F16", "self-sync", Safety::dext, ArmedBy::call, Site::call, "DispatchSync to the queue it runs on"},
  {"F17", "stop-hang", Safety::machine, ArmedBy::call, Site::stop, "Stop never returns: the kernel's terminate thread waits in it"},
  {"F18", "stop-no-super", Safety::machine, ArmedBy::call, Site::stop, "Stop returns without calling super: the service stays half terminated"},
  {"F19", "start-hang", Safety::machine, ArmedBy::personality, Site::start, "Start never returns: the registry stays busy"},
  {"F20", "crash-null", Safety::dext, ArmedBy::call, Site::call, "writes through a null pointer"},
  {"F21", "bad-userclass", Safety::log, ArmedBy::plist, Site::none, "IOUserClass names a class that is not in the binary"},
  {"F22", "crash-loop", Safety::dext, ArmedBy::personality, Site::start, "aborts in Start, each time it is started"},
  {"F23", "wrong-cast", Safety::dext, ArmedBy::personality, Site::start, "OSRequiredCast of the provider to IOPCIDevice"},
  {"F24", "deep-recursion", Safety::dext, ArmedBy::call, Site::call, "recursion until the stack ends"},
  {"F25", "garbage-pointer", Safety::dext, ArmedBy::call, Site::call, "reads through an address that cannot be one"},
  {"F26", "memory-hog", Safety::dext, ArmedBy::call, Site::call, "allocates until it is killed"},
  {"F27", "no-entitlement", Safety::log, ArmedBy::signing, Site::none, "signed without the family's entitlement"},
  {"F28", "client-denied", Safety::log, ArmedBy::signing, Site::none, "the client has no userclient-access entitlement"},
  {"F29", "upgrade", Safety::log, ArmedBy::signing, Site::none, "a new version is installed while the old one cannot end (arm F17 first)"},
  {"F30", "mmio-after-close", Safety::machine, ArmedBy::personality, Site::pci, "reads a mapped BAR after Close"},
  {"F31", "double-interrupt", Safety::machine, ArmedBy::personality, Site::pci, "two sources on one interrupt index; one is freed"},
  {"F32", "dma-unmapped", Safety::machine, ArmedBy::personality, Site::pci, "gives the device an address that was not prepared"},
  {"F33", "dma-31bit", Safety::log, ArmedBy::personality, Site::pci, "asks for DMA addresses below 2 GB, where the DART has none"},
  {"F34", "sid-alias", Safety::synthetic, ArmedBy::hardware, Site::none, "a bridge changes the requester id, so the DART has no table for it"},
  {"F35", "scsi-target0", Safety::machine, ArmedBy::personality, Site::scsi, "reports 0 as the highest target, then completes a task late"},
  {"F36", "scsi-limbo", Safety::machine, ArmedBy::personality, Site::scsi, "a target is present and never answers"},
  {"F37", "iova-deref", Safety::dext, ArmedBy::personality, Site::scsi, "uses a task's I/O address as a pointer"},
};
// clang-format on

const FaultRow& Row(Fault fault) { return kFaults[static_cast<size_t>(fault)]; }

static bool Equal(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

Fault FindFault(const char* text) {
  if (text == nullptr) return Fault::count;
  size_t row = 0;
  while (row < static_cast<size_t>(Fault::count) && !Equal(text, kFaults[row].id) &&
         !Equal(text, kFaults[row].name))
    ++row;
  return static_cast<Fault>(row);
}

Arming MayArm(Fault fault, ArmedBy way, bool allow_panic, uint64_t key) {
  if (fault >= Fault::count) return Arming::unknown;
  const FaultRow& row = Row(fault);
  // What a call can arm, a personality can arm as well: it only comes earlier.
  const bool possible = row.armed_by == ArmedBy::call || row.armed_by == ArmedBy::personality;
  if (!possible || (way != row.armed_by && way != ArmedBy::personality))
    return Arming::not_by_this_way;
  if (row.safety == Safety::machine && !(allow_panic && key == kPanicKey))
    return Arming::needs_consent;
  return Arming::armed;
}

}  // namespace psref
