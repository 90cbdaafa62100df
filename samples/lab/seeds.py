"""Named incidents: five that developers asked about in public, as the faults that cause them, each with
what the report has to say: the answer that was found there. The third had two faults, so it is two
incidents."""

from .faults import pci, power, registry, runtime


def _named(name, make, *says):
    def function(knobs):
        incident = make(knobs)[0]
        incident.name, incident.says = name, says
        return incident
    return function


SEEDS = {row[0]: _named(*row) for row in [
    # The superclass was not called.
    ("seed-000", power.no_super, "returns without calling its superclass", "SetPowerState(powerFlags, SUPERDISPATCH)"),
    # The wrong IOClass in the personality.
    ("seed-001", runtime.bad_ioclass, "IOClass is IOService, whose start() in the kernel sends no Start",
     "Set IOClass to the kernel class of the family"),
    # A queue for the target of an action, and the life of the action of bundled tasks.
    ("seed-002", runtime.parallel_queue, "a queue of its own is not supported", "Remove QUEUENAME from UserProcessParallelTask",
     "one OSAction is shared by all tasks", "BundledParallelTaskCompletion only"),
    ("seed-002-bundled", runtime.bundled_release, "one and the same OSAction object serves every task",
     "must retain it, and release it once"),
    # Two queues, through a timer that is armed under a lock.
    ("seed-003", registry.abba, "PSRefUserClient-Default, PSRefDext-Default", "calls WakeAtTime", "while it holds a lock",
     "make the call afterwards"),
    # A stream without a translation table, behind a bridge.
    ("seed-004", pci.sid_alias, "has no translation table for that stream", "bridge between the root port and the device"),
]}
