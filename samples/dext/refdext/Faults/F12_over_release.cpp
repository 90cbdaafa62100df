#include "Faults.h"

// Wrong: withCString gave one reference, two are given back.
void Fault_F12_over_release() {
  OSString* text = OSString::withCString("PSRef");
  psref::Step(psref::Fault::F12, "release-twice");
  text->release();
  text->release();
  text->retain();  // fault: F12
}
