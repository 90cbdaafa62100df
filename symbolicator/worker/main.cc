// panicscan-symbolizer: reads symbol files on behalf of panicscan.
//
// A malformed symbol file can crash every version of LLVM. So the files are read here, in a
// process that may die of it: panicscan starts it, asks over standard input, listens on standard
// output, and starts another when it is gone. symbolicator/README.md describes the messages.

#include <fcntl.h>
#include <llvm/Config/llvm-config.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <system_error>
#include <thread>

#include "base/heap.h"
#include "symbolicator/pipe.h"
#include "symbolicator/worker/limits.h"
#include "symbolicator/worker/lookup.h"

namespace panicscan::symbolizer {
namespace {

using symbols::Failure;
using symbols::FailureKind;
using symbols::Hello;
using symbols::Message;

/// Exit codes: how the worker ended when nothing killed it.
constexpr int kDone = 0;
constexpr int kBadPeer = 3;

/// Units: bytes, of what most answers take.
constexpr std::size_t kMemoryOfAnswer = 4 << 20;

/// Keeps standard output for messages: whatever a library prints must not get between them.
int take_standard_output() {
  const int out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return out;
}

/// Each thread takes address space for its stack and its heap, which is limited; and reading is
/// bound by memory long before it has this many.
constexpr unsigned kMostThreads = 16;
constexpr unsigned kUsualThreads = 8;

unsigned thread_count(const Hello& hello) {
  if (hello.threads != 0) return std::min(hello.threads, kMostThreads);
  return std::clamp(std::thread::hardware_concurrency(), 1u, kUsualThreads);
}

Message answer(const Message& request, const Hello& hello, OpenGsym& cache) {
  if (const auto renewed = renew_cpu_budget(hello.cpu_seconds); !renewed)
    return Failure{FailureKind::limit, renewed.error().message};
  if (const auto* m = std::get_if<symbols::IdentifyRequest>(&request)) return identify(*m);
  if (const auto* m = std::get_if<symbols::LookupRequest>(&request))
    return look_up(*m, thread_count(hello), cache);
  if (const auto* m = std::get_if<symbols::ConvertRequest>(&request))
    return convert(*m, thread_count(hello));
  return Failure{FailureKind::bad_request, "this message is no request"};
}

int complain(int out, const Error& error) {
  std::cerr << "panicscan-symbolizer: " << error.message << '\n';
  (void)symbols::send(out, Failure{FailureKind::bad_request, error.message});
  return kBadPeer;
}

/// panicscan still looks for what it will ask about: meanwhile memory for the answer is fetched.
void fetch_memory() {
  try {
    std::thread([] { fill_heap(kMemoryOfAnswer); }).detach();
  } catch (const std::system_error&) {
    // No room for a thread: then the answer waits for its memory.
  }
}

int serve(int in, int out) {
  const auto first = symbols::receive(in);
  if (!first) return complain(out, first.error());
  if (!first->has_value()) return kDone;
  const auto* hello = std::get_if<Hello>(&**first);
  if (hello == nullptr || hello->version != symbols::kProtocolVersion) {
    (void)symbols::send(
        out, Failure{FailureKind::wrong_version, "this symbolizer speaks version " +
                                                     std::to_string(symbols::kProtocolVersion)});
    return kBadPeer;
  }
  const auto seals = apply_limits(*hello);
  if (!seals) return complain(out, seals.error());
  if (!symbols::send(out, symbols::Ready{.llvm = LLVM_VERSION_STRING,
                                         .files_sealed = seals->files,
                                         .network_sealed = seals->network}))
    return kBadPeer;

  fetch_memory();
  OpenGsym cache;
  while (true) {
    const auto request = symbols::receive(in);
    if (!request) return complain(out, request.error());
    if (!request->has_value()) return kDone;
    const auto sent = symbols::send(out, answer(**request, *hello, cache));
    if (sent) continue;
    if (sent.error().code != ErrorCode::limit) return kBadPeer;
    if (!symbols::send(out, Failure{FailureKind::limit, sent.error().message})) return kBadPeer;
  }
}

}  // namespace
}  // namespace panicscan::symbolizer

int main(int argc, char**) {
  if (argc > 1 || ::isatty(STDIN_FILENO) != 0) {
    std::cerr << "panicscan-symbolizer is started by panicscan and speaks its protocol over "
                 "standard input and output; it takes no arguments\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  panicscan::prepare_heap();
  const int out = panicscan::symbolizer::take_standard_output();
  return panicscan::symbolizer::serve(STDIN_FILENO, out);
}
