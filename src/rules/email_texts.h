// SPDX-License-Identifier: Apache-2.0
// The built-in subjects and texts of passcodes by e-mail (rules EM-10, EM-31).
#ifndef OTPCORE_SRC_RULES_EMAIL_TEXTS_H_
#define OTPCORE_SRC_RULES_EMAIL_TEXTS_H_

#include <string_view>

#include "otpcore/rules/locale.h"

namespace otpcore {

// With {brand}, {code} and {minutes} in them. The text of a message is `login` or `signup`, then
// `rest`. The code stands on a line of its own, so nothing of a brand can be read as a part of it.
struct EmailTexts {
  Locale locale;
  std::string_view login_subject;
  std::string_view signup_subject;
  std::string_view login;
  std::string_view signup;
  std::string_view rest;
};

// clang-format off
inline constexpr EmailTexts kEmailTexts[] = {
    {Locale::kEn,
     "Your {brand} sign-in code",
     "Your {brand} sign-up code",
     "Your code to sign in to {brand}:\n\n",
     "Your code to sign up for {brand}:\n\n",
     "{code}\n\n"
     "It works once, for {minutes} minutes. Enter it only on the page where you asked for it. "
     "Nobody will ever ask you for this code: do not give it to anyone.\n\n"
     "If you did not ask for it, ignore this message.\n"},
    {Locale::kEs,
     "Tu código de acceso de {brand}",
     "Tu código de registro de {brand}",
     "Tu código para acceder a {brand}:\n\n",
     "Tu código para registrarte en {brand}:\n\n",
     "{code}\n\n"
     "Sirve una sola vez, durante {minutes} minutos. Introdúcelo solo en la página donde lo pediste. "
     "Nadie te pedirá nunca este código: no se lo des a nadie.\n\n"
     "Si no lo pediste, ignora este mensaje.\n"},
    {Locale::kPtBr,
     "Seu código de acesso de {brand}",
     "Seu código de cadastro de {brand}",
     "Seu código para entrar em {brand}:\n\n",
     "Seu código para se cadastrar em {brand}:\n\n",
     "{code}\n\n"
     "Ele funciona uma única vez, por {minutes} minutos. Digite-o somente na página em que você o pediu. "
     "Ninguém jamais pedirá este código a você: não o passe a ninguém.\n\n"
     "Se você não o pediu, ignore esta mensagem.\n"},
    {Locale::kFr,
     "Votre code de connexion {brand}",
     "Votre code d'inscription {brand}",
     "Votre code pour vous connecter à {brand} :\n\n",
     "Votre code pour vous inscrire à {brand} :\n\n",
     "{code}\n\n"
     "Il sert une seule fois, pendant {minutes} minutes. Saisissez-le uniquement sur la page où vous l'avez demandé. "
     "Personne ne vous demandera jamais ce code : ne le donnez à personne.\n\n"
     "Si vous ne l'avez pas demandé, ignorez ce message.\n"},
};
// clang-format on

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_EMAIL_TEXTS_H_
