#include "render/paint.h"

#include <array>

namespace panicscan::render {
namespace {

/// SGR codes of the eight standard colours only, so that they follow the terminal's theme.
/// Source: ECMA-48, 8.3.117.
struct RoleCode {
  Role role;
  std::string_view code;
};
constexpr std::array kCodes{
    RoleCode{Role::heading, "1;36"}, RoleCode{Role::title, "1"}, RoleCode{Role::strong, "1;33"},
    RoleCode{Role::bad, "31"},       RoleCode{Role::good, "32"}, RoleCode{Role::caution, "33"},
    RoleCode{Role::foreign, "1;35"}, RoleCode{Role::quiet, "2"},
};

}  // namespace

TerminalText Painter::operator()(Role role, const TerminalText& text) const {
  if (!color_ || text.empty()) return text;
  for (const RoleCode& row : kCodes)
    if (row.role == role) return wrap_code(row.code, text);
  return text;
}

}  // namespace panicscan::render
