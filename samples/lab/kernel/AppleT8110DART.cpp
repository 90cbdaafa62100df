// The IOMMU's own driver, which stops the machine on a bad access. The names are invented: Apple's
// driver has no public source.
#include "xnu.h"

class AppleT8110DART {
 public:
  void handleException();
  void interruptAction(int count);
  void clearErrors();
};

KEPT void AppleT8110DART::handleException() {
  note(1);
  panic("DART exception");
}

KEPT void AppleT8110DART::interruptAction(int count) {
  note((u64)count);
  handleException();
  note(2);
}

KEPT void AppleT8110DART::clearErrors() {
  note(3);
  panic("[SPTM] VIOLATION");
}
