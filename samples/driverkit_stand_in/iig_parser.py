"""Reads .iig files: C++ text around class declarations whose methods carry attributes.

Only the class declarations are understood; everything around them is passed on to the header that
is made. Not a C++ parser: what a declaration of an .iig file needs, and a loud error for the rest.
"""

import dataclasses
import pathlib
import re


class IigError(Exception):
    pass


@dataclasses.dataclass
class Argument:
    type: str        # "const uint16_t", "OSAction *"
    name: str
    array: str = ""  # "[32]"
    default: str = ""
    target: bool = False  # TARGET: the OSAction that a completion goes to

    def declaration(self, with_default=False):
        text = f"{self.type}{'' if self.type.endswith('*') else ' '}{self.name}{self.array}"
        return text + (f" = {self.default}" if with_default and self.default else "")


@dataclasses.dataclass
class Method:
    name: str
    result: str
    arguments: list
    access: str = "public"
    virtual: bool = False
    static: bool = False
    const: bool = False
    override: bool = False
    local: bool = False       # LOCAL: never forwarded to a remote object
    localonly: bool = False   # LOCALONLY: plain C++, no message
    reply: bool = False       # REPLY: called with the message it answers
    queue: str = ""           # QUEUENAME(x)
    type_of: tuple = ()       # TYPE(Class::Method): a completion with that signature


@dataclasses.dataclass
class Class:
    name: str
    super_name: str
    methods: list

    def method(self, name):
        return next((m for m in self.methods if m.name == name), None)


@dataclasses.dataclass
class Unit:
    """One .iig file: pieces are texts to copy and classes, in order."""
    name: str      # "DriverKit/IOService.iig", or the plain file name
    pieces: list
    includes: list  # names of included .iig files

    def classes(self):
        return [piece for piece in self.pieces if isinstance(piece, Class)]


CLASS = re.compile(r"^class\s+(?:(?:KERNEL|NATIVE|LOCAL)\s+)*(\w+)\s*:\s*public\s+(\w+)\s*\{", re.M)
INCLUDE = re.compile(r'^(\s*#\s*include\s*[<"])([^>"]+)\.iig([>"])', re.M)
ATTRIBUTE = re.compile(r"\b(TYPE|QUEUENAME)\s*\(\s*([\w:]+)\s*\)")


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def conditionals(text, defined):
    """The lines that `#if NAME`, `#else` and `#endif` leave; NAME is true when it is in `defined`."""
    kept, stack = [], []
    for line in text.split("\n"):
        words = line.split()
        if words and words[0] == "#if":
            if len(words) != 2:
                raise IigError(f"inside a class only `#if NAME` is understood: {line.strip()}")
            stack.append(words[1] in defined)
        elif words and words[0] == "#else":
            stack[-1] = not stack[-1]
        elif words and words[0] == "#endif":
            stack.pop()
        elif all(stack):
            kept.append(line)
    return "\n".join(kept)


def split(text, separator):
    """`text` at each `separator` that is not inside brackets."""
    parts, depth, begin = [], 0, 0
    for at, c in enumerate(text):
        depth += (c in "([{<") - (c in ")]}>")
        if c == separator and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [part.strip() for part in [*parts, text[begin:]]]


def argument(text):
    target = re.search(r"\bTARGET\b", text) is not None
    text = ATTRIBUTE.sub(" ", re.sub(r"\bTARGET\b", " ", text))
    text, _, default = text.partition("=")
    found = re.fullmatch(r"(.*?[\s*])(\w+)\s*((?:\[[^\]]*\])*)", " ".join(text.split()))
    if not found:
        raise IigError(f"an argument needs a type and a name: {text.strip()}")
    return Argument(" ".join(found[1].split()), found[2], found[3], default.strip(), target)


def method(statement, access):
    text = " ".join(statement.split())
    type_of, queue = (), ""
    head, opening, rest = text.partition("(")
    depth, at = 1, 0
    while opening and depth:
        if at == len(rest):
            raise IigError(f"no end of the arguments: {text}")
        depth += (rest[at] == "(") - (rest[at] == ")")
        at += 1
    if not opening:
        raise IigError(f"only methods are understood in a class: {text}")
    inside, tail = rest[:at - 1], rest[at:]
    for name, value in ATTRIBUTE.findall(tail):
        if name == "TYPE":
            type_of = tuple(value.split("::"))
        else:
            queue = value
    tail = ATTRIBUTE.sub(" ", tail).replace("= 0", " ")
    known = {"const", "override", "final", "LOCAL", "LOCALONLY", "REPLY", "KERNEL"}
    words = tail.split()
    if unknown := [word for word in words if word not in known]:
        raise IigError(f"unknown attribute {' '.join(unknown)}: {text}")
    words_before = head.split()
    flags = [word for word in words_before if word in ("virtual", "static")]
    found = re.fullmatch(r"(.*?[\s*])(\w+)", " ".join(w for w in words_before if w not in flags))
    if not found:
        raise IigError(f"a method needs a result and a name: {text}")
    arguments = [] if inside.strip() in ("", "void") else [argument(part) for part in split(inside, ",")]
    return Method(found[2], found[1].strip(), arguments, access, "virtual" in flags, "static" in flags,
                  "const" in words, "override" in words, "LOCAL" in words, "LOCALONLY" in words,
                  "REPLY" in words, queue, type_of)


def body(name, super_name, text, defined):
    methods, access = [], "private"
    for statement in conditionals(without_comments(text), defined).split(";"):
        while (found := re.match(r"\s*(public|protected|private)\s*:(?!:)", statement)):
            access = found[1]
            statement = statement[found.end():]
        if statement.strip():
            methods.append(method(statement, access))
    return Class(name, super_name, methods)


def parse(name, text, defined=()):
    """One file. Errors: IigError, for a class that is not understood."""
    pieces, at = [], 0
    for found in CLASS.finditer(text):
        end = text.find("\n};", found.end())
        if end < 0:
            raise IigError(f"{name}: no end of class {found[1]}")
        pieces.append(INCLUDE.sub(r"\1\2.h\3", text[at:found.start()]))
        try:
            pieces.append(body(found[1], found[2], text[found.end():end], set(defined)))
        except IigError as error:
            raise IigError(f"{name}: class {found[1]}: {error}") from None
        at = end + len("\n};")
    pieces.append(INCLUDE.sub(r"\1\2.h\3", text[at:]))
    return Unit(name, pieces, [found[2] + ".iig" for found in INCLUDE.finditer(text)])


class Program:
    """All files that can be reached by #include, and the classes in them."""

    def __init__(self, folders, defined=()):
        self.folders = [pathlib.Path(folder) for folder in folders]
        self.defined = defined
        self.units = {}
        self.classes = {}

    def load(self, name):
        if name in self.units:
            return self.units[name]
        path = next((folder / name for folder in self.folders if (folder / name).exists()), None)
        if path is None:
            raise IigError(f"{name}: no such file in {', '.join(map(str, self.folders))}")
        unit = self.units[name] = parse(name, path.read_text(), self.defined)
        for include in unit.includes:
            self.load(include)
        for each in unit.classes():
            self.classes[each.name] = each
        return unit

    def ancestors(self, each):
        """The superclasses that are declared in .iig files, nearest first."""
        chain = []
        while (each := self.classes.get(each.super_name)):
            chain.append(each)
        return chain

    def introducer(self, each, name):
        """The class that first declared a method: where its id, stub and handler type are."""
        found = None
        for ancestor in [each, *self.ancestors(each)]:
            if ancestor.method(name):
                found = ancestor
        return found

    def is_message(self, each, method):
        """Whether a call travels as a message; the others are plain C++."""
        origin = self.introducer(each, method.name)
        first = origin.method(method.name)
        return (first.virtual or first.static) and not first.localonly

    def is_local(self, each, method):
        """LOCAL where it is declared, or anywhere below: not forwarded when the object is remote."""
        return any(c.method(method.name).local for c in [each, *self.ancestors(each)] if c.method(method.name))
