// SPDX-License-Identifier: Apache-2.0
#include "discovery_clients.h"

#include <algorithm>

#include "email_addresses.h"

namespace otpcore {
namespace simulation {

void DiscoveryClients::PickDiscovered(Draw* draw, Call* call) const {
  // Mostly one address, so that its limits are met.
  const uint32_t what = draw->Below(100);
  const uint32_t member = draw->Below(members());
  call->email = "m" + std::to_string(what < 70 ? 0 : member) + "@example.com";
  if (what < 15)
    call->email = kFreshAddresses[draw->Below(static_cast<uint32_t>(kFreshAddresses.size()))];
  if (what >= 25 && what < 35) call->email = Shouted(call->email);
  if (what == 98)
    call->email = kNoAddresses[draw->Below(static_cast<uint32_t>(kNoAddresses.size()))];
  if (what == 99) call->email.clear();
}

// Of no Member and with the address of `call`, mostly; else it is one that may not be used so.
NewSession DiscoveryClients::MakeSession(Draw* draw, const Call& call) {
  NewSession session;
  const uint32_t what = draw->Below(100);
  session.address = call.email.empty() ? SightOf(call).email : call.email;
  if (what < 12) session.address = "m" + std::to_string(draw->Below(4)) + "@example.com";
  if (what >= 12 && what < 20)
    session.address = kFreshAddresses[draw->Below(static_cast<uint32_t>(kFreshAddresses.size()))];
  if (what >= 20 && what < 30) session.address = Shouted(session.address);
  if (what >= 30 && what < 34) session.address.clear();
  session.email_primary = !draw->Chance(1, 8);
  session.host_primary = draw->Chance(1, 6);
  session.sms = draw->Chance(1, 16);
  session.totp = draw->Chance(1, 30);
  return session;
}

void DiscoveryClients::MakeExchange(Draw* draw, Calling* calling) {
  Call& call = calling->call;
  call.verb = Verb::kExchange;
  call.email.clear();
  if (!tokens_.empty() && draw->Chance(3, 5)) {  // often one that was exchanged already (SE-06)
    const auto newest = static_cast<uint32_t>(std::min<size_t>(tokens_.size(), 3));
    call.session.intermediate_session_token = tokens_[tokens_.size() - 1 - draw->Below(newest)];
  } else if (!draw->Chance(1, 20)) {
    NewSession session = MakeSession(draw, call);
    session.value = "d" + std::to_string(++made_);
    if (draw->Chance(1, 2)) session.id = "j" + std::to_string(made_);
    if (draw->Chance(2, 5)) {  // of a Member, here or elsewhere
      session.organization = draw->Chance(1, 2) ? "acme" : "umbra";
      session.member = draw->Chance(1, 6) ? "m0" : call.member;
    }
    call.session.intermediate_session_token = session.value;
    if (!draw->Chance(1, 20)) calling->session = session;  // else: nobody knows it
    tokens_.push_back(session.value);
  }
  call.just_in_time =
      draw->Chance(3, 4) ? JustInTime::kAllow : static_cast<JustInTime>(draw->Below(3));
  AddDevice(draw, &call);
  if (draw->Chance(1, 4)) call.session_id = "i" + std::to_string(draw->Below(40));
  if (draw->Chance(1, 20)) call.locale = draw->Chance(1, 2) ? "DE-de" : "xx";
  if (draw->Chance(1, 20)) call.minutes = draw->Chance(2, 3) ? 5 : 4;
}

void DiscoveryClients::MakeReport(Draw* draw, Call* call) const {
  call->verb = Verb::kReportDiscovery;
  const auto newest = static_cast<uint32_t>(std::min<size_t>(sent_.size(), 3));
  const auto& [address, challenge] = sent_[sent_.size() - 1 - draw->Below(newest)];
  if (!draw->Chance(1, 10)) call->email = address;
  call->challenge = challenge;
  call->delivery.kind = static_cast<Delivery::Kind>(1 + draw->Below(4));
}

Calling DiscoveryClients::Next(Draw* draw) {
  if (!draw->Chance(share_, 100)) {
    Calling calling = EmailClients::Next(draw);
    // The session that it comes with is of no Member (EM-27).
    if (calling.session && draw->Chance(1, 6)) {
      const NewSession was = *calling.session;
      calling.session = MakeSession(draw, calling.call);
      calling.session->value = was.value;
      calling.session->id = was.id;
    }
    return calling;
  }
  if (may_repeat() && draw->Chance(1, 10)) return Again(draw);
  Calling calling;
  Call& call = calling.call;
  Aim(draw, &call);
  PickDiscovered(draw, &call);
  const uint32_t what = draw->Below(100);
  const std::string prefix = MailboxOf("", "");
  const bool waits = latest().compare(0, prefix.size(), prefix) == 0 && draw->Chance(1, 2);
  if (what < 30) {
    MakeExchange(draw, &calling);
    Rename(draw, &call);
    call.member.clear();
    Remember(call);
    return calling;
  }
  call.organization.clear();
  call.member.clear();
  if (waits || what >= 70) {  // mostly who got a code types it at once
    if (waits) call.email = latest().substr(prefix.size());
    call.verb = Verb::kAuthenticateDiscovery;
    AddMailCode(draw, &call);
  } else if (what < 60) {
    call.verb = Verb::kSendDiscovery;
    MakeSend(draw, &call);
    call.just_in_time = JustInTime::kNotAllowed;  // no fields of this call
    call.signup_template.clear();
    call.signup_minutes.reset();
    if (draw->Chance(1, 60)) call.login_template.assign(129, 't');
  } else if (what < 64 && !sent_.empty()) {
    MakeReport(draw, &call);
  } else {
    call.verb = what < 68 ? Verb::kUnlockAddress : Verb::kPurgeAddress;
  }
  Remember(call);
  return calling;
}

void DiscoveryClients::ChangeField(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  if (!IsOfDiscovery(call->verb) && call->verb != Verb::kExchange)
    return EmailClients::ChangeField(draw, calling);
  const bool exchanges = call->verb == Verb::kExchange;
  switch (draw->Below(4)) {
    case 0:
      if (exchanges)
        call->just_in_time = static_cast<JustInTime>(draw->Below(3));
      else
        call->email = Shouted(call->email);
      return;
    case 1:
      if (!exchanges)
        PickDiscovered(draw, call);
      else if (!tokens_.empty())
        call->session.intermediate_session_token = tokens_.back();
      return;
    case 2:
      if (exchanges) call->minutes = call->minutes ? 6 : 5;
      if (call->verb == Verb::kAuthenticateDiscovery) AddMailCode(draw, call);
      if (call->verb == Verb::kSendDiscovery) call->locale = call->locale.empty() ? "en" : "";
      if (call->verb == Verb::kReportDiscovery)
        call->delivery.kind = static_cast<Delivery::Kind>(1 + draw->Below(4));
      return;
    default:
      if (exchanges) AddDevice(draw, call);
      if (call->verb == Verb::kSendDiscovery) call->login_template = "welcome";
      return;
  }
}

}  // namespace simulation
}  // namespace otpcore
