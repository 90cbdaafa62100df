// Stands in for panicscan-symbolizer in tests of the worker pool: what it does with a request
// depends on the name of the file it is asked about.

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "symbolicator/pipe.h"
#include "symbolicator/worker/limits.h"

namespace {

using namespace panicscan::symbols;

void misbehave(const std::string& path) {
  const auto is = [&](const char* name) { return path.ends_with(name); };
  if (is("crash")) std::raise(SIGSEGV);
  if (is("exit")) std::exit(7);
  if (is("hang")) ::pause();
  if (is("spin")) {  // as if LLVM were caught in a loop, under the limit of the real symbolizer
    if (!panicscan::symbolizer::renew_cpu_budget(0)) std::exit(1);
    for (volatile bool forever = true; forever;) continue;
  }
  if (is("garbage")) {
    [[maybe_unused]] const auto n = ::write(STDOUT_FILENO, "Assertion failed: garbage", 25);
    ::pause();
  }
  if (is("half")) {
    const auto bytes = encode(IdentifyReply{});
    [[maybe_unused]] const auto n = ::write(STDOUT_FILENO, bytes->data(), bytes->size() - 1);
    std::exit(0);
  }
}

Message answer(const Message& request) {
  if (std::holds_alternative<Hello>(request)) {
    const char* version = std::getenv("FAKE_SYMBOLIZER_VERSION");
    return Ready{.version = version != nullptr ? 99u : kProtocolVersion, .llvm = "0.1"};
  }
  if (const auto* m = std::get_if<IdentifyRequest>(&request)) {
    misbehave(m->path);
    if (m->path.ends_with("missing")) return Failure{FailureKind::unreadable, "no such file"};
    IdentifyReply reply;
    reply.slices.resize(1);
    reply.slices[0].image.name = std::to_string(::getpid());  // so that tests see who answered
    return reply;
  }
  const auto& m = std::get<LookupRequest>(request);
  misbehave(m.path);
  LookupReply reply;
  if (!m.path.ends_with("short")) reply.chain_end.resize(m.addresses.size());
  return reply;
}

}  // namespace

int main() {
  while (true) {
    const auto request = receive(STDIN_FILENO);
    if (!request || !request->has_value()) return 0;
    if (!send(STDOUT_FILENO, answer(**request))) return 1;
  }
}
