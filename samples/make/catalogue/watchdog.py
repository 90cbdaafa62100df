"""Watchdogs: of the kernel, of user space, and the buttons and timers that need no panic."""

from .. import crowd, machines, stacks
from ..arm_text import ArmPanic, Times
from ..containers import ips
from ..dice import Dice
from ..sample import Sample, frames_of
from ..stackshot import RUNNING, WAITING, Process, Stackshot, Thread
from .dext import panicking_thread

TIMER = "com.apple.driver.AppleARMWatchdogTimer`"
KERNEL_WATCHDOG = [TIMER + "AppleARMWatchdogTimer::watchdogTimeout(IOTimerEventSource*)",
                   "IOTimerEventSource::timeoutSignaled(void*, void*)", "thread_call_invoke",
                   "thread_call_thread"]
USER_WATCHDOG = [TIMER + "AppleARMWatchdogTimerUserClient::userspacePanic(void*, IOExternalMethodArguments*)",
                 "IOUserClient2022::dispatchExternalMethod(unsigned int, IOExternalMethodArgumentsOpaque*, "
                 "IOExternalMethodDispatch2022 const*, unsigned long, OSObject*, void*)",
                 "is_io_connect_method", "_Xio_connect_method", "ipc_kobject_server",
                 "mach_msg_overwrite_trap", "handle_svc", "sleh_synchronous", "fleh_synchronous"]


def _no_checkins():
    machine = machines.mac15("m2-stall")
    tid, dice = 146, Dice("m2-stall threads")
    panic = ArmPanic(machine, "watchdog timeout: no checkins from watchdogd in 94 seconds (1189 total checkins "
                     "since monitoring last enabled)", KERNEL_WATCHDOG, times=Times(0x68340000, 35_800), cpu=4,
                     tid=tid, task=(0, "kernel_task", 10))
    lock = dice.object_id()
    rows, owner = [], 1840
    for number, name in enumerate(["mds_stores", "backupd", "fseventsd", "watchdogd"]):
        pid, thread = 320 + 11 * number, 1700 + 40 * number
        blocked = Thread(thread, kernel=stacks.BLOCKED + ["lck_rw_lock_shared_gen", "apfs_vnop_getattr",
                                                          "vn_stat_noauth", "stat64", "unix_syscall"],
                         user=["libsystem_kernel`stat$INODE64", "main`main", "dyld`start"], state=WAITING,
                         waits=f"krwlock 0x{lock:x} for reading owned by thread {owner}")
        rows.append(Process(pid, name, [blocked, crowd.idle_worker(thread + 1)]))
    holder = Thread(owner, kernel=stacks.BLOCKED + ["msleep", "VNOP_STRATEGY", "buf_strategy", "cluster_io",
                                                    "apfs_vnop_write", "vn_write", "write_nocancel"],
                    user=["libsystem_kernel`write", "main`WriteSegment", "main`main", "dyld`start"],
                    state=WAITING, flags=["kThreadMain"])
    rows.append(Process(377, "ExampleArchiver", [holder, crowd.idle_worker(owner + 1)]))
    processes = [crowd.small_kernel_task([panicking_thread(panic, tid)])] + crowd.small_crowd(dice) + rows
    shot = Stackshot(machine, processes)
    data = ips(machine, panic.times.panicked + 55, panic.text(), stackshot=shot)
    return Sample("watchdog/no-checkins-macos15.ips", data.encode(),
                  "the whole system stalled: four processes wait for one lock whose owner waits for the disk",
                  "watchdog/no-checkins", "confirmed", f".ips in two parts, {shot.thread_count()} threads",
                  {"waited_s": 94, "checkins": 1189, "lock_owner": f"thread {owner} (ExampleArchiver)",
                   "messenger": "kernel watchdog"}, frames_of(panic, 2))


def _no_checkins_11():
    """macOS 11: quotes and a path, no slide lines."""
    machine = machines.mac11("m1-first")
    panic = ArmPanic(machine, '"watchdog timeout: no checkins from watchdogd in 91 seconds (3378 total checkins '
                     'since monitoring last enabled), shutdown in progress"@/System/Volumes/Data/SWE/macOS/'
                     "BuildRoots/0123456789/Library/Caches/com.apple.xbs/Sources/AppleARMWatchdogTimer/"
                     "AppleARMWatchdogTimer.cpp:461", KERNEL_WATCHDOG, times=Times(0x60C00000, 33_800), cpu=1,
                     tid=139, zone_info=False)
    return Sample("watchdog/no-checkins-macos11.txt", panic.text().encode(),
                  "the text of macOS 11: message in quotes with a path, a text exec base but no slides",
                  "watchdog/no-checkins", "confirmed", "panic text",
                  {"waited_s": 91, "checkins": 3378, "shutdown": True, "slides": "none printed",
                   "text exec base": f"0x{machine.te_base:x}"}, frames_of(panic, 2))


def _windowserver():
    """As large as real ones: WindowServer waits in the kernel for a driver extension."""
    machine = machines.mac26("m4-window-full")
    tid, dice = 1544, Dice("m4-window-full threads")
    message = ("userspace watchdog timeout: no successful checkins from WindowServer (2 induced crashes) in "
               "120 seconds\nservice returned not alive with context : unresponsive work processor(s): WindowServer "
               "main thread 40 seconds since last update\n"
               "service: com.apple.logd, total successful checkins in 35460 seconds: 3546, last successful "
               "checkin: 10 seconds ago\n"
               "service: com.apple.WindowServer (2 induced crashes), total successful checkins since load "
               "(35420 seconds ago): 3530, last successful checkin: 120 seconds ago\n"
               "service: com.apple.remoted, total successful checkins in 35460 seconds: 3546, last successful "
               "checkin: 0 seconds ago")
    panic = ArmPanic(machine, message, USER_WATCHDOG, times=Times(0x69230000, 35_540), cpu=7, tid=tid,
                     task=(381, "watchdogd", 3))
    main = Thread(2711, kernel=stacks.RPC + [
        "IOUserUserClient::externalMethod(unsigned int, IOExternalMethodArguments*, "
        "IOExternalMethodDispatch*, OSObject*, void*)", "is_io_connect_method", "_Xio_connect_method",
        "ipc_kobject_server", "mach_msg_overwrite_trap"],
        user=["libsystem_kernel`mach_msg2_trap", "IOKit`io_connect_method", "IOKit`IOConnectCallMethod",
              "main`ReadDisplayCalibration", "main`UpdateDisplays", "main`main", "dyld`start"],
        state=WAITING, flags=["kThreadMain"], queue="com.apple.main-thread", priority=79,
        qos="QOS_CLASS_USER_INTERACTIVE", waits=f"mach_msg receive on port 0x{dice.object_id():x} name 0x1",
        turnstile="turnstile blocked on task pid 655, hops: 1, priority: 79")
    waiting = Thread(2730, user=["libsystem_kernel`__psynch_mutexwait",
                                 "libsystem_pthread`_pthread_mutex_firstfit_lock_wait",
                                 "libsystem_pthread`_pthread_mutex_firstfit_lock_slow", "main`CommitFrame",
                                 "libsystem_pthread`_pthread_start", "libsystem_pthread`thread_start"],
                     priority=79, name="com.example.frame", turnstile="blocked on 2711, hops: 1, priority: 79",
                     waits=f"pthread mutex 0x{dice.object_id():x} owned by thread 2711")
    reading = Thread(41_001, user=["libsystem_kernel`semaphore_wait_trap", "DriverKit`IOSleep(unsigned long long)",
                                   "main`ExampleCalibrator::PollReady()",
                                   "main`ExampleCalibrator::ReadTable_Impl(unsigned long long)",
                                   "main`ExampleCalibrator::Dispatch(IORPC)"] + stacks.DEXT_SERVER,
                     queue="ExampleCalibrator-Default", qos="QOS_CLASS_USER_INTERACTIVE", scheduled=79,
                     waits=f"semaphore port 0x{dice.object_id():x} owned by pid 655")
    kernel = crowd.full_kernel_threads(machine.name, 396, 130)
    processes = [Process(0, "kernel_task", kernel, resident=1900)]
    for process in crowd.full_crowd(machine.name, 446, 2080, {381, 402, 655}):
        if process.name not in ("WindowServer", "watchdogd"):
            processes.append(process)
    thread = panicking_thread(panic, tid)
    thread.user = ["libsystem_kernel`mach_msg2_trap", "IOKit`io_connect_method", "IOKit`IOConnectCallMethod",
                   "main`PanicNow", "main`CheckServices"] + stacks.DISPATCH_WORKER
    processes.insert(3, Process(381, "watchdogd", [thread, crowd.idle_worker(tid + 2)]))
    processes.insert(4, Process(402, "WindowServer", [main, waiting, crowd.idle_worker(2741)], resident=240))
    processes.append(Process(655, "com.example.driver.calibrator", [reading, crowd.idle_worker(41_002)],
                             flags=["sharedRegionSystem"]))
    shot = Stackshot(machine, processes, one_line_a_process=True)
    data = ips(machine, panic.times.panicked + 58, panic.text(), stackshot=shot, flags="0x20802")
    return Sample("watchdog/windowserver-waits-for-dext-full.ips", data.encode(),
                  "WindowServer does not answer: it waits for a driver extension that polls its hardware",
                  "watchdog/userspace-service", "confirmed",
                  f".ips in two parts; {len(processes)} processes, {shot.thread_count()} threads, "
                  f"{shot.frames} frames",
                  {"service": "WindowServer", "waited_s": 120, "induced_crashes": 2, "services": 3,
                   "chain": "2730 -> 2711 (mutex) -> pid 655 (RPC)", "messenger": "watchdogd",
                   "threads": shot.thread_count()}, frames_of(panic, 2))


def _since_wake():
    machine = machines.phone26("iphone-thermal")
    message = ("userspace watchdog timeout: no successful checkins from thermalmonitord since wake\n"
               "service returned not alive with context : missing sensor(s): example0 \n"
               "service: backboardd, total successful checkins since wake (200 seconds ago): 20, last successful "
               "checkin: 0 seconds ago\n"
               "service: thermalmonitord, no successful checkins since wake (200 seconds ago)")
    panic = ArmPanic(machine, message, USER_WATCHDOG,
                     times=Times(0x69410000, 1_400, slept=0x69410200, woke=0x69411000), cpu=3, tid=1433,
                     task=(62, "watchdogd", 3))
    return Sample("watchdog/thermalmonitord-since-wake-ios26.ips",
                  ips(machine, panic.times.panicked + 22, panic.text(), flags="0x20002").encode(),
                  "a daemon that did not answer since wake, on a phone with a missing sensor",
                  "watchdog/userspace-service", "confirmed", ".ips in two parts, no stackshot",
                  {"service": "thermalmonitord", "since": "wake", "context": "missing sensor(s): example0",
                   "flags": "0x20002: stackshot ok, userspace initiated"}, frames_of(panic, 1))


def _button():
    machine = machines.phone17("iphone-button")
    tid, dice = 142, Dice("iphone-button threads")
    panic = ArmPanic(machine, "btn_rst", ["com.apple.driver.AppleM68Buttons`AppleM68Buttons::forceReset()",
                                          "com.apple.driver.AppleM68Buttons`AppleM68Buttons::timerFired()",
                                          "IOTimerEventSource::timeoutSignaled(void*, void*)",
                                          "thread_call_invoke", "thread_call_thread"],
                     times=Times(0x66530000, 2_689), cpu=1, tid=tid, task=(0, "kernel_task", 10))
    processes = [crowd.small_kernel_task([panicking_thread(panic, tid)])]
    processes += crowd.small_crowd(dice, ("launchd", "SpringBoard", "backboardd"))
    shot = Stackshot(machine, processes)
    data = ips(machine, panic.times.panicked + 18, panic.text(), stackshot=shot, flags="0x882",
               text_key="string", head={"bug_type": "151"}, more={"bug_type": "151"})
    return Sample("reset/button-held-ios.ips", data.encode(),
                  "somebody held the buttons (bug_type 151; the text is under \"string\")",
                  "hw/watchdog-or-forced-reset", "confirmed", f".ips in two parts, {shot.thread_count()} threads",
                  {"kind": "button", "flags": "0x882: stackshot ok, button reset, compressed"},
                  frames_of(panic, 2))


def _timer():
    """No "panic(cpu" line at all: the hardware watchdog entered the debugger."""
    machine = machines.phone17("iphone-wdt")
    panic = ArmPanic(machine, "WDT timeout", KERNEL_WATCHDOG[:1], times=Times(0x66540000, 610), cpu=0, tid=0)
    lines = [line.replace("Debugger message: panic", "Debugger message: WDT timeout")
             for line in panic.lines()[1:]]
    cut = next(n for n, line in enumerate(lines) if line.startswith("Panicked task"))
    return Sample("reset/wdt-timeout-ios.txt", "\n".join(lines[:cut] + [""]).encode(),
                  "the hardware watchdog fired: no panic line, only where each CPU was",
                  "hw/watchdog-or-forced-reset", "confirmed", "panic text",
                  {"message": "WDT timeout", "cores": 6})


def samples():
    return [_no_checkins(), _no_checkins_11(), _windowserver(), _since_wake(), _button(), _timer()]
