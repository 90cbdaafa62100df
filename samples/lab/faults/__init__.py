"""The faults, F00 to F37: for each a function that makes what it would leave behind.

FAULTS maps the fault's number to (name, rule, function); a function takes Knobs and gives Incidents:
the fault's own, and its near-miss twins.
"""

from . import crashes, hangs, logs, pci, power, registry, runtime, scsi

FAULTS = {
    "F00": ("control", None, power.control),
    "F01": ("pm-no-super", "dext/setpowerstate-timeout", power.no_super),
    "F02": ("pm-no-super-off", "dext/setpowerstate-timeout-sleep", power.no_super_off),
    "F03": ("pm-block", "dext/setpowerstate-rpc-hang", power.blocked),
    "F04": ("pm-error-no-super", None, power.control),
    "F05": ("pm-late-ack", "dext/setpowerstate-timeout", power.late),
    "F06": ("bad-ioclass", "dext/off-queue-first-message", runtime.bad_ioclass),
    "F06b": ("bad-iouserservice", "dext/personality-kernel-class-unsupported", logs.unsupported),
    "F07": ("queuename-unset", "dext/queuename-unregistered-queue", runtime.queue_unset),
    "F08": ("parallel-queue", "dext/parallel-queue-on-processparalleltask", runtime.parallel_queue),
    "F09": ("bundled-release", "dext/bundled-osaction-lifetime", runtime.bundled_release),
    "F10": ("bundled-wrong-completion", "dext/osaction-type-mismatch", runtime.wrong_completion),
    "F11": ("over-retain", "dext/object-over-retained", runtime.over_retain),
    "F12": ("over-release", "dext/object-over-released", runtime.over_release),
    "F13": ("use-after-stop", "dext/use-after-stop", runtime.use_after_stop),
    "F14": ("cancel-order", "dext/osaction-cancel-after-queue", runtime.cancel_order),
    "F15": ("abba", "dext/abba-rpc-under-lock", registry.abba),
    "F16": ("self-sync", "dext/self-queue-sync-wait", runtime.self_sync),
    "F17": ("stop-hang", "dext/stuck-terminating", registry.stop_hang),
    "F18": ("stop-no-super", "dext/stuck-terminating", registry.stop_no_super),
    "F19": ("start-hang", "iokit/registry-busy-timeout", registry.start_hang),
    "F20": ("crash-null", "dext/crash-signal", crashes.null),
    "F21": ("bad-userclass", "dext/instantiate-class-missing", logs.no_class),
    "F22": ("crash-loop", "dext/crash-loop", crashes.loop),
    "F23": ("wrong-cast", "dext/required-cast-failed", runtime.wrong_cast),
    "F24": ("deep-recursion", "dext/crash-stack-overflow", crashes.recursion),
    "F25": ("garbage-pointer", "dext/pointer-garbage-high-bits", crashes.garbage),
    "F26": ("memory-hog", "dext/memory-kill", crashes.memory),
    "F27": ("no-entitlement", "dext/entitlements-refused-in-log", logs.no_entitlement),
    "F28": ("client-denied", "dext/userclient-denied", logs.denied),
    "F29": ("upgrade", "dext/replaced-awaiting-reboot", logs.upgrade),
    "F30": ("mmio-after-close", "dext/mmio-after-surprise-removal", pci.mmio),
    "F31": ("double-interrupt", "dext/duplicate-interrupt-source", pci.double_interrupt),
    "F32": ("dma-unmapped", "dext/dart-invalid-iova", pci.unmapped),
    "F33": ("dma-31bit", "dext/dma-32bit-limit", logs.short_address),
    "F34": ("sid-alias", "dext/dart-sid-no-translation-table", pci.sid_alias),
    "F35": ("scsi-target0", "scsi/target0-late-completion", scsi.target0),
    "F36": ("scsi-limbo", "scsi/target-in-limbo", scsi.limbo),
    "F37": ("iova-deref", "scsi/iova-dereferenced", crashes.io_address),
}

# Hangs without a fault; only a stackshot shows them.
HANGS = hangs.HANGS
# What reports of Intel Macs show: they have no stackshot and no DART.
ON_INTEL = ("F01", "F02", "F05", "F19", "F36")
