// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/email_address.h"

#include <algorithm>

namespace otpcore {
namespace {

constexpr size_t kLocalBytesMax = 64;
constexpr size_t kLabelBytesMax = 63;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetterOrDigit(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// RFC 5322's atext.
bool IsAtomText(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  return IsLetterOrDigit(c) || kMarks.find(c) != std::string_view::npos;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Takes what stands before the first dot of `*text` off, with the dot. `*more`: there was one.
std::string_view TakeUntilDot(std::string_view* text, bool* more) {
  const size_t dot = text->find('.');
  *more = dot != std::string_view::npos;
  const std::string_view part = text->substr(0, dot);
  text->remove_prefix(*more ? dot + 1 : text->size());
  return part;
}

bool IsLocalPart(std::string_view text) {
  if (text.size() > kLocalBytesMax || text.substr(0, 1) == "-" ||
      text.find("=?") != std::string_view::npos)
    return false;
  for (bool more = true; more;) {
    const std::string_view atom = TakeUntilDot(&text, &more);
    if (atom.empty() || !std::all_of(atom.begin(), atom.end(), IsAtomText)) return false;
  }
  return true;
}

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax || label.front() == '-' || label.back() == '-')
    return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLetterOrDigit(c) || c == '-'; });
}

bool IsDomain(std::string_view text) {
  size_t labels = 0;
  for (bool more = true; more; ++labels) {
    const std::string_view label = TakeUntilDot(&text, &more);
    if (!IsLabel(label)) return false;
    if (!more && std::all_of(label.begin(), label.end(), IsDigit)) return false;
  }
  return labels >= 2;
}

}  // namespace

bool IsEmailAddress(std::string_view text) {
  if (text.size() > kEmailBytesMax) return false;
  const size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  return IsLocalPart(text.substr(0, at)) && IsDomain(text.substr(at + 1));
}

Address CanonicalEmail(std::string_view address) {
  char text[kEmailBytesMax];
  const size_t size = std::min(address.size(), sizeof text);
  std::transform(address.begin(), address.begin() + size, text, Lower);
  return std::string_view(text, size);
}

Address EmailCountingKey(std::string_view address) {
  const Address canonical = CanonicalEmail(address);
  const std::string_view whole = canonical.view();
  const size_t at = std::min(whole.find('@'), whole.size());
  char text[kEmailBytesMax];
  size_t size = 0;
  for (const char c : whole.substr(0, std::min(at, whole.find('+')))) {
    if (c != '.') text[size++] = c;
  }
  if (size == 0) return canonical;
  const std::string_view domain = whole.substr(at);
  std::copy(domain.begin(), domain.end(), text + size);
  return std::string_view(text, size + domain.size());
}

bool DomainIsOneOf(std::string_view address, const std::vector<std::string>& domains) {
  const size_t at = std::min(address.find('@'), address.size());
  if (address.size() - at < 2) return false;  // none, or nothing behind it
  const std::string_view domain = address.substr(at + 1);
  return std::any_of(domains.begin(), domains.end(), [domain](const std::string& one) {
    return std::equal(one.begin(), one.end(), domain.begin(), domain.end(),
                      [](char a, char b) { return Lower(a) == Lower(b); });
  });
}

}  // namespace otpcore
