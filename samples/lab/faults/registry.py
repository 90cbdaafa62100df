"""F15 to F19: services that do not start or do not go away."""

from make import stacks
from make.stackshot import RUNNING

from .. import refdext
from ..incident import Incident, Panic
from ..refdext import DEXT, LOCK_WAIT, QUEUE_WAIT, SLEEP, TIMER, message, rpc_thread, waiting_culprit

START = stacks.START_RPC
STOP = stacks.STOP_RPC


def _busy(knobs, entries, depth, kernel, dext, what="busy timeout", held=""):
    """Source: xnu iokit/Kernel/IOService.cpp, IOService::waitQuietWithOptions."""
    words = [f"'{name}' ({state})" if knobs.os > 12 else f"'{name}'" for name, state in entries]
    many = f"multiple entries holding the registry busy, IOKit termination queue depth {depth}: " \
        if len(entries) > 1 and knobs.os > 12 else ""
    text = f"{what}[{knobs.dice('index').below(2)}], (60s): {held or many + ', '.join(words)} " \
           f"@IOService.cpp:{knobs.busy_line}"
    machine = knobs.machine()
    return Panic(knobs, machine, text, stacks.BUSY_WAIT, task=(380, "watchdogd"), tid=1511, dexts=(DEXT,),
                 processes=[refdext.process(knobs, machine, dext)], kernel_threads=kernel)


def start_hang(knobs):
    sleeping = refdext.thread(4100, "PSRefDext-Default", [*SLEEP, "main`Fault_F19_start_hang()",
                                                         "main`PSRefDext::Start_Impl(IOService*)"] +
                              message("PSRefDext", "Start"))
    panic = _busy(knobs, [("PSRefDext", "1e,4020001")], 0, [rpc_thread(knobs, 231, START)], [sleeping])
    return [Incident("F19", {"panic-full.ips": panic.report()}, "iokit/registry-busy-timeout", ("confirmed",),
                     {"busy.waited": 60}, waiting_culprit(knobs, "F19"), shows="Start never returns"),
            _not_busy_itself(knobs)]


def _not_busy_itself(knobs):
    """The twin of F19: no single service holds the registry. The root is named since macOS 13."""
    near = "near miss: no single service holds the registry"
    if knobs.os > 12:
        root = _busy(knobs, [], 0, [], [], held="registry root held busy, kernelmanagerd has not checked in")
        return Incident("F19-near-root", {"panic-full.ips": root.report()}, "iokit/registry-root-held", ("confirmed",),
                        must_not=("iokit/registry-busy-timeout",), shows=near)
    two = _busy(knobs, [("IOUSBHostDevice", ""), ("IOThunderboltPort", "")], 0, [], [])
    return Incident("F19-near-two", {"panic-full.ips": two.report()}, "iokit/registry-busy-multiple", (),
                    must_not=("iokit/registry-busy-timeout",), shows=near)


def stop_hang(knobs):
    waiting = refdext.thread(4100, "PSRefDext-Default", [*SLEEP, "main`Fault_F17_stop_hang()",
                                                        "main`PSRefDext::Stop_Impl(IOService*)"] +
                             message("PSRefDext", "Stop"))
    panic = _busy(knobs, [("PSRefDext", "1,1812001"), ("IOThunderboltPort", "1,1")], 3,
                  [rpc_thread(knobs, 231, STOP)], [waiting])
    others = _busy(knobs, [("IOUSBHostDevice", "1,1812001"), ("IOThunderboltPort", "1,1")], 3, [], [])
    rule = _without_threads(knobs, panic)
    # macOS 12 prints no state words, and a cut report has no threads: then it is likely.
    certainty = ("confirmed", "likely")
    return [Incident("F17", {"panic-full.ips": panic.report()}, rule, certainty, {},
                     waiting_culprit(knobs, "F17"), shows="Stop never returns"),
            Incident("F17-near-others", {"panic-full.ips": others.report()}, "iokit/registry-busy-multiple", (),
                     must_not=("dext/stuck-terminating",), shows="near miss: other services terminate, and the extension is idle")]


def stop_no_super(knobs):
    panic = _busy(knobs, [("PSRefDext", "1,1812001")], 0, [], [])
    starting = _busy(knobs, [("PSRefDext", "1e,4020001")], 0, [], [])
    stuck = knobs.os > 12 and panic.names_dext
    return [Incident("F18", {"panic-full.ips": panic.report()},
                     "dext/stuck-terminating" if stuck else "iokit/registry-busy-timeout",
                     ("likely",) if stuck else ("confirmed",), shows="Stop returns without super"),
            Incident("F18-near-starting", {"panic-full.ips": starting.report()}, "iokit/registry-busy-timeout", ("confirmed",),
                     must_not=("dext/stuck-terminating",), shows="near miss: the service is in the middle of its start")]


def _without_threads(knobs, panic):
    """What is told of a termination that hangs: by the state words, which macOS 12 does not print, and the
    name of the extension; or by the names of the threads."""
    told = knobs.has_named_threads or (knobs.os > 12 and panic.names_dext)
    return "dext/stuck-terminating" if told else "iokit/registry-busy-multiple"


def _slow_callback(knobs, stopping):
    """The twin of F15: the same hop to the timer's queue, which is at work and takes no lock."""
    working = refdext.thread(4102, "PSRefDext-Default",
                             ["main`PSRefScheduler::TakeDue()", "main`PSRefDext::TimerFired_Impl(OSAction*, unsigned long long)"] +
                             TIMER, state=RUNNING, event=False)
    panic = _busy(knobs, [("PSRefUserClient", "1,402001"), ("PSRefDext", "1,1")], 7, [rpc_thread(knobs, 231, STOP)],
                  [stopping, working])
    return Incident("F15-near-slow", {"panic-full.ips": panic.report()}, _without_threads(knobs, panic), (),
                    must_not=("dext/abba-rpc-under-lock",), shows="near miss: the queue is at work, and no lock is taken there")


def abba(knobs, name="F15"):
    lock = knobs.dice("lock").object_id()
    stopping = refdext.thread(
        4101, "PSRefUserClient-Default",
        [*QUEUE_WAIT, "DriverKit`IOTimerDispatchSource::WakeAtTime(unsigned long long, unsigned long long, "
         "unsigned long long, int (*)(OSMetaClassBase*, IORPC))", "main`PSRefScheduler::ArmNextLocked()",
         "main`PSRefScheduler::ScheduleAfter(unsigned long long)", "main`PSRefUserClient::Stop_Impl(IOService*)"] +
        message("PSRefUserClient", "Stop"), waits="queue processed by thread 4102",
        turnstile="blocked on 4102, hops: 1, priority: 81")
    timer = refdext.thread(
        4102, "PSRefDext-Default",
        [*LOCK_WAIT, "main`PSRefScheduler::ScheduleAfter(unsigned long long)",
         "main`PSRefDext::TimerFired_Impl(OSAction*, unsigned long long)"] + TIMER,
        waits=f"pthread mutex 0x{lock:x} owned by thread 4101", turnstile="blocked on 4101, hops: 2, priority: 81")
    panic = _busy(knobs, [("PSRefUserClient", "1,402001"), ("PSRefDext", "1,1")], 7,
                  [rpc_thread(knobs, 231, STOP)], [stopping, timer])
    shown = panic.shows_thread(4102)
    rule, cycle = ("dext/abba-rpc-under-lock", (4101, 4102)) if shown else (_without_threads(knobs, panic), ())
    out = [Incident(name, {"panic-full.ips": panic.report()}, rule, ("confirmed",), {},
                    waiting_culprit(knobs, "F15"), cycle=cycle, shows="a queue hop under a lock that the other queue takes")]
    out.append(_slow_callback(knobs, stopping))
    if knobs.has_threads:
        out.append(Incident(f"{name}-stackshot", {"stackshot.kcdata": panic.kcdata()}, rule, ("confirmed",), {},
                            waiting_culprit(knobs, "F15"), cycle=cycle, shows="the same, in the kernel's own stackshot"))
    return out
