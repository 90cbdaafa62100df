"""Hangs that no fault of the extension makes, as stackshots and panics show them: locks of the kernel,
processes that wait for each other, and a server that never checks in. Each with a near miss in which
one link is missing."""

from make import stacks
from make.stackshot import RUNNING, WAITING, Process, Thread

from .. import refdext
from ..incident import Incident, Panic
from ..refdext import LOCK_WAIT, METHOD, QUEUE_WAIT, message, rpc_thread
from .registry import START, _busy

MUTEX = ["machine_switch_context", "thread_invoke", "thread_block_reason", "lck_mtx_lock_contended", "lck_mtx_lock"]
ENOUGH = ("confirmed", "likely", "possible")


def _watchdog(knobs, kernel=(), processes=()):
    """watchdogd could not check in for a minute and a half."""
    checkins = knobs.dice("checkins").between(20, 9000)
    text = f"watchdog timeout: no checkins from watchdogd in 91 seconds ({checkins} total checkins since monitoring last enabled)"
    return Panic(knobs, knobs.machine(), text, ["IOWorkLoop::runEventSources()", "IOWorkLoop::threadMain()", "call_continuation"],
                 kernel_threads=kernel, processes=processes)


def kernel_locks(knobs):
    """Two threads of the kernel, each with the lock that the other wants."""
    first, second = knobs.dice("first").object_id(), knobs.dice("second").object_id()

    def thread(tid, lock, owner):
        return Thread(tid, kernel=[*MUTEX, "IOWorkLoop::closeGate()", "IOWorkLoop::threadMain()", "call_continuation"],
                      state=WAITING, priority=81, waits=f"kernel mutex 0x{lock:x} owned by thread {owner}",
                      turnstile=f"blocked on {owner}, hops: 1, priority: 81")

    ring = _watchdog(knobs, [thread(501, second, 502), thread(502, first, 501)])
    free = Thread(502, kernel=["IOWorkLoop::runEventSources()", "IOWorkLoop::threadMain()"], state=RUNNING, event=False)
    chain = _watchdog(knobs, [thread(501, second, 502), free])
    return [Incident("hang-kernel-locks", {"panic-full.ips": ring.report()}, "deadlock/kernel-lock-cycle", ENOUGH,
                     cycle=(501, 502), shows="two threads of the kernel have each other's lock"),
            Incident("hang-kernel-locks-near-chain", {"panic-full.ips": chain.report()}, "watchdog/no-checkins", (),
                     must_not=("deadlock/kernel-lock-cycle",), shows="near miss: the owner runs")]


def across_processes(knobs):
    """Two services, each in a call that the other has to answer."""
    def thread(tid, other):
        return Thread(tid, user=[*stacks.DISPATCH_MAIN[:2], "libxpc`_xpc_send_serializer", "main`AskTheOther", "dyld`start"],
                      state=WAITING, waits=f"mach_msg receive on port 0x{knobs.dice(tid).object_id():x} name 0x1507",
                      turnstile=f"blocked on {other}, hops: 1, priority: 31")

    def pair(second):
        return [Process(740, "exampled", [thread(7001, 7002)]), Process(741, "examplehelper", [second])]

    ring = _watchdog(knobs, processes=pair(thread(7002, 7001)))
    chain = _watchdog(knobs, processes=pair(Thread(7002, user=["main`Compute"], state=RUNNING, event=False)))
    return [Incident("hang-across-processes", {"panic-full.ips": ring.report()}, "deadlock/cross-process-cycle", ENOUGH,
                     cycle=(7001, 7002), shows="two services wait for each other's answer"),
            Incident("hang-across-processes-near-chain", {"panic-full.ips": chain.report()}, "watchdog/no-checkins", (),
                     must_not=("deadlock/cross-process-cycle",), shows="near miss: one of them computes")]


def convoy(knobs):
    """Five threads of the extension wait for one lock, whose holder polls its device."""
    lock = knobs.dice("lock").object_id()

    def waiter(tid):
        return refdext.thread(tid, "IOUserClientQueueExternalMethod",
                              [*LOCK_WAIT, "main`PSRefScheduler::ScheduleAfter(unsigned long long)",
                               "main`PSRefUserClient::Stop_Impl(IOService*)"] + METHOD[4:],
                              waits=f"pthread mutex 0x{lock:x} owned by thread 4150", turnstile="blocked on 4150, hops: 1, priority: 37")

    holder = refdext.thread(4150, "PSRefDext-Default", ["main`PSRefScheduler::TakeDue()",
                                                       "main`PSRefDext::TimerFired_Impl(OSAction*, unsigned long long)"] +
                            refdext.TIMER, state=RUNNING, event=False)
    panic = _watchdog(knobs)
    machine = panic.machine
    many = Panic(knobs, machine, panic.text.message, panic.text.stack,
                 processes=[refdext.process(knobs, machine, [holder, *map(waiter, range(4151, 4156))])])
    one = Panic(knobs, machine, panic.text.message, panic.text.stack,
                processes=[refdext.process(knobs, machine, [holder, waiter(4151)])])
    return [Incident("hang-convoy", {"stackshot.kcdata": many.kcdata()}, "dext/lock-contention-io-path", ENOUGH,
                     shows="five threads before one lock"),
            Incident("hang-convoy-near-one", {"stackshot.kcdata": one.kcdata()}, must_not=("dext/lock-contention-io-path",),
                     shows="near miss: one thread waits for a lock")]


def no_check_in(knobs):
    """The extension's process was asked for and never said that it is there."""
    waiting = Thread(231, kernel=[*stacks.BLOCKED, "semaphore_wait_internal",
                                  "__WAITING_FOR_USER_SERVER__(IOUserServerCheckInToken*)",
                                  "IOUserServer::launchUserServer(IOService*)", "IOService::startCandidate(IOService*)",
                                  "IOService::probeCandidates(OSOrderedSet*)", "IOService::doServiceMatch(unsigned int)",
                                  "_IOConfigThread::main(void*, int)", "call_continuation"], state=WAITING, priority=81)
    panic = _busy(knobs, [("PSRefDext", "1e,4020001")], 0, [waiting], [])
    return [Incident("hang-no-check-in", {"panic-full.ips": panic.report()},
                     "dext/server-launch-timeout" if knobs.symbols else "iokit/registry-busy-timeout", ENOUGH,
                     shows="the extension's process never checks in")]


def daemon(knobs):
    """The daemon that loads drivers answers nobody."""
    panic = _busy(knobs, [("PSRefDext", "1e,20000001")], 0, [], [], "IOKit Daemon (kernelmanagerd) stall")
    return [Incident("hang-daemon", {"panic-full.ips": panic.report()}, "iokit/kernelmanagerd-stall", ENOUGH,
                     must_not=("dext/stuck-terminating",), shows="kernelmanagerd does not answer")]


def synchronous(knobs):
    """A kext terminates a service and waits for it on the thread that has to do it."""
    stack = ["IOService::terminatePhase1(unsigned int)", "IOService::terminate(unsigned int)",
             "IOWorkLoop::runEventSources()", "IOWorkLoop::threadMain()", "call_continuation"]
    panic = Panic(knobs, knobs.machine(), "I/O Kit: Unrecoverable deadlock.", stack)
    return [Incident("hang-synchronous", {"panic-full.ips": panic.report()}, "iokit/terminate-synchronous-deadlock", ENOUGH,
                     shows="a synchronous termination that waits for itself")]


def own_queue(knobs):
    """A queue waits for itself, in a call of the kernel."""
    waiting = refdext.thread(4100, "PSRefSCSI-Default",
                             [*QUEUE_WAIT, "main`PSRefDext::Start_Impl(IOService*)"] + message("PSRefDext", "Start"),
                             waits="queue processed by thread 4100", turnstile="blocked on 4100, hops: 1, priority: 81")
    panic = _busy(knobs, [("PSRefDext", "1e,4020001")], 0, [rpc_thread(knobs, 231, START)], [waiting])
    return [Incident("hang-own-queue", {"panic-full.ips": panic.report()}, "dext/self-queue-sync-wait", ENOUGH,
                     shows="a queue waits for itself, and the registry for the queue")]


HANGS = (kernel_locks, across_processes, convoy, no_check_in, daemon, synchronous, own_queue)
