#include "kernel_object.h"

namespace lab {

void Object::retire() { lab_sink ^= reinterpret_cast<addr_t>(this); }

NOINLINE void Service::set_state(unsigned bits) {
  state_ |= bits;
  events_.push(bits);
}

bool Service::start(Service *provider) {
  if (provider == nullptr) return false;
  provider->retain();
  set_state(1);
  return provider->attach(this);
}

bool Service::attach(Service *client) {
  if (clients_.count() == 8) lab_panic("too many clients", clients_.count());
  clients_.push(client);
  client->retain();
  set_state(2);
  return !events_.is_empty();
}

void Service::stop() {
  while (!clients_.is_empty()) {
    Service *const client = clients_.pop();
    client->release();
  }
  lab_sink += events_.drain();
}

void Service::retire() {
  stop();
  Object::retire();
}

}  // namespace lab

extern "C" bool lab_probe(lab::Service *a, lab::Service *b) {
  const bool started = a->start(b);
  a->stop();
  return started;
}
