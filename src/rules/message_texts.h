// SPDX-License-Identifier: Apache-2.0
// Written by `make docs` from data/message_texts.toml; do not edit. A test fails when it is stale.
#ifndef OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_
#define OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_

#include <cstddef>
#include <string_view>

#include "otpcore/rules/locale.h"

namespace otpcore {

// The built-in texts of one locale, with {brand}, {code} and {minutes} in them.
struct BuiltInTexts {
  Locale locale;
  std::string_view name;
  std::string_view sms;
  std::string_view whatsapp;
  std::string_view voice;
  std::string_view pause;  // between two spoken digits
};

// In the order of `Locale`.
// clang-format off
inline constexpr BuiltInTexts kBuiltInTexts[] = {
    {Locale::kEn,
     "en",
     "Your {brand} verification code is {code}",
     "Your {brand} verification code is {code}. It is valid for {minutes} min. Do not share it with anyone.",
     "Hello. Your {brand} verification code is: {code}; once again: {code}",
     ", "},
    {Locale::kEs,
     "es",
     "Tu código de verificación de {brand} es {code}",
     "Tu código de verificación de {brand} es {code}. Caduca en {minutes} min. No lo compartas con nadie.",
     "Hola. Tu código de verificación de {brand} es: {code}; repito: {code}",
     ", "},
    {Locale::kPtBr,
     "pt-br",
     "Seu código de verificação {brand} é {code}",
     "Seu código de verificação {brand} é {code}. Ele expira em {minutes} min. Não compartilhe este código com ninguém.",
     "Olá. Seu código de verificação {brand} é: {code}; repetindo: {code}",
     ", "},
    {Locale::kFr,
     "fr",
     "Votre code de vérification {brand} est {code}",
     "Votre code de vérification {brand} est {code}. Il expire dans {minutes} min. Ne le communiquez à personne.",
     "Bonjour. Votre code de vérification {brand} est : {code} ; je répète : {code}",
     ", "},
    {Locale::kIt,
     "it",
     "Il tuo codice di verifica {brand} è {code}",
     "Il tuo codice di verifica {brand} è {code}. Scade tra {minutes} min. Non condividerlo con nessuno.",
     "Ciao. Il tuo codice di verifica {brand} è: {code}; ripeto: {code}",
     ", "},
    {Locale::kDeDe,
     "de-DE",
     "Ihr Bestätigungscode für {brand} lautet {code}",
     "Ihr Bestätigungscode für {brand} lautet {code}. Er ist {minutes} Min. gültig. Geben Sie ihn an niemanden weiter.",
     "Guten Tag. Ihr Bestätigungscode für {brand} lautet: {code}; ich wiederhole: {code}",
     ", "},
    {Locale::kZhHans,
     "zh-Hans",
     "您的 {brand} 验证码是 {code}",
     "您的 {brand} 验证码是 {code}，{minutes} 分钟内有效，请勿告诉他人。",
     "您好，您的 {brand} 验证码是：{code}。再重复一遍：{code}",
     "、"},
    {Locale::kCaEs,
     "ca-ES",
     "Codi de verificació per a {brand}: {code}",
     "El vostre codi de verificació per a {brand} és {code}. Caduca d'aquí a {minutes} min. No el compartiu amb ningú.",
     "Hola. El vostre codi de verificació per a {brand} és: {code}; ho repetim: {code}",
     ", "},
    {Locale::kJa,
     "ja",
     "{brand} の認証コード: {code}",
     "{brand} の認証コードは {code} です。有効期限は {minutes} 分です。他の人には教えないでください。",
     "こちらは {brand} です。認証コードをお知らせします。{code}。繰り返します。{code}",
     "、"},
    {Locale::kRu,
     "ru",
     "Ваш код подтверждения {brand}: {code}",
     "Ваш код подтверждения {brand}: {code}. Он действует {minutes} мин. Никому его не сообщайте.",
     "Здравствуйте. Ваш код подтверждения {brand}: {code}; повторяю: {code}",
     ", "},
    {Locale::kNl,
     "nl",
     "Uw verificatiecode voor {brand} is {code}",
     "Uw verificatiecode voor {brand} is {code}. De code is {minutes} min. geldig. Deel de code met niemand.",
     "Goedendag. Uw verificatiecode voor {brand} is: {code}; ik herhaal: {code}",
     ", "},
    {Locale::kPl,
     "pl",
     "Twój kod weryfikacyjny {brand} to {code}",
     "Twój kod weryfikacyjny {brand} to {code}. Kod jest ważny {minutes} min. Nie udostępniaj go nikomu.",
     "Dzień dobry. Twój kod weryfikacyjny {brand} to: {code}; powtarzam: {code}",
     ", "},
    {Locale::kTr,
     "tr",
     "{brand} doğrulama kodunuz: {code}",
     "{brand} doğrulama kodunuz: {code}. Kod {minutes} dakika geçerlidir. Kodu kimseyle paylaşmayın.",
     "Merhaba. {brand} doğrulama kodunuz: {code}; tekrar ediyorum: {code}",
     ", "},
    {Locale::kFa,
     "fa",
     "کد تأیید شما در {brand}: {code}",
     "کد تأیید شما در {brand}: {code}. این کد تا {minutes} دقیقه معتبر است. آن را در اختیار کسی قرار ندهید.",
     "سلام. کد تأیید شما در {brand}: {code}؛ تکرار می‌کنم: {code}",
     "، "},
    {Locale::kVi,
     "vi",
     "Mã xác minh {brand} của bạn là {code}",
     "Mã xác minh {brand} của bạn là {code}. Mã có hiệu lực trong {minutes} phút. Không chia sẻ mã này với bất kỳ ai.",
     "Xin chào. Mã xác minh {brand} của bạn là: {code}; xin nhắc lại: {code}",
     ", "},
    {Locale::kCs,
     "cs",
     "Váš ověřovací kód {brand} je {code}",
     "Váš ověřovací kód {brand} je {code}. Platí {minutes} min. Nikomu ho nesdělujte.",
     "Dobrý den. Váš ověřovací kód {brand} je: {code}; opakuji: {code}",
     ", "},
};
// clang-format on

// Whether each text stands at the place of its locale's number.
constexpr bool TextsAreInOrder() {
  size_t number = 0;
  for (const BuiltInTexts& texts : kBuiltInTexts) {
    if (static_cast<size_t>(texts.locale) != number++) return false;
  }
  return number == kLocaleCount;
}
static_assert(TextsAreInOrder(),
              "the sections of message_texts.toml are not those of Locale, in its order");

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_
