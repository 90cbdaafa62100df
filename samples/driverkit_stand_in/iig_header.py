"""Writes X.h from X.iig: message ids, argument macros, the metaclass and the C++ class."""

import message_ids

PLAIN_BASES = {"OSMetaClassBase"}  # written by hand in OSMetaClass.h


def arguments(method, with_defaults=False):
    return ", ".join(a.declaration(with_defaults) for a in method.arguments)


def action_class(each, method):
    return f"OSAction_{each.name}_{method.name}"


def identifiers(program, each):
    """(method, id) of each method whose id belongs to this class."""
    return [(m, message_ids.message_id(each.name, m.name, kernel=not m.type_of))
            for m in each.methods if program.introducer(each, m.name) is each and program.is_message(each, m)]


def macros(program, each):
    for method, number in identifiers(program, each):
        yield f"#define {each.name}_{method.name}_ID 0x{number:016x}ULL"
    for method in each.methods:
        if program.is_message(each, method):
            yield f"#define {each.name}_{method.name}_Args {arguments(method)}"


def metaclass(name):
    yield f"extern OSMetaClass * g{name}MetaClass;"
    yield f"extern const OSClassLoadInformation {name}_Class;"
    yield f"class {name}MetaClass : public OSMetaClass {{"
    yield "public:"
    yield "    virtual kern_return_t New(OSObject * instance) override;"
    yield "    virtual kern_return_t Dispatch(const IORPC rpc) override;"
    yield "};"


def opening(name, super_name):
    yield f"class {name}Interface : public OSInterface {{ public: }};"
    yield f"struct {name}_IVars;"
    yield f"struct {name}_LocalIVars;"
    yield f"class {name} : public {super_name}, public {name}Interface {{"
    yield f"    friend class {name}MetaClass;"
    yield "public:"
    yield f"    union {{ {name}_IVars * ivars; {name}_LocalIVars * lvars; }};"
    yield f"    static OSMetaClass * sGetMetaClass() {{ return g{name}MetaClass; }}"
    yield f"    using super = {super_name};"
    yield "    virtual kern_return_t Dispatch(const IORPC rpc) override;"
    yield f"    static kern_return_t _Dispatch({name} * self, const IORPC rpc);"


def stub(each, method):
    """What callers see: packs a message, and sends it to the object or to the given super method."""
    if method.type_of:
        yield f"    kern_return_t CreateAction{method.name}(size_t referenceSize, OSAction ** action);"
    elif method.static:
        yield f"    static {method.result} {method.name}({arguments(method)});"
    else:
        first = ["IORPC rpc"] if method.reply else []
        result = "kern_return_t" if method.reply else method.result
        listed = ", ".join([*first, *([arguments(method, True)] if method.arguments else []),
                            "OSDispatchMethod supermethod = nullptr"])
        yield f"    {result} {method.name}({listed});"


def invoke(each, method):
    """How _Dispatch calls the implementation: unpacks the message and calls `func`."""
    tail = f", {each.name}_{method.name}_Args" if method.arguments else ""
    yield f"    typedef {method.result} (*{method.name}_Handler)(OSMetaClassBase * target{tail});"
    parameters = f"const IORPC rpc, OSMetaClassBase * target, {method.name}_Handler func"
    yield f"    static kern_return_t {method.name}_Invoke({parameters});"
    if any(a.target for a in method.arguments):
        yield f"    static kern_return_t {method.name}_Invoke({parameters}, const OSMetaClass * targetActionClass);"


def members(program, each):
    for method in each.methods:
        if not program.is_message(each, method):
            words = " ".join(w for w, on in (("virtual", method.virtual), ("static", method.static)) if on)
            const = " const" if method.const else ""
            override = " override" if method.override else ""
            yield f"{method.access}:"
            yield f"    {words} {method.result} {method.name}({arguments(method, True)}){const}{override};"
            continue
        origin = program.introducer(each, method.name)
        if origin is each:
            yield "public:"
            yield from stub(each, method)
            if not method.type_of and not method.static:
                yield from invoke(each, method)
        if not method.static:
            source = method.type_of or (origin.name, method.name)
            yield "protected:"
            yield f"    {method.result} {method.name}_Impl({source[0]}_{source[1]}_Args);"


def declare(program, each):
    yield from macros(program, each)
    yield from metaclass(each.name)
    yield from opening(each.name, each.super_name)
    yield from members(program, each)
    yield "};"
    for method in each.methods:
        if method.type_of and program.introducer(each, method.name) is each:
            name = action_class(each, method)
            yield from metaclass(name)
            yield from opening(name, "OSAction")
            yield (f"    virtual const OSMetaClass * getMetaClass() const override "
                   f"{{ return g{name}MetaClass; }}")
            yield "};"


def header(program, unit):
    lines = [f"// Made from {unit.name} by iig.py; do not edit."]
    for piece in unit.pieces:
        if isinstance(piece, str):
            lines.append(piece.strip("\n"))
        else:
            lines.extend(declare(program, piece))
    return "\n".join(lines) + "\n"
