"""F15 to F19: services that do not start or do not go away."""

from make import crowd, stacks
from make.dice import Dice
from make.stackshot import WAITING, Process, Thread

from ..incident import Incident, Panic
from .power import BUNDLE, DEXT

START = stacks.START_RPC
STOP = stacks.STOP_RPC
METHOD = ["main`PSRefDext::_Dispatch(PSRefDext*, IORPC)", "main`PSRefDext::Dispatch(IORPC)"] + stacks.DEXT_SERVER


def _busy(knobs, entries, depth, kernel, dext):
    """Source: xnu iokit/Kernel/IOService.cpp, IOService::waitQuietWithOptions."""
    words = [f"'{name}' ({state})" if knobs.os > 12 else f"'{name}'" for name, state in entries]
    many = f"multiple entries holding the registry busy, IOKit termination queue depth {depth}: " \
        if len(entries) > 1 and knobs.os > 12 else ""
    message = f"busy timeout[{knobs.dice('index').below(2)}], (60s): {many}{', '.join(words)} " \
              f"@IOService.cpp:{knobs.busy_line}"
    process = Process(588, BUNDLE, [*dext, crowd.idle_worker(4200)], flags=["sharedRegionSystem"])
    return Panic(knobs, knobs.machine(), message, stacks.BUSY_WAIT, task=(380, "watchdogd"), tid=1511,
                 dexts=(DEXT,), processes=[process], kernel_threads=kernel)


def _rpc_thread(knobs, tid, stack):
    port = Dice("port", knobs.seed, tid).object_id()
    return Thread(tid, kernel=stack, state=WAITING, priority=81,
                  waits=f"mach_msg receive on port 0x{port:x} name 0x1",
                  turnstile="turnstile blocked on task pid 588, hops: 1, priority: 81")


def start_hang(knobs):
    sleeping = Thread(4100, user=["libsystem_kernel`__ulock_wait", "DriverKit`IOSleep(unsigned long long)",
                                  "main`PSRefDext::Start_Impl(IOService*)"] + METHOD, queue="Root")
    panic = _busy(knobs, [("PSRefDext", "1e,4020001")], 0, [_rpc_thread(knobs, 231, START)], [sleeping])
    return [Incident("F19", {"panic-full.ips": panic.report()}, "iokit/registry-busy-timeout", ("confirmed",),
                     {"busy.waited": 60},
                     panic.culprit("IOService::waitQuietWithOptions(unsigned long long, unsigned int)"),
                     shows="Start never returns")]


def stop_hang(knobs):
    waiting = Thread(4100, user=["libsystem_kernel`semaphore_wait_trap", "main`PSRefDext::Stop_Impl(IOService*)"] +
                     METHOD, queue="PSRefDext-Default")
    panic = _busy(knobs, [("PSRefDext", "1,1812001"), ("IOThunderboltPort", "1,1")], 3,
                  [_rpc_thread(knobs, 231, STOP)], [waiting])
    return [Incident("F17", {"panic-full.ips": panic.report()}, "dext/stuck-terminating",
                     ("confirmed", "likely"), shows="Stop waits for a semaphore that nobody signals")]


def stop_no_super(knobs):
    panic = _busy(knobs, [("PSRefDext", "1,1812001")], 0, [], [])
    return [Incident("F18", {"panic-full.ips": panic.report()}, "dext/stuck-terminating",
                     ("confirmed", "likely"), shows="Stop returns without super")]


def abba(knobs, name="F15"):
    lock = knobs.dice("lock").object_id()
    stopping = Thread(4101, user=["libsystem_kernel`__ulock_wait", "libdispatch`_dlock_wait",
                                  "libdispatch`__DISPATCH_WAIT_FOR_QUEUE__", "libdispatch`_dispatch_sync_f_slow",
                                  "DriverKit`IOTimerDispatchSource::WakeAtTime(unsigned long long, unsigned long long, "
                                  "unsigned long long, int (*)(OSMetaClassBase*, IORPC))",
                                  "main`PSRefScheduler::ArmNextLocked()",
                                  "main`PSRefUserClient::Stop_Impl(IOService*)"] + METHOD,
                      queue="PSRefUserClient-Default", scheduled=81, waits="queue processed by thread 4102",
                      turnstile="blocked on 4102, hops: 1, priority: 81")
    timer = Thread(4102, user=["libsystem_kernel`__psynch_mutexwait",
                               "libsystem_pthread`_pthread_mutex_firstfit_lock_slow", "DriverKit`IOLockLock",
                               "main`PSRefScheduler::ScheduleAfter(unsigned long long)",
                               "main`PSRefDext::TimerFired_Impl(OSAction*, unsigned long long)"] + METHOD,
                   queue="PSRefDext-Default", scheduled=81,
                   waits=f"pthread mutex 0x{lock:x} owned by thread 4101",
                   turnstile="blocked on 4101, hops: 2, priority: 81")
    panic = _busy(knobs, [("PSRefUserClient", "1,402001"), ("PSRefDext", "1,1")], 7,
                  [_rpc_thread(knobs, 231, STOP)], [stopping, timer])
    return [Incident(name, {"panic-full.ips": panic.report()}, "dext/abba-rpc-under-lock",
                     ("confirmed", "likely"), cycle=(4101, 4102),
                     shows="a queue hop under a lock that the other queue takes")]
