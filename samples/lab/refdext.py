"""The reference driver extension at work: what its threads have on their stacks.

Source of the runtime's part of the stacks: public crash reports of driver extensions.
"""

import pathlib

from make import crowd, stacks
from make.dice import Dice
from make.stackshot import WAITING, Process, Thread

BUNDLE = "com.panicscan.refdext"
PATH = f"/Library/SystemExtensions/4E0D6A51-90C3-4E7A-9B0F-5D1C7A2E6B38/{BUNDLE}.dext"
DEXT = (BUNDLE, PATH, "loaded")
SOURCES = pathlib.Path(__file__).resolve().parent.parent / "dext/refdext"
PID = 588
DISPATCH = "int (*)(OSMetaClassBase*, IORPC)"

# What a synchronous hop to another queue waits in, and what a taken lock does.
QUEUE_WAIT = ["libsystem_kernel`__ulock_wait", "libdispatch`_dlock_wait",
              "libdispatch`_dispatch_thread_event_wait_slow", "libdispatch`__DISPATCH_WAIT_FOR_QUEUE__",
              "libdispatch`_dispatch_sync_f_slow", "DriverKit`IODispatchQueue::DispatchSync_f(void*, void (*)(void*))",
              "DriverKit`OSMetaClassBase::Invoke(IORPC)"]
LOCK_WAIT = ["libsystem_kernel`__psynch_mutexwait", "libsystem_pthread`_pthread_mutex_firstfit_lock_wait",
             "libsystem_pthread`_pthread_mutex_firstfit_lock_slow", "DriverKit`IOLockLock"]
SLEEP = ["libsystem_kernel`__semwait_signal", "libsystem_c`nanosleep", "DriverKit`IOSleep(unsigned long long)"]
# A call into the kernel that waits for its answer.
KERNEL_CALL = ["libsystem_kernel`mach_msg2_trap", "libsystem_kernel`mach_msg2_internal",
               "DriverKit`InvokeRemote(IORPC)", "DriverKit`OSMetaClassBase::Dispatch(IORPC)"]

_ARGUMENTS = {"Start": "IOService*", "Stop": "IOService*", "SetPowerState": "unsigned int",
              "NewUserClient": "unsigned int, IOUserClient**"}


def message(name, method, serial=True):
    """How a message of the kernel reaches X::Start_Impl and the like; `serial` is false on the Root
    queue, where no queue is entered."""
    on_queue = ["DriverKit`invocation function for block in OSMetaClassBase::Invoke(IORPC)",
                "DriverKit`IODispatchQueue::DispatchSync_f(void*, void (*)(void*))"] if serial else []
    arguments = _ARGUMENTS.get(method)
    invoke = [f"DriverKit`IOService::{method}_Invoke(IORPC, OSMetaClassBase*, "
              f"int (*)(OSMetaClassBase*, {arguments}))"] if arguments else []
    return invoke + [f"main`{name}::_Dispatch({name}*, IORPC)", f"main`{name}::Dispatch(IORPC)"] + on_queue + \
        stacks.DEXT_SERVER


TIMER = ["DriverKit`IOTimerDispatchSource::TimerOccurred_Invoke(IORPC, OSMetaClassBase*, "
         "void (*)(OSMetaClassBase*, OSAction*, unsigned long long), OSMetaClass const*)",
         "main`PSRefDext::_Dispatch(PSRefDext*, IORPC)", "main`PSRefDext::Dispatch(IORPC)",
         "DriverKit`OSMetaClassBase::Invoke(IORPC)",
         "DriverKit`IOTimerDispatchSource::TimerOccurred(OSAction*, unsigned long long, int (*)(OSMetaClassBase*, IORPC))",
         "DriverKit`invocation function for block in IOTimerDispatchSource::Create_Impl(IODispatchQueue*, IOTimerDispatchSource**)",
         "libdispatch`_dispatch_client_callout", "libdispatch`_dispatch_continuation_pop",
         "libdispatch`_dispatch_source_invoke"] + stacks.DISPATCH_WORKER
# A call of the application, through the user client.
METHOD = ["main`PSRefUserClient::ExternalMethod(unsigned long long, IOUserClientMethodArguments*, "
          "IOUserClientMethodDispatch const*, OSObject*, void*)",
          "DriverKit`IOUserClient::_ExternalMethod_Impl(unsigned long long, unsigned long long const*, unsigned int)",
          "DriverKit`IOUserClient::_ExternalMethod_Invoke(IORPC, OSMetaClassBase*, "
          "int (*)(OSMetaClassBase*, unsigned long long, unsigned long long const*, unsigned int))",
          "DriverKit`IOUserClient::_Dispatch(IOUserClient*, IORPC)",
          "main`PSRefUserClient::_Dispatch(PSRefUserClient*, IORPC)", "main`PSRefUserClient::Dispatch(IORPC)",
          "DriverKit`invocation function for block in OSMetaClassBase::Invoke(IORPC)",
          "DriverKit`IODispatchQueue::DispatchSync_f(void*, void (*)(void*))"] + stacks.DEXT_SERVER
# A block that the driver itself sent to a queue.
BLOCK = ["libdispatch`_dispatch_call_block_and_release", "libdispatch`_dispatch_client_callout",
         "libdispatch`_dispatch_continuation_pop"] + stacks.DISPATCH_WORKER


def source(name, *defined):
    """One of the extension's source files as a build with these macros compiles it."""
    keep, lines = [True], []
    for line in (SOURCES / name).read_text().splitlines():
        word = line.strip()
        if word.startswith("#if "):
            keep.append(word[4:] in defined)
        elif word == "#else":
            keep[-1] = not keep[-1]
        elif word == "#endif":
            keep.pop()
        elif all(keep):
            lines.append(line)
    return ("\n".join(lines) + "\n").encode()


def process(knobs, machine, threads=(), idle=(4200, 4201)):
    """The extension's process, with threads that wait for work besides those given."""
    return Process(PID, BUNDLE, [*threads, *(crowd.idle_worker(tid) for tid in idle)],
                   flags=["sharedRegionSystem"], image=knobs.refdext(machine, PID))


def site(knobs, fault, role=0):
    """(function, file, line) of a fault's place in the sources."""
    return tuple(knobs.places.images[f"{BUNDLE} arm64"]["sites"][fault][role])


def culprit(knobs, fault, role=0):
    """The same, as expected.json says it; nothing without the extension's symbols or images."""
    if not knobs.symbols or knobs.truncated:
        return {}
    function, file, line = site(knobs, fault, role)
    return {"function": function, "file": file, "line": line}


def waiting_culprit(knobs, fault, role=0):
    """The same for a thread that a panic's stackshot shows."""
    return culprit(knobs, fault, role) if knobs.has_threads else {}


def thread(tid, queue, stack, **more):
    """A thread of the extension that waits."""
    return Thread(tid, user=stack, queue=queue, scheduled=81, **more)


def rpc_thread(knobs, tid, stack):
    """A kernel thread that waits for the extension's answer."""
    port = Dice("port", knobs.seed, tid).object_id()
    return Thread(tid, kernel=stack, state=WAITING, priority=81,
                  waits=f"mach_msg receive on port 0x{port:x} name 0x1",
                  turnstile=f"turnstile blocked on task pid {PID}, hops: 1, priority: 81")
