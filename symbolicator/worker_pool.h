#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "symbolicator/bad_files.h"
#include "symbolicator/protocol.h"
#include "symbolicator/worker_process.h"

namespace panicscan::symbols {

/// Why a file gave no answer.
struct Refusal {
  enum class Reason {
    not_installed,      ///< there is no symbolizer that could be asked
    symbolizer_failed,  ///< reading the file ended the symbolizer, now or on an earlier day
    failure,            ///< the symbolizer says what is wrong with the file: see `kind`
  };
  Reason reason = Reason::failure;
  FailureKind kind = FailureKind::unreadable;
  std::string message;
};

/// An answer, or why there is none.
template <typename Reply>
using Answer = std::variant<Reply, Refusal>;

struct PoolOptions {
  std::filesystem::path program;       ///< panicscan-symbolizer
  Hello limits;                        ///< for each worker
  std::chrono::seconds patience{120};  ///< for one request, on the clock
  std::size_t workers = 2;             ///< at most this many at a time
  std::filesystem::path bad_files;     ///< where to remember them; empty: only in memory
};

/// Asks symbolizers: starts them when they are needed, replaces those that die, and asks no second
/// time about a file that ended one. Safe to use from several threads; `workers` of them are
/// served at a time.
class WorkerPool {
 public:
  explicit WorkerPool(PoolOptions options);

  Answer<IdentifyReply> identify(const std::string& path);
  Answer<LookupReply> look_up(const LookupRequest& request);
  Answer<ConvertReply> convert(const ConvertRequest& request);

  /// Starts the first symbolizer without waiting for it: by the first request it will be there.
  /// When it cannot be started, that request says so.
  void start_ahead();
  /// Ends the symbolizers that have nothing to do, without waiting until they are gone; for
  /// requests that come nevertheless there will be others.
  void dismiss();

  /// What the symbolizer said about itself; nothing before the first of them was started.
  std::optional<Ready> about() const;

 private:
  /// A file that ends its worker is remembered, unless the request was more than a question.
  Answer<Message> ask(const std::string& path, const Message& request);
  /// Waits for its turn; the worker to use, or nothing when a new one is to be started.
  std::optional<WorkerProcess> take_turn();
  /// The one that was started ahead, or a new one.
  Expected<WorkerProcess> start_worker();
  /// Ends a turn; a worker that still runs is kept for the next.
  void end_turn(std::optional<WorkerProcess> worker);

  const PoolOptions options_;
  BadFiles bad_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<WorkerProcess> idle_;
  std::vector<WorkerProcess> dismissed_;
  std::optional<WorkerProcess> ahead_;  ///< not greeted yet
  std::size_t busy_ = 0;
  std::optional<Ready> about_;
};

/// Where panicscan-symbolizer is: what the environment variable PANICSCAN_SYMBOLIZER names; else
/// beside the running program, in symbolicator/ (a build folder) or in ../libexec/panicscan from
/// there; nothing when it is in none of these. The search path is not asked: what stands there may
/// be anyone's.
std::optional<std::filesystem::path> find_symbolizer(const std::filesystem::path& running_program);

}  // namespace panicscan::symbols
