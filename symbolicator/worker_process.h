#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/expected.h"
#include "symbolicator/protocol.h"

namespace panicscan::symbols {

/// A running panicscan-symbolizer. One thread at a time may talk to it; the destructor ends it.
class WorkerProcess {
 public:
  /// Starts the program and says hello.
  ///
  /// Errors: unreadable, when it cannot be started; malformed, when it speaks another version or
  /// another protocol.
  static Expected<WorkerProcess> start(const std::filesystem::path& program, const Hello& hello);
  /// The first half of start(): does not wait for the program, which must be greeted before it is
  /// asked anything.
  static Expected<WorkerProcess> spawn(const std::filesystem::path& program, const Hello& hello);
  /// The other half: waits for its Ready. After an Error it must be thrown away.
  Status greet();

  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  ~WorkerProcess();

  /// What it said about itself.
  const Ready& ready() const { return ready_; }

  /// Its answer to a request. After an Error the worker has been ended, and must be thrown away.
  ///
  /// Errors: limit, when no answer came in time; unreadable, when it ended instead (the message
  /// says of what); malformed, when what it said is no message.
  Expected<Message> ask(const Message& request, std::chrono::milliseconds patience);

  /// Ends it without waiting until it is gone. It cannot be asked any more.
  void dismiss();

 private:
  Expected<Message> answer(std::chrono::steady_clock::time_point deadline);
  WorkerProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  /// Ends it if it still runs; how it ended, for people.
  std::string end();

  pid_t pid_ = -1;
  int socket_ = -1;
  Ready ready_;
};

}  // namespace panicscan::symbols
