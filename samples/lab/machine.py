"""The machines of the samples, with the lab's own kernel and kernel extensions: every address of a
function is the real one of the built file, under the machine's slide."""

import json

from make import machines
from make.dice import digest
from make.machine import Image


class BuiltImage(Image):
    """An image whose functions are where the linker put them."""

    def __init__(self, name, version, start, built):
        super().__init__(name, version, start, built["size"], built["uuid"])
        self.functions = built["functions"]

    def entry(self, function):
        return self.start + self.functions[function]["start"]

    def step(self, function, returns=True):
        """One instruction as [offset, offset behind it, what it calls, lines]: the last call of the
        function, or without `returns` its first store or load behind the prologue."""
        steps = self.functions[function]["steps"]
        calls = [step for step in steps if step[2]]
        return calls[-1] if returns and calls else steps[len(steps) // 2]

    def call(self, function, callee):
        """The instruction of the function that calls `callee`: by name, or else through a pointer."""
        calls = [step for step in self.functions[function]["steps"] if step[2]]
        bare = callee.partition("(")[0]
        for fits in (lambda name: name == callee, lambda name: name.partition("(")[0] == bare,
                     lambda name: name == "*", lambda name: True):
            found = [step for step in calls if fits(step[2])]
            if found:
                return found[-1]
        return self.functions[function]["steps"][-1]

    def at_line(self, function, file, line):
        """The last instruction of a line of the function, not counting those of what it inlined."""
        steps = [step for step in self.functions[function]["steps"] if step[3][:1] == [[function, file, line]]]
        return steps[-1]


class Places:
    """What binaries.py built."""

    def __init__(self, folder):
        self.images = json.loads((folder / "places.json").read_text())

    def refdext(self, machine, pid):
        """The reference driver extension as process `pid` of the machine has it loaded."""
        name = "com.panicscan.refdext"
        built = self.images[f"{name} arm64"]
        image = BuiltImage(name, "1.0", 0x100000000 + digest("slide", machine.name, pid) % 0x6000 * 0x4000, built)
        image.sites = built["sites"]
        return image

    def fit(self, machine, arch="arm64"):
        """Gives a machine of the samples the images that were built."""
        for name in list(machine.images):
            built = self.images.get(f"{name} {arch}")
            if built:
                old = machine.images[name]
                start = old.start // 0x4000 * 0x4000 if name != "kernel" else old.start
                machine.images[name] = BuiltImage(name, old.version, start, built)
        machine.kernel_uuid = machine.images["kernel"].uuid
        machine.__class__ = _fitted(machine.__class__)
        return machine


_CLASSES = {}


def _fitted(base):
    """`base` with program counters from built images; functions that were not built keep their
    invented place behind the image."""
    if base not in _CLASSES:
        class Fitted(base):
            def pc(self, place, offset=None):
                image, function = self.image_of(place)
                if not isinstance(image, BuiltImage):
                    return super().pc(place, offset)
                if function not in image.functions:
                    return image.start + 0x100 + digest(function) % 0x400 // 4 * 4
                return image.start + image.step(function, returns=False)[0]

            def back(self, place):
                image, function = self.image_of(place)
                if not isinstance(image, BuiltImage) or function not in image.functions:
                    return self.pc(place)
                return image.start + image.step(function)[1]

        Fitted.__name__ = base.__name__
        _CLASSES[base] = Fitted
    return _CLASSES[base]


# Each generation, and the lines of IOServicePM.cpp and IOService.cpp that its panics print.
GENERATIONS = {
    26: (machines.mac26, 5609, 5986), 15: (machines.mac15, 5576, 5817), 14: (machines.mac14, 5574, 5758),
    13: (machines.mac13, 5514, 5663), 12: (machines.mac12, 5491, 5529), 11: (machines.mac11, 5364, 5163)}
INTEL = {14: (machines.intel_14, 5589, 5758), 13: (machines.intel_13, 5586, 5679),
         11: (machines.intel_11, 5364, 5163), 10: (machines.intel_10_15, 5287, 5001)}
