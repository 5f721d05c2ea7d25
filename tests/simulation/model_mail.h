// SPDX-License-Identifier: Apache-2.0
// What passcodes by e-mail have in common in the model, a Member's and those of an address outside
// any Organization (rules EM-01, EM-05, EM-09, EM-10, EM-12, EM-21, L-12).
#ifndef OTPCORE_TESTS_SIMULATION_MODEL_MAIL_H_
#define OTPCORE_TESTS_SIMULATION_MODEL_MAIL_H_

#include <optional>
#include <string>

#include "model.h"

namespace otpcore {
namespace simulation {

ModelBudget BudgetOfMail(const Policy& policy);  // L-12
// Of the addresses that clients have.
ErrorCode AddressShape(const std::string& email);
bool IsMailLocale(const std::string& locale);
bool IsMailLife(const Policy& policy, const std::optional<int>& minutes);

// True: `*expected` refuses, and tells so.
bool RefusesLockedMail(const Question& question, const ModelMail& mail, Expected* expected);
// From the lock on. `asks_for`: what the guard is asked for; empty: it is not asked. False:
// `*expected` asks it, or refuses.
bool MayBeMailed(const Question& question, const ModelMail& mail, const std::string& asks_for,
                 Expected* expected);
void IssueMail(const Question& question, EmailPurpose purpose, const std::optional<int>& minutes,
               ModelMail* mail, Expected* expected);

// What the call's code is. kRefused: `*expected` has the answer; else it has the error, and the
// code is counted by the functions below.
enum class MailCode { kRefused, kExpired, kWrong, kRight };
MailCode JudgeCode(const Question& question, const ModelMail& mail, Expected* expected);
void ExpireMail(ModelMail* mail, Expected* expected);
void CountWrongMail(const Question& question, ModelMail* mail, Expected* expected);

// ---- Members that are found by their address ----

// EM-08. `member`: null when nobody has the address.
ErrorCode MethodError(const ModelOrganization& org, const ModelMember* member);
ErrorCode WordError(JustInTime word);  // EM-07
// The id that this operation gives the Member whom it makes: a repetition finds them by it.
std::string IdOfMade(const Question& question);
// Who is made with the address, pending; null, and `*expected` refuses: their id is used up.
std::shared_ptr<ModelMember> MadeWith(const Question& question, const ModelOrganization& org,
                                      const std::string& email, Expected* expected);

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_MODEL_MAIL_H_
