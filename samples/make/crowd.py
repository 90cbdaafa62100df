"""The processes that are always there: a few for small stackshots, hundreds for full ones."""

from . import stacks
from .dice import Dice
from .stackshot import ASLEEP, RUNNING, WAITING, Process, Thread

# Names of processes of macOS that everybody sees in Activity Monitor.
DAEMONS = """launchd logd smd UserEventAgent uninstalld fseventsd mediaremoted systemstats configd
endpointsecurityd powerd IOMFB_bics_daemon amfid keybagd dasd watchdogd mds diskarbitrationd coreduetd
syspolicyd opendirectoryd apsd timed usbmuxd distnoted securityd cfprefsd locationd autofsd
dirhelper hidd KernelEventAgent bluetoothd notifyd corebrightnessd AirPlayXPCHelper coreaudiod
WindowServer biometrickitd loginwindow thermalmonitord nehelper tccd trustd runningboardd
mDNSResponder lsd airportd systemstatusd nsurlsessiond symptomsd sysmond contextstored rapportd
akd accountsd diagnosticd kernelmanagerd driverkitd sysextd usernoted identityservicesd imagent
sharingd Dock Finder SystemUIServer ControlCenter Spotlight NotificationCenter talagentd
pboard bird cloudd photoanalysisd mediaanalysisd suggestd routined callservicesd remindd calaccessd
contactsd knowledge-agent ScreenTimeAgent assistantd siriknowledged parsecd duetexpertd
chronod WallpaperAgent ViewBridgeAuxiliary iconservicesagent appstoreagent storeaccountd
itunescloudd amsengagementd passd secd ctkd keyboardservicesd universalaccessd TextInputMenuAgent
corespeechd heard audioclocksyncd wifip2pd wifianalyticsd networkserviceproxy mobileassetd
softwareupdated backupd backupd-helper revisiond mds_stores spindump ReportCrash
analyticsd triald ospredictiond betaenrollmentd findmydevicedaemon searchpartyd nfcd
applessdstatistics aned modelcatalogd intelligenceplatformd Terminal Safari Mail Notes Music Xcode
com.apple.WebKit.Networking com.apple.WebKit.GPU com.apple.dock.extra com.apple.AmbientDisplayAgent
com.apple.audio.Core-Audio-Driver-Service com.apple.geod com.apple.MobileSoftwareUpdate.CleanupPreparePathService
""".split()
MANY = ["mdworker_shared", "com.apple.WebKit.WebContent", "cfprefsd", "distnoted", "trustd", "lsd",
        "XprotectService", "AudioComponentRegistrar", "extensionkitservice", "mdbulkimport"]

KERNEL_WORK = ["RTBuddy(DCP)", "RTBuddy(PMP)", "AppleSEPManager", "AGXHardwareWorkLoop", "VM_reclaim",
               "VM_memorystatus_1", "smr.reclaim:2", "AppleAVDWorkLoop", "IOAudioEngine", "ifnet_start_en0",
               "AppleIOPADMAStream", "AppleSPMI", "daemon.core-analytics-events", "apfs_cleaner",
               "IOThunderboltController", "AppleUSBXHCICommandRing", "thread call kernel #2"]


def kernel_thread(tid, name=None, continuation="IOWorkLoop::threadMain()", priority=81):
    """A kernel thread with nothing to do: no stack, only the function it will resume in."""
    return Thread(tid, state=WAITING, name=name, continuation=continuation, priority=priority)


def idle_worker(tid):
    return Thread(tid, user=stacks.IDLE_WORKER, continuation="workq_unpark_continue", event=False,
                  flags=["kThreadIdleWorker"], qos="QOS_CLASS_DEFAULT")


def main_thread(tid, dice, stack=stacks.RUN_LOOP):
    return Thread(tid, user=stack, continuation="mach_msg_receive_continue", event=False,
                  flags=["kThreadMain"], queue="com.apple.main-thread", qos="QOS_CLASS_DEFAULT",
                  waits=f"mach_msg receive on port set 0x{dice.object_id():x}")


def small_kernel_task(extra, first=100):
    """kernel_task with a dozen sleeping threads and those of the story."""
    threads = [kernel_thread(first + n, KERNEL_WORK[n]) for n in range(8)]
    threads.append(kernel_thread(first + 8, continuation="thread_call_thread"))
    return Process(0, "kernel_task", threads + extra, resident=900)


def small_crowd(dice, names=("launchd", "logd", "kernelmanagerd", "WindowServer"), first_pid=1):
    """A few processes of two threads each."""
    out, tid, pid = [], 500, first_pid
    for name in names:
        out.append(Process(pid, name, [main_thread(tid, dice), idle_worker(tid + 1)]))
        tid, pid = tid + 7, pid + 90 + dice.below(20)
    return out


def _ordinary_thread(tid, pid, dice):
    """A thread of the kinds that fill every stackshot, in about their usual proportions."""
    kind = dice.weighted([(30, "worker"), (21, "loop"), (10, "condition"), (7, "semaphore"),
                          (5, "events"), (1, "running")])
    if kind == "worker":
        return idle_worker(tid)
    if kind == "loop":
        return Thread(tid, user=stacks.RUN_LOOP[:8] + stacks.CONDITION_WAIT[2:],
                      continuation="mach_msg_receive_continue", event=False,
                      name=f"com.example.thread.{tid % 9}" if dice.below(3) == 0 else None,
                      waits=f"mach_msg receive on port set 0x{dice.object_id():x}")
    if kind == "condition":
        return Thread(tid, user=stacks.CONDITION_WAIT, continuation="psynch_cvcontinue",
                      waits=f"pthread condvar 0x{dice.object_id():x}" if dice.below(2) else None)
    if kind == "semaphore":
        return Thread(tid, user=stacks.SEMAPHORE_WAIT, continuation="semaphore_wait_continue",
                      waits=f"semaphore port 0x{dice.object_id():x} owned by pid {pid}")
    if kind == "events":
        return Thread(tid, user=["libsystem_kernel`kevent_id"] + stacks.DISPATCH_WORKER[2:],
                      continuation="kqueue_scan_continue", event=False)
    return Thread(tid, user=stacks.CONDITION_WAIT[2:], state=RUNNING, event=False, cpu_ms=900)


def full_crowd(seed, processes, threads, reserved_pids, first_tid=3000):
    """Hundreds of processes; about `threads` threads in all."""
    dice = Dice("crowd", seed)
    names = DAEMONS + [dice.pick(MANY) for _ in range(processes)]
    out, pid, tid, left = [], 1, first_tid, threads
    for number in range(processes):
        while pid in reserved_pids:
            pid += 1
        share = max(1, left // (processes - number))
        count = min(left, max(1, dice.below(2 * share) + (share % 2)))
        stack = stacks.RUN_LOOP if dice.below(3) else stacks.DISPATCH_MAIN
        rows = [main_thread(tid, dice, stack)]
        for _ in range(count - 1):
            tid += dice.between(1, 9)
            rows.append(_ordinary_thread(tid, pid, dice))
        tid += dice.between(1, 20)
        out.append(Process(pid, names[number][:32], rows, resident=dice.between(2, 180)))
        left -= count
        pid += 1 if number == 0 else dice.between(1, 5)
    return out


def full_kernel_threads(seed, count, first_tid=100):
    """The hundreds of threads that sleep in kernel_task."""
    dice = Dice("kernel threads", seed)
    out = []
    for number in range(count):
        name = KERNEL_WORK[number % len(KERNEL_WORK)] if dice.below(2) else None
        if dice.below(25) == 0:
            stack = stacks.BLOCKED + ["IOCommandGate::commandSleep(void*, unsigned int)",
                                      "IOWorkLoop::sleepGate(void*, unsigned int)", "thread_call_thread"]
            out.append(Thread(first_tid + number * 3, kernel=stack, state=WAITING, name=name,
                              priority=81))
        else:
            where = dice.pick(["IOWorkLoop::threadMain()", "thread_call_thread",
                               "ifnet_start_thread_cont", "vm_pageout_continue"])
            out.append(kernel_thread(first_tid + number * 3, name, where))
    return out
