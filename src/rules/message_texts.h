// SPDX-License-Identifier: Apache-2.0
// The built-in text of each language, in the order of `Locale`. Each names the brand and the code
// and nothing else that a phisher could use (G-02): no link, no sum, no sender to call back.
//
// Forms of address: where a language has two, the polite one, which no reader takes amiss from a
// company; Spanish and Italian services say "tú" and "tu" to their users, so these do. The code is
// always in ASCII digits and stands last, where phones and screen readers find it and where
// right-to-left text (fa) cannot reorder it.
#ifndef OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_
#define OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_

#include <string_view>

#include "otpcore/rules/message.h"

namespace otpcore {

struct BuiltInText {
  std::string_view locale;
  std::string_view text;
};

inline constexpr BuiltInText kBuiltInTexts[kLocaleCount] = {
    {"en", "Your {brand} verification code is {code}"},
    {"es", "Tu código de verificación de {brand} es {code}"},
    {"pt-br", "Seu código de verificação {brand} é {code}"},
    {"fr", "Votre code de vérification {brand} est {code}"},
    {"it", "Il tuo codice di verifica {brand} è {code}"},
    {"de-DE", "Ihr Bestätigungscode für {brand} lautet {code}"},
    {"zh-Hans", "您的 {brand} 验证码是 {code}"},
    {"ca-ES", "El vostre codi de verificació de {brand} és {code}"},
    {"ja", "{brand} の認証コード: {code}"},
    {"ru", "Ваш код подтверждения {brand}: {code}"},
    {"nl", "Uw verificatiecode voor {brand} is {code}"},
    {"pl", "Twój kod weryfikacyjny {brand} to {code}"},
    {"tr", "{brand} doğrulama kodunuz: {code}"},
    {"fa", "کد تأیید شما در {brand}: {code}"},
    {"vi", "Mã xác minh {brand} của bạn là {code}"},
    {"cs", "Váš ověřovací kód {brand} je {code}"},
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_
