// SPDX-License-Identifier: Apache-2.0
// The texts of passcodes by e-mail (rules EM-10, EM-31, EM-32).
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "otpcore/rules/message.h"
#include "rules/email_texts.h"
#include "rules/language_tag.h"

namespace otpcore {
namespace {

constexpr size_t kCount = std::size(kEmailTexts);

// Those of English for a locale without texts.
const EmailTexts& TextsOf(Locale locale) {
  const EmailTexts* const found =
      std::find_if(std::begin(kEmailTexts), std::end(kEmailTexts),
                   [locale](const EmailTexts& texts) { return texts.locale == locale; });
  return found == std::end(kEmailTexts) ? kEmailTexts[0] : *found;
}

struct Slots {
  std::string_view brand, code, minutes;
};

// Appends `words` to `*text`, with its slots filled in.
template <typename Text>
void Fill(std::string_view words, const Slots& slots, Text append) {
  const std::pair<std::string_view, std::string_view> all[] = {
      {"{brand}", slots.brand}, {"{code}", slots.code}, {"{minutes}", slots.minutes}};
  while (!words.empty()) {
    const size_t brace = std::min(words.find('{'), words.size());
    append(words.substr(0, brace));
    words.remove_prefix(brace);
    for (const auto& [name, value] : all) {
      if (words.substr(0, name.size()) != name) continue;
      append(value);
      words.remove_prefix(name.size());
      break;
    }
  }
}

}  // namespace

bool ParseEmailLocale(std::string_view tag, Locale* locale) {
  std::array<std::string_view, kCount> names;
  for (size_t i = 0; i < kCount; ++i) names[i] = LocaleName(kEmailTexts[i].locale);
  LanguageTag read;
  if (!ReadLanguageTag(tag, &read)) return false;
  const size_t found = LookUpLanguageTag(tag, read.language, names.data(), names.size());
  if (found == names.size()) return false;
  *locale = kEmailTexts[found].locale;
  return true;
}

EmailSubject MessageRenderer::RenderSubject(EmailPurpose purpose, Locale locale) const {
  const EmailTexts& texts = TextsOf(locale);
  char subject[kEmailSubjectBytesMax];
  size_t size = 0;
  Fill(purpose == EmailPurpose::kSignup ? texts.signup_subject : texts.login_subject,
       {brand_.view(), {}, {}}, [&](std::string_view part) {
         const size_t taken = std::min(part.size(), sizeof subject - size);
         std::copy_n(part.begin(), taken, subject + size);
         size += taken;
       });
  return std::string_view(subject, size);
}

void MessageRenderer::RenderEmail(EmailPurpose purpose, Locale locale, std::string_view code,
                                  int minutes, MessageText* text) const {
  char digits[8];
  const auto end = std::to_chars(std::begin(digits), std::end(digits),
                                 std::clamp(minutes, 1, kMessageMinutesMax))
                       .ptr;
  const Slots slots = {brand_.view(), code,
                       std::string_view(digits, static_cast<size_t>(end - digits))};
  const EmailTexts& texts = TextsOf(locale);
  const auto append = [text](std::string_view part) { text->Append(part); };
  Fill(purpose == EmailPurpose::kSignup ? texts.signup : texts.login, slots, append);
  Fill(texts.rest, slots, append);
}

}  // namespace otpcore
