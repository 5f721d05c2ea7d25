// SPDX-License-Identifier: Apache-2.0
// Locale: the languages that have built-in message texts, and how a request's `locale` finds one
// (rules G-01, S-18).
//
// To add a locale:
// 1. Append it to `Locale`, with the next number, and raise kLocaleCount. The name of the
//    enumerator is the language tag without its hyphens: "pt-br" is kPtBr.
// 2. Append its section to src/rules/data/message_texts.toml, which explains itself.
// 3. Run `make docs`. It writes src/rules/message_texts.h and docs/messages.md.
// 4. Name it in tests/rules/locale_test.cc, in fuzz/locale.cc and in rule G-01 of docs/rules.md.
// Enumerators and sections that do not fit each other do not compile.
#ifndef OTPCORE_RULES_LOCALE_H_
#define OTPCORE_RULES_LOCALE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"

namespace otpcore {

// Stable numbers, append only.
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

// "en", "pt-br", "de-DE" …, exactly as the wire has them; empty for a number that is no locale.
OTPCORE_EXPORT std::string_view LocaleName(Locale locale);

// Finds the locale of a language tag by RFC 4647 lookup, without regard to ASCII case: the locale
// of that name; else the tag loses subtags at its end until a locale has its name; else the first
// locale of its language. So "en-US" is en, "de" and "de-AT" are de-DE, "pt" is pt-br.
//
// Chinese: only simplified characters have a text. "zh" with the script Hant finds nothing, nor
// does "zh" without a script and with the region TW, HK or MO. Every other "zh" is zh-Hans.
//
// Returns false, and leaves `*locale` unchanged, when nothing is found or `tag` is no well-formed
// tag of RFC 5646: "", "en_US", "en-". Uses no heap. Takes time linear in the length of `tag`,
// times kLocaleCount.
OTPCORE_EXPORT bool ParseLocale(std::string_view tag, Locale* locale);

// The same among the locales of e-mails: en, es, pt-br and fr (EM-10).
OTPCORE_EXPORT bool ParseEmailLocale(std::string_view tag, Locale* locale);

}  // namespace otpcore

#endif  // OTPCORE_RULES_LOCALE_H_
