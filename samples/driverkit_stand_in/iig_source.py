"""Writes X.iig.cpp from X.iig: class tables, metaclass and the dispatch of messages."""

import iig_header
import message_ids

CAST = """#if __has_builtin(__builtin_load_member_function_pointer)
#define SimpleMemberFunctionCast(cfnty, self, func) (cfnty)__builtin_load_member_function_pointer(self, func)
#else
#define SimpleMemberFunctionCast(cfnty, self, func) \\
    ({ union { __typeof__(func) member; cfnty plain; } both; both.member = func; both.plain; })
#endif
"""


class Options:
    """The queue table of a class: messages that are not delivered to the default queue.

    A class repeats the rows of its superclasses (so a class below IOUserClient has a row for
    _ExternalMethod whatever it overrides); the queue of a row is an index into `queues`.
    """

    def __init__(self, program, each):
        self.rows, self.queues, self.methods = [], [], []
        rows = {}
        for ancestor in [*reversed(program.ancestors(each)), each]:
            for method in ancestor.methods:
                if not method.queue or not program.is_message(ancestor, method):
                    continue
                origin = program.introducer(ancestor, method.name)
                rows[method.name] = (origin, method)
                if method.queue not in self.queues:
                    self.queues.append(method.queue)
        numbered = sorted((message_ids.message_id(origin.name, method.name, kernel=not method.type_of), origin,
                           method) for origin, method in rows.values())
        for _, origin, method in numbered:
            self.rows.append((f"{origin.name}_{method.name}_ID", self.queues.index(method.queue)))
            self.methods.append(method.name)


def pascal(names):
    """Strings with their length before them, as a C literal."""
    return '""' + "".join(f' "\\{len(name):03o}" "{name}"' for name in names)


def tables(name, super_name, rows=(), queues=(), methods=()):
    description = f"OSClassDescription_{name}"
    ids = "".join(f"        {number},\n" for number, _ in rows)
    options = "".join(f"        0x{queue:016x},\n" for _, queue in rows)
    return f"""
#define {name}_QueueNames {pascal(queues)}
#define {name}_MethodNames {pascal(methods)}
#define {name}MetaClass_MethodNames ""

struct {description}_t {{
    OSClassDescription base;
    uint64_t methodOptions[2 * {len(rows)}];
    uint64_t metaMethodOptions[2 * 0];
    char queueNames[sizeof({name}_QueueNames)];
    char methodNames[sizeof({name}_MethodNames)];
    char metaMethodNames[sizeof({name}MetaClass_MethodNames)];
}};

const struct {description}_t {description} = {{
    .base = {{
        .descriptionSize = sizeof({description}_t),
        .name = "{name}",
        .superName = "{super_name}",
        .methodOptionsSize = 2 * sizeof(uint64_t) * {len(rows)},
        .methodOptionsOffset = __builtin_offsetof(struct {description}_t, methodOptions),
        .metaMethodOptionsSize = 0,
        .metaMethodOptionsOffset = __builtin_offsetof(struct {description}_t, metaMethodOptions),
        .queueNamesSize = sizeof({name}_QueueNames),
        .queueNamesOffset = __builtin_offsetof(struct {description}_t, queueNames),
        .methodNamesSize = sizeof({name}_MethodNames),
        .methodNamesOffset = __builtin_offsetof(struct {description}_t, methodNames),
        .metaMethodNamesSize = sizeof({name}MetaClass_MethodNames),
        .metaMethodNamesOffset = __builtin_offsetof(struct {description}_t, metaMethodNames),
        .flags = 0 * kOSClassCanRemote,
        .resv1 = {{0}},
    }},
    .methodOptions = {{
{ids}{options}    }},
    .metaMethodOptions = {{}},
    .queueNames = {name}_QueueNames,
    .methodNames = {name}_MethodNames,
    .metaMethodNames = {name}MetaClass_MethodNames,
}};

OSMetaClass * g{name}MetaClass;

static kern_return_t {name}_New(OSMetaClass * instance);

const OSClassLoadInformation {name}_Class = {{
    .description = &{description}.base,
    .metaPointer = &g{name}MetaClass,
    .version = 1,
    .instanceSize = sizeof({name}),
    .resv2 = {{0}},
    .New = &{name}_New,
    .resv3 = {{0}},
}};

// The runtime finds the classes of a driver by this section.
extern const void * const g{name}_Declaration;
const void * const g{name}_Declaration
__attribute__((used, visibility("hidden"), section("__DATA_CONST,__osclassinfo,regular,no_dead_strip")))
    = &{name}_Class;

static kern_return_t {name}_New(OSMetaClass * instance)
{{
    if (!new (instance) {name}MetaClass) return kIOReturnNoMemory;
    return kIOReturnSuccess;
}}

kern_return_t {name}MetaClass::New(OSObject * instance)
{{
    if (!new (instance) {name}) return kIOReturnNoMemory;
    return kIOReturnSuccess;
}}
"""


def dispatch(name, super_name, cases=()):
    return f"""
kern_return_t {name}::Dispatch(const IORPC rpc)
{{
    return _Dispatch(this, rpc);
}}

kern_return_t {name}::_Dispatch({name} * self, const IORPC rpc)
{{
    kern_return_t ret = kIOReturnUnsupported;
    IORPCMessage * msg = IORPCMessageFromMach(rpc.message, false);
    switch (msg->msgid) {{
{"".join(cases)}        default:
            ret = {super_name}::_Dispatch(self, rpc);
            break;
    }}
    return ret;
}}

kern_return_t {name}MetaClass::Dispatch(const IORPC rpc)
{{
    return OSMetaClassBase::Dispatch(rpc);
}}
"""


def case(program, each, method):
    origin = program.introducer(each, method.name)
    source_class, source_method = method.type_of or (origin.name, method.name)
    source = f"{source_class}::{source_method}"
    tail = f", OSTypeID({iig_header.action_class(each, method)})" if method.type_of else ""
    call = (f"{source}_Invoke(rpc, self, SimpleMemberFunctionCast({source}_Handler, *self, "
            f"&{each.name}::{method.name}_Impl){tail})")
    remote = "" if program.is_local(each, method) else """            if (self->IsRemote()) {
                ret = self->OSMetaClassBase::Dispatch(rpc);
                break;
            }
"""
    return f"""        case {origin.name}_{method.name}_ID: {{
{remote}            ret = {call};
            break;
        }}
"""


def create_action(each, method):
    name = iig_header.action_class(each, method)
    source = "_".join(method.type_of)
    return f"""
kern_return_t {each.name}::CreateAction{method.name}(size_t referenceSize, OSAction ** action)
{{
    OSString * typeName = OSString::withCString("{name}");
    if (!typeName) return kIOReturnNoMemory;
    kern_return_t ret = {name}::CreateWithTypeName(this, {each.name}_{method.name}_ID, {source}_ID, referenceSize,
                                                   typeName, action);
    typeName->release();
    return ret;
}}
"""


SCALARS = {"bool", "int32_t", "uint8_t", "uint16_t", "uint32_t", "int64_t", "uint64_t", "kern_return_t"}


def own_message(each, method):
    """The stub and the _Invoke of a message that a class of ours introduces: scalars in, scalars out."""
    prefix = f"{each.name}_{method.name}"
    ins, outs = [], []
    for a in method.arguments:
        kind = a.type.rstrip(" *")
        if kind not in SCALARS or a.array or a.type.count("*") > 1:
            raise ValueError(f"{prefix}: only scalars and pointers to scalars travel: {a.declaration()}")
        (outs if "*" in a.type else ins).append((kind, a.name))
    if method.result != "kern_return_t":
        raise ValueError(f"{prefix}: the result must be kern_return_t")

    def fields(pairs):
        return "".join(f"    {kind} {name};\n" for kind, name in pairs)

    declared = ", ".join([*(a.declaration() for a in method.arguments), "OSDispatchMethod supermethod"])
    fill = "".join(f"    buffer.message.content.{name} = {name};\n" for _, name in ins)
    fetch = "".join(f"    if ({name}) *{name} = buffer.reply.content.{name};\n" for _, name in outs)
    passed = "".join(f", message->content.{a.name}" if "*" not in a.type else f", &reply->content.{a.name}"
                     for a in method.arguments)
    return f"""
struct {prefix}_Msg_Content {{
    IORPCMessage __hdr;
    OSObjectRef __object;
{fields(ins)}}};
struct {prefix}_Rpl_Content {{
    IORPCMessage __hdr;
{fields(outs)}}};
#pragma pack(4)
struct {prefix}_Msg {{
    IORPCMessageMach mach;
    mach_msg_port_descriptor_t __object__descriptor;
    {prefix}_Msg_Content content;
}};
struct {prefix}_Rpl {{
    IORPCMessageMach mach;
    {prefix}_Rpl_Content content;
}};
#pragma pack()

kern_return_t {each.name}::{method.name}({declared})
{{
    union {{ {prefix}_Msg message; {prefix}_Rpl reply; }} buffer;
    memset(&buffer, 0, sizeof(buffer));
    buffer.message.mach.msgh.msgh_id = kIORPCVersion190615;
    buffer.message.mach.msgh.msgh_size = sizeof(buffer.message);
    buffer.message.mach.msgh_body.msgh_descriptor_count = 1;
    buffer.message.__object__descriptor.type = MACH_MSG_PORT_DESCRIPTOR;
    buffer.message.content.__hdr.msgid = {prefix}_ID;
    buffer.message.content.__hdr.flags = kIORPCMessageSimpleReply;
    buffer.message.content.__hdr.objectRefs = 1;
    buffer.message.content.__object = (OSObjectRef) this;
{fill}    const IORPC rpc = {{&buffer.message.mach, &buffer.reply.mach, sizeof(buffer.message), sizeof(buffer.reply)}};
    const kern_return_t ret = supermethod ? supermethod(this, rpc) : Invoke(rpc);
    if (ret != kIOReturnSuccess) return ret;
    if (buffer.reply.content.__hdr.msgid != {prefix}_ID) return kIOReturnIPCError;
{fetch}    return kIOReturnSuccess;
}}

kern_return_t {each.name}::{method.name}_Invoke(const IORPC rpc, OSMetaClassBase * target, {method.name}_Handler func)
{{
    {prefix}_Msg * message = ({prefix}_Msg *) rpc.message;
    {prefix}_Rpl * reply = ({prefix}_Rpl *) rpc.reply;
    if (message->content.__hdr.objectRefs != 1) return kIOReturnIPCError;
    const kern_return_t ret = func(target{passed});
    reply->content.__hdr.msgid = {prefix}_ID;
    reply->content.__hdr.flags = kIORPCMessageSimpleReply;
    reply->content.__hdr.objectRefs = 0;
    reply->mach.msgh.msgh_size = sizeof(*reply);
    return ret;
}}
"""


def define(program, each):
    options = Options(program, each)
    yield tables(each.name, each.super_name, options.rows, options.queues, options.methods)
    messages = [m for m in each.methods if program.is_message(each, m) and not m.static]
    yield dispatch(each.name, each.super_name, [case(program, each, m) for m in messages])
    for method in messages:
        if program.introducer(each, method.name) is not each:
            continue
        if not method.type_of:
            yield own_message(each, method)
            continue
        name = iig_header.action_class(each, method)
        yield create_action(each, method)
        yield tables(name, "OSAction")
        yield dispatch(name, "OSAction")


def source(program, unit):
    stem = unit.name.rsplit("/", 1)[-1].removesuffix(".iig")
    lines = [f"// Made from {unit.name} by iig.py; do not edit.", "#include <string.h>",
             "#include <DriverKit/DriverKit.h>", f'#include "{stem}.h"', CAST]
    for each in unit.classes():
        lines.extend(define(program, each))
    return "\n".join(lines)
