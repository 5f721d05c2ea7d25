// SPDX-License-Identifier: Apache-2.0
// The message that carries a passcode: its text for each channel and locale, built in or the host's
// own, and what a gateway with templates of its own needs instead (rules G-01 … G-06, D-07).
//
// MessageRenderer::Create finds everything that can be wrong with a MessageConfig. Rendering cannot
// fail. docs/messages.md shows all built-in texts; src/rules/data/message_texts.toml holds them.
#ifndef OTPCORE_RULES_MESSAGE_H_
#define OTPCORE_RULES_MESSAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/secret.h"
#include "otpcore/base/text.h"
#include "otpcore/base/time.h"
#include "otpcore/model/channel.h"
#include "otpcore/model/factor.h"
#include "otpcore/rules/locale.h"
#include "otpcore/rules/passcode.h"
#include "otpcore/rules/sms_cost.h"

namespace otpcore {

// Room for the longest SMS, three segments of UCS-2, in UTF-8. Create refuses a configuration with
// a text that could be longer, on any channel.
inline constexpr size_t kMessageBytesMax = 640;
// One text in UTF-8. It holds the passcode, hence a secret type.
using MessageText = SecretText<kMessageBytesMax>;

inline constexpr size_t kBrandBytesMax = 64;

// The subject of an e-mail, one line of UTF-8 without a passcode.
inline constexpr size_t kEmailSubjectBytesMax = 128;
using EmailSubject = InlineText<kEmailSubjectBytesMax>;
// The greatest number that stands for {minutes}; greater ones are shown as this.
inline constexpr int kMessageMinutesMax = 999;

// Own texts by Locale number. Empty: the built-in text of that locale.
//
// A template is one line of UTF-8, in which stand
//   {code}     the passcode; required, exactly once, and exactly twice in a spoken text
//   {brand}    MessageConfig::brand; at most once
//   {minutes}  how many minutes the passcode lives, a number from 1; at most once
// It has no other braces, no control characters, and no '@' at its start. No letter, digit or
// combining mark of any script stands beside {code}, also after the brand is filled in and
// characters that show nothing are left out: a phone would take it for a part of the code.
using MessageTemplates = std::array<std::string, kLocaleCount>;

// How the messages of a deployment look. All text is UTF-8.
struct MessageConfig {
  // Named in every built-in text; 1 … 64 bytes with at least one visible character, no control
  // characters, no '@', '#', '%', '{', '}' or "=?" (the mark of an encoded word in mail), no URL.
  // The default is for tests, and refused in the live environment.
  std::string brand = "Example";
  // For the last line of an SMS, "@host #code", which lets browsers fill the code in (WebOTP). A
  // plain DNS host name in lower case; empty: no such line.
  std::string web_otp_host;
  // The 11 characters that let an Android app read the SMS, on a line of their own; empty: none.
  // Android reads SMS of at most 140 bytes: with a hash, each locale's text must be that short.
  std::string android_app_hash;
  MessageTemplates templates;  // of SMS
  // WhatsApp messages have neither the WebOTP line nor the hash.
  MessageTemplates whatsapp_templates = {};
  // Spoken texts: no link, no '@', and no dot between two letters. The digits of {code} are set
  // apart with the pause of the locale ("1, 2, 3"), so that a voice reads them one by one.
  MessageTemplates voice_templates = {};
};

// Returns the minutes that a message names for a passcode with this life: rounded up, 1 …
// kMessageMinutesMax.
OTPCORE_EXPORT int MessageMinutes(Duration life);

// Renders the texts of one MessageConfig. It owns its copies. Immutable after Create, so any number
// of threads may use it.
class OTPCORE_EXPORT MessageRenderer {
 public:
  // Returns true and fills `*renderer`; or returns false, sets `*problem`, which must not be null,
  // to a sentence for the operator, and leaves `*renderer` unchanged.
  //
  // `digits` (4 … 10) and `minutes` are those of the deployment's passcodes. Lengths are judged
  // with them: an SMS takes at most three segments, and at most kSmsBytesMax bytes when there is an
  // Android hash. The defaults are the longest.
  static bool Create(const MessageConfig& config, MessageRenderer* renderer, std::string* problem,
                     size_t digits = kPasscodeDigitsMax, int minutes = kMessageMinutesMax);

  // All its texts are empty.
  MessageRenderer();

  // Returns the text for `code`, 4 … 10 ASCII digits, that lives for `minutes` (MessageMinutes). An
  // unknown locale is English. kEmail, which has RenderEmail, and an unknown channel give an empty
  // text. Uses no heap.
  MessageText Render(Channel channel, Locale locale, std::string_view code, int minutes) const;
  // Appends it to `*text` instead.
  void Render(Channel channel, Locale locale, std::string_view code, int minutes,
              MessageText* text) const;

  // The subject of an e-mail: the brand and no code (EM-31). A locale without texts is English.
  // Uses no heap.
  EmailSubject RenderSubject(EmailPurpose purpose, Locale locale) const;
  // Appends the text of an e-mail to `*text`: brand, code, minutes, and that nobody will ask for
  // the code. Lines end with LF. No link, no name, and nothing that a tenant or a person typed.
  void RenderEmail(EmailPurpose purpose, Locale locale, std::string_view code, int minutes,
                   MessageText* text) const;

  // Returns what an SMS with a code of `digits` digits costs. Computed on a placeholder, so it
  // depends on no secret.
  SmsCost Cost(Locale locale, size_t digits, int minutes) const;

  std::string_view brand() const { return brand_; }

 private:
  // A text with the places where something is filled in.
  struct Layout {
    enum class Slot : uint8_t { kCode, kSpokenCode, kMinutes };
    static constexpr size_t kSlotsMax = 3;  // two codes and the minutes

    std::string text;                      // without what is filled in
    std::array<uint16_t, kSlotsMax> at{};  // offsets in `text`, in order
    std::array<Slot, kSlotsMax> slots{};
    size_t count = 0;
  };
  static Layout LayOut(std::string_view text, bool spoken);
  // Takes one text in. Returns what is wrong with it, as the end of a sentence; null: nothing.
  const char* TakeText(const MessageConfig& config, Channel channel, size_t locale);
  const Layout* Find(Channel channel, Locale locale) const;

  // kSms, kWhatsApp, kVoice: the channel's number less one.
  std::array<std::array<Layout, kLocaleCount>, 3> layouts_;
  InlineText<kBrandBytesMax> brand_;
};

}  // namespace otpcore

#endif  // OTPCORE_RULES_MESSAGE_H_
