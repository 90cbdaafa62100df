#include "model/vendor.h"

#include "catch.h"

using namespace panicscan;

TEST_CASE("a name tells whose code it is, or says nothing") {
  for (const char* name : {"kernel", "kernel_task", "__kernel__", "com.apple.driver.AppleT8110DART",
                           "/System/DriverKit/usr/lib/libc.dylib", "/usr/lib/dyld"})
    CHECK(vendor_of(name) == Vendor::apple);
  for (const char* name :
       {"com.example.driver", "example.driver", "/Library/Extensions/Example.kext"})
    CHECK(vendor_of(name) == Vendor::third_party);
  for (const char* name : {"", "WindowServer", "libsystem_kernel.dylib", "Example Helper 1.2",
                           "4E0D6A51-90C3-4E7A-9B0F-5D1C7A2E6B38", "/opt/example"})
    CHECK(vendor_of(name) == Vendor::unknown);
}

TEST_CASE("the path of a driver extension settles whose it is") {
  CHECK(vendor_of_dext("com.example.x", "/System/Library/DriverExtensions/x.dext") ==
        Vendor::apple);
  CHECK(vendor_of_dext("com.apple.x", "/Library/SystemExtensions/U/com.apple.x.dext") ==
        Vendor::third_party);
  CHECK(vendor_of_dext("com.example.x", "") == Vendor::third_party);
  CHECK(vendor_of_dext("com.apple.x", "") == Vendor::apple);
}
