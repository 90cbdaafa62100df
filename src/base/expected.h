#pragma once

#include <cassert>
#include <utility>
#include <variant>

#include "base/error.h"

namespace panicscan {

/// A value, or the Error that explains why there is none.
///
/// Member names are those of std::expected, so that C++23 can replace this by an alias.
template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Expected(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  const T& value() const& { return *std::get_if<0>(checked(0)); }
  T& value() & { return const_cast<T&>(std::as_const(*this).value()); }
  T&& value() && { return std::move(value()); }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(value()); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  const Error& error() const& { return *std::get_if<1>(checked(1)); }
  Error&& error() && { return std::move(const_cast<Error&>(std::as_const(*this).error())); }

 private:
  const std::variant<T, Error>* checked([[maybe_unused]] std::size_t index) const {
    assert(state_.index() == index);
    return &state_;
  }

  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
using Status = Expected<std::monostate>;

}  // namespace panicscan
