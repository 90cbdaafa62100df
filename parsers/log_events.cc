// The lines of the system log that say something about drivers, power, PCI Express and crashes.
//
// "DK: " lines begin with the name of a service and its registry entry id: DKS is "%s-0x%qx"
// (xnu iokit/IOKit/IOKitDebug.h). Where each line comes from stands above its group.

#include "parsers/log_events.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

namespace panicscan::parsers {
namespace {

constexpr std::array kPatterns{
    // xnu iokit/Kernel/IOUserServer.cpp: the life of a driver extension.
    LogPattern{"dext-start", "DK: {subject:text}::start({object:text}) {result:word}",
               "a service of a driver extension was started"},
    LogPattern{"dext-stop-returned", "DK: {subject:text}->Stop({object:text}) returned {code:hex}",
               "Stop() of a driver extension came back"},
    LogPattern{"dext-stop-async", "DK: {subject:text}->Stop_async({object:text})",
               "a driver extension is told to stop; nobody waits"},
    LogPattern{"dext-stop", "DK: {subject:text}->Stop({object:text})",
               "a driver extension is told to stop; the kernel waits"},
    LogPattern{"dext-will-terminate", "serviceWillTerminate({subject:text}, {object:text})",
               "termination of a service begins"},
    LogPattern{"dext-did-terminate",
               "serviceDidTerminate({subject:text}, {object:text}) -> defer {count:number}",
               "termination of a service waits for its Stop() when it is deferred"},
    LogPattern{"dext-did-stop",
               "serviceDidStop({subject:text}, {object:text}) -> complete {count:number}",
               "Stop() has reached the kernel"},
    LogPattern{"dext-exit", "DK: {subject:text}::exit({reason:text})",
               "the kernel lets a driver extension exit"},
    LogPattern{"dext-kill", "DK: {subject:text}::kill({reason:text})",
               "the kernel kills a driver extension"},
    LogPattern{"dext-exit-before-start",
               "DK: {subject:text}::terminate({object:text}) server exit before start()",
               "a driver extension ended before its Start() was over"},
    LogPattern{"dext-replaced",
               "DK: {subject:text}::finalize({object:text}) dext was replaced, do not rematch",
               "a driver extension was replaced by another version"},
    LogPattern{"dext-client-crashed", "DK: {object:text}::ClientCrashed({subject:text})",
               "a provider learns that its driver extension crashed"},
    LogPattern{"dext-client-close", "DK: {subject:text}::clientClose({object:text})",
               "the process of a driver extension is gone"},
    LogPattern{"dext-entitlements", "DK: {subject:text}: {reason:word} entitlements check failed",
               "a driver extension lacks an entitlement that its provider or family asks for"},
    LogPattern{
        "dext-entitlements",
        "com.apple.developer.driverkit entitlement check failed for {subject:text}[{pid:pid}]",
        "a process lacks the entitlement to be a driver extension"},
    LogPattern{
        "user-client-denied",
        "DK: {subject:text}:UC failed userclient-access check, needed bundle ID {object:word}",
        "an app may not open a driver extension"},
    LogPattern{"user-client-denied",
               "DK: {subject:text}:UC entitlement check failed, app does not have {object:word}",
               "an app may not open a driver extension"},
    LogPattern{"user-client-denied", "DK: {subject:text}:UC {reason:line}",
               "an app may not open a driver extension"},
    LogPattern{"dext-no-team", "DK: warning: {subject:text} does not have a team identifier",
               "a driver extension is not signed by a team"},
    LogPattern{"dext-no-user-class", "DK: no IOUserClass defined for {subject:word}",
               "the personality names no class of the driver extension"},
    LogPattern{"dext-class-missing", "DK: userMeta {object:word} was not found in fClasses",
               "the driver extension has no class of the name in its personality"},
    LogPattern{"dext-class-missing", "DK: {object:text}: no user class found",
               "the driver extension has no class of the name in its personality"},
    LogPattern{"dext-instantiate-failed", "DK: {subject:text}: instantiate failed {code:hex}",
               "an object of a driver extension could not be made"},
    LogPattern{"dext-open-blocked", "DK: {subject:text} blocked attempt to open {object:word}",
               "a stopped driver extension tried to open its provider"},
    LogPattern{"dext-organisation",
               "IOUserServerName \"{object:text}\" not correct organization for bundleID "
               "\"{subject:text}\"",
               "IOUserServerName does not begin like the bundle id, so no process is shared"},
    LogPattern{"dext-crashed-too-often", "Driver {subject:word} has crashed too many times",
               "the driver crashed more often in a day than is allowed"},
    LogPattern{"dext-crash-count", "Driver {subject:word} has crashed {count:number} time(s)",
               "printed at every launch, with how often it has crashed before"},

    // xnu iokit/Kernel/IOService.cpp.
    LogPattern{"dext-waiting-for-server", "DK: {subject:text} waiting for server {object:word}",
               "the kernel waits for the process of a driver extension"},
    LogPattern{"dext-launch-failed", "DK: {subject:text} failed to launch server",
               "the process of a driver extension could not be started"},
    LogPattern{"dext-launch-timeout", "DK: {subject:text} user server timeout",
               "the process of a driver extension did not check in"},
    LogPattern{"dext-token-failed", "Check In Token verification failed",
               "the process that checked in was not the one that was started"},
    LogPattern{"dext-rematch", "DK: {subject:text} rematching after dext crash",
               "matching begins again after a crash"},
    LogPattern{"pm-ack-timer-expired", "DK: ack timer expired",
               "a driver extension did not acknowledge sleep or shutdown in time"},
    LogPattern{"pm-ack-timer-armed", "DK: arming ack timer, {waited:milliseconds} ms",
               "driver extensions are given this long to acknowledge"},
    LogPattern{"pm-dext-transition-failed", "DK: {subject:text} power state transition failed",
               "this driver extension did not acknowledge"},
    LogPattern{"iokit-busy", "busy timeout[{index:number}], ({waited:seconds}s): {reason:line}",
               "the I/O registry did not come to rest"},
    LogPattern{"iokit-busy",
               "IOKit Daemon (kernelmanagerd) stall[{index:number}], ({waited:seconds}s): "
               "{reason:line}",
               "kernelmanagerd did not deliver a driver"},
    LogPattern{"iokit-terminate-timeout",
               "{subject:word}[{code:hex}]::terminate(kIOServiceSynchronous): THREAD_TIMED_OUT",
               "a synchronous termination waits for itself"},

    // xnu iokit/Kernel/IOServicePM.cpp, IOPMrootDomain.cpp.
    LogPattern{"pm-set-power-timeout",
               "{subject:word}::setPowerState({code:hex}, {from:number} -> {to:number}) timed out "
               "after {waited:milliseconds} ms",
               "a driver did not acknowledge a power change"},
    LogPattern{"pm-interest-timeout",
               "{object:word}::powerState{reason:text}ChangeTo({code:hex}, {subject:word}, "
               "{from:number} -> {to:number}) timed out after {waited:milliseconds} ms",
               "an interested driver did not acknowledge a power change"},
    LogPattern{"pm-waiting",
               "PM waiting on pmDriverCallout({code:hex}) to {subject:word} "
               "({waited:milliseconds} ms)",
               "a driver's power change has not returned yet"},
    LogPattern{"pm-sleep-timeout", "Sleep transition timed out after {waited:seconds} seconds",
               "the machine did not go to sleep in time"},
    LogPattern{"pm-wake-timeout", "Wake transition timed out after {waited:seconds} seconds",
               "the machine did not wake in time"},

    // IOPCIFamily IOPCIDevice.cpp, IOPCIBridge.cpp, and the Apple PCI Express host bridges.
    LogPattern{"pci-client-crashed", "IOPCIDevice::ClientCrashed_Impl() for client {subject:word}",
               "the driver extension of a PCI device crashed"},
    LogPattern{"pci-client-recovery",
               "PCIDriverKit client, {subject:word}, crashed for device {object:text}[{bdf:text}], "
               "attempting to recover",
               "a PCI device is reset after its driver extension crashed"},
    LogPattern{
        "pci-client-recovery",
        "client, {subject:word}, crashed for device {object:text}[{bdf:text}], attempting to "
        "recover",
        "a PCI device is reset after its driver extension crashed"},
    LogPattern{"pci-client-no-session",
               "client {subject:word} does not have open session with device "
               "{object:text}[{bdf:text}], skipping recovery",
               "the driver extension crashed before it opened its PCI device, or after Close()"},
    LogPattern{"pci-not-open", "device not open for client {subject:word}",
               "a driver extension used a PCI device that it had not opened"},
    LogPattern{"pci-not-open", "device not open for client",
               "a driver extension used a PCI device that it had not opened"},
    LogPattern{"pcie-completion-timeout",
               "Completion timeout detected at address {address:address}",
               "a PCI Express device did not answer a read"},
    LogPattern{"pcie-completion-timeout", "Completion timeout seen!",
               "a PCI Express device did not answer a read"},
    LogPattern{"pcie-completer-abort", "Completer Abort received",
               "a PCI Express device refused an access"},
    LogPattern{"pcie-master-abort", "Received Master Abort on a link side of the Root Complex",
               "nobody answered an access to PCI Express"},
    LogPattern{"pcie-address-over-32-bit", "Request address is greater than 32 bits",
               "a PCI Express device used an address beyond 32 bits"},
    LogPattern{"pcie-link-down", "Unexpected link down", "the PCI Express link was lost"},
    LogPattern{"pcie-power-failed", "thunderbolt power on failed {code:hex}",
               "a Thunderbolt device did not come back"},

    // What panicscan asks drivers to log of each segment that PrepareForDMA gave them.
    LogPattern{"dma-segment", "DMA segment {address:address} + {length:hex}",
               "a driver was given this range of addresses for its device"},

    // DriverKit's run time, through os_log or as the crash annotation.
    LogPattern{"dext-assertion",
               "Assertion failed: ({expression:text}), function {function:text}, file {file:text}, "
               "line {line:number}",
               "DriverKit's run time found its rules broken"},
    LogPattern{"dext-cast-failed", "Failed to cast object of type {object:word} to {subject:word}",
               "OSRequiredCast met an object of another class"},

    // xnu osfmk/corpses/corpse.c.
    LogPattern{"corpse-allowed",
               "{subject:word}[{pid:pid}] Corpse allowed {count:number} of {limit:number}",
               "a process crashed and is kept to be looked at"},
    LogPattern{"corpse-lost",
               "{subject:word}[{pid:pid}] Corpse failure, too many faults {count:number}",
               "a crash was not recorded: too many at once"},
    LogPattern{"corpse-lost", "{subject:word}[{pid:pid}] Corpse failure, too many {count:number}",
               "a crash was not recorded: too many at once"},
    LogPattern{"corpse-released", "Corpse released, count at {count:number}",
               "a crashed process was let go"},
    LogPattern{"corpse-enqueued", "Full corpse enqueued for {subject:word}",
               "a crashed process is handed to ReportCrash"},
    LogPattern{"corpse-enqueued", "Lightweight corpse enqueued for {subject:word}",
               "a crashed process is handed to ReportCrash"},

    // ReportCrash and OSAnalytics, as seen in logs.
    LogPattern{"report-begun",
               "Formulating fatal {type:number} report for corpse[{pid:pid}] {subject:word}",
               "ReportCrash writes a report"},
    LogPattern{"report-begun", "ormulating report for corpse[{pid:pid}] {subject:word}",
               "ReportCrash writes a report"},
    LogPattern{"report-begun", "ormulating report for corpse[{pid:pid}]",
               "ReportCrash writes a report"},
    LogPattern{"report-saved",
               "Saved crash report for {subject:text}[{pid:pid}] version {version:text} to "
               "{path:line}",
               "a crash report was written"},
    LogPattern{"report-saved",
               "Saved type '{reason:text}' report ({count:number} of max {limit:number}) at "
               "{path:line}",
               "a report was written"},
    LogPattern{"report-dropped",
               "Report of type '{reason:text}' not saved because the limit of {limit:number} logs",
               "a report was not written: there are too many of its kind"},

    // Code signing and system extensions.
    LogPattern{"launch-refused",
               "ASP: Security policy would not allow process: {pid:pid}, {path:line}",
               "system policy refused to run a program"},
    LogPattern{"launch-refused", "Code Signature Invalid", "a program's signature is not valid"},
    LogPattern{"extension-replaced", "is being replaced and cannot be terminated right away",
               "an old version of a system extension runs until the next boot"},
    LogPattern{"extension-error", "OSSystemExtensionErrorDomain Code={count:number}",
               "a system extension could not be activated"},

    // xnu bsd/kern/kern_memorystatus.c.
    LogPattern{
        "memory-kill",
        "memorystatus: killing_specific_process pid {pid:pid} [{subject:text}] ({reason:text})",
        "a process was killed for its memory"},
    LogPattern{"memory-kill", "memorystatus: killing {subject:text} [{pid:pid}]",
               "a process was killed for its memory"},
    LogPattern{"memory-kill", "memorystatus: killing process {pid:pid} [{subject:text}]",
               "a process was killed for its memory"},
};

/// The patterns, found by four characters of their longest literals.
class PatternIndex {
 public:
  PatternIndex() {
    for (const LogPattern& pattern : kPatterns) {
      templates_.emplace_back(pattern.line);
      const std::string_view literal = templates_.back().longest_literal();
      // The end of a literal tells more than its start, which many share.
      buckets_[bucket(literal.substr(literal.size() - kKey))].push_back(templates_.size() - 1);
    }
  }

  std::optional<KnownLine> find(std::string_view message) const {
    std::bitset<kPatterns.size()> possible;
    for (std::size_t at = 0; at + kKey <= message.size(); ++at)
      for (const std::size_t row : buckets_[bucket(message.substr(at, kKey))]) possible.set(row);
    if (possible.none()) return std::nullopt;
    for (std::size_t row = 0; row < kPatterns.size(); ++row) {
      if (!possible[row]) continue;
      if (auto captures = templates_[row].match(message))
        return KnownLine{&kPatterns[row], *std::move(captures)};
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kKey = 4, kBuckets = 4096;
  static std::size_t bucket(std::string_view key) {
    std::uint32_t word = 0;
    for (const char c : key) word = word << 8 | static_cast<unsigned char>(c);
    return (word * 2654435761u) >> 20;
  }

  std::vector<LineTemplate> templates_;
  std::array<std::vector<std::size_t>, kBuckets> buckets_;
};

}  // namespace

std::span<const LogPattern> log_patterns() { return kPatterns; }

std::optional<KnownLine> read_log_message(std::string_view message) {
  static const PatternIndex index;
  return index.find(message);
}

}  // namespace panicscan::parsers
