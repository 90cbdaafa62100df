#include "kext.h"

namespace com_example {

class Audio : public lab::Controller<Audio> {
 public:
  bool start(lab::Registers* registers);
  void ring_doorbell(unsigned tag);
  unsigned complete(lab::Registers* registers, const lab::Command& command);

 private:
  lab::Registers* registers_ = nullptr;
  unsigned errors_ = 0;
};

NOINLINE void Audio::ring_doorbell(unsigned tag) { registers_->write(tag, 0x07); }

NOINLINE unsigned Audio::complete(lab::Registers* registers, const lab::Command& command) {
  int level = 0;
  for (unsigned i = 0; i < 6; ++i) level += static_cast<int>(registers->read(i + command.tag));
  return level > 1000 ? 1000u : static_cast<unsigned>(level);
}

bool Audio::start(lab::Registers* registers) {
  registers_ = registers;
  for (unsigned tag = 0; tag < 3; ++tag) {
    const lab::Command command = {tag, tag * 3 + 0x07, lab_sink};
    if (!submit(command)) return false;
  }
  return interrupt(registers) != 0;
}

}  // namespace com_example

extern "C" int com_example_Audio_start(lab::Registers* registers) {
  com_example::Audio driver;
  return driver.start(registers) ? 0 : 5;
}
