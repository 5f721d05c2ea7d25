// SPDX-License-Identifier: Apache-2.0
#include "email_clients.h"

#include <algorithm>
#include <cctype>

#include "email_addresses.h"

namespace otpcore {
namespace simulation {
namespace {

std::string Canonical(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<uint8_t>(c))); });
  return text;
}

}  // namespace

std::string Shouted(std::string address) {
  std::transform(address.begin(), address.end(), address.begin(),
                 [](char c) { return static_cast<char>(std::toupper(static_cast<uint8_t>(c))); });
  return address;
}

// Mostly that of the Member whom the call aims at.
void EmailClients::PickAddress(Draw* draw, Call* call) const {
  const uint32_t what = draw->Below(100);
  call->email = SightOf(*call).email;
  if (what < 8 || call->email.empty())
    call->email = kFreshAddresses[draw->Below(static_cast<uint32_t>(kFreshAddresses.size()))];
  if (what >= 8 && what < 14) call->email = Shouted(call->email);
  if (what == 98)
    call->email = kNoAddresses[draw->Below(static_cast<uint32_t>(kNoAddresses.size()))];
  if (what == 99) call->email.clear();
}

void EmailClients::MakeSend(Draw* draw, Call* call) const {
  call->just_in_time =
      draw->Chance(3, 4) ? JustInTime::kAllow : static_cast<JustInTime>(draw->Below(3));
  if (draw->Chance(1, 4)) call->login_template = "welcome";
  if (draw->Chance(1, 4)) call->signup_template = "join";
  if (draw->Chance(1, 60)) call->signup_template.assign(129, 't');
  const auto minutes = [&] {
    if (draw->Chance(1, 12)) return draw->Chance(1, 2) ? 1 : mail_.minutes_max + 1;
    return draw->Chance(1, 2) ? 2 : mail_.minutes_max;
  };
  if (draw->Chance(1, 3)) call->login_minutes = minutes();
  if (draw->Chance(1, 3)) call->signup_minutes = minutes();
  static constexpr const char* kLocales[] = {"en", "ES", "pt-br", "fr", "DE-de", "xx"};
  if (draw->Chance(1, 10)) call->locale = kLocales[draw->Below(6)];
}

void EmailClients::AddMailCode(Draw* draw, Call* call) {
  const std::vector<std::string>& own =
      ArrivedAt(MailboxOf(call->organization, Canonical(call->email)));
  const uint32_t what = draw->Below(100);
  std::string wrong;
  for (int i = 0; i < mail_.digits; ++i) wrong += static_cast<char>('0' + draw->Below(10));
  const std::string& another = AnyArrived(draw);
  call->code = wrong;
  if (what < 50 && !own.empty()) call->code = own.back();
  if (what >= 50 && what < 58 && own.size() > 1) call->code = own[own.size() - 2];
  if (what >= 58 && what < 64 && !own.empty())
    call->code = own[draw->Below(static_cast<uint32_t>(own.size()))];
  if (what >= 64 && what < 70 && !another.empty()) call->code = another;
  if (what == 95) call->code = wrong + "0";
  if (what == 96) call->code = wrong.substr(1);
  if (what == 97) call->code = "12a4";
  if (what == 98) call->code = "";
  if (what == 99) call->code.reset();
}

Calling EmailClients::Next(Draw* draw) {
  if (!draw->Chance(mail_.share, 100)) return TotpClients::Next(draw);
  if (may_repeat() && draw->Chance(1, 10)) return Again(draw);
  Calling calling;
  Call& call = calling.call;
  Aim(draw, &call);
  PickAddress(draw, &call);
  // Mostly who got a code types it at once.
  const std::string prefix = MailboxOf("", "").substr(0, 5);
  const bool waits = latest().compare(0, prefix.size(), prefix) == 0 &&
                     latest()[prefix.size()] != '/' && draw->Chance(2, 3);
  if (waits) {
    const size_t slash = latest().find('/');
    call.organization = latest().substr(prefix.size(), slash - prefix.size());
    call.email = latest().substr(slash + 1);
  }
  if (!waits && draw->Chance(3, 4)) {
    call.verb = Verb::kSendEmail;
    MakeSend(draw, &call);
  } else {
    call.verb = Verb::kAuthenticateEmail;
    AddSession(draw, false, &calling);
    if (calling.session && draw->Chance(1, 12))
      calling.session->organization = call.organization == "acme" ? "umbra" : "acme";
    AddMailCode(draw, &call);
    AddDevice(draw, &call);
    if (draw->Chance(1, 4)) call.session_id = "i" + std::to_string(draw->Below(40));
    if (draw->Chance(1, 20)) call.locale = draw->Chance(1, 2) ? "DE-de" : "xx";
    if (draw->Chance(1, 20)) call.minutes = draw->Chance(2, 3) ? 5 : 4;
  }
  call.member.clear();  // no field of these calls
  Rename(draw, &call);
  Remember(call);
  return calling;
}

void EmailClients::ChangeField(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  if (!IsOfEmail(call->verb)) return TotpClients::ChangeField(draw, calling);
  const bool sends = call->verb == Verb::kSendEmail;
  switch (draw->Below(5)) {
    case 0: call->email = Shouted(call->email); return;
    case 1: call->email = "m" + std::to_string(draw->Below(members())) + "@example.com"; return;
    case 2:
      if (sends)
        call->just_in_time = static_cast<JustInTime>(draw->Below(3));
      else
        call->session = SessionArguments();
      return;
    case 3: call->locale = call->locale.empty() ? "en" : ""; return;
    default:
      if (sends)
        call->login_minutes = call->login_minutes ? 2 : mail_.minutes_max;
      else
        AddMailCode(draw, call);
      return;
  }
}

}  // namespace simulation
}  // namespace otpcore
