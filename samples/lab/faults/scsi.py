"""F35 and F36: SCSI targets."""

from make import stacks

from ..incident import Incident, Panic
from .pci import data_abort
from ..refdext import rpc_thread
from .registry import _busy, START

FAMILY = "com.apple.iokit.IOSCSIParallelFamily`"
COMPLETE = [FAMILY + "IOSCSIParallelInterfaceController::CompleteParallelTask(OSObject*, SCSITaskStatus, "
            "SCSIServiceResponse)",
            FAMILY + "IOUserSCSIParallelInterfaceController::ParallelTaskCompletion_Impl(OSAction*, "
            "SCSIUserParallelResponse)", "IOUserServer::kernelDispatch(OSObject*, IORPC)",
            "IOUserServerUEXTTrap", "iokit_user_client_trap",
            "handle_svc", "sleh_synchronous", "fleh_synchronous"]


def target0(knobs):
    panic = data_abort(knobs, COMPLETE, 0x8)
    other = data_abort(knobs, COMPLETE[1:], 0x8)
    return [Incident("F35", {"panic-full.ips": panic.report()}, "scsi/target0-late-completion",
                     ("confirmed",), {}, panic.culprit(COMPLETE[0], returns=False),
                     shows="a completion after target 0 was destroyed"),
            Incident("F35-near-caller", {"panic-full.ips": other.report()}, "kernel/data-abort", (),
                     must_not=("scsi/target0-late-completion",), shows="near miss: another function of the family")]


def limbo(knobs):
    panic = _busy(knobs, [("IOSCSITargetDevice", "1e,4020001")], 0, [rpc_thread(knobs, 231, START)], [])
    leaving = _busy(knobs, [("IOSCSITargetDevice", "1,1812001")], 0, [], [])
    # macOS 12 prints no state words, so start and termination look alike.
    rule = "scsi/target-in-limbo" if knobs.os > 12 else "iokit/registry-busy-timeout"
    return [Incident("F36", {"panic-full.ips": panic.report()}, rule, ("likely",) if rule.startswith("scsi") else ("confirmed",),
                     {"busy.waited": 60}, shows="a target that is reported present and never answers"),
            Incident("F36-near-leaving", {"panic-full.ips": leaving.report()}, "iokit/registry-busy-timeout", ("confirmed",),
                     must_not=("scsi/target-in-limbo",), shows="near miss: a target that goes away")]
