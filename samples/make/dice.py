"""Numbers that look random and never change: SHA-256 of a seed and a counter.

Python's own generators may differ between versions; the samples must not.
"""

import hashlib
import uuid


def digest(*parts):
    """A 256-bit integer that depends on the parts alone."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def fixed_uuid(*parts):
    """A version 3 UUID (what Apple's linker writes) made from the parts."""
    return str(uuid.UUID(int=digest("uuid", *parts) >> 128, version=3)).upper()


class Dice:
    """A stream of numbers from one seed."""

    def __init__(self, *seed):
        self._seed = seed
        self._count = 0

    def bits(self, count):
        self._count += 1
        return digest(*self._seed, self._count) & ((1 << count) - 1)

    def below(self, limit):
        return self.bits(64) % limit

    def between(self, low, high):
        """A number in [low, high]."""
        return low + self.below(high - low + 1)

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def weighted(self, rows):
        """One of the values of [(weight, value), …]."""
        turn = self.below(sum(weight for weight, _ in rows))
        for weight, value in rows:
            turn -= weight
            if turn < 0:
                return value
        raise AssertionError("unreachable")

    def object_id(self):
        """The name of a lock or port in a stackshot: a salted hash, not an address."""
        return self.bits(63) | (1 << 62)
