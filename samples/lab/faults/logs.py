"""F03, F06b, F21, F27 to F29 and F33: what only the log says.

Source of the lines: xnu iokit/Kernel/IOUserServer.cpp, IOServicePM.cpp, IOService.cpp.
"""

from .. import refdext
from ..incident import Incident
from .end import log_of

SYSEXTD = {"process": "sysextd", "pid": 240, "after": 0.3}
OWN = "a rule that looks at what an extension logs itself"
SERVICE = "PSRefDext-0x100000a11"


def _log(knobs, name, rule, lines, shows, must_not=(), awaits=""):
    return Incident(name, {"log.txt": log_of(knobs, name, lines)}, rule, must_not=must_not, shows=shows, awaits=awaits)


def power_killed(knobs):
    """The message SetPowerState never comes back, and the machine wants to sleep."""
    ticks = [(f"PM waiting on pmDriverCallout(0x{1:x}) to PSRefDext ({ms} ms)", 2.0) for ms in (2000, 4000)]
    killed = [("DK: arming ack timer, 30000 ms", 0.1), *ticks, ("DK: ack timer expired", 26.0),
              (f"DK: {SERVICE} power state transition failed", 0.0),
              (f"DK: IOUserServer({refdext.BUNDLE}-0x100000a10)-0x100000a12::kill(Power Management Failed)", 0.0),
              (f"DK: {SERVICE}::rematching after dext crash", 1.0)]
    return [_log(knobs, "F03-log", "dext/pm-ack-timer-kill", killed, "the process is killed, so that the machine can sleep"),
            _log(knobs, "F03-near-slow", "pm/driver-callout-waits", [("PM waiting on pmDriverCallout(0x1) to ExampleHub (2000 ms)", 2.0),
                                                ("DK: arming ack timer, 30000 ms", 5.0)],
                 "near miss: slow once, and not an extension",
                 must_not=("dext/setpowerstate-rpc-hang", "dext/pm-ack-timer-kill"))]


def unsupported(knobs):
    lines = [(f"DK: {SERVICE}::start(IOPCIDevice-0x100000523) ok", 0.0),
             ("PSRefSCSI: UserReportHBAConstraints 0xe00002c7", 0.1), ("PSRefSCSI: SetProperties 0xe00002c7", 0.1),
             ("PSRefSCSI: UserCreateTargetForID 0xe00002c7", 0.1)]
    return [_log(knobs, "F06b", "dext/personality-kernel-class-unsupported", lines,
                 "IOUserService for a SCSI controller: the family's calls are unsupported", awaits=OWN),
            _log(knobs, "F06b-near-one", None, lines[:2], "near miss: one call is unsupported, which is allowed")]


def no_class(knobs):
    lines = [("DK: userMeta PSRefMissing was not found in fClasses", 0.1), (f"DK: {SERVICE}::start(IOUserResources-0x100000116) fail", 0.0)]
    return [_log(knobs, "F21", "dext/instantiate-class-missing", lines, "IOUserClass names a class that is not there"),
            _log(knobs, "F21-near-words", None, [("ExampleAgent: userMeta was not found in preferences", {"process": "ExampleAgent",
                                                                                                       "pid": 700})],
                 "near miss: the words of an application")]


def no_entitlement(knobs):
    who = knobs.dice("who").pick(["provider", "family"])
    lines = [(f"DK: {SERVICE}: {who} entitlements check failed", 0.1),
             (f"DK: IOUserServer({refdext.BUNDLE}-0x100000a10)-0x100000a12::exit(Entitlements check failed)", 0.0)]
    return [_log(knobs, "F27", "dext/entitlements-refused-in-log", lines, "signed without the family's entitlement"),
            _log(knobs, "F27-near-passed", None, [(f"DK: {SERVICE}: {who} entitlements check passed", 0.1)],
                 "near miss: the check passed")]


def denied(knobs):
    lines = [(f"DK: PSRefUserClient-0x100000b31:UC failed userclient-access check, needed bundle ID {refdext.BUNDLE}", 0.1)]
    return [_log(knobs, "F28", "dext/userclient-denied", lines, "the client may not open the user client"),
            _log(knobs, "F28-near-opened", None, [("DK: PSRefUserClient-0x100000b31::start(PSRefDext-0x100000a11) ok", 0.1)],
                 "near miss: it was opened")]


def upgrade(knobs):
    lines = [(f"[com.apple.sx:general] Dext {refdext.BUNDLE} v1 is being replaced and cannot be terminated right away", SYSEXTD),
             (f"[com.apple.sx:general] {refdext.BUNDLE}: terminated_waiting_to_uninstall_on_reboot", SYSEXTD),
             (f"DK: {SERVICE}: dext was replaced, do not rematch current dext", 0.5)]
    return [_log(knobs, "F29", "dext/replaced-awaiting-reboot", lines, "a new version while the old one cannot end"),
            _log(knobs, "F29-near-fresh", None, [(f"[com.apple.sx:general] {refdext.BUNDLE}: activated_enabled", SYSEXTD)],
                 "near miss: installed where there was none")]


def short_address(knobs):
    lines = [("PSRef: F33 prepare-31-bits 1", 0.0), ("PSRef: F33 PrepareForDMA 0xe00002be, maxAddressBits 31", 0.01)]
    return [_log(knobs, "F33", "dext/dma-32bit-limit", lines, "DMA addresses below 2 GB, where there are none",
                 awaits=OWN),
            _log(knobs, "F33-near-32", None, [("PSRef: F33 PrepareForDMA 0x0, maxAddressBits 32", 0.01)],
                 "near miss: 32 bits are enough")]
