"""Invented machines: where the kernel and its extensions were loaded, and what runs where.

A function is written "bundle`function", or only "function" for the kernel's own. Its place in its
image follows from its name alone, so one function has one place however often it occurs, and the
panic text (slid) and the stackshot (unslid) of one report agree.
"""

from .dice import Dice, digest, fixed_uuid

KERNEL = "kernel"


class Image:
    """Loaded code: a slid address range."""

    def __init__(self, name, version, start, size, uuid):
        self.name, self.version, self.start, self.size, self.uuid = name, version, start, size, uuid

    @property
    def last(self):
        """The last byte: ranges are printed inclusive."""
        return self.start + self.size - 1

    def entry(self, function):
        """Where a function begins."""
        return self.start + digest(self.uuid, function) % (self.size - 0x1000) // 64 * 64


class Machine:
    """What all machines share; subclasses say where things lie."""

    returns_in_steps_of = 4

    def __init__(self, name, **facts):
        self.name = name
        self.dice = Dice("machine", name)
        self.__dict__.update(facts)
        self.images = {}
        self.third_party = list(facts.get("third_party", []))
        self.kernel_uuid = fixed_uuid(name, "kernel")
        self.boot_session = fixed_uuid(name, "boot session")
        self.incident = fixed_uuid(name, "incident")
        self.reporter_key = f"{digest(name, 'key'):064x}"[:40]

    def image_of(self, place):
        bundle, _, function = place.rpartition("`")
        return self.images[bundle or KERNEL], function

    def pc(self, place, offset=None):
        """An address inside a function: exact, as a program counter is."""
        image, function = self.image_of(place)
        if offset is None:
            offset = (8 + digest("return", self.name, function) % 96) * self.returns_in_steps_of
        return image.entry(function) + offset

    # A return address is a program counter behind a call; only its meaning differs.
    back = pc

    def where(self, address):
        """Which image an address lies in, and how far from its start: ("kernel", 0x1234)."""
        for image in self.images.values():
            if image.start <= address <= image.last:
                return image.name, address - image.start
        return None, address


class Arm(Machine):
    """An Apple silicon machine, mostly with a fileset kernel cache.

    Source of the layout: the slide lines of xnu osfmk/kern/debug.c; link_base is where the kernel
    collection is linked (macOS and newer phones 0xfffffe0007004000, older phones
    0xfffffff007004000).
    """

    def __init__(self, name, **facts):
        facts.setdefault("link_base", 0xFFFFFE0007004000)
        facts.setdefault("kernel_size", 0x9A4000)
        facts.setdefault("is_fileset", True)
        super().__init__(name, **facts)
        dice = self.dice
        self.slide = dice.between(0x8400, 0xF000) * 0x4000
        self.kc_base = self.link_base + self.slide
        self.text_base = self.kc_base + (0x8000 if self.is_fileset else 0)
        self.te_base = self.kc_base + dice.between(0x480, 0x5C0) * 0x4000
        self.kc_uuid = fixed_uuid(name, "kernelcache")
        self.stack_base = 0xFFFFFE8000000000 if self.is_large else 0xFFFFFFDC00000000
        self.stack_base += dice.between(0x1000, 0x4000) * 0x100000
        self.heap_base = 0xFFFFFE1000000000 if self.is_large else 0xFFFFFFE100000000
        self.heap_base += dice.between(0x1000, 0x7000) * 0x4000
        self.heap_size = 0x2000000000 if self.is_large else 0x600000000
        self.images[KERNEL] = Image(KERNEL, self.kernel, self.te_base, self.kernel_size,
                                    self.kernel_uuid)
        place = self.te_base + self.kernel_size + 0x2000
        for bundle, version in sorted(self.kexts):
            place = self._load(bundle, version, place)
        place = self.kc_base + 0x6000000
        for bundle, version in self.third_party:
            place = self._load(bundle, version, place)

    @property
    def is_large(self):
        """Whether 41 bits of address are significant (macOS) or 38 (older phones)."""
        return self.link_base >> 36 == 0xFFFFFE0

    def _load(self, bundle, version, place):
        size = (0x6000 + digest("size", bundle) % 0x50000) // 4 * 4
        self.images[bundle] = Image(bundle, version, place, size, fixed_uuid(self.name, bundle))
        return (place + size + 0xF) // 16 * 16

    def heap(self, *what):
        """The address of an object on the kernel heap, in its general-purpose part."""
        return self.zone_at(20) + digest(self.name, *what) % (self.heap_size // 2) // 16 * 16

    def zone_at(self, percent):
        """A boundary in the zone map, that many hundredths from its start."""
        return self.heap_base + self.heap_size * percent // 100 // 0x4000 * 0x4000

    def signed(self, address, *what):
        """The address with a pointer authentication code over its upper bits; bit 55 is kept."""
        if not getattr(self, "has_pac", True):
            return address
        code = digest("pac", self.name, *what)
        bits = 41 if self.is_large else 38
        below_55 = code & ((1 << 55 - bits) - 1)
        top = (code >> 20 & 0x7F) << 56 | 1 << 55 | below_55 << bits
        return address & (1 << bits) - 1 | top


class Intel(Machine):
    """An Intel Mac. Up to 10.15 one slide moves everything and kexts lie at 0xffffff7f8…; from
    macOS 11 on the kernel is part of a collection and kexts lie behind it."""

    returns_in_steps_of = 1

    def __init__(self, name, **facts):
        facts.setdefault("is_fileset", False)
        super().__init__(name, **facts)
        dice = self.dice
        self.slide = dice.between(0x10, 0xF0) * 0x200000
        self.kc_base = 0xFFFFFF8000200000 + self.slide
        self.text_base = self.kc_base + (0x10000 if self.is_fileset else 0)
        self.hib_base = self.kc_base - 0x100000
        self.images[KERNEL] = Image(KERNEL, self.kernel, self.text_base, 0xC00000,
                                    self.kernel_uuid)
        self.heap_base = 0xFFFFFF8000000000 + dice.between(0x20, 0x60) * 0x10000000
        self.stack_base = 0xFFFFFF8100000000 + dice.between(0x100, 0xF00) * 0x1000000
        kext_area = 0xFFFFFF7F80000000 + self.slide
        place = self.kc_base + 0x1400000 if self.is_fileset else kext_area + 0x900000
        for bundle, version in sorted(self.kexts):
            place = self._load(bundle, version, place)
        # Third-party kexts have a collection of their own from macOS 11 on (the auxiliary one).
        place = kext_area + 0x19000000 if self.is_fileset else place
        for bundle, version in self.third_party:
            place = self._load(bundle, version, place)

    def _load(self, bundle, version, place):
        size = 0x3000 + digest("size", bundle) % 0x60 * 0x1000
        self.images[bundle] = Image(bundle, version, place, size, fixed_uuid(self.name, bundle))
        return place + size

    def heap(self, *what):
        return self.heap_base + digest(self.name, *what) % 0x80000000 // 16 * 16
