"""Named incidents: five that developers asked about in public, as the faults that cause them. The
second had two faults, so it is two incidents."""

from .faults import pci, power, registry, runtime


def _named(name, incident):
    incident.name = name
    return incident


SEEDS = {
    "seed-000": lambda knobs: _named("seed-000", power.no_super(knobs)[0]),
    "seed-001": lambda knobs: _named("seed-001", runtime.bad_ioclass(knobs)[0]),
    "seed-002": lambda knobs: _named("seed-002", runtime.parallel_queue(knobs)[0]),
    "seed-002-bundled": lambda knobs: _named("seed-002-bundled", runtime.bundled_release(knobs)[0]),
    "seed-003": lambda knobs: _named("seed-003", registry.abba(knobs)[0]),
    "seed-004": lambda knobs: _named("seed-004", pci.sid_alias(knobs)[0]),
}
