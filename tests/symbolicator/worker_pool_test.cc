#include "symbolicator/worker_pool.h"

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "catch.h"

namespace panicscan::symbols {
namespace {

namespace fs = std::filesystem;

/// A folder of this process's own, removed at the end.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("panicscan-pool-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name, const std::string& content = "x") const {
    std::ofstream(path_ / name) << content;
    return (path_ / name).string();
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

PoolOptions fake(std::size_t workers = 1) {
  PoolOptions options;
  options.program = FAKE_SYMBOLIZER;
  options.workers = workers;
  options.patience = std::chrono::seconds(30);
  return options;
}

/// The process that answered; 0 when none did.
int who(const Answer<IdentifyReply>& answer) {
  const auto* reply = std::get_if<IdentifyReply>(&answer);
  return reply != nullptr ? std::stoi(reply->slices.at(0).image.name) : 0;
}

Refusal refusal(const Answer<IdentifyReply>& answer) {
  REQUIRE(std::holds_alternative<Refusal>(answer));
  return std::get<Refusal>(answer);
}

using Reason = Refusal::Reason;

}  // namespace

TEST_CASE("one worker answers one request after the other") {
  WorkerPool pool(fake());
  CHECK_FALSE(pool.about().has_value());
  const int first = who(pool.identify("/a"));
  CHECK(first != 0);
  CHECK(who(pool.identify("/b")) == first);
  CHECK(pool.about()->llvm == "0.1");
  const auto names = pool.look_up({"/a", {}, false, false, {{1}, {2}}, {}});
  CHECK(std::get<LookupReply>(names).chain_end.size() == 2);
}

TEST_CASE("a file that ends the worker costs one worker, and is not read again") {
  const Folder folder;
  WorkerPool pool(fake());
  const int first = who(pool.identify("/a"));
  for (const char* name : {"crash", "exit", "garbage", "half"}) {
    INFO(name);
    const std::string path = folder.file(name);
    const Refusal now = refusal(pool.identify(path));
    CHECK(now.reason == Reason::symbolizer_failed);
    CHECK(now.message.find(path) != std::string::npos);
    const int next = who(pool.identify("/b"));
    CHECK(next != 0);
    CHECK(next != first);
    CHECK(refusal(pool.identify(path)).message.find("before") != std::string::npos);
    CHECK(who(pool.identify("/b")) == next);
  }
}

TEST_CASE("a crash and a limit are told apart") {
  const Folder folder;
  WorkerPool pool(fake());
  CHECK(refusal(pool.identify(folder.file("crash"))).message.find("crashed") != std::string::npos);
  CHECK(refusal(pool.identify(folder.file("exit"))).message.find("code 7") != std::string::npos);
}

TEST_CASE("a worker that uses up its processor time is ended by the kernel, its file remembered") {
  const Folder folder;
  PoolOptions options = fake();
  options.bad_files = folder / "bad-files";
  const std::string path = folder.file("spin");
  {
    WorkerPool pool(options);
    const Refusal now = refusal(pool.identify(path));
    CHECK(now.reason == Reason::symbolizer_failed);
    CHECK(now.message.find("used up its processor time") != std::string::npos);
    CHECK(who(pool.identify("/b")) != 0);
  }
  WorkerPool next(options);
  CHECK(refusal(next.identify(path)).message.find("before") != std::string::npos);
}

TEST_CASE("a file that changed is read again") {
  const Folder folder;
  WorkerPool pool(fake());
  const std::string path = folder.file("crash");
  CHECK(refusal(pool.identify(path)).message.find("before") == std::string::npos);
  folder.file("crash", "longer");
  CHECK(refusal(pool.identify(path)).message.find("before") == std::string::npos);
}

TEST_CASE("a worker that does not answer in time is ended") {
  const Folder folder;
  PoolOptions options = fake();
  options.patience = std::chrono::seconds(1);
  WorkerPool pool(options);
  const auto start = std::chrono::steady_clock::now();
  CHECK(refusal(pool.identify(folder.file("hang"))).reason == Reason::symbolizer_failed);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  CHECK(who(pool.identify("/b")) != 0);
}

TEST_CASE("a worker killed while it waited for work is replaced, and no file is blamed") {
  WorkerPool pool(fake());
  const int first = who(pool.identify("/a"));
  REQUIRE(first != 0);
  ::kill(first, SIGKILL);
  const int second = who(pool.identify("/b"));
  CHECK(second != 0);
  CHECK(second != first);
}

TEST_CASE("bad files are remembered by the next process") {
  const Folder folder;
  PoolOptions options = fake();
  options.bad_files = folder / "bad";
  const std::string path = folder.file("crash");
  const std::string odd = folder.file("a\nb crash");
  {
    WorkerPool pool(options);
    CHECK(refusal(pool.identify(path)).reason == Reason::symbolizer_failed);
    CHECK(refusal(pool.identify(odd)).reason == Reason::symbolizer_failed);
  }
  {
    WorkerPool pool(options);
    CHECK(refusal(pool.identify(path)).message.find("before") != std::string::npos);
    CHECK(refusal(pool.identify(odd)).message.find("before") == std::string::npos);
  }
  std::ofstream(options.bad_files) << "not\n1\n1 2\n1 2 3\n\n99999999999999999999 1 1 /a\n";
  WorkerPool pool(options);
  CHECK(refusal(pool.identify(path)).message.find("before") == std::string::npos);
}

TEST_CASE("what the worker says about a file is passed on") {
  WorkerPool pool(fake());
  const Refusal missing = refusal(pool.identify("/missing"));
  CHECK(missing.reason == Reason::failure);
  CHECK(missing.kind == FailureKind::unreadable);
  CHECK(missing.message == "no such file");
}

TEST_CASE("an answer for another number of addresses is refused") {
  WorkerPool pool(fake());
  const auto answer = pool.look_up({"/short", {}, false, false, {{1}, {2}}, {}});
  CHECK(std::get<Refusal>(answer).reason == Reason::symbolizer_failed);
}

TEST_CASE("what cannot be asked is not sent") {
  WorkerPool pool(fake());
  CHECK(refusal(pool.identify("")).kind == FailureKind::bad_request);
  CHECK(refusal(pool.identify(std::string(kMaxText, 'a'))).kind == FailureKind::bad_request);
  const auto unsorted = pool.look_up({"/a", {}, false, false, {{2}, {1}}, {}});
  CHECK(std::get<Refusal>(unsorted).kind == FailureKind::bad_request);
  CHECK_FALSE(pool.about().has_value());
}

TEST_CASE("a symbolizer that is missing or of another version is said to be") {
  PoolOptions options = fake();
  options.program = "/nonexistent/panicscan-symbolizer";
  WorkerPool missing(options);
  CHECK(refusal(missing.identify("/a")).reason == Reason::not_installed);
  CHECK(refusal(missing.identify("/a")).message.find("cannot start") != std::string::npos);
  options.program = "/bin/false";
  WorkerPool other(options);
  CHECK(refusal(other.identify("/a")).reason == Reason::not_installed);
  ::setenv("FAKE_SYMBOLIZER_VERSION", "99", 1);
  WorkerPool old(fake());
  CHECK(refusal(old.identify("/a")).reason == Reason::not_installed);
  ::unsetenv("FAKE_SYMBOLIZER_VERSION");
}

TEST_CASE("a symbolizer that is started ahead is the one that is asked") {
  WorkerPool pool(fake());
  pool.start_ahead();
  pool.start_ahead();
  CHECK_FALSE(pool.about().has_value());
  const auto first = who(pool.identify("/a"));
  CHECK(first != 0);
  pool.start_ahead();
  CHECK(who(pool.identify("/b")) == first);

  PoolOptions options = fake();
  options.program = "/bin/false";
  WorkerPool other(options);
  other.start_ahead();
  CHECK(refusal(other.identify("/a")).reason == Reason::not_installed);
}

TEST_CASE("who asks after the workers were dismissed gets another") {
  WorkerPool pool(fake());
  pool.dismiss();
  const auto first = who(pool.identify("/a"));
  CHECK(first != 0);
  pool.dismiss();
  const auto second = who(pool.identify("/b"));
  CHECK(second != 0);
  CHECK(second != first);
  CHECK(who(pool.identify("/a")) == second);
}

TEST_CASE("several threads share the workers") {
  const Folder folder;
  const std::string crash = folder.file("crash");
  WorkerPool pool(fake(3));
  std::atomic<int> answered = 0, failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          const bool bad = (i + t) % 10 == 0;
          (who(pool.identify(bad ? crash : "/a")) != 0 ? answered : failed)++;
        }
      });
  }
  CHECK(answered == 144);
  CHECK(failed == 16);
}

TEST_CASE("the symbolizer is found beside the program, or where the environment says") {
  const Folder folder;
  const std::string program = folder.file("panicscan");
  CHECK_FALSE(find_symbolizer(program).has_value());
  CHECK_FALSE(find_symbolizer(folder / "nothing").has_value());
  const std::string beside = folder.file("panicscan-symbolizer");
  CHECK_FALSE(find_symbolizer(program).has_value());  // not executable
  fs::permissions(beside, fs::perms::owner_all);
  CHECK(find_symbolizer(program) == fs::canonical(beside));
  ::setenv("PANICSCAN_SYMBOLIZER", "/opt/other", 1);
  CHECK(find_symbolizer(program) == fs::path("/opt/other"));
  ::unsetenv("PANICSCAN_SYMBOLIZER");
}

}  // namespace panicscan::symbols
