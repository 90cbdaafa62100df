"""Crash reports of driver extensions and of other processes."""

from ..crash import Process, as_ips, as_text
from ..sample import Sample

SIGNALLED = {"flags": 0, "code": 6, "namespace": "SIGNAL", "indicator": "Abort trap: 6"}
ABORTED = {"codes": "0x0000000000000000, 0x0000000000000000", "rawCodes": [0, 0], "type": "EXC_CRASH",
           "signal": "SIGABRT"}
DEXT = ("/Library/SystemExtensions/7C1E0B52-3F6D-4A0B-9D55-20A4C6E3B811/"
        "com.example.driver.raid.dext/com.example.driver.raid")

# What a message from the kernel comes in through, innermost first.
MACH = ["DriverKit`Server(void*, mach_msg_header_t*, mach_msg_header_t*)",
        "DriverKit`uiomachchannel(void*, dispatch_mach_reason_t, dispatch_mach_msg_s*, int)",
        "libdispatch.dylib`_dispatch_mach_msg_invoke", "libdispatch.dylib`_dispatch_lane_serial_drain",
        "libdispatch.dylib`_dispatch_mach_invoke", "libdispatch.dylib`_dispatch_lane_serial_drain",
        "libdispatch.dylib`_dispatch_lane_invoke",
        "libdispatch.dylib`_dispatch_workloop_worker_thread", "libsystem_pthread.dylib`_pthread_wqthread",
        "libsystem_pthread.dylib`start_wqthread"]
ABORT = ["libsystem_kernel.dylib`__pthread_kill + 8", "libsystem_pthread.dylib`pthread_kill + 296",
         "libsystem_c.dylib`abort + 124"]
ASSERT = ABORT + ["libsystem_c.dylib`__assert_rtn + 284"]
IDLE = ["libsystem_kernel.dylib`__workq_kernreturn + 8", "libsystem_pthread.dylib`_pthread_wqthread",
        "libsystem_pthread.dylib`start_wqthread"]
INTERRUPTS = ["libsystem_kernel.dylib`iokit_user_client_trap + 8",
              "DriverKit`IOInterruptDispatchSourceThread(void*)", "libsystem_pthread.dylib`_pthread_start",
              "libsystem_pthread.dylib`thread_start"]
RAID = "com.example.driver.raid`"
WHEN, START = "2025-11-03 09:12:44.6192 +0000", "2025-11-03 09:12:44.2031 +0000"
LATER = "2025-11-03 08:40:12.9034 +0000"


def dext(**facts):
    return Process("com.example.driver.raid", DEXT, **facts)


def killed_itself(process):
    return dict(SIGNALLED, byProc=process.name, byPid=process.pid)


def off_queue():
    process = dext()
    process.thread(ASSERT + ["DriverKit`OSMetaClassBase::Invoke(IORPC) (.cold.4)",
                             "DriverKit`OSMetaClassBase::Invoke(IORPC)"] + MACH,
                   queue="Root", crashed=True)
    process.thread(IDLE)
    process.crash_registers(x16=328)
    text = ("Assertion failed: (notsync || !remote || (msgid == IOService_Start_ID) || queue->OnQueue()), "
            "function Invoke, file uioserver.cpp, line 1654.\n")
    return Sample("crash/dext-first-message-off-queue.ips",
                  as_ips(process, WHEN, START, exception=ABORTED, termination=killed_itself(process),
                         asi={"DriverKit": [text]}).encode(),
                  "a driver extension dies on its first message: the DriverKit runtime finds it on the Root "
                  "queue", "dext/off-queue-first-message", "likely", "crash report as JSON")


def null_cast():
    process = dext()
    process.thread([RAID + "ExampleRAIDDriver::deviceOf(OSObject*) (inlined) (ExampleRAIDDriver.h:31)",
                    RAID + "ExampleRAIDDriver::Start_Impl(IOService*) + 132 (ExampleRAIDDriver.cpp:88)",
                    "DriverKit`IOService::Start_Invoke(IORPC, OSMetaClassBase*, int (*)(OSMetaClassBase*, "
                    "IOService*))",
                    RAID + "ExampleRAIDDriver::_Dispatch(ExampleRAIDDriver*, IORPC)",
                    RAID + "ExampleRAIDDriver::Dispatch(IORPC)",
                    "DriverKit`invocation function for block in OSMetaClassBase::Invoke(IORPC)",
                    "DriverKit`IODispatchQueue::DispatchSync_f(void*, void (*)(void*))",
                    "DriverKit`OSMetaClassBase::Invoke(IORPC)"] + MACH,
                   queue="ExampleRAIDDriver-Default", crashed=True)
    process.thread(IDLE)
    process.thread(INTERRUPTS, name="IOInterruptDispatchSource")
    process.crash_registers(x8=0, far=0x18, esr=0x92000006)
    process.fault = "(Data Abort) byte read Translation fault"
    codes = {"codes": "0x0000000000000001, 0x0000000000000018", "rawCodes": [1, 24],
             "type": "EXC_BAD_ACCESS", "signal": "SIGSEGV",
             "subtype": "KERN_INVALID_ADDRESS at 0x0000000000000018"}
    region = ("0x18 is not in any region.  Bytes before following region: 4305780712\n"
              "      REGION TYPE                    START - END         [ VSIZE] PRT/MAX SHRMOD  REGION "
              "DETAIL\n      UNUSED SPACE AT START\n--->  \n"
              "      __TEXT                   100a50000-100a74000    [  144K] r-x/r-x SM=COW  " + DEXT)
    return Sample("crash/dext-null-cast-in-start.ips",
                  as_ips(process, WHEN, START, exception=codes,
                         termination=dict(SIGNALLED, code=11, indicator="Segmentation fault: 11",
                                          byProc="exc handler", byPid=process.pid),
                         more={"vmRegionInfo": region}).encode(),
                  "a null pointer behind OSDynamicCast in Start, in a function inlined there; with file and "
                  "line", "dext/null-dynamic-cast", "likely", "crash report as JSON, symbolicated")


def bundled_completion():
    process = dext()
    process.thread(["DriverKit`OSMetaClassBase::Invoke(IORPC)",
                    "SCSIControllerDriverKit`IOUserSCSIParallelInterfaceController::"
                    "BundledParallelTaskCompletion(OSAction*, unsigned int const*, unsigned int, int (*)"
                    "(OSMetaClassBase*, IORPC))",
                    RAID + "ExampleRAIDDriver::completeSlot(unsigned int) + 212 (ExampleRAIDQueue.cpp:204)",
                    RAID + "ExampleRAIDDriver::InterruptOccurred_Impl(OSAction*, unsigned long long, "
                    "unsigned long long) + 96 (ExampleRAIDDriver.cpp:310)",
                    "DriverKit`IOInterruptDispatchSource::InterruptOccurred_Invoke(IORPC, OSMetaClassBase*)",
                    "DriverKit`IOInterruptDispatchSourceThread(void*)",
                    "libsystem_pthread.dylib`_pthread_start", "libsystem_pthread.dylib`thread_start"],
                   name="IOInterruptDispatchSource", queue="ExampleRAIDDriver-Interrupt", crashed=True)
    process.thread(IDLE)
    process.crash_registers(x0=0x9e3500010ac04c20, far=0x9e3500010ac04c20, esr=0x92000004)
    process.fault = "(Data Abort) byte read Address size fault"
    codes = {"codes": "0x0000000000000101, 0x9e3500010ac04c20", "rawCodes": [257, 0x9e3500010ac04c20],
             "type": "EXC_BAD_ACCESS", "signal": "SIGBUS",
             "subtype": "EXC_ARM_DA_ALIGN at 0x9e3500010ac04c20"}
    return Sample("crash/dext-bundled-completion.ips",
                  as_ips(process, WHEN, LATER, exception=codes,
                         termination=dict(SIGNALLED, code=10, indicator="Bus error: 10",
                                          byProc="exc handler", byPid=process.pid)).encode(),
                  "completing a bundled SCSI task from the interrupt, with an action pointer that is garbage",
                  "dext/bundled-osaction-lifetime", "confirmed", "crash report as JSON, symbolicated")


def hardening():
    process = dext()
    process.thread(ABORT + ["libc++.dylib`std::__1::__libcpp_verbose_abort(char const*, ...) + 40",
                            RAID + "std::__1::vector<ExampleSlot>::operator[](unsigned long) (inlined) "
                            "(vector.h:406)",
                            RAID + "ExampleRAIDDriver::slotOf(unsigned int) + 72 (ExampleRAIDQueue.cpp:57)",
                            RAID + "ExampleRAIDDriver::UserProcessBundledParallelTasks_Impl(unsigned int "
                            "const*, unsigned int, OSAction*) + 180 (ExampleRAIDQueue.cpp:141)",
                            "DriverKit`OSMetaClassBase::Invoke(IORPC)"] + MACH,
                   queue="ExampleRAIDDriver-Default", crashed=True)
    process.thread(IDLE)
    process.crash_registers(x16=328)
    text = ("/Library/Caches/com.example.build/usr/include/c++/v1/__vector/vector.h:406: libc++ Hardening "
            "assertion __n < size() failed: vector[] index out of bounds\n")
    return Sample("crash/dext-libcxx-hardening.ips",
                  as_ips(process, WHEN, LATER, exception=ABORTED, termination=killed_itself(process),
                         asi={"libc++.dylib": [text], "libsystem_c.dylib": ["abort() called\n"]}).encode(),
                  "libc++'s hardening stops an index behind the end of a vector", "dext/libcxx-hardening",
                  "confirmed", "crash report as JSON, symbolicated")


def code_signing():
    process = dext()
    process.thread(["dyld`_dyld_start + 0"], crashed=True)
    process.crash_registers()
    killed = {"codes": "0x0000000000000000, 0x0000000000000000", "rawCodes": [0, 0], "type": "EXC_CRASH",
              "signal": "SIGKILL (Code Signature Invalid)"}
    return Sample("crash/dext-signature-refused.ips",
                  as_ips(process, WHEN, "2025-11-03 09:12:44.6010 +0000", exception=killed,
                         termination={"flags": 0, "code": 1, "namespace": "CODESIGNING",
                                      "indicator": "Taskgated Invalid Signature"}, cache=False).encode(),
                  "a driver extension that is killed before its first instruction: its signature is refused",
                  "dext/code-signature-rejected", "confirmed", "crash report as JSON")


def over_released():
    process = dext(os=("macOS 15.5", "24F74"), model="Mac14,2")
    process.thread(ASSERT + ["DriverKit`OSMetaClassBase::retain() const",
                             RAID + "ExampleRAIDDriver::park(OSAction*) + 24 (ExampleRAIDQueue.cpp:91)",
                             RAID + "ExampleRAIDDriver::UserProcessParallelTask_Impl("
                             "SCSIUserParallelTask, unsigned int*, OSAction*) + 88 (ExampleRAIDDriver.cpp:241)",
                             "DriverKit`OSMetaClassBase::Invoke(IORPC)"] + MACH,
                   queue="ExampleRAIDDriver-Default", crashed=True)
    process.thread(IDLE)
    process.crash_registers(x16=328)
    return Sample("crash/dext-over-released.crash",
                  as_text(process, WHEN, LATER, exception="EXC_CRASH (SIGABRT)",
                          codes="0x0000000000000000, 0x0000000000000000",
                          termination=("Namespace SIGNAL, Code 6 Abort trap: 6",
                                       f"{process.name} [{process.pid}]"),
                          notes=["Assertion failed: (oldcount > 0), function retain, file uioserver.cpp, "
                                 "line 848.", "abort() called"]).encode(),
                  "retain of an object that was released once too often; the text form",
                  "dext/object-over-released", "confirmed", "crash report as text")


def self_queue():
    process = dext(os=("macOS 15.5", "24F74"), model="Mac14,2")
    process.thread(["libdispatch.dylib`__DISPATCH_WAIT_FOR_QUEUE__ + 484",
                    "libdispatch.dylib`_dispatch_sync_f_slow + 152",
                    "DriverKit`IODispatchQueue::DispatchSync_f(void*, void (*)(void*))",
                    "com.example.driver.raid", "com.example.driver.raid",
                    "DriverKit`OSMetaClassBase::Invoke(IORPC)"] + MACH,
                   queue="ExampleRAIDDriver-Default", crashed=True)
    process.thread(IDLE)
    process.crash_registers(esr=0xf2000001)
    process.fault = " (Breakpoint) brk 1"
    return Sample("crash/dext-waits-for-itself.crash",
                  as_text(process, WHEN, LATER, exception="EXC_BREAKPOINT (SIGTRAP)",
                          codes="0x0000000000000001, 0x00000001a24c51a8",
                          termination=("Namespace SIGNAL, Code 5 Trace/BPT trap: 5",
                                       f"exc handler [{process.pid}]"),
                          notes=["BUG IN CLIENT OF LIBDISPATCH: dispatch_sync called on queue already owned "
                                 "by current thread"]).encode(),
                  "DispatchSync to the queue it already runs on; own frames without names",
                  "dext/self-queue-sync-wait", "confirmed", "crash report as text, not symbolicated")


def memory_limit():
    process = dext()
    process.thread(["libsystem_kernel.dylib`mach_msg2_trap + 8"] + MACH[1:], queue="Root", crashed=True)
    process.thread(IDLE)
    killed = {"codes": "0x0000000000000000, 0x0000000000000000", "rawCodes": [0, 0], "type": "EXC_CRASH",
              "signal": "SIGKILL"}
    return Sample("crash/dext-memory-limit.ips",
                  as_ips(process, WHEN, LATER, exception=killed,
                         termination={"flags": 2, "code": 7, "namespace": "JETSAM",
                                      "indicator": "per-process-limit"}).encode(),
                  "the kernel ends a driver extension that exceeded its limit of memory",
                  "dext/memory-kill", "confirmed", "crash report as JSON")


def language_exception():
    process = Process("Example Tool", "/Applications/Example Tool.app/Contents/MacOS/Example Tool",
                      bundle="com.example.tool", os=("macOS 15.5", "24F74"), model="Mac14,2")
    process.thread(ABORT + ["libobjc.A.dylib`_objc_terminate() + 160",
                            "libobjc.A.dylib`objc_exception_rethrow", "AppKit`-[NSApplication run]",
                            "Example Tool`main", "dyld`start"],
                   queue="com.apple.main-thread", crashed=True)
    process.thrown = process.frames(["CoreFoundation`__exceptionPreprocess + 176",
                                     "libobjc.A.dylib`objc_exception_throw + 60",
                                     "CoreFoundation`-[__NSArrayM objectAtIndex:] + 248",
                                     "Example Tool`-[ExampleList rowAt:] + 40 (ExampleList.m:61)",
                                     "AppKit`-[NSTableView preparedCellAtColumn:row:]",
                                     "AppKit`-[NSApplication run]", "Example Tool`main", "dyld`start"])
    process.crash_registers(x16=328)
    return Sample("crash/app-language-exception.ips",
                  as_ips(process, WHEN, LATER, exception=ABORTED, termination=killed_itself(process),
                         asi={"CoreFoundation": ["*** Terminating app due to uncaught exception "
                                                 "'NSRangeException', reason: 'index 7 beyond bounds'"],
                              "libsystem_c.dylib": ["abort() called"]},
                         more={"extMods": {"caller": {"task_for_pid": 0}, "warnings": 0}}).encode(),
                  "an application, not a driver extension: the stack where the exception was thrown says more "
                  "than the one that crashed", "(none)", "", "crash report as JSON, symbolicated")


def simulated():
    process = Process("exampled", "/usr/local/libexec/exampled", bundle="exampled",
                      os=("macOS 26.1", "25B78"))
    process.thread(["exampled", "exampled", "libdispatch.dylib"], queue="com.example.work", crashed=True)
    fault = {"codes": "0x0000000000000000, 0x0000000000000000", "rawCodes": [0, 0], "type": "EXC_GUARD",
             "message": "EXC_CORPSE_NOTIFY"}
    return Sample("crash/simulated-308.ips",
                  as_ips(process, WHEN, LATER, exception=fault, bug_type="308", compact_images=True,
                         more={"isSimulated": 1, "isNonFatal": 1}, without=("faultingThread",)).encode(),
                  "a crash that was only simulated: the process went on; images with base and UUID alone",
                  "(none)", "", "crash report as JSON, compact")


def resource():
    process = dext()
    process.thread([RAID + "ExampleRAIDDriver::poll() + 60 (ExampleRAIDDriver.cpp:402)",
                    RAID + "ExampleRAIDDriver::TimerOccurred_Impl(OSAction*, unsigned long long) + 44 "
                    "(ExampleRAIDDriver.cpp:390)", "DriverKit`OSMetaClassBase::Invoke(IORPC)"] + MACH,
                   queue="ExampleRAIDDriver-Default", crashed=True)
    process.thread(IDLE)
    limit = {"codes": "0x2000001e00000032, 0x00000000000000b4", "rawCodes": [0x2000001e00000032, 0xb4],
             "type": "EXC_RESOURCE", "subtype": "CPU", "message": "(Limit 50%) Observed 99% over 180 secs"}
    return Sample("crash/dext-processor-limit-385.ips",
                  as_ips(process, WHEN, LATER, exception=limit, bug_type="385", more={"isNonFatal": 1},
                         without=("isCorpse",)).encode(),
                  "a driver extension that used too much processor time; it went on running",
                  "(none)", "", "crash report as JSON")


def system_watchdog():
    """409: a service that the system's watchdog ended, with the stackshot taken before."""
    process = Process("exampled", "/usr/libexec/exampled", bundle="com.example.daemon",
                      os=("macOS 26.1", "25B78"))
    process.thread(["libsystem_kernel.dylib`mach_msg2_trap + 8", "exampled`main"],
                   queue="com.apple.main-thread", crashed=True)
    killed = {"codes": "0x0000000000000000, 0x0000000000000000", "rawCodes": [0, 0], "type": "EXC_CRASH",
              "signal": "SIGKILL"}
    stackshot = {"processByPid": {"88": {"pid": 88, "procname": "exampled", "threadById": {
        "4242": {"id": 4242, "name": "main", "queue": "com.apple.main-thread", "state": ["TH_WAIT"],
                 "userFrames": [[0, 4660], [0, 8000]], "kernelFrames": []}}}},
        "binaryImages": [[process.images["exampled"].uuid, process.images["exampled"].base, "P"]]}
    return Sample("crash/service-ended-by-watchdog-409.ips",
                  as_ips(process, WHEN, LATER, exception=killed, bug_type="409",
                         termination={"flags": 0, "code": 1, "namespace": "WATCHDOG",
                                      "indicator": "monitoring timed out for service",
                                      "details": ["1 unsuccessful checkin in 120 seconds"]},
                         more={"stackshot": stackshot, "displayState": "on", "thermalPressureLevel": 0}
                         ).encode(),
                  "a service that the system's watchdog ended, with the stackshot from before",
                  "(none)", "", "crash report as JSON with a nested stackshot")


def samples():
    return [off_queue(), null_cast(), bundled_completion(), hardening(), code_signing(), over_released(),
            self_queue(), memory_limit(), language_exception(), simulated(), resource(),
            system_watchdog()]
