#include "symbolicator/worker_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "symbolicator/pipe.h"

extern char** environ;

namespace panicscan::symbols {
namespace {

/// Saying hello reads no symbol file: a worker that needs longer is not ours.
constexpr std::chrono::seconds kPatienceForHello{20};

struct Signal {
  int number;
  std::string_view meaning;
};
constexpr std::array kSignals{
    Signal{SIGSEGV, "it crashed"},
    Signal{SIGILL, "it crashed"},
    Signal{SIGABRT, "it gave up, or had no memory left"},
    Signal{SIGXCPU, "it used up its processor time"},
    Signal{SIGBUS, "it crashed, or the file was cut short while it was read"},
    Signal{SIGKILL, "it was killed"},
};

std::string describe(int status) {
  if (WIFEXITED(status)) return "it ended with exit code " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  for (const Signal& known : kSignals)
    if (known.number == signal) return std::string(known.meaning);
  return "it was ended by signal " + std::to_string(signal);
}

Error cannot_start(const std::filesystem::path& program, int why) {
  return {
      ErrorCode::unreadable, "cannot start " + program.string() + ": " + std::strerror(why), {}};
}

/// Two connected sockets that no other program we start gets to see; our end does not block.
Expected<std::array<int, 2>> make_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
    return Error{ErrorCode::unreadable, std::string("socketpair: ") + std::strerror(errno), {}};
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
#ifdef SO_NOSIGPIPE
  const int yes = 1;
  ::setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
  return ends;
}

}  // namespace

Expected<WorkerProcess> WorkerProcess::spawn(const std::filesystem::path& program,
                                             const Hello& hello) {
  const auto ends = make_sockets();
  if (!ends) return ends.error();
  const auto [ours, theirs] = *ends;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, theirs, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, theirs, STDOUT_FILENO);
  // What LLVM says when it crashes is for its authors.
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const std::string path = program.string();
  std::array<char*, 2> arguments{const_cast<char*>(path.c_str()), nullptr};
  pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, path.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(theirs);
  if (failed != 0) {
    ::close(ours);
    return cannot_start(program, failed);
  }

  WorkerProcess worker(pid, ours);
  // What is wrong when this fails, greet() finds out.
  (void)send(ours, hello, std::chrono::steady_clock::now() + kPatienceForHello);
  return worker;
}

Status WorkerProcess::greet() {
  auto said = answer(std::chrono::steady_clock::now() + kPatienceForHello);
  if (!said) return std::move(said).error();
  const auto* ready = std::get_if<Ready>(&*said);
  if (ready == nullptr || ready->version != kProtocolVersion)
    return Error{ErrorCode::malformed, "it speaks another version: reinstall panicscan", {}};
  ready_ = *ready;
  return std::monostate{};
}

Expected<WorkerProcess> WorkerProcess::start(const std::filesystem::path& program,
                                             const Hello& hello) {
  auto worker = spawn(program, hello);
  if (!worker) return worker;
  auto greeted = worker->greet();
  if (!greeted) return with_context(std::move(greeted).error(), "starting " + program.string());
  return worker;
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      ready_(std::move(other.ready_)) {}

WorkerProcess::~WorkerProcess() { end(); }

void WorkerProcess::dismiss() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  if (pid_ >= 0) ::kill(pid_, SIGKILL);
}

std::string WorkerProcess::end() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  if (pid_ < 0) return {};
  const pid_t pid = std::exchange(pid_, -1);
  int status = 0;
  // It may have just died, and how is worth knowing; else there is nothing it still has to do.
  if (::waitpid(pid, &status, WNOHANG) != pid) {
    ::kill(pid, SIGKILL);
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  }
  return describe(status);
}

Expected<Message> WorkerProcess::ask(const Message& request, std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  const auto sent = send(socket_, request, deadline);
  if (!sent && sent.error().code != ErrorCode::unreadable) {
    end();
    return sent.error();
  }
  return answer(deadline);
}

Expected<Message> WorkerProcess::answer(std::chrono::steady_clock::time_point deadline) {
  auto said = receive(socket_, deadline);
  if (said && said->has_value()) return **std::move(said);
  if (said || said.error().code == ErrorCode::unreadable) {
    // The connection is closed a moment before the process can be waited for.
    for (int wait = 0; wait < 100 && pid_ >= 0; ++wait) {
      siginfo_t about{};
      if (::waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOHANG | WNOWAIT) == 0 &&
          about.si_pid == pid_)
        break;
      ::usleep(10000);
    }
    return Error{ErrorCode::unreadable, "the symbolizer ended: " + end(), {}};
  }
  end();
  return std::move(said).error();
}

}  // namespace panicscan::symbols
