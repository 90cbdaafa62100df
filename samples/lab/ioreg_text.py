"""Excerpts of `ioreg -l -w0`: the I/O registry as indented text."""

from dataclasses import dataclass, field


@dataclass
class Entry:
    """An entry of the registry; `state` as ioreg prints it, `properties` with values as it prints them."""

    name: str
    kind: str                       # class
    id: int
    properties: dict = field(default_factory=dict)
    children: list = field(default_factory=list)
    state: str = "registered, matched, active"  # "": no service
    busy: int = 0
    waited: int = 0                 # milliseconds it was busy


def value(thing):
    """A property as ioreg prints it."""
    if isinstance(thing, bool):
        return "Yes" if thing else "No"
    if isinstance(thing, bytes):  # printed as text when all of it is
        printable = thing.endswith(b"\0") and all(32 <= byte < 127 for byte in thing[:-1])
        return f'<"{thing[:-1].decode()}">' if printable else f"<{thing.hex()}>"
    if isinstance(thing, int):
        return str(thing)
    if isinstance(thing, dict):
        return "{" + ",".join(f'"{key}"={value(inner)}' for key, inner in thing.items()) + "}"
    if isinstance(thing, (list, tuple)):
        return "(" + ",".join(value(inner) for inner in thing) + ")"
    return f'"{thing}"'


def _rows(entry, bars, is_last):
    service = f", {entry.state}, busy {entry.busy} ({entry.waited} ms)" if entry.state else ""
    yield f"{bars}+-o {entry.name}  <class {entry.kind}, id 0x{entry.id:x}{service}, retain {6 + len(entry.children)}>"
    inner = bars + ("  " if is_last else "| ")
    gap = inner + ("| " if entry.children else "  ")
    if entry.properties:
        yield f"{gap}{{"
        for key, thing in entry.properties.items():
            yield f'{gap}  "{key}" = {value(thing)}'
        yield f"{gap}}}"
    yield gap.rstrip()
    for number, child in enumerate(entry.children):
        yield from _rows(child, inner, number + 1 == len(entry.children))


def text(root):
    """The tree below `root`."""
    return "\n".join(_rows(root, "", True)) + "\n"
