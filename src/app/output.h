#pragma once

#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"
#include "render/render.h"

namespace panicscan::app {

/// One `-o`: a format and where it goes.
///
/// A file is written under a temporary name beside its target and renamed at the end, so that
/// nobody ever finds half a report under the name they asked for.
class Output {
 public:
  /// Reads "json" or "json=report.json" and opens the target.
  /// Errors: usage, for a format that is not one of `formats` or a file that cannot be written.
  static Expected<Output> open(const std::string& specification,
                               std::span<const render::OutputFormat> formats);

  Output(Output&&) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();

  const render::OutputFormat& format() const { return *format_; }
  bool is_stdout() const { return path_.empty(); }
  std::ostream& stream();
  /// Completes the output. Errors: internal, when what was written could not be kept.
  Status finish();

 private:
  Output(const render::OutputFormat& format, std::string path);

  const render::OutputFormat* format_;
  std::string path_, temporary_path_;
  std::ofstream file_;
};

/// Opens all outputs; none given means text on stdout.
/// Errors: those of open(); usage, when two of them would write to the same place.
Expected<std::vector<Output>> open_outputs(
    const std::vector<std::string>& specifications,
    std::span<const render::OutputFormat> formats = render::output_formats());

}  // namespace panicscan::app
