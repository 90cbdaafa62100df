#pragma once

#include <string>
#include <vector>

#include "model/case.h"

namespace panicscan::render {

/// A box of the picture of waits.
struct PictureNode {
  std::vector<std::string> lines;  ///< of its label, from the report: not escaped
  bool in_cycle = false;
  bool is_foreign = false;  ///< third-party code
  bool is_own = false;      ///< the user's own code; the label says so too
  bool is_thread = false;
};

/// An arrow: `from` waits for `to`.
struct PictureLink {
  std::size_t from = 0, to = 0;
  std::string label;
  bool in_cycle = false;
  bool is_inferred = false;
};

/// The part of the wait-for graph that matters, small enough to be looked at.
struct WaitPicture {
  static constexpr std::size_t kMostNodes = 60;
  std::vector<PictureNode> nodes;
  std::vector<PictureLink> links;
  std::size_t left_out = 0;  ///< nodes that take part in waits and are not shown
};

/// Rings first, then what waits behind them, then the chains, those of one's own and of other
/// third-party code first, then busy entries of the I/O registry and who works for them.
WaitPicture wait_picture(const Case& subject);

}  // namespace panicscan::render
