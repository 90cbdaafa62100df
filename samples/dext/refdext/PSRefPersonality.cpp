#include "PSRefPersonality.h"

#include <DriverKit/DriverKit.h>
#include <DriverKit/IOService.h>

#include "Faults/FaultState.h"

namespace psref {

static bool Flag(OSDictionary* properties, const char* key) {
  OSBoolean* flag = OSDynamicCast(OSBoolean, properties->getObject(key));
  return flag != nullptr && flag->isTrue();
}

bool AllowsPanic(IOService* service) {
  OSDictionary* properties = nullptr;
  if (service->CopyProperties(&properties) != kIOReturnSuccess || properties == nullptr)
    return false;
  const bool allowed = Flag(properties, "PSAllowPanic");
  properties->release();
  return allowed;
}

void ArmFromPersonality(IOService* service) {
  // CopyX gives a reference; getObject lends one.
  OSDictionary* properties = nullptr;
  if (service->CopyProperties(&properties) != kIOReturnSuccess || properties == nullptr) return;
  OSString* mode = OSDynamicCast(OSString, properties->getObject("PSFaultMode"));
  OSNumber* key = OSDynamicCast(OSNumber, properties->getObject("PSFaultKey"));
  if (mode != nullptr) {
    Arm(FindFault(mode->getCStringNoCopy()), ArmedBy::personality, Flag(properties, "PSAllowPanic"),
        key != nullptr ? key->unsigned64BitValue() : 0, 0);
  }
  properties->release();
}

}  // namespace psref
