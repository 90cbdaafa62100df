#include "kext.h"

namespace com_example {

class Graphics : public lab::Controller<Graphics> {
 public:
  bool start(lab::Registers* registers);
  void ring_doorbell(unsigned tag);
  unsigned complete(lab::Registers* registers, const lab::Command& command);

 private:
  lab::Registers* registers_ = nullptr;
  unsigned errors_ = 0;
};

NOINLINE void Graphics::ring_doorbell(unsigned tag) { registers_->write(tag, 0x55); }

NOINLINE unsigned Graphics::complete(lab::Registers* registers, const lab::Command& command) {
  registers->write(command.tag, static_cast<unsigned>(command.buffer));
  registers->write(command.tag + 1, static_cast<unsigned>(command.buffer >> 32));
  return registers->read(command.tag + 2);
}

bool Graphics::start(lab::Registers* registers) {
  registers_ = registers;
  for (unsigned tag = 0; tag < 8; ++tag) {
    const lab::Command command = {tag, tag * 3 + 0x55, lab_sink};
    if (!submit(command)) return false;
  }
  return interrupt(registers) != 0;
}

}  // namespace com_example

extern "C" int com_example_Graphics_start(lab::Registers* registers) {
  com_example::Graphics driver;
  return driver.start(registers) ? 0 : 5;
}
