// SPDX-License-Identifier: Apache-2.0
// E-mail addresses as text: what is one, its canonical form, the key that sends are counted by, its
// domain; and locales of messages (EM-01, EM-02, EM-10, EM-22).
#include "otpcore/rules/email_address.h"

#include <algorithm>
#include <string>

#include "fuzz.h"
#include "otpcore/rules/message.h"

namespace otpcore {
namespace {

bool IsLetterOrDigit(char c) {
  return fuzz::IsDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool IsOf(char c, std::string_view marks) { return marks.find(c) != std::string_view::npos; }

// EM-01 byte by byte, as a second opinion.
bool HasShape(std::string_view text) {
  if (text.size() > 254) return false;
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text[0] == '-') return false;
  char before = '.';
  for (const char c : text.substr(0, at)) {
    if (c == '.' && before == '.') return false;
    if (c == '?' && before == '=') return false;
    if (c != '.' && !IsLetterOrDigit(c) && !IsOf(c, "!#$%&'*+-/=?^_`{|}~")) return false;
    before = c;
  }
  if (before == '.') return false;
  size_t labels = 0, size = 0;
  bool digits_only = true;
  before = '.';
  for (const char c : std::string(text.substr(at + 1)) + ".") {
    if (c == '.') {
      if (size == 0 || size > 63 || before == '-') return false;
      ++labels;
      size = 0;
      before = '.';
      continue;
    }
    if (size == 0) digits_only = true;
    if (!IsLetterOrDigit(c) && (c != '-' || size == 0)) return false;
    digits_only = digits_only && fuzz::IsDigit(c);
    ++size;
    before = c;
  }
  return labels >= 2 && !digits_only;
}

std::string InOtherCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
    else if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

void CheckAddress(const std::string& text) {
  const Address canonical = CanonicalEmail(text);
  const std::string_view lower = canonical.view();
  FUZZ_CHECK(lower.size() == text.size() && IsEmailAddress(lower));
  FUZZ_CHECK(CanonicalEmail(lower) == canonical);
  FUZZ_CHECK(CanonicalEmail(InOtherCase(text)) == canonical && IsEmailAddress(InOtherCase(text)));
  for (const char c : lower) FUZZ_CHECK(c > ' ' && c < 0x7F && (c < 'A' || c > 'Z'));
  // A key has the address's domain, no dot and no tag before it, and is its own key.
  const std::string key(EmailCountingKey(text).view());
  const std::string domain(lower.substr(lower.find('@')));
  FUZZ_CHECK(EmailCountingKey(key).view() == key &&
             EmailCountingKey(InOtherCase(text)).view() == key);
  FUZZ_CHECK(key.size() > domain.size() && key.substr(key.size() - domain.size()) == domain);
  const std::string local = key.substr(0, key.size() - domain.size());
  FUZZ_CHECK(key == lower || (!local.empty() && local.find_first_of(".+@") == std::string::npos));
  // Another tag is counted as the same.
  if (lower.find('@') < 60 && lower.size() < 250)
    FUZZ_CHECK(EmailCountingKey(local + "+x" + domain).view() == key || key == lower);
  FUZZ_CHECK(DomainIsOneOf(text, {"else.example", InOtherCase(domain.substr(1))}));
  FUZZ_CHECK(!DomainIsOneOf(text, {domain, "sub." + domain.substr(1), ""}));
}

void CheckText(const std::string& text) {
  const bool is_one = IsEmailAddress(text);
  FUZZ_CHECK(is_one == HasShape(text));
  // Whatever it is, nothing reads past its end or grows.
  FUZZ_CHECK(CanonicalEmail(text).view().size() <= std::min<size_t>(text.size(), 254));
  FUZZ_CHECK(EmailCountingKey(text).view().size() <= 254);
  static_cast<void>(DomainIsOneOf(text, {"example.com"}));
  if (is_one) CheckAddress(text);
  Locale locale = Locale::kEn;
  if (!ParseEmailLocale(text, &locale)) return;
  const std::string_view name = LocaleName(locale);
  FUZZ_CHECK(name == "en" || name == "es" || name == "pt-br" || name == "fr");
  Locale again = Locale::kEn;
  FUZZ_CHECK(ParseEmailLocale(name, &again) && again == locale);
}

}  // namespace
}  // namespace otpcore

// Input: the text; or after a zero byte each, a local part, how often it stands, and a domain.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  otpcore::fuzz::Input input(data, size);
  std::string text;
  if (size > 0 && data[0] == 0) {  // lengths near their limits
    input.Byte();
    const std::string local(input.Until('\0'));
    for (int i = 1 + input.Below(70); i > 0 && text.size() < 300; --i) text += local;
    text += '@';
    const std::string label(input.Until('\0'));
    for (int i = 1 + input.Below(70); i > 0 && text.size() < 400; --i) text += label;
  }
  text += std::string(input.Rest());  // a copy of its own, so that a read past the end is seen
  otpcore::CheckText(text);
  return 0;
}
