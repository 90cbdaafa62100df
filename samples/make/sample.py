"""What a sample is: bytes, and what a reader should find in them."""

from dataclasses import dataclass, field


@dataclass
class Sample:
    """One file below samples/reports."""

    path: str        # "dext/setpowerstate-on.ips"
    data: bytes
    shows: str       # why it is there, one phrase
    rule: str        # the finding that should come first
    certainty: str = "likely"
    made: str = "panic text"                      # how it was made
    decoded: dict = field(default_factory=dict)   # values a reader should get out of it
    frames: list = field(default_factory=list)    # "image+0xoffset function" of some frames


def frames_of(panic, count=4, skip=0):
    """The first frames behind panic() as "image+offset function", for expectations."""
    out = []
    for place in panic.stack[skip:skip + count]:
        address = panic.machine.back(place)
        image, offset = panic.machine.where(address)
        out.append(f"{image}+0x{offset:x} {place.rpartition('`')[2]}")
    return out
