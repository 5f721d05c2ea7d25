// SPDX-License-Identifier: Apache-2.0
#include "simulation/clients.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace otpcore {
namespace simulation {

namespace {

constexpr const char* kOrganizations[] = {"acme", "umbra"};

std::string MemberId(uint32_t number) { return "m" + std::to_string(number); }

std::string PathOf(const std::string& organization, const std::string& member) {
  return organization + "/" + member;
}

// Of the other environment (C-04).
void MakeLive(std::string* id) {
  const size_t at = id->find("-test-");
  if (at != std::string::npos) id->replace(at, 6, "-live-");
}

// Aliases come from one small set that has ids in it as well: a name may be the id, the slug and
// the external id of one Organization, or of one after the other; and spelled otherwise (C-02).
std::string PickOrganizationName(Draw* draw) {
  constexpr const char* kNames[] = {"acme",      "umbra", "acme-slug", "umbra-slug", "acme-ext",
                                    "umbra-ext", "other", "Acme-slug", "Other",      "OTHER"};
  return kNames[draw->Below(10)];
}
std::string PickMemberName(Draw* draw) {
  return draw->Chance(1, 3) ? MemberId(draw->Below(4)) : "x" + std::to_string(draw->Below(9));
}

bool TakesSession(Verb verb) {
  return verb == Verb::kSend || verb == Verb::kAuthenticate || verb == Verb::kMfaStep ||
         verb == Verb::kUpdateMember || verb == Verb::kDeletePhone || verb == Verb::kSetTotp ||
         verb == Verb::kStartPhoneChange || verb == Verb::kFinishPhoneChange;
}

}  // namespace

Clients::Clients(uint32_t members, int digits, std::vector<std::string> numbers, Look look)
    : members_(members),
      digits_(static_cast<size_t>(digits)),
      numbers_(std::move(numbers)),
      look_(std::move(look)) {}

OperationId Clients::NextOperation() {
  OperationId id;
  ++operations_;
  for (size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<uint8_t>(operations_ >> (8 * i));
  id.bytes[15] = 1;  // never empty
  return id;
}

std::vector<Call> Clients::SetUp() {
  std::vector<Call> calls;
  for (const char* organization : kOrganizations) {
    Call create;
    create.verb = Verb::kCreateOrganization;
    create.operation = NextOperation();
    create.organization = organization;
    create.name = organization;
    create.slug = std::string(organization) + "-slug";
    create.external_id = std::string(organization) + "-ext";
    calls.push_back(create);
    for (uint32_t i = 0; i < members_; ++i) {
      Call member;
      member.verb = Verb::kCreateMember;
      member.operation = NextOperation();
      member.organization = organization;
      member.member = MemberId(i);
      member.email = "m" + std::to_string(i) + "@example.com";
      member.external_id = "x" + std::to_string(i);
      member.email_verified = i != 1;
      member.enrolled = i % 3 == 1;
      member.breakglass = i == 2;
      if (i == 3) member.totp = "totp-1";
      calls.push_back(member);
    }
  }
  return calls;
}

std::string Clients::PickNumber(Draw* draw, bool odd) const {
  if (!odd || draw->Chance(5, 6)) return numbers_[draw->Below(3)];
  if (draw->Chance(1, 8)) return draw->Chance(1, 2) ? "+1415555012x" : "14155550123";
  return numbers_[draw->Below(static_cast<uint32_t>(numbers_.size()))];
}

// A session as a client presents it: a fresh one of its own, mostly.
void Clients::AddSession(Draw* draw, bool wanted, Calling* calling) {
  Call* const call = &calling->call;
  const uint32_t what = draw->Below(100);
  if (!wanted && what < 70) return;
  if (what >= 97) return;
  // Often one that they had before: it may have been extended since, or used up (L-05, S-21).
  SessionArguments& last = last_session_[PathOf(call->organization, call->member)];
  if (draw->Chance(2, 5)) {
    call->session = last;
    return;
  }
  NewSession session;
  session.organization = call->organization;
  session.member = call->member;
  if (what < 90 || what >= 93) {
    session.email_primary = draw->Chance(1, 4);
    session.host_primary = !session.email_primary;
  }
  session.sms = draw->Chance(1, 8);
  session.totp = draw->Chance(1, 8);
  if (what >= 86 && what < 90) session.member = MemberId(draw->Below(members_));
  session.value = "s" + std::to_string(++sessions_made_);
  // Another credential of the session before, or one without id, now and then.
  if (draw->Chance(1, 4)) {
    session.id = "i" + std::to_string(sessions_made_ - 1);
  } else if (!draw->Chance(1, 12)) {
    session.id = "i" + std::to_string(sessions_made_);
  }
  if (draw->Chance(3, 4))
    call->session.intermediate_session_token = session.value;
  else if (draw->Chance(1, 2))
    call->session.session_token = session.value;
  else
    call->session.session_jwt = session.value;
  if (what == 93) {
    call->session.session_token = session.value;
    call->session.intermediate_session_token = session.value;
  }
  last = call->session;
  if (what < 96) calling->session = session;  // else: nobody knows it
}

void Clients::AddDevice(Draw* draw, Call* call) {
  const uint32_t what = draw->Below(100);
  if (what < 40) return;
  call->device = "a device of a person, number " + std::to_string(draw->Below(6));
  if (what == 99) call->device.resize(draw->Chance(1, 2) ? 15 : 129, 'x');
  call->remember_device = call->verb == Verb::kAuthenticate && draw->Chance(1, 2);
}

const std::string& Clients::AnyArrived(Draw* draw) const {
  static const std::string none;
  if (arrived_.empty()) return none;
  auto who = arrived_.begin();
  std::advance(who, draw->Below(static_cast<uint32_t>(arrived_.size())));
  return who->second.empty() ? none : who->second.back();
}

void Clients::AddCode(Draw* draw, Call* call) {
  const std::string path = PathOf(call->organization, call->member);
  const std::vector<std::string>& own = arrived_[path];
  const uint32_t what = draw->Below(100);
  std::string wrong;
  for (size_t i = 0; i < digits_; ++i) wrong += static_cast<char>('0' + draw->Below(10));
  // One draw after the other: compilers do not agree on the order of arguments.
  const char* const organization = kOrganizations[draw->Below(2)];
  const std::string other = PathOf(organization, MemberId(draw->Below(members_)));
  if (what < 45 && !own.empty())
    call->code = own.back();
  else if (what < 52 && own.size() > 1)
    call->code = own[own.size() - 2];
  else if (what < 56 && !own.empty())
    call->code = own[draw->Below(static_cast<uint32_t>(own.size()))];
  else if (what < 60 && !arrived_[other].empty())
    call->code = arrived_[other].back();
  else if (what < 96)
    call->code = wrong;
  else if (what == 96)
    call->code = wrong + "0";
  else if (what == 97)
    call->code = "12a4";
  else if (what == 98)
    call->code = "";
}

void Clients::MakeOrganizationCall(Draw* draw, Call* call) {
  const uint32_t what = draw->Below(24);
  call->member.clear();
  call->verb = what < 4 ? Verb::kGetOrganization : Verb::kUpdateOrganization;
  if (what == 19) {
    call->verb = Verb::kCreateOrganization;
    call->organization =
        draw->Chance(1, 2) ? PickOrganizationName(draw) : "o" + std::to_string(++names_made_);
    if (draw->Chance(1, 4)) call->organization.clear();
    call->name = "New";
  }
  if (what < 4 && draw->Chance(1, 2)) call->organization = PickOrganizationName(draw);
  if (what == 18 && draw->Chance(1, 10)) call->verb = Verb::kDeleteOrganization;
  if (what >= 4 && what < 8)
    call->mfa_policy = draw->Chance(1, 2) ? "OPTIONAL" : "REQUIRED_FOR_ALL";
  if (what >= 7 && what < 14) {
    call->mfa_methods = draw->Chance(2, 3) ? "ALL_ALLOWED" : "RESTRICTED";
    call->allowed_methods.emplace();
    if (draw->Chance(3, 4)) call->allowed_methods->push_back("totp");
    if (draw->Chance(2, 3)) call->allowed_methods->push_back("sms_otp");
  }
  if (what >= 22) {
    call->auth_methods = draw->Chance(3, 5) ? "ALL_ALLOWED" : "RESTRICTED";
    call->allowed_auth_methods.emplace();
    if (draw->Chance(2, 3)) call->allowed_auth_methods->push_back("sso");
    if (draw->Chance(1, 2)) call->allowed_auth_methods->push_back("email_otp");
    if (draw->Chance(1, 20)) call->allowed_auth_methods->push_back("pigeon");
    if (draw->Chance(1, 20)) call->auth_methods = "SOME_ALLOWED";
  }
  if (what == 14) call->mfa_policy = "SOMETIMES";
  if (what == 15) call->mfa_methods = draw->Chance(2, 3) ? "RESTRICTED" : "SOME_ALLOWED";
  if (what == 16 || what >= 19) {
    if (draw->Chance(2, 3)) call->slug = PickOrganizationName(draw);
    if (draw->Chance(2, 3)) call->external_id = PickOrganizationName(draw);
  }
}

void Clients::MakeUpdateCall(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  AddSession(draw, false, calling);
  switch (draw->Below(10)) {
    case 0: call->number = PickNumber(draw, true); break;
    case 1:
      call->email = draw->Chance(1, 8) ? "M" : "m";
      call->email += std::to_string(draw->Below(6)) + "@example.com";
      break;
    case 2: call->email_verified = draw->Chance(2, 3); break;
    case 3: call->enrolled = draw->Chance(1, 2); break;
    case 4: call->breakglass = draw->Chance(1, 3); break;
    case 5: call->default_method = draw->Chance(1, 2) ? "sms_otp" : "totp"; break;
    case 6: call->external_id = draw->Chance(1, 20) ? call->member : PickMemberName(draw); break;
    case 7: call->name = "Name " + std::to_string(draw->Below(3)); break;
    case 8:  // several names, any of which may be taken (M-06)
      call->number = PickNumber(draw, false);
      if (draw->Chance(1, 2))
        call->email = "m" + std::to_string(draw->Below(6)) + "@example.com";
      else
        call->external_id = PickMemberName(draw);
      break;
    default:
      call->enrolled = draw->Chance(1, 2);
      call->number = PickNumber(draw, false);
      break;
  }
}

// Mostly the host's or in a session with a factor; often the code of another SMS (E-04).
void Clients::MakePhoneChangeCall(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  const bool under_way = look_(call->organization, call->member).has_candidate;
  const bool starts = draw->Chance(under_way ? 1 : 9, under_way ? 4 : 10);
  call->verb = starts ? Verb::kStartPhoneChange : Verb::kFinishPhoneChange;
  AddSession(draw, false, calling);
  if (calling->session && draw->Chance(2, 3)) calling->session->sms = true;
  if (!starts) return AddCode(draw, call);
  if (!draw->Chance(1, 30)) call->number = PickNumber(draw, true);
  if (draw->Chance(1, 20)) call->locale = draw->Chance(1, 2) ? "DE-de" : "xx";
}

void Clients::MakeMemberCall(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  const uint32_t what = draw->Below(100);
  if (what < 20) {
    call->verb = Verb::kGetMember;
    if (draw->Chance(1, 4)) call->member = PickMemberName(draw);
    if (draw->Chance(1, 3)) {
      call->member.clear();
      call->email = "M" + std::to_string(draw->Below(6)) + "@Example.com";
    }
  } else if (what < 50) {
    call->verb = Verb::kUpdateMember;
    MakeUpdateCall(draw, calling);
  } else if (what < 65) {
    call->verb = Verb::kDeletePhone;
    AddSession(draw, false, calling);
  } else if (what < 75) {
    call->verb = Verb::kSetTotp;
    AddSession(draw, false, calling);
    if (draw->Chance(1, 2)) call->totp = "totp-" + std::to_string(draw->Below(2));
  } else if (what < 82) {
    call->verb = draw->Chance(4, 5) ? Verb::kUnlock : Verb::kForgetDevices;
  } else if (what < 85) {
    call->verb = Verb::kDeleteMember;
  } else if (what < 93) {
    call->verb = Verb::kReactivateMember;
  } else if (what < 94 && draw->Chance(1, 5)) {
    call->verb = Verb::kPurgeMember;
  } else {
    call->verb = Verb::kCreateMember;
    if (draw->Chance(5, 6))
      call->member =
          draw->Chance(1, 4) ? PickMemberName(draw) : "n" + std::to_string(++names_made_);
    else if (draw->Chance(2, 3))
      call->member.clear();
    call->email =
        draw->Chance(1, 3) ? "m1@example.com" : "n" + std::to_string(names_made_) + "@example.com";
    call->pending = draw->Chance(1, 5);
    call->invited = draw->Chance(1, 5);
    if (draw->Chance(1, 2)) call->number = PickNumber(draw, true);
    call->number_verified = draw->Chance(1, 2);
    if (draw->Chance(1, 4)) call->totp = "totp-7";
    if (draw->Chance(1, 4)) call->default_method = draw->Chance(1, 2) ? "sms_otp" : "totp";
    if (draw->Chance(1, 3))
      call->external_id = draw->Chance(1, 4) ? call->member : PickMemberName(draw);
  }
}

void Clients::ChangeField(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  SessionArguments& session = call->session;
  const bool has_session =
      TakesSession(call->verb) && (session.intermediate_session_token.empty() ? 0 : 1) +
                                          (session.session_token.empty() ? 0 : 1) +
                                          (session.session_jwt.empty() ? 0 : 1) ==
                                      1;
  const bool has_member = !call->member.empty() && call->verb != Verb::kCreateMember;
  switch (draw->Below(8)) {
    case 0:
    case 1:
    case 2:  // which may be another Member's
      if (!has_session) return;
      session = SessionArguments();
      return AddSession(draw, true, calling);
    case 3:
    case 4:
      if (call->verb == Verb::kAuthenticate || call->verb == Verb::kFinishPhoneChange)
        AddCode(draw, call);
      if (call->verb == Verb::kSend || call->verb == Verb::kStartPhoneChange)
        call->number = PickNumber(draw, false);
      if (call->verb == Verb::kUpdateMember) call->name = "Name " + std::to_string(draw->Below(3));
      if (call->verb == Verb::kUpdateOrganization || call->verb == Verb::kCreateOrganization ||
          call->verb == Verb::kCreateMember)
        call->name = "Other";
      if (call->verb == Verb::kSetTotp) call->totp = call->totp.empty() ? "totp-1" : "";
      if (call->verb == Verb::kReportDelivery)
        call->delivery.kind = static_cast<Delivery::Kind>(1 + draw->Below(4));
      return;
    case 5:
      if (has_member) call->member = MemberId(draw->Below(members_));
      return;
    case 6:
      if (has_member && call->member[0] == 'm') call->member[0] = 'x';  // by another name
      return;
    default:
      if (call->verb == Verb::kAuthenticate) call->set_default_mfa = !call->set_default_mfa;
      if (call->verb == Verb::kSend || call->verb == Verb::kMfaStep ||
          call->verb == Verb::kStartPhoneChange)
        call->locale = call->locale.empty() ? "DE-de" : "";
      if (draw->Chance(1, 2) && (call->verb == Verb::kSend || call->verb == Verb::kMfaStep ||
                                 call->verb == Verb::kAuthenticate))
        AddDevice(draw, call);
      return;
  }
}

Calling Clients::Again(Draw* draw) {
  const auto count = static_cast<uint32_t>(last_calls_.size());
  const size_t back = draw->Chance(2, 3) ? 0 : draw->Below(count);
  Calling again{last_calls_[last_calls_.size() - 1 - back], {}};
  if (draw->Chance(1, 4)) ChangeField(draw, &again);
  return again;
}

void Clients::Aim(Draw* draw, Call* call) {
  if (!draw->Chance(1, 8)) call->operation = NextOperation();
  call->organization = kOrganizations[draw->Chance(1, 5)];
  call->member = MemberId(draw->Below(members_));
  if (generated_.empty() || !draw->Chance(1, 12)) return;
  const auto& [organization, member] =
      generated_[draw->Below(static_cast<uint32_t>(generated_.size()))];
  call->organization = organization;
  if (!member.empty()) call->member = member;
  if (draw->Chance(1, 20)) MakeLive(member.empty() ? &call->organization : &call->member);
}

void Clients::Rename(Draw* draw, Call* call) {
  if (!draw->Chance(1, 12)) return;
  if (draw->Chance(1, 2)) call->organization += draw->Chance(1, 2) ? "-slug" : "-ext";
  if (!call->member.empty() && draw->Chance(1, 2)) call->member[0] = 'x';
}

void Clients::Remember(const Call& call) {
  last_calls_.push_back(call);
  if (last_calls_.size() > 4) last_calls_.pop_front();
}

Calling Clients::Next(Draw* draw) {
  if (!last_calls_.empty() && draw->Chance(1, 12)) return Again(draw);
  Calling calling;
  Call& call = calling.call;
  Aim(draw, &call);
  const uint32_t what = draw->Below(100);
  const Sight sight = look_(call.organization, call.member);
  const bool changes = what < 72 && what >= (sight.has_candidate ? 60 : 67) &&
                       (sight.is_verified || draw->Chance(1, 10));
  if (what < 30) {
    call.verb = Verb::kSend;
    if (draw->Chance(sight.has_number ? 1 : 14, 15)) call.number = PickNumber(draw, true);
    if (draw->Chance(1, 20)) call.locale = draw->Chance(1, 2) ? "DE-de" : "xx";
    AddSession(draw, false, &calling);
    AddDevice(draw, &call);
  } else if (changes) {
    MakePhoneChangeCall(draw, &calling);
  } else if (what < 72) {
    call.verb = Verb::kAuthenticate;
    AddSession(draw, true, &calling);
    AddCode(draw, &call);
    AddDevice(draw, &call);
    // Most deleted Members come back, so that there is somebody to talk about.
    if (sight.deleted && draw->Chance(1, 2)) call.verb = Verb::kReactivateMember;
    if (draw->Chance(1, 8)) call.set_mfa_enrollment = draw->Chance(1, 2) ? "enroll" : "unenroll";
    if (draw->Chance(1, 40)) call.set_mfa_enrollment = "perhaps";
    call.set_default_mfa = draw->Chance(1, 8);
    if (draw->Chance(1, 30)) call.minutes = draw->Chance(1, 2) ? 5 : 4;
  } else if (what < 78) {
    call.verb = Verb::kMfaStep;
    AddSession(draw, false, &calling);
    AddDevice(draw, &call);
    if (draw->Chance(1, 3)) call.session_id = "i" + std::to_string(sessions_made_ + draw->Below(2));
  } else if (what < 81 && !issued_.empty()) {
    call.verb = Verb::kReportDelivery;
    const size_t newest = std::min<size_t>(issued_.size(), 3);
    const auto& [path, challenge] =
        issued_[issued_.size() - 1 - draw->Below(static_cast<uint32_t>(newest))];
    call.organization = path.substr(0, path.find('/'));
    call.member = path.substr(path.find('/') + 1);
    call.challenge = challenge;
    call.delivery.kind = static_cast<Delivery::Kind>(1 + draw->Below(4));
  } else if (what < 96) {
    MakeMemberCall(draw, &calling);
  } else {
    MakeOrganizationCall(draw, &call);
  }
  if (call.verb != Verb::kCreateMember && call.verb != Verb::kCreateOrganization)
    Rename(draw, &call);
  Remember(call);
  return calling;
}

}  // namespace simulation
}  // namespace otpcore
