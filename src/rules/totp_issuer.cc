// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/totp_issuer.h"

#include "base/utf8.h"
#include "rules/typed_text.h"

namespace otpcore {

std::optional<std::string> CheckIssuer(std::string_view issuer) {
  size_t characters = 0;
  bool is_visible = false;
  while (!issuer.empty()) {
    std::string_view rest = issuer;
    const uint32_t point = NextCodePoint(&rest);
    if (point == kMalformed || IsControl(point))
      return "The TOTP issuer must be well-formed UTF-8 without control characters.";
    if (point == ':') return "The TOTP issuer may not contain a colon.";
    is_visible |= NextTyped(&issuer).kind != TypedCharacter::Kind::kSeparator;
    ++characters;
  }
  if (characters < 1 || characters > kTotpIssuerCharactersMax)
    return "The TOTP issuer must have 1 to 64 characters.";
  if (!is_visible) return "The TOTP issuer must have a visible character.";
  return std::nullopt;
}

}  // namespace otpcore
