#include "kext.h"

namespace com_example {

class Storage : public lab::Controller<Storage> {
 public:
  bool start(lab::Registers* registers);
  void ring_doorbell(unsigned tag);
  unsigned complete(lab::Registers* registers, const lab::Command& command);

 private:
  lab::Registers* registers_ = nullptr;
  unsigned errors_ = 0;
};

NOINLINE void Storage::ring_doorbell(unsigned tag) { registers_->write(tag, 0x10); }

NOINLINE unsigned Storage::complete(lab::Registers* registers, const lab::Command& command) {
  if (registers->read(command.tag) == 0) lab_panic("Storage: dead hardware", command.tag);
  return command.opcode & 1;
}

bool Storage::start(lab::Registers* registers) {
  registers_ = registers;
  for (unsigned tag = 0; tag < 6; ++tag) {
    const lab::Command command = {tag, tag * 3 + 0x10, lab_sink};
    if (!submit(command)) return false;
  }
  return interrupt(registers) != 0;
}

}  // namespace com_example

extern "C" int com_example_Storage_start(lab::Registers* registers) {
  com_example::Storage driver;
  return driver.start(registers) ? 0 : 5;
}
