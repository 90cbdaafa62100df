#pragma once

#include "render/escape.h"

namespace panicscan::render {

/// What a piece of text is, and so which colour it has; no meaning is carried by colour alone.
enum class Role {
  heading,  ///< a section's name
  title,    ///< what happened
  strong,   ///< what the reader looks for first: the culprit, a certainty
  bad,      ///< against; damaged
  good,     ///< for; complete
  caution,  ///< a warning about the result
  foreign,  ///< third-party code
  quiet,    ///< what may be skipped
};

/// Colours text, or leaves it alone when colour is off.
class Painter {
 public:
  explicit Painter(bool color) : color_(color) {}
  TerminalText operator()(Role role, const TerminalText& text) const;

 private:
  bool color_;
};

}  // namespace panicscan::render
