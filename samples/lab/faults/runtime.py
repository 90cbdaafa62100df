"""F06 to F16 and F23: what the DriverKit runtime asserts, and ends the process for."""

from make import stacks

from ..crash_report import End, bad_access, failed
from ..incident import Incident
from ..refdext import BLOCK, METHOD, TIMER, culprit, message, source
from .end import crash, joined, launch, other_app

ABORT = ["libsystem_kernel`__pthread_kill", "libsystem_pthread`pthread_kill", "libsystem_c`abort"]
ASSERT = ABORT + ["libsystem_c`__assert_rtn"]
INVOKE = "DriverKit`OSMetaClassBase::Invoke(IORPC)"
STRIKE = ["main`PSRefUserClient::Strike(IOUserClientMethodArguments*)", *METHOD]
METHOD_QUEUE = "IOUserClientQueueExternalMethod"
SCSI = "SCSIControllerDriverKit`IOUserSCSIParallelInterfaceController::"
BUNDLE_BLOCK = "main`invocation function for block in PSRefSCSI::UserProcessBundledParallelTasks_Impl" \
               "(unsigned short const*, unsigned short, OSAction*)"
ON_QUEUE = "notsync || !remote || (msgid == IOService_Start_ID) || queue->OnQueue()"
LINES = {26: 0, 15: -61, 14: -88, 13: -210, 12: -402, 11: -505}  # how far the runtime's lines were then


def _line(knobs, line):
    return line + LINES[knobs.os]


def _failed(knobs, expression, function, line, file="uioserver.cpp"):
    return failed(expression, function, file, _line(knobs, line))


def off_queue(knobs, name, rule, shows, lines, registry=None, certainty=("confirmed",)):
    """The first message meets no queue: F06 to F08, which only the log and the registry tell apart."""
    end = _failed(knobs, ON_QUEUE, "Invoke", 1654)
    stack = [*ASSERT, "DriverKit`OSMetaClassBase::Invoke(IORPC) (.cold.1)", *stacks.DEXT_SERVER]
    return joined(knobs, name, crash(knobs, end, stack, "Root"), rule, lines, registry, certainty, shows=shows)


def bad_ioclass(knobs, name="F06"):
    text = f"Assertion failed: ({ON_QUEUE}), function Invoke, file uioserver.cpp, line {_line(knobs, 1654)}."
    first = off_queue(knobs, name, "dext/off-queue-first-message", "IOClass is IOService: Start is never sent",
                      [*launch("PSRefSCSI", "IOPCIDevice-0x100000523", own=["init"]), (text, 0.1),
                       ("IOPCIDevice::ClientCrashed_Impl() for client PSRefSCSI", 0.2)],
                      {"name": "PSRefSCSI", "class": "IOService", "user_class": "PSRefSCSI", "kernel": None})
    twin = other_app(knobs, failed("queue->OnQueue()", "Dispatch", "JobQueue.cpp", 77), ABORT)
    return [first, Incident(f"{name}-near-other-assert", {knobs.crash_file: twin},
                            must_not=("dext/off-queue-first-message", "dext/uioserver-assert-unknown"),
                            shows="near miss: an application's own assertion about a queue")]


def _with_sources(incident, of, *defined):
    """The same incident, whose owner gave the sources of a class as well."""
    for name in (f"{of}.iig", f"{of}.cpp"):
        incident.files[name] = source(name, *defined)
    return incident


def queue_unset(knobs):
    rule, shows = "dext/queuename-unregistered-queue", "NewUserClient names a queue that is never set"
    started = launch("PSRefDext")
    other = [*started, *launch("PSRefSCSI", "PSRefDext-0x100000a11", own=["init"])]
    incidents = [
        off_queue(knobs, "F07", rule, shows, started, certainty=("likely",)),
        _with_sources(off_queue(knobs, "F07-sources", rule, f"{shows}, as the sources say", started,
                                certainty=("confirmed",)), "PSRefDext", "PSREF_F07"),
        off_queue(knobs, "F07-near-other-service", "dext/off-queue-first-message",
                  "near miss: one service was started, another one of the process never was", other,
                  certainty=("confirmed", "likely")),
        off_queue(knobs, "F07-near-no-log", "dext/off-queue-first-message",
                  "near miss: without the log nothing says that Start ran", [], certainty=("likely",))]
    del incidents[3].files["log.txt"]
    for near in incidents[2:]:
        near.must_not = (rule,)
    return incidents


def parallel_queue(knobs, name="F08"):
    rule, shows = "dext/parallel-queue-on-processparalleltask", "UserProcessParallelTask names a queue that is created and never set"
    lines = [*launch("PSRefDext"), *launch("PSRefSCSI", "PSRefDext-0x100000a11",
                                           own=["init", "Start", "UserInitializeController", "UserStartController"])]
    whole = _with_sources(off_queue(knobs, name, rule, shows, lines, certainty=("confirmed",)), "PSRefSCSI", "PSREF_F08")
    whole.captures = {"task.class": "PSRefSCSI", "task.queue": "FaultQueue"}
    declared = _with_sources(off_queue(knobs, f"{name}-iig", rule, f"{shows}; the .iig file alone", [], certainty=("likely",)),
                             "PSRefSCSI", "PSREF_F08")
    for name_of_file in ("log.txt", "PSRefSCSI.cpp"):
        del declared.files[name_of_file]
    right = _with_sources(off_queue(knobs, f"{name}-near-sources", "dext/queuename-unregistered-queue",
                                    "near miss: the method names no queue, so another one has to be meant", lines,
                                    certainty=("likely",)), "PSRefSCSI")
    right.must_not = (rule,)
    return [whole, declared, right]


def bundled_release(knobs, name="F09"):
    """Both ways it can end: the count is found wrong, or the action's memory is someone else's."""
    counted = crash(knobs, _failed(knobs, "oldcount > 0", "retain", 848),
                    [*ASSERT, "DriverKit`OSObject::retain() const",
                     "main`PSRefSCSI::UserProcessBundledParallelTasks_Impl(unsigned short const*, unsigned short, OSAction*)",
                     f"{SCSI}UserProcessBundledParallelTasks_Invoke(IORPC, OSMetaClassBase*)",
                     *message("PSRefSCSI", "")], "PSRefSCSI-Default")
    far = 0x00A1_7F00_0000_0000 + knobs.dice(name).below(1 << 20) * 16
    used = crash(knobs, bad_access(far, 0x92000004, "(Data Abort) byte read Address size fault"),
                 [INVOKE, f"{SCSI}BundledParallelTaskCompletion(OSAction*, unsigned short const*, unsigned short, "
                  "int (*)(OSMetaClassBase*, IORPC))", "main`PSRefSCSI::CompleteBundle()", BUNDLE_BLOCK, *BLOCK],
                 "PSRefSCSI-Default")
    elsewhere = crash(knobs, bad_access(far, 0x92000004, "(Data Abort) byte read Address size fault"),
                      ["libsystem_platform`_platform_memmove",
                       "main`PSRefSCSI::RunTask(SCSIUserParallelTask const*, SCSIUserParallelResponse*)", BUNDLE_BLOCK, *BLOCK],
                      "PSRefSCSI-Default")
    return [Incident(name, {knobs.crash_file: used}, "dext/bundled-osaction-lifetime", ("confirmed",),
                     shows="the shared action of bundled tasks is gone when they are completed"),
            Incident(f"{name}-near-elsewhere", {knobs.crash_file: elsewhere}, "dext/pointer-garbage-high-bits", ("likely",),
                     must_not=("dext/bundled-osaction-lifetime",), shows="near miss: such an address, while a task is run"),
            Incident(f"{name}-counted", {knobs.crash_file: counted}, "dext/object-over-released",
                     shows="the same, found in its reference count by the next bundle")]


def wrong_completion(knobs):
    """A bundled task completed with the call for single ones."""
    stack = [*ASSERT, "DriverKit`OSMetaClassBase::Invoke(IORPC) (.cold.4)", INVOKE,
             f"{SCSI}ParallelTaskCompletion(OSAction*, SCSIUserParallelResponse, int (*)(OSMetaClassBase*, IORPC))",
             "main`Fault_F10_bundled_wrong_completion(PSRefSCSI*, OSAction*, unsigned long long)",
             "main`PSRefSCSI::CompleteBundle()", BUNDLE_BLOCK, *BLOCK]
    report = crash(knobs, _failed(knobs, "kIOReturnSuccess == ret", "Invoke", 1619), stack, "PSRefSCSI-Default")
    twin = crash(knobs, _failed(knobs, "kIOReturnSuccess == ret", "Server", 2177), [*ASSERT, *stacks.DEXT_SERVER],
                 "PSRefSCSI-Default")
    return [Incident("F10", {knobs.crash_file: report}, "dext/osaction-type-mismatch", ("likely",), {},
                     culprit(knobs, "F10"), shows="the wrong completion of a bundled task"),
            Incident("F10-near-function", {knobs.crash_file: twin}, "dext/uioserver-assert-unknown", ("likely",),
                     must_not=("dext/osaction-type-mismatch",), shows="near miss: the same expression in another function")]


def over_retain(knobs):
    stack = [*ASSERT, "DriverKit`OSObject::retain() const", "main`Fault_F11_over_retain()", *STRIKE]
    report = crash(knobs, _failed(knobs, "oldcount < INT16_MAX", "retain", 849), stack, METHOD_QUEUE)
    twin = other_app(knobs, failed("oldcount < 64", "retain", "Cache.cpp", 90), ASSERT)
    return [Incident("F11", {knobs.crash_file: report}, "dext/object-over-retained", ("confirmed",), {},
                     culprit(knobs, "F11"), must_not=("dext/object-over-released",), shows="32768 retains"),
            Incident("F11-near-app", {knobs.crash_file: twin}, must_not=("dext/object-over-retained",),
                     shows="near miss: another count, in an application")]


def over_release(knobs):
    twin = other_app(knobs, failed("oldcount > 0", "retain", "Cache.cpp", 91), ASSERT)
    stack = [*ASSERT, "DriverKit`OSObject::retain() const", "main`Fault_F12_over_release()", *STRIKE]
    report = crash(knobs, _failed(knobs, "oldcount > 0", "retain", 848), stack, METHOD_QUEUE)
    return [Incident("F12", {knobs.crash_file: report}, "dext/object-over-released", ("confirmed",), {},
                     culprit(knobs, "F12"), must_not=("dext/object-over-retained", "dext/bundled-osaction-lifetime"),
                     shows="a retain of a freed object"),
            Incident("F12-near-app", {knobs.crash_file: twin}, must_not=("dext/object-over-released",),
                     shows="near miss: the same words, in an application")]


def use_after_stop(knobs):
    stack = [*ASSERT, "DriverKit`OSMetaClassBase::QueueForObject(unsigned long long) (.cold.2)",
             "DriverKit`OSMetaClassBase::QueueForObject(unsigned long long)", INVOKE,
             "DriverKit`IOService::RegisterService(int (*)(OSMetaClassBase*, IORPC))",
             "main`Fault_F13_use_after_stop(IOService*)",
             "main`PSRefDext::TimerFired_Impl(OSAction*, unsigned long long)", *TIMER]
    report = crash(knobs, _failed(knobs, "priv->queueArray", "QueueForObject", 1056), stack, "PSRefDext-Default")
    twin = crash(knobs, _failed(knobs, "queue", "QueueForObject", 957), stack, "PSRefDext-Default")
    return [Incident("F13", {knobs.crash_file: report}, "dext/use-after-stop", ("confirmed",), {}, culprit(knobs, "F13"),
                     must_not=("dext/osaction-cancel-after-queue",), shows="a timer's callback after Stop"),
            Incident("F13-near-no-queue", {knobs.crash_file: twin}, "dext/uioserver-assert-unknown", ("likely",),
                     must_not=("dext/use-after-stop",), shows="near miss: the object is alive, and its class has no queue")]


def cancel_order(knobs):
    stack = [*ASSERT, "DriverKit`OSAction::Cancel(void () block_pointer) (.cold.1)",
             "DriverKit`OSAction::Cancel(void () block_pointer)",
             "main`Fault_F14_cancel_order(IODispatchQueue*, OSAction*)", *STRIKE]
    report = crash(knobs, _failed(knobs, "queue", "Cancel", 4401), stack, METHOD_QUEUE)
    twin = crash(knobs, _failed(knobs, "queue", "QueueForObject", 957), [*ASSERT, INVOKE, *BLOCK], "PSRefDext-Default")
    return [Incident("F14", {knobs.crash_file: report}, "dext/osaction-cancel-after-queue", ("confirmed",), {},
                     culprit(knobs, "F14"), must_not=("dext/use-after-stop",), shows="an action cancelled after its queue"),
            Incident("F14-near-function", {knobs.crash_file: twin}, "dext/uioserver-assert-unknown", (),
                     must_not=("dext/osaction-cancel-after-queue",),
                     shows="near miss: the same expression in another function")]


def self_sync(knobs):
    says = "BUG IN CLIENT OF LIBDISPATCH: dispatch_sync called on queue already owned by current thread"

    def end():
        return End("EXC_BREAKPOINT", "SIGTRAP", (1, 0x18B0245C4), code=5, indicator="Trace/BPT trap: 5",
                   notes={"libdispatch.dylib": [says, "Abort Cause 4354797321"]}, esr=0xF2000001, esr_says="(Breakpoint) brk 1")

    stack = ["libdispatch`__DISPATCH_WAIT_FOR_QUEUE__", "libdispatch`_dispatch_sync_f_slow",
             "DriverKit`IODispatchQueue::DispatchSync(void () block_pointer)",
             "main`Fault_F16_self_sync(IODispatchQueue*)", *STRIKE]
    report = crash(knobs, end(), stack, METHOD_QUEUE)
    twin = other_app(knobs, end(), stack[:2], "com.example.app.work")
    return [Incident("F16", {knobs.crash_file: report}, "dext/self-queue-sync-wait", ("confirmed",), {},
                     culprit(knobs, "F16"), shows="a queue waits for itself"),
            Incident("F16-near-app", {knobs.crash_file: twin}, must_not=("dext/self-queue-sync-wait",),
                     shows="near miss: the same in an application")]


def wrong_cast(knobs):
    says = "Failed to cast object of type IOService to IOPCIDevice"
    end = End(notes={"DriverKit": [says], "libsystem_c.dylib": ["abort() called"]})
    stack = [*ABORT, "DriverKit`OSMetaClassBase::requiredMetaCast(OSMetaClassBase const*, OSMetaClass const*)",
             "main`Fault_F23_wrong_cast(IOService*)", "main`PSRefDext::Start_Impl(IOService*)", *message("PSRefDext", "Start")]
    report = crash(knobs, end, stack, "PSRefDext-Default")
    twin = other_app(knobs, End(notes={"libswiftCore.dylib": ["Could not cast value of type 'NSNumber' to 'NSString'."]}), ABORT)
    return [Incident("F23", {knobs.crash_file: report}, "dext/required-cast-failed", ("confirmed",), {},
                     culprit(knobs, "F23"), shows="OSRequiredCast to the wrong class"),
            Incident("F23-near-app", {knobs.crash_file: twin}, must_not=("dext/required-cast-failed",),
                     shows="near miss: a cast of an application")]
