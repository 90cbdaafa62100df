"""F03, F06b, F21, F27 to F29 and F33: what only the log says.

Source of the lines: xnu iokit/Kernel/IOUserServer.cpp, IOServicePM.cpp, IOService.cpp.
"""

from .. import refdext
from ..incident import Incident
from .end import launch, log_of, registry

SYSEXTD = {"process": "sysextd", "pid": 240, "after": 0.3}
SERVICE = "PSRefDext-0x100000a11"


def _log(knobs, name, rule, lines, shows, must_not=(), certainty=(), service=None):
    """An incident of a log, and of the registry around a service when one is given."""
    files = {"log.txt": log_of(knobs, name, lines)}
    if service:
        files["ioreg.txt"] = registry(service)
    return Incident(name, files, rule, certainty, must_not=must_not, shows=shows)


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
    """Called in Start, one after the other; what each gives is what the generated code in the kernel
    answers for a message that its class does not have."""
    rule = "dext/personality-kernel-class-unsupported"
    service = {"name": "PSRefSCSI", "class": "IOUserService", "user_class": "PSRefSCSI", "kernel": "com.apple.kpi.iokit"}
    family = {**service, "class": "IOUserSCSIParallelInterfaceController", "kernel": "com.apple.iokit.IOSCSIParallelFamily"}
    calls = ("UserReportHBAConstraints", "UserCreateTargetForID", "UserDestroyTargetForID")
    lines = [*launch("PSRefSCSI", "PSRefDext-0x100000a11"),
             *((f"PSRefSCSI: {call} 0xe00002c7", 0.1) for call in calls)]
    return [_log(knobs, "F06b", rule, lines, "IOUserService for a SCSI controller: the family's calls are unsupported",
                 certainty=("confirmed",), service=service),
            _log(knobs, "F06b-log", rule, lines, "the same, and the log is all there is", certainty=("likely",)),
            _log(knobs, "F06b-near-one", None, lines[:-2], "near miss: one call is unsupported, which is allowed", (rule,)),
            _log(knobs, "F06b-near-family", None, lines, "near miss: the class in the kernel is the family's", (rule,),
                 service=family)]


def no_class(knobs):
    rule = "dext/instantiate-class-missing"
    *before, failed = launch("PSRefDextt", start="fail", own=())
    lines = [*before, ("DK: PSRefDextt: no user class found", 0.1), failed]
    agent = [("ExampleAgent: no user class found in preferences", {"process": "ExampleAgent", "pid": 700}),
             (f"DK: {SERVICE}::instantiate inactive", 0.1)]
    return [_log(knobs, "F21", rule, lines, "IOUserClass names a class that is not there", certainty=("likely",)),
            _log(knobs, "F21-near-words", None, agent, "near miss: the words of an application, and a service that ends", (rule,))]


def no_entitlement(knobs):
    who = knobs.dice("who").pick(["provider", "family"])
    lines = [(f"DK: {SERVICE}: {who} entitlements check failed", 0.1),
             (f"DK: IOUserServer({refdext.BUNDLE}-0x100000a10)-0x100000a12::exit(Entitlements check failed)", 0.0)]
    return [_log(knobs, "F27", "dext/entitlements-refused-in-log", lines, "signed without the family's entitlement"),
            _log(knobs, "F27-near-passed", None, [(f"DK: {SERVICE}: {who} entitlements check passed", 0.1)],
                 "near miss: the check passed", ("dext/entitlements-refused-in-log",))]


def denied(knobs):
    lines = [(f"DK: PSRefUserClient-0x100000b31:UC failed userclient-access check, needed bundle ID {refdext.BUNDLE}", 0.1)]
    return [_log(knobs, "F28", "dext/userclient-denied", lines, "the client may not open the user client"),
            _log(knobs, "F28-near-opened", None, [("DK: PSRefUserClient-0x100000b31::start(PSRefDext-0x100000a11) ok", 0.1)],
                 "near miss: it was opened", ("dext/userclient-denied",))]


def upgrade(knobs):
    lines = [(f"[com.apple.sx:general] Dext {refdext.BUNDLE} v1 is being replaced and cannot be terminated right away", SYSEXTD),
             (f"[com.apple.sx:general] {refdext.BUNDLE}: terminated_waiting_to_uninstall_on_reboot", SYSEXTD),
             (f"DK: {SERVICE}: dext was replaced, do not rematch current dext", 0.5)]
    return [_log(knobs, "F29", "dext/replaced-awaiting-reboot", lines, "a new version while the old one cannot end"),
            _log(knobs, "F29-near-fresh", None, [(f"[com.apple.sx:general] {refdext.BUNDLE}: activated_enabled", SYSEXTD)],
                 "near miss: installed where there was none", ("dext/replaced-awaiting-reboot",))]


def short_address(knobs):
    rule = "dext/dma-32bit-limit"
    card = {"name": "PSRefPCI", "class": "IOUserService", "user_class": "PSRefPCI", "kernel": "com.apple.kpi.iokit"}

    def lines(result, bits):
        return [("PSRef: F33 prepare-31-bits 1", 0.0), (f"PSRef: F33 PrepareForDMA {result}{bits}", 0.01)]

    return [_log(knobs, "F33", rule, lines("0xe00002be", ", maxAddressBits 31"),
                 "DMA addresses below 2 GB, where there are none", certainty=("likely",), service=card),
            _log(knobs, "F33-log", rule, lines("0xe00002be", ", maxAddressBits 31"),
                 "the same, and the log is all there is", certainty=("possible",)),
            _log(knobs, "F33-near-32", None, lines("0x0", ", maxAddressBits 32"), "near miss: 32 bits are enough", (rule,)),
            _log(knobs, "F33-near-full", None, lines("0xe00002be", ""),
                 "near miss: no address at all, and nobody says that it was limited", (rule,), service=card)]
