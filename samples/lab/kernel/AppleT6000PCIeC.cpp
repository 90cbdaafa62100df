// A PCI Express port and its interrupt. The names are invented: Apple's driver has no public source.
#include "xnu.h"

class APCIECPort {
 public:
  void handleInterrupt(int count);
};

KEPT void APCIECPort::handleInterrupt(int count) {
  note((u64)count);
  panic("Request address is greater than 32 bits");
}
