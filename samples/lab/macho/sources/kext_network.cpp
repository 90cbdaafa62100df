#include "kext.h"

namespace com_example {

class Network : public lab::Controller<Network> {
 public:
  bool start(lab::Registers* registers);
  void ring_doorbell(unsigned tag);
  unsigned complete(lab::Registers* registers, const lab::Command& command);

 private:
  lab::Registers* registers_ = nullptr;
  unsigned errors_ = 0;
};

NOINLINE void Network::ring_doorbell(unsigned tag) { registers_->write(tag, 0x21); }

static INLINE addr_t folded(addr_t sum) { return (sum & 0xffff) + (sum >> 16); }

NOINLINE unsigned Network::complete(lab::Registers* registers, const lab::Command& command) {
  const addr_t sum = lab_checksum(reinterpret_cast<const unsigned char*>(&command), sizeof command);
  if (folded(folded(sum)) != registers->read(command.tag)) ++errors_;
  return errors_;
}

bool Network::start(lab::Registers* registers) {
  registers_ = registers;
  for (unsigned tag = 0; tag < 4; ++tag) {
    const lab::Command command = {tag, tag * 3 + 0x21, lab_sink};
    if (!submit(command)) return false;
  }
  return interrupt(registers) != 0;
}

}  // namespace com_example

extern "C" int com_example_Network_start(lab::Registers* registers) {
  com_example::Network driver;
  return driver.start(registers) ? 0 : 5;
}
