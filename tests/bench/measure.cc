// Runs a command several times and prints one line a run: milliseconds on the clock, peak memory in
// KiB, exit code.
//
// use: measure time|memory RUNS STDIN COMMAND [ARGUMENT…]
//
// A program of its own because a process inherits the peak memory of the one that starts it, and
// this one needs next to none. "memory" adds up the peaks of the command and of the processes that
// it starts, as far as the system tells (Linux); looking at them costs time, so the clock of these
// runs does not count.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

extern char** environ;

namespace {

/// The peak of a process so far, in KiB; 0 when it is gone.
long peak_of(long pid) {
  char path[64], line[256];
  std::snprintf(path, sizeof path, "/proc/%ld/status", pid);
  std::FILE* const file = std::fopen(path, "r");
  if (file == nullptr) return 0;
  long peak = 0;
  while (std::fgets(line, sizeof line, file) != nullptr)
    if (std::sscanf(line, "VmHWM: %ld kB", &peak) == 1) break;
  std::fclose(file);
  return peak;
}

/// Notes the peaks of the processes that `pid` has started.
void look_at_children(long pid, std::map<long, long>& peaks) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
  std::FILE* const file = std::fopen(path, "r");
  if (file == nullptr) return;
  for (long child = 0; std::fscanf(file, "%ld", &child) == 1;) {
    long& peak = peaks[child];
    const long now = peak_of(child);
    if (now > peak) peak = now;
    look_at_children(child, peaks);
  }
  std::fclose(file);
}

int run(const char* input, char** command, bool with_memory) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const auto started = std::chrono::steady_clock::now();
  pid_t pid = -1;
  if (posix_spawnp(&pid, command[0], &actions, nullptr, command, environ) != 0) return 2;
  posix_spawn_file_actions_destroy(&actions);

  std::map<long, long> peaks;
  long own = 0;
  int status = 0;
  struct rusage usage{};
  while (wait4(pid, &status, with_memory ? WNOHANG : 0, &usage) == 0) {
    const long now = peak_of(pid);
    if (now > own) own = now;
    look_at_children(pid, peaks);
    usleep(100);
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
#ifdef __APPLE__
  const long largest = usage.ru_maxrss / 1024;
#else
  const long largest = usage.ru_maxrss;  // of the command and the processes it waited for
#endif
  long sum = own;
  for (const auto& [child, peak] : peaks) sum += peak;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  std::printf("%.3f %ld %d\n", took.count(), sum > largest ? sum : largest, code);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const bool with_memory = std::strcmp(argv[1], "memory") == 0;
  for (int left = std::atoi(argv[2]); left > 0; --left)
    if (const int failed = run(argv[3], argv + 4, with_memory); failed != 0) return failed;
  return 0;
}
