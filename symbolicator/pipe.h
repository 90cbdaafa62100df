#pragma once

#include <chrono>
#include <optional>

#include "base/expected.h"
#include "symbolicator/protocol.h"

namespace panicscan::symbols {

using Deadline = std::chrono::steady_clock::time_point;

/// Writes a message to a pipe, all of it.
///
/// Errors: unreadable, when the other side is gone; limit, when the message is too long or the
/// deadline passes first.
Status send(int fd, const Message& message, std::optional<Deadline> deadline = {});

/// Reads one message from a pipe; nothing when the other side closed it between two messages.
///
/// Errors: unreadable, when the pipe ends within a message; limit, when the deadline passes first
/// or the message announces too much; malformed, as decode() says.
Expected<std::optional<Message>> receive(int fd, std::optional<Deadline> deadline = {});

}  // namespace panicscan::symbols
