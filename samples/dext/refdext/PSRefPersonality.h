// What the personality in Info.plist says about faults.
#pragma once

class IOService;

namespace psref {

/// PSAllowPanic of a service's personality; false when it says nothing.
bool AllowsPanic(IOService* service);

/// Arms what PSFaultMode names ("F19" or "start-hang"). A fault that panics the machine needs
/// PSAllowPanic = true and PSFaultKey = 0x50534346 as well.
void ArmFromPersonality(IOService* service);

}  // namespace psref
