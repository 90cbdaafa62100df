#include "model/readable_name.h"

#include "catch.h"

namespace panicscan {

TEST_CASE("C++ names lose their mangling and their parameters") {
  CHECK(readable_name("__ZN10IOWorkLoop9sleepGateEPvyj") == "IOWorkLoop::sleepGate");
  CHECK(readable_name("_ZNK8OSString9isEqualToEPKc") == "OSString::isEqualTo");
  CHECK(readable_name("__ZN9IOServiceC2Ev") == "IOService::IOService");
  CHECK(readable_name("__ZN9IOServiceD0Ev") == "IOService::~IOService");
  CHECK(readable_name("__Z4mainPv") == "main");
}

TEST_CASE("C names lose the underscore that Mach-O puts before them") {
  CHECK(readable_name("_thread_block") == "thread_block");
  CHECK(readable_name("trap_from_kernel") == "trap_from_kernel");
  CHECK(readable_name("_") == "_");
}

TEST_CASE("what is no plain nested name stays as it is") {
  for (const char* name : {"__ZN2osI3FooE3barEv", "__ZTV9IOService", "__ZN", "__ZN99xE",
                           "__ZN03abcE", "__Z", "__ZN1aS_E", "__ZN99999999999999999999999aE", ""})
    CHECK(readable_name(name) == name);
}

}  // namespace panicscan
