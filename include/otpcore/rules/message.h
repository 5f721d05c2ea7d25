// SPDX-License-Identifier: Apache-2.0
// The text of the SMS: 16 languages, the WebOTP last line, the Android hash, a host's own
// templates, and what it costs on the air (rules G-01 … G-05, S-18).
//
// Everything that can be wrong with the configuration is found by `MessageRenderer::Create`;
// rendering cannot fail.
#ifndef OTPCORE_RULES_MESSAGE_H_
#define OTPCORE_RULES_MESSAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/secret.h"

namespace otpcore {

// Stable numbers, append only. Wire names: `LocaleName`.
enum class Locale : uint8_t {
  kEn = 0,
  kEs = 1,
  kPtBr = 2,
  kFr = 3,
  kIt = 4,
  kDeDe = 5,
  kZhHans = 6,
  kCaEs = 7,
  kJa = 8,
  kRu = 9,
  kNl = 10,
  kPl = 11,
  kTr = 12,
  kFa = 13,
  kVi = 14,
  kCs = 15,
};
inline constexpr size_t kLocaleCount = 16;

// "en", "pt-br", "de-DE" …, exactly as the wire has them.
OTPCORE_EXPORT std::string_view LocaleName(Locale locale);
// Matches without regard to ASCII case. False when unknown; `*locale` is then unchanged.
OTPCORE_EXPORT bool ParseLocale(std::string_view name, Locale* locale);

// Room for three UCS-2 segments in UTF-8; a configuration that could exceed it is refused.
inline constexpr size_t kMessageBytesMax = 640;
// The text of one SMS in UTF-8. It holds the passcode, hence a secret type.
using MessageText = SecretText<kMessageBytesMax>;

enum class SmsEncoding : uint8_t { kGsm7 = 1, kUcs2 = 2 };

// What a text costs: GSM 03.38 with its extension table where every character is in it, else UCS-2.
struct SmsCost {
  SmsEncoding encoding = SmsEncoding::kGsm7;
  size_t units = 0;  // septets (an extension character takes two) or UTF-16 units
  size_t segments =
      0;  // 160 septets or 70 units; joined ones 153 or 67, never splitting a character
};

// Malformed UTF-8 counts as one U+FFFD for each bad byte. Thread-safe.
OTPCORE_EXPORT SmsCost MeasureSms(std::string_view utf8);

// How the messages of a deployment look. All text is UTF-8.
struct MessageConfig {
  // Named in every text; 1 … 64 bytes, no control characters, no '@', '#', '%', '{' or '}', no URL.
  // The default is for tests, and refused in the live environment.
  std::string brand = "Example";
  // For the WebOTP last line "@host #code"; a plain DNS host name in lower case; empty: no such
  // line.
  std::string web_otp_host;
  // The 11 characters that let an Android app read the SMS, on a line of their own; empty: none.
  std::string android_app_hash;
  // Own text per Locale number; must contain "{code}" once, may contain "{brand}" once, no other
  // braces, no control characters and no '@' at its start. Empty: the built-in text.
  std::array<std::string, kLocaleCount> templates;
};

// Renders. Immutable after Create, so any number of threads may use it; it owns its copies.
class OTPCORE_EXPORT MessageRenderer {
 public:
  // Returns true and fills `*renderer`, or returns false and sets `*problem`, which must not be
  // null, to a sentence for the operator.
  static bool Create(const MessageConfig& config, MessageRenderer* renderer, std::string* problem);

  MessageRenderer();

  // `code` is 4 … 10 ASCII digits. No heap is used.
  MessageText Render(Locale locale, std::string_view code) const;
  // Encoding and segments of any text of that language with a code of `digits` digits, computed on
  // a placeholder so that it depends on no secret (R-04).
  SmsCost Cost(Locale locale, size_t digits) const;

 private:
  // The text before and after the code, and the tail that repeats it for WebOTP.
  struct Parts {
    std::string before;
    std::string after;
    std::string before_origin_code;  // "\n@host #", or empty
    std::string tail;  // "\n<hash>" or empty; placed before the origin line, which must be last
  };
  std::array<Parts, kLocaleCount> parts_;
};

}  // namespace otpcore

#endif  // OTPCORE_RULES_MESSAGE_H_
