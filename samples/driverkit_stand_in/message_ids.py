"""Message ids: the 64-bit numbers that name a method in a message.

Apple's iig computes an id from the declaration in a way that is not public. The numbers below are
facts that stand in the headers iig generates (public in DriverKit SDKs and in projects that check
their generated files in). For every other method `message_id` makes up a number of its own: stable,
but not Apple's, so nothing may be concluded from it. That goes for all methods of
SCSIControllerDriverKit.
"""

import hashlib

KNOWN = {
    "IOService::Start": 0xAB6F76DDE6D693F2,
    "IOService::Stop": 0x98E715041C459FA5,
    "IOService::ClientCrashed": 0xF608D8D479C824A3,
    "IOService::RegisterService": 0xE9722C2BB1347C28,
    "IOService::SetPowerState": 0xD200FDE7D57ECCA6,
    "IOService::ChangePowerState": 0xDB75CFC3395484A0,
    "IOService::NewUserClient": 0xF669EFFFCB89ED9C,
    "IOService::Create": 0xE1A46DBD68BBE09C,
    "IOService::Terminate": 0xF7A595D9927810C8,
    "IOService::SetProperties": 0xD8A753EA156F9162,
    "IOService::CopyProperties": 0x833EC8F92F8B5362,
    "IOUserClient::_ExternalMethod": 0xCFE0C99E739D92F9,
    "IOUserClient::AsyncCompletion": 0xDBC5B2E5D2B446F4,
    "IOUserClient::CopyClientMemoryForType": 0x8399BDB3D0B4F474,
    "IOTimerDispatchSource::Create": 0x5703101BA090EAF0,
    "IOTimerDispatchSource::SetHandler": 0x487F4F13F1A0A074,
    "IOTimerDispatchSource::WakeAtTime": 0x1DA868F27D5D7D37,
    "IOTimerDispatchSource::TimerOccurred": 0x0F4AB1C3CBB5AE47,
    "IOInterruptDispatchSource::Create": 0xB6A948B1585FC259,
    "IOInterruptDispatchSource::SetHandler": 0xFCC79B0928501BB1,
    "IOInterruptDispatchSource::InterruptOccurred": 0xCE0513291CFA1EE1,
}


def message_id(class_name, method_name, kernel):
    """The id of a method. `kernel`: it can be called across the kernel's border (top bit set)."""
    name = f"{class_name}::{method_name}"
    if name in KNOWN:
        return KNOWN[name]
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return number | 1 << 63 if kernel else number & ~(1 << 63)
