#include "FaultState.h"
#include <DriverKit/IOLib.h>

namespace psref {

// Read on many queues, so atomic. F00 does nothing: armed from the start.
static uint8_t armed = static_cast<uint8_t>(Fault::F00);
static uint64_t argument_of_armed;
static uint64_t steps;

Arming Arm(Fault fault, ArmedBy way, bool allow_panic, uint64_t key, uint64_t argument) {
  const Arming answer = MayArm(fault, way, allow_panic, key);
  if (answer == Arming::armed) {
    __atomic_store_n(&argument_of_armed, argument, __ATOMIC_RELAXED);
    __atomic_store_n(&armed, static_cast<uint8_t>(fault), __ATOMIC_RELEASE);
    IOLog("PSRef: fault %s armed\n", Row(fault).id);
  } else {
    IOLog("PSRef: fault %s refused\n", fault < Fault::count ? Row(fault).id : "?");
  }
  return answer;
}

void Disarm() { __atomic_store_n(&armed, static_cast<uint8_t>(Fault::F00), __ATOMIC_RELEASE); }

Fault Armed() { return static_cast<Fault>(__atomic_load_n(&armed, __ATOMIC_ACQUIRE)); }

bool Strikes(Fault fault) { return Armed() == fault; }

uint64_t Argument() { return __atomic_load_n(&argument_of_armed, __ATOMIC_RELAXED); }

void Step(Fault fault, const char* step) {
  IOLog("PSRef: %s %s %llu\n", Row(fault).id, step,
        static_cast<unsigned long long>(__atomic_add_fetch(&steps, 1, __ATOMIC_RELAXED)));
}

uint64_t StepsLogged() { return __atomic_load_n(&steps, __ATOMIC_RELAXED); }

}  // namespace psref
