#pragma once

#include <sys/uio.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace panicscan::app {

/// Writes texts to standard output one after the other without copying them together first: a
/// stackshot's frames are some 50 MB of text, of which most is the same few names again.
class GatheredOutput {
 public:
  /// Writes a text that stays as it is until flush().
  void add(std::string_view text);
  /// Writes a text that is kept here.
  void keep(std::string text);
  /// Writes what is left; false when standard output took less than all texts.
  bool flush();

 private:
  std::vector<iovec> parts_;
  std::deque<std::string> kept_;
  bool is_well_ = true;
};

}  // namespace panicscan::app
