#include "app/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <set>
#include <utility>

namespace panicscan::app {
namespace fs = std::filesystem;

Output::Output(const render::OutputFormat& format, std::string path)
    : format_(&format), path_(std::move(path)) {}

Output::Output(Output&& other) noexcept
    : format_(other.format_),
      path_(std::move(other.path_)),
      temporary_path_(std::exchange(other.temporary_path_, {})),
      file_(std::move(other.file_)) {}

Output::~Output() {
  if (temporary_path_.empty()) return;
  file_.close();
  std::error_code ignored;
  fs::remove(temporary_path_, ignored);
}

Expected<Output> Output::open(const std::string& specification,
                              std::span<const render::OutputFormat> formats) {
  const auto equals = specification.find('=');
  const std::string name = specification.substr(0, equals);
  const std::string path = equals == std::string::npos ? "" : specification.substr(equals + 1);
  const auto format = std::ranges::find(formats, name, &render::OutputFormat::name);
  if (format == formats.end()) {
    std::string known;
    for (const auto& each : formats) known += " " + std::string(each.name);
    return Error{ErrorCode::usage,
                 "-o " + specification + ": there is no format '" + name + "'; there are" + known,
                 {}};
  }
  if (equals != std::string::npos && path.empty())
    return Error{ErrorCode::usage, "-o " + specification + ": the file name is missing", {}};

  Output output(*format, path);
  if (path.empty()) return output;
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    return Error{ErrorCode::usage, "-o " + specification + ": is a directory", {}};
  // Devices and pipes (/dev/null, a FIFO) cannot be replaced by renaming: write to them directly.
  const bool replaceable = !fs::exists(path, ignored) || fs::is_regular_file(path, ignored);
  const std::string target = replaceable ? path + ".partial-" + std::to_string(::getpid()) : path;
  output.file_.open(target, std::ios::binary | std::ios::trunc);
  if (!output.file_)
    return Error{ErrorCode::usage,
                 "-o " + specification + ": cannot be written: " + std::strerror(errno),
                 {}};
  if (replaceable) output.temporary_path_ = target;
  return output;
}

std::ostream& Output::stream() { return is_stdout() ? std::cout : file_; }

Status Output::finish() {
  errno = 0;
  stream().flush();
  // Whoever read our output has read enough (`| head`): not an error.
  if (is_stdout() && errno == EPIPE) return std::monostate{};
  const std::string name = is_stdout() ? "standard output" : path_;
  bool kept = stream().good();
  if (!is_stdout()) {
    file_.close();
    kept = kept && file_.good();
  }
  if (!kept) return Error{ErrorCode::internal, name + ": the result could not be written", {}};
  if (temporary_path_.empty()) return std::monostate{};
  std::error_code failed;
  fs::rename(temporary_path_, path_, failed);
  if (failed) return Error{ErrorCode::internal, path_ + ": " + failed.message(), {}};
  temporary_path_.clear();
  return std::monostate{};
}

Expected<std::vector<Output>> open_outputs(const std::vector<std::string>& specifications,
                                           std::span<const render::OutputFormat> formats) {
  std::vector<Output> outputs;
  std::set<std::string> targets;
  const auto wanted = specifications.empty() ? std::vector<std::string>{"text"} : specifications;
  for (const std::string& specification : wanted) {
    const auto equals = specification.find('=');
    const std::string target = equals == std::string::npos ? "" : specification.substr(equals + 1);
    if (!targets.insert(target).second)
      return Error{
          ErrorCode::usage,
          "-o " + specification + ": " +
              (target.empty()
                   ? std::string("two outputs would both go to standard output; give one a =FILE")
                   : "two outputs would both go to " + target),
          {}};
    auto output = Output::open(specification, formats);
    if (!output) return std::move(output).error();
    outputs.push_back(*std::move(output));
  }
  return outputs;
}

}  // namespace panicscan::app
