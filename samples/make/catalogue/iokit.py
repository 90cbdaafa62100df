"""The I/O registry that never settles, and transitions of system power that never end.

Texts: xnu iokit/Kernel/IOService.cpp waitQuietWithOptions, IOPMrootDomain.cpp takeStackshot.
"""

from .. import crowd, machines, stacks
from ..arm_text import ArmPanic, Times
from ..containers import PLACEHOLDER_STACKSHOT, body, header, ips, legacy
from ..dice import Dice
from ..intel_text import IntelPanic
from ..sample import Sample, frames_of
from ..stackshot import RUNNING, WAITING, Process, Stackshot, Thread
from .dext import panicking_thread

BUNDLE = "com.example.driver.firewire"


def _watchdogd(panic, tid, pid=380):
    thread = panicking_thread(panic, tid)
    thread.user = stacks.WATCHDOG_USER
    thread.priority = thread.scheduled = 97
    return Process(pid, "watchdogd", [thread, crowd.idle_worker(tid + 1)])


def _single():
    """One entry: its start() never returned."""
    machine = machines.mac15("m2-audio")
    tid, dice = 1502, Dice("m2-audio threads")
    panic = ArmPanic(machine, "busy timeout[0], (60s): 'ExampleAudioDevice' (1e,4020001) "
                     "@IOService.cpp:5817", stacks.BUSY_WAIT, times=Times(0x68301000, 66), cpu=6,
                     task=(380, "watchdogd", 2), tid=tid)
    starting = Thread(188, kernel=stacks.START_RPC, state=WAITING, priority=81,
                      waits=f"mach_msg receive on port 0x{dice.object_id():x} name 0x1",
                      turnstile="turnstile blocked on task pid 511, hops: 1, priority: 81")
    device = Thread(2301, user=["libsystem_kernel`__ulock_wait", "libdispatch`_dlock_wait",
                                "libdispatch`_dispatch_group_wait_slow",
                                "main`ExampleAudioDevice::WaitForFirmware()",
                                "main`ExampleAudioDevice::Start_Impl(IOService*)",
                                "DriverKit`IOService::Start_Invoke(IORPC, OSMetaClassBase*, int (*)"
                                "(OSMetaClassBase*, IOService*))",
                                "main`ExampleAudioDevice::_Dispatch(ExampleAudioDevice*, IORPC)",
                                "main`ExampleAudioDevice::Dispatch(IORPC)"] + stacks.DEXT_SERVER,
                    queue="Root", qos="QOS_CLASS_DEFAULT")
    processes = [crowd.small_kernel_task([starting])] + crowd.small_crowd(dice)
    processes += [_watchdogd(panic, tid),
                  Process(511, "com.example.driver.audio", [device, crowd.idle_worker(2302)])]
    shot = Stackshot(machine, processes)
    data = ips(machine, panic.times.panicked + 48, panic.text(), stackshot=shot)
    return Sample("iokit/registry-busy-single-macos15.ips", data.encode(),
                  "one entry holds the registry busy: registered and matched, start still running",
                  "iokit/registry-busy-timeout", "confirmed", ".ips in two parts, "
                  f"{shot.thread_count()} threads",
                  {"entries": "ExampleAudioDevice (1e,4020001)", "phase": "starting", "waited_s": 60,
                   "messenger": "watchdogd",
                   "waits": "188 -> pid 511 (RPC, Start); 2301 waits in Start_Impl"},
                  frames_of(panic, 4))


def _deadlock():
    """AB-BA between a queue and a lock of a driver extension, found at teardown."""
    machine = machines.mac26("m4-firewire")
    tid, dice = 1511, Dice("m4-firewire threads")
    message = ("busy timeout[0], (60s): multiple entries holding the registry busy, IOKit termination "
               "queue depth 3: 'ExampleFireWireUserClient' (1,402001), 'ExampleFireWireDriver' (1,1), "
               "'IOThunderboltPort' (1,1812001) @IOService.cpp:5986")
    panic = ArmPanic(machine, message, stacks.BUSY_WAIT, times=Times(0x6920AA00, 3_725), cpu=4,
                     task=(380, "watchdogd", 2), tid=tid)
    lock, port = dice.object_id(), dice.object_id()
    terminating = Thread(231, kernel=stacks.STOP_RPC, state=WAITING, priority=81,
                         waits=f"mach_msg receive on port 0x{port:x} name 0x1",
                         turnstile="blocked on 4101, hops: 1, priority: 81")
    stopping = Thread(4101, user=[
        "libsystem_kernel`__ulock_wait", "libdispatch`_dlock_wait",
        "libdispatch`_dispatch_thread_event_wait_slow", "libdispatch`__DISPATCH_WAIT_FOR_QUEUE__",
        "libdispatch`_dispatch_sync_f_slow",
        "DriverKit`IODispatchQueue::DispatchSync_f(void*, void (*)(void*))",
        "DriverKit`OSMetaClassBase::Invoke(IORPC)",
        "DriverKit`IOTimerDispatchSource::WakeAtTime(unsigned long long, unsigned long long, unsigned "
        "long long, int (*)(OSMetaClassBase*, IORPC))",
        "main`ExampleScheduler::ArmNextLocked()",
        "main`ExampleScheduler::ScheduleAfter(unsigned long long)",
        "main`ExampleFireWireUserClient::Stop_Impl(IOService*)",
        "DriverKit`IOService::Stop_Invoke(IORPC, OSMetaClassBase*, int (*)(OSMetaClassBase*, "
        "IOService*))",
        "main`ExampleFireWireUserClient::_Dispatch(ExampleFireWireUserClient*, IORPC)",
        "main`ExampleFireWireUserClient::Dispatch(IORPC)"] + stacks.DEXT_SERVER,
        queue="ExampleFireWireUserClient-Default", qos="QOS_CLASS_DEFAULT", scheduled=81,
        waits="queue processed by thread 4102", turnstile="blocked on 4102, hops: 1, priority: 81")
    timer = Thread(4102, user=[
        "libsystem_kernel`__psynch_mutexwait",
        "libsystem_pthread`_pthread_mutex_firstfit_lock_wait",
        "libsystem_pthread`_pthread_mutex_firstfit_lock_slow", "DriverKit`IOLockLock",
        "main`ExampleScheduler::ScheduleAfter(unsigned long long)",
        "main`ExampleFireWireDriver::TimerFired_Impl(OSAction*, unsigned long long)",
        "DriverKit`IOTimerDispatchSource::TimerOccurred_Invoke(IORPC, OSMetaClassBase*, void (*)"
        "(OSMetaClassBase*, OSAction*, unsigned long long), OSMetaClass const*)",
        "main`ExampleFireWireDriver::_Dispatch(ExampleFireWireDriver*, IORPC)",
        "main`ExampleFireWireDriver::Dispatch(IORPC)"] + stacks.DEXT_SERVER,
        queue="ExampleFireWireDriver-Default", qos="QOS_CLASS_DEFAULT", scheduled=81,
        waits=f"pthread mutex 0x{lock:x} owned by thread 4101",
        turnstile="blocked on 4101, hops: 2, priority: 81")
    dext = Process(612, BUNDLE, [
        stopping, timer, crowd.idle_worker(4103),
        Thread(4090, kernel=stacks.BLOCKED + ["IOUserServer::waitInterruptTrap(void*, void*, void*, "
               "void*, void*, void*)", "iokit_user_client_trap"], user=stacks.INTERRUPT_THREAD,
               state=WAITING, priority=97)], flags=["sharedRegionSystem"], resident=4)
    client = Process(733, "ExampleCapture", [Thread(
        5120, user=["libsystem_kernel`mach_msg2_trap", "IOKit`io_service_close", "main`CloseDevice",
                    "main`main", "dyld`start"], continuation="mach_msg_receive_continue", event=False,
        flags=["kThreadMain"], queue="com.apple.main-thread", qos="QOS_CLASS_USER_INITIATED",
        waits=f"mach_msg receive on port 0x{dice.object_id():x} name 0x307",
        turnstile="turnstile has unknown inheritor")])
    processes = [crowd.small_kernel_task([terminating])] + crowd.small_crowd(dice)
    processes += [_watchdogd(panic, tid), dext, client]
    shot = Stackshot(machine, processes)
    data = ips(machine, panic.times.panicked + 44, panic.text(), stackshot=shot)
    return Sample("iokit/registry-busy-dext-deadlock.ips", data.encode(),
                  "two threads of an extension wait for each other (queue and lock), the kernel's "
                  "terminate thread waits for them",
                  "iokit/registry-busy-multiple", "confirmed",
                  f".ips in two parts, {shot.thread_count()} threads",
                  {"cycle": "4101 -> 4102 (queue) and 4102 -> 4101 (pthread mutex); 231 -> 4101 (RPC)",
                   "entries": "3, termination queue depth 3", "messenger": "watchdogd",
                   "culprit": f"{BUNDLE} (third party)"},
                  frames_of(panic, 3))


def _root_held():
    machine = machines.mac13("m1-boot")
    panic = ArmPanic(machine, "IOKit Daemon (kernelmanagerd) stall[0], (60s): registry root held busy, "
                     "kernelmanagerd has not checked in @IOService.cpp:5663", stacks.BUSY_WAIT,
                     times=Times(0x63F50000, 71), cpu=1, task=(98, "watchdogd", 3), tid=881)
    return Sample("iokit/registry-root-held-macos13.ips",
                  ips(machine, panic.times.panicked + 33, panic.text(), flags="0x10",
                      other="\n** Stackshot Incomplete ** Bytes Filled 4096, err 28 **\n").encode(),
                  "kernelmanagerd never checked in during boot", "iokit/registry-root-held", "confirmed",
                  ".ips in two parts, no stackshot",
                  {"kind": "kernelmanagerd-stall", "root_held": True, "checked_in": False},
                  frames_of(panic, 2))


def _ios_cut():
    """The kernel's fixed buffer cuts the list in the middle of an entry."""
    machine = machines.phone17("iphone-terminate")
    names = ["'RootDomainUserClient' (1,2001)", "'ExampleAccessoryNub' (1,1812001)"] + \
            ["'ExampleAccessoryUserClient' (1,2001)"] * 3
    message = ("busy timeout[0], (60s): multiple entries holding the registry busy, IOKit termination "
               "queue depth 212: " + ", ".join(names) + ", 'ExampleAccessoryUserClient' (1 @IOService.cpp:5758")
    panic = ArmPanic(machine, message, stacks.BUSY_WAIT, times=Times(0x66510000, 1_204), cpu=2,
                     task=(52, "watchdogd", 3), tid=918)
    return Sample("iokit/registry-busy-multiple-ios.ips",
                  ips(machine, panic.times.panicked + 29, panic.text()).encode(),
                  "many entries, the list is cut by the kernel's buffer; an iPhone's addresses",
                  "iokit/registry-busy-multiple", "confirmed", ".ips in two parts, no stackshot",
                  {"depth": 212, "entries": "5 whole + 1 cut", "truncated": True, "all_inactive": True},
                  frames_of(panic, 2))


def _old_list():
    machine = machines.intel_10_15("mbp-2019-busy")
    message = ('"busy timeout[3], (60s): \'AppleACPIEC\', \'pci8086,9d2f\'"@/AppleInternal/BuildRoot/'
               "Library/Caches/com.apple.xbs/Sources/xnu/xnu-6153.141.2/iokit/Kernel/IOService.cpp:5004")
    stack = ["__ZN9IOService9waitQuietEy", "is_io_service_wait_quiet", "_Xio_service_wait_quiet",
             "ipc_kobject_server", "ipc_kmsg_send", "mach_msg_overwrite_trap", "mach_call_munger64",
             "hndl_mach_scall64"]
    panic = IntelPanic(machine, message, stack, cpu=4, uptime=246, process="watchdogd")
    return Sample("iokit/registry-busy-old-list-10.15.panic", legacy(machine, 0x5F7E3A10, panic.text()).encode(),
                  "the older list without state words, in quotes", "iokit/registry-busy-multiple", "confirmed",
                  "legacy .panic text", {"entries": "AppleACPIEC, pci8086,9d2f", "index": 3},
                  frames_of(panic, 2))


def _transition_t2():
    """A Mac with T2: two panic texts in one report; the Intel side's is the one that matters."""
    machine = machines.intel_10_15("mbp-2019-t2", third_party=[("com.example.driver.CardReader", "2.4.1")])
    card = "com.example.driver.CardReader`"
    stack = ["__ZN14IOPMrootDomain13takeStackshotEb"]
    message = ("Sleep transition timed out after 180 seconds while calling power state change callbacks."
               " Suspected bundle: com.example.driver.CardReader. Thread 0x12ee.\n"
               "Failure code:: 0x00000040 00000014")
    specified = ["machine_switch_context", "thread_unstop", "thread_block_reason",
                 "lck_mtx_sleep_deadline", "__ZN10IOWorkLoop9sleepGateEPvyj",
                 card + "__ZN17ExampleCardReader12drainPendingEv",
                 card + "__ZN17ExampleCardReader13setPowerStateEmP9IOService",
                 "__ZN9IOService19driverSetPowerStateEv", "__ZN9IOService15pmDriverCalloutEPS_",
                 "thread_call_delayed_timer", "call_continuation"]
    panic = IntelPanic(machine, message, stack, cpu=0, uptime=51_777, symbols=True,
                       head_note=["", "Backtracing specified thread"], specified=specified)
    bridge = ("panic(cpu 1 caller 0xfffffff013a4c9d8): x86 global reset detected\nDebugger message: panic\n"
              "Memory ID: 0x0\nOS release type: User\nOS version: 17P6610\nmacOS version: 19H2\n"
              "Kernel version: Darwin Kernel Version 19.6.0: Mon Aug 31 22:26:20 PDT 2020; "
              "root:xnu-6153.142.1~1/RELEASE_ARM64_T8010\nKernel slide:      0x000000000b800000\n"
              "Kernel text base:  0xfffffff012804000\n  Boot    : 0x5f6b1c00 0x00000000\n")
    head = header(machine, 0x5F6C1F40, caused_by="macos", macos_version="Mac OS X 10.15.7 (19H2)",
                  os_version="Bridge OS 4.6 (17P6610)", macos_system_state="sleeping")
    rows = {"build": "Bridge OS 4.6 (17P6610)", "product": "iBridge2,16",
            "macOSPanicFlags": "0x20", "macOSPanicString": panic.text(), "macOSProcessedStackshotData":
            PLACEHOLDER_STACKSHOT}
    data = head + "\n" + body(machine, 0x5F6C1F40, bridge, flags="0x902", more=rows,
                              without=("kernel",))
    reader = machine.images["com.example.driver.CardReader"]
    return Sample("pm/sleep-transition-timeout-t2.ips", data.encode(),
                  "the system did not get to sleep in 180 s; a third-party kext is suspected",
                  "pm/sleep-wake-transition-timeout", "confirmed",
                  ".ips of a T2 Mac: two texts, a stackshot that was not found",
                  {"primary_text": "macOSPanicString (caused_by macos)",
                   "macOSPanicFlags": "0x20: stackshot failed (Intel layout, not \"caused nested panic\")", "direction": "sleep",
                   "waited_s": 180, "phase": "calling power state change callbacks",
                   "bundle": "com.example.driver.CardReader", "thread": "0x12ee = 4846",
                   "failure_code": "0x00000040 00000014",
                   "kext range": f"0x{reader.start:x}-0x{reader.last:x}"},
                  [f"{image}+0x{offset:x} {place.rpartition('`')[2]}" for place in specified[4:8]
                   for image, offset in [machine.where(machine.back(place))]])


def _hang():
    machine = machines.mac14("m1pro-sleep")
    panic = ArmPanic(machine, "Sleep/Wake hang detected @IOPMrootDomain.cpp:12922",
                     ["IOPMrootDomain::sleepWakeDebugTrig(bool)",
                      "IOPMrootDomain::checkShutdownTimeout()", "thread_call_invoke", "thread_call_thread"],
                     times=Times(0x65E20000, 90_000, slept=0x65E30000, woke=0x65E37000), cpu=0, tid=174)
    return Sample("pm/sleep-wake-hang-macos14.txt", panic.text().encode(),
                  "a sleep or wake that hung, with nothing said about who",
                  "pm/sleep-wake-transition-timeout", "confirmed", "panic text", {"slept": True}, frames_of(panic, 2))


def samples():
    return [_single(), _deadlock(), _root_held(), _ios_cut(), _old_list(), _transition_t2(), _hang()]
