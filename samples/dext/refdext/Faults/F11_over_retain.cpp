#include "Faults.h"

// Wrong: each retain needs its release. The count of DriverKit objects ends at 32767.
void Fault_F11_over_retain() {
  OSString* text = OSString::withCString("PSRef");
  psref::Step(psref::Fault::F11, "retain-32768");
  for (int i = 0; i < 32768; ++i) text->retain();  // fault: F11
}
