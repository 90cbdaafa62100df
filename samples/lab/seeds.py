"""Named incidents: five that developers asked about in public, as the faults that cause them."""

from .faults import pci, power, registry


def _named(name, incident):
    incident.name = name
    return incident


SEEDS = {
    "seed-000": lambda knobs: _named("seed-000", power.no_super(knobs)[0]),
    "seed-003": lambda knobs: _named("seed-003", registry.abba(knobs)[0]),
    "seed-004": lambda knobs: _named("seed-004", pci.sid_alias(knobs)[0]),
}
