// SPDX-License-Identifier: Apache-2.0
// Prints docs/messages.md: every language's text and what it costs on the air (rules G-01 … G-03).
#include <iostream>
#include <string>

#include "otpcore/rules/message.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace)

void Row(const MessageRenderer& plain, const MessageRenderer& with_host, Locale locale) {
  constexpr SecretAccess kAccess("the code is made up");
  const SmsCost cost = plain.Cost(locale, 6);
  const SmsCost longest = with_host.Cost(locale, 6);
  std::cout << "| " << LocaleName(locale) << " | " << plain.Render(locale, "123456").Reveal(kAccess)
            << " | " << (cost.encoding == SmsEncoding::kGsm7 ? "GSM-7" : "UCS-2") << " | "
            << cost.units << " | " << cost.segments << " | " << longest.units << " | "
            << longest.segments << " |\n";
}

}  // namespace

int main() {
  MessageRenderer plain;
  MessageRenderer with_host;
  std::string problem;
  if (!MessageRenderer::Create({"Example", "", "", {}}, &plain, &problem) ||
      !MessageRenderer::Create({"Brand of 20 letters!", "login.accounts.example-bank.eu", "", {}},
                               &with_host, &problem)) {
    std::cerr << problem << "\n";
    return 1;
  }
  std::cout
      << "# Messages\n\n"
         "Written by `make docs` from `src/rules/message_texts.h`; a test fails when it is stale. "
         "Units "
         "are septets for GSM-7\nand UTF-16 units for UCS-2. The last two columns are for a brand "
         "of 20 and a WebOTP host of 30 characters,\nwhose line `@host #code` comes last.\n\n"
         "| locale | text | encoding | units | segments | longest: units | segments |\n"
         "|---|---|---|---|---|---|---|\n";
  for (size_t i = 0; i < kLocaleCount; ++i) Row(plain, with_host, static_cast<Locale>(i));
  std::cout
      << "\nA message names the brand and the code and nothing else. The code is in ASCII digits "
         "and stands last, so that\nphones find it and right-to-left text cannot reorder it. "
         "Accents are kept: a language whose letters are not in\nGSM-7 costs UCS-2, which at this "
         "length is still one or two segments.\n\n"
         "Own texts go into `MessageConfig::templates`, one for each locale: `{code}` once, "
         "`{brand}` at most once, one line,\nno other braces. Whatever could forge a second "
         "autofill line is refused when the Config is made.\n";
}
