#include "symbolicator/cache_folder.h"

#include <cstdlib>
#include <optional>

#include "catch.h"

namespace panicscan::symbols {
namespace {

/// An environment variable with another value for a while.
class Changed {
 public:
  Changed(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Changed() { old_ ? ::setenv(name_, old_->c_str(), 1) : ::unsetenv(name_); }
  Changed(const Changed&) = delete;
  Changed& operator=(const Changed&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace

TEST_CASE("the cache folder is where the system keeps such things, or where the environment says") {
  const Changed home("HOME", "/home/example");
  {
    const Changed none("XDG_CACHE_HOME", nullptr);
#ifdef __APPLE__
    CHECK(cache_folder() == "/home/example/Library/Caches/panicscan");
#else
    CHECK(cache_folder() == "/home/example/.cache/panicscan");
#endif
  }
  {
    const Changed given("XDG_CACHE_HOME", "/var/cache/example");
    CHECK(cache_folder() == "/var/cache/example/panicscan");
  }
  const Changed relative("XDG_CACHE_HOME", "cache");
  CHECK(cache_folder().starts_with("/home/example/"));
  const Changed homeless("HOME", nullptr);
  CHECK(cache_folder().empty());
}

}  // namespace panicscan::symbols
