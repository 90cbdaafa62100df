// Stand-in: the message that carries a call, and the tables that describe a class.
// Layouts: xnu iokit/DriverKit/IORPC.h and osfmk/mach/message.h.
#pragma once
#include <DriverKit/IOReturn.h>
#include <stddef.h>
#include <stdint.h>

struct mach_msg_header_t {
  uint32_t msgh_bits, msgh_size, msgh_remote_port, msgh_local_port, msgh_voucher_port;
  int32_t msgh_id;
};
struct mach_msg_body_t {
  uint32_t msgh_descriptor_count;
};
#pragma pack(4)
struct mach_msg_port_descriptor_t {
  uint32_t name, pad1;
  uint32_t pad2 : 16, disposition : 8, type : 8;
};
#pragma pack()
enum { MACH_MSG_PORT_DESCRIPTOR = 0 };

typedef uint64_t OSObjectRef;

enum { kIORPCVersion190615 = 0x4da2b68c };
enum {
  kIORPCMessageRemote = 0x1,
  kIORPCMessageLocalHost = 0x2,
  kIORPCMessageKernel = 0x4,
  kIORPCMessageOneway = 0x8,
  kIORPCMessageSimpleReply = 0x80,
};

struct IORPCMessageMach {
  mach_msg_header_t msgh;
  mach_msg_body_t msgh_body;
  mach_msg_port_descriptor_t objects[0];
};
struct IORPCMessage {
  uint64_t msgid, flags, objectRefs;
  OSObjectRef objects[0];
};
struct IORPC {
  IORPCMessageMach *message, *reply;
  uint32_t sendSize, replySize;
};

class OSMetaClassBase;
typedef kern_return_t (*OSDispatchMethod)(OSMetaClassBase* self, const IORPC rpc);
extern "C" IORPCMessage* IORPCMessageFromMach(IORPCMessageMach* msg, bool reply);

enum { kOSClassCanRemote = 0x1 };

/// Head of the table of a class; sizes and offsets of the tables behind it count from its start.
struct OSClassDescription {
  uint32_t descriptionSize;
  char name[96], superName[96];
  uint32_t methodOptionsSize, methodOptionsOffset;
  uint32_t metaMethodOptionsSize, metaMethodOptionsOffset;
  uint32_t queueNamesSize, queueNamesOffset;
  uint32_t methodNamesSize, methodNamesOffset;
  uint32_t metaMethodNamesSize, metaMethodNamesOffset;
  uint64_t flags;
  uint64_t resv1[8];
};
static_assert(sizeof(OSClassDescription) == 312 && offsetof(OSClassDescription, flags) == 240);
