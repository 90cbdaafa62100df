#include "symbolicator/worker_pool.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace panicscan::symbols {
namespace {

Refusal failed(std::string message) {
  return {Refusal::Reason::symbolizer_failed, FailureKind::malformed, std::move(message)};
}

/// What the worker would refuse, and end over, is not sent.
constexpr std::size_t kMostAddresses = (kMaxRequest - 3 * kMaxText) / sizeof(std::uint64_t);

bool is_path(const std::string& path) {
  return !path.empty() && path.size() < kMaxText - 4 && path.find('\0') == path.npos;
}

Refusal bad_request() {
  return {Refusal::Reason::failure, FailureKind::bad_request,
          "this path, or these addresses, cannot be asked for"};
}

/// The reply of the kind that was asked for.
template <typename Reply>
Answer<Reply> expect(Answer<Message> answer) {
  if (auto* refusal = std::get_if<Refusal>(&answer)) return std::move(*refusal);
  Message& message = std::get<Message>(answer);
  if (auto* reply = std::get_if<Reply>(&message)) return std::move(*reply);
  if (auto* failure = std::get_if<Failure>(&message))
    return Refusal{Refusal::Reason::failure, failure->kind, std::move(failure->message)};
  return failed("the symbolizer answered something else");
}

}  // namespace

WorkerPool::WorkerPool(PoolOptions options)
    : options_(std::move(options)),
      bad_(options_.bad_files.empty() ? BadFiles() : BadFiles(options_.bad_files)) {}

std::optional<Ready> WorkerPool::about() const {
  const std::lock_guard lock(mutex_);
  return about_;
}

std::optional<WorkerProcess> WorkerPool::take_turn() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return busy_ < std::max<std::size_t>(options_.workers, 1); });
  ++busy_;
  if (idle_.empty()) return std::nullopt;
  std::optional<WorkerProcess> worker(std::move(idle_.back()));
  idle_.pop_back();
  return worker;
}

void WorkerPool::end_turn(std::optional<WorkerProcess> worker) {
  {
    const std::lock_guard lock(mutex_);
    --busy_;
    if (worker) {
      about_ = worker->ready();
      idle_.push_back(*std::move(worker));
    }
  }
  freed_.notify_one();
}

void WorkerPool::start_ahead() {
  const std::lock_guard lock(mutex_);
  if (ahead_ || busy_ > 0 || !idle_.empty()) return;
  auto started = WorkerProcess::spawn(options_.program, options_.limits);
  if (started) ahead_.emplace(*std::move(started));
}

void WorkerPool::dismiss() {
  const std::lock_guard lock(mutex_);
  for (WorkerProcess& worker : idle_) {
    worker.dismiss();
    dismissed_.push_back(std::move(worker));
  }
  idle_.clear();
}

Expected<WorkerProcess> WorkerPool::start_worker() {
  std::optional<WorkerProcess> worker;
  {
    const std::lock_guard lock(mutex_);
    if (ahead_) worker.emplace(*std::move(ahead_));
    ahead_.reset();
  }
  // It may have been ended from outside while nobody needed it.
  if (worker && worker->greet()) return *std::move(worker);
  return WorkerProcess::start(options_.program, options_.limits);
}

Answer<Message> WorkerPool::ask(const std::string& path, const Message& request) {
  std::optional<WorkerProcess> worker = take_turn();
  // A worker that waited for work may have been ended from outside meanwhile, which is no fault of
  // this file: only what ends a new one is remembered.
  for (bool is_new = !worker.has_value();; is_new = true) {
    if (is_new) {
      auto started = start_worker();
      if (!started) {
        end_turn(std::nullopt);
        return Refusal{Refusal::Reason::not_installed, FailureKind::unreadable,
                       std::move(started).error().message};
      }
      worker.emplace(*std::move(started));
    }
    const std::string version = worker->ready().llvm;
    if (bad_.contains(path, version)) {
      end_turn(std::move(worker));
      return failed(path + " ended the symbolizer before, and has not changed since");
    }
    auto answer = worker->ask(request, options_.patience);
    if (answer) {
      const auto* failure = std::get_if<Failure>(&*answer);
      const bool is_over = failure != nullptr && failure->kind == FailureKind::bad_request;
      end_turn(is_over ? std::nullopt : std::move(worker));
      return *std::move(answer);
    }
    worker.reset();
    if (!is_new && answer.error().code == ErrorCode::unreadable) continue;
    end_turn(std::nullopt);
    // That a file cannot be converted does not mean that it cannot be read.
    if (!std::holds_alternative<ConvertRequest>(request)) bad_.add(path, version);
    return failed(path + ": " + answer.error().message);
  }
}

Answer<IdentifyReply> WorkerPool::identify(const std::string& path) {
  if (!is_path(path)) return bad_request();
  return expect<IdentifyReply>(ask(path, IdentifyRequest{path}));
}

Answer<LookupReply> WorkerPool::look_up(const LookupRequest& request) {
  const bool ascends = std::ranges::adjacent_find(request.addresses, std::greater_equal{}) ==
                       request.addresses.end();
  const bool is_cache_well = request.cache.empty() || is_path(request.cache);
  if (!is_path(request.path) || !is_cache_well || !ascends ||
      request.addresses.size() > kMostAddresses)
    return bad_request();
  // Where a cache is read, it is to blame for what happens.
  auto answer =
      expect<LookupReply>(ask(request.cache.empty() ? request.path : request.cache, request));
  const auto* reply = std::get_if<LookupReply>(&answer);
  if (reply != nullptr && reply->chain_end.size() != request.addresses.size())
    return failed("the symbolizer answered another number of addresses");
  return answer;
}

Answer<ConvertReply> WorkerPool::convert(const ConvertRequest& request) {
  if (!is_path(request.path)) return bad_request();
  return expect<ConvertReply>(ask(request.path, request));
}

std::optional<std::filesystem::path> find_symbolizer(const std::filesystem::path& running_program) {
  if (const char* named = std::getenv("PANICSCAN_SYMBOLIZER"); named != nullptr && *named != '\0')
    return std::filesystem::path(named);
  std::error_code error;
  const auto folder = std::filesystem::canonical(running_program, error).parent_path();
  if (error) return std::nullopt;
  for (const char* place : {"panicscan-symbolizer", "symbolicator/panicscan-symbolizer",
                            "../libexec/panicscan/panicscan-symbolizer"}) {
    const auto program = folder / place;
    if (::access(program.c_str(), X_OK) == 0) return program.lexically_normal();
  }
  return std::nullopt;
}

}  // namespace panicscan::symbols
