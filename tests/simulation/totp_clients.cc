// SPDX-License-Identifier: Apache-2.0
#include "totp_clients.h"

#include <algorithm>
#include <cctype>

#include "totp_text.h"

namespace otpcore {
namespace simulation {
namespace {

std::string RandomDigits(Draw* draw, size_t count) {
  std::string digits;
  for (size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + draw->Below(10));
  return digits;
}

std::string RandomCode(Draw* draw) {
  static const std::string symbols = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string code;
  for (int i = 0; i < 12; ++i) {
    if (i == 4 || i == 8) code += '-';
    code += symbols[draw->Below(32)];
  }
  return code;
}

const std::string& PickOf(Draw* draw, const std::vector<std::string>& list) {
  return list[draw->Below(static_cast<uint32_t>(list.size()))];
}

// As a person may write down and type it (RC-04).
std::string Mistyped(std::string code) {
  for (char& c : code)
    c = c == '0'   ? 'O'
        : c == '1' ? 'l'
                   : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::replace(code.begin(), code.end(), '-', ' ');
  return code;
}

bool Proves(Verb verb) { return verb == Verb::kAuthenticateTotp || verb == Verb::kUseRecoveryCode; }
bool IsHostsOnly(Verb verb) { return verb == Verb::kMigrateTotp || verb == Verb::kReseal; }

constexpr int64_t kPeriod = 30000;

}  // namespace

void TotpClients::LearnSecret(const std::string& member, const std::string& secret,
                              const TotpParameters& parameters) {
  App& app = apps_[member];
  app.secret = FromBase32(secret).value_or("");
  app.parameters = parameters;
}

void TotpClients::LearnCodes(const std::string& member, const std::vector<std::string>& codes) {
  App& app = apps_[member];
  // Used ones are not shown again, and are typed again all the same.
  for (const std::string& code : app.note) {
    if (app.old_notes.size() >= 40) app.old_notes.erase(app.old_notes.begin());
    app.old_notes.push_back(code);
  }
  app.note = codes;
}

std::string TotpClients::CodeOf(const App& app, int64_t steps_later) const {
  return AppCode(app.parameters, app.secret, now_() / kPeriod + steps_later);
}

const TotpClients::App& TotpClients::AnotherApp(Draw* draw) {
  static const App none;
  if (apps_.empty()) return none;
  auto app = apps_.begin();
  std::advance(app, draw->Below(static_cast<uint32_t>(apps_.size())));
  return app->second;
}

Verb TotpClients::PickVerb(Draw* draw, const Call& call) const {
  struct Row {
    Verb verb;
    uint32_t none, pending, active;  // of 100 calls for a Member whose registration is such
  };
  static constexpr Row kRows[] = {
      {Verb::kCreateTotp, 50, 8, 3},         {Verb::kAuthenticateTotp, 13, 62, 48},
      {Verb::kUseRecoveryCode, 9, 8, 24},    {Verb::kMigrateTotp, 13, 4, 2},
      {Verb::kDeleteTotp, 5, 5, 3},          {Verb::kGetRecoveryCodes, 3, 4, 6},
      {Verb::kRotateRecoveryCodes, 4, 6, 8}, {Verb::kReseal, 3, 3, 6},
  };
  const Sight sight = SightOf(call);
  uint32_t what = draw->Below(100);
  for (const Row& row : kRows) {
    const uint32_t share = sight.has_app         ? row.active
                           : sight.is_registered ? row.pending
                                                 : row.none;
    if (what < share) return row.verb;
    what -= share;
  }
  return Verb::kReseal;
}

void TotpClients::AddTotpCode(Draw* draw, Call* call) {
  App& app = AppOf(*call);
  const uint32_t what = draw->Below(100);
  const int digits = app.secret.empty() ? habits_.parameters.digits : app.parameters.digits;
  const std::string wrong = RandomDigits(draw, static_cast<size_t>(digits));
  const int64_t near = 1 + static_cast<int64_t>(draw->Below(2));
  call->code = wrong;
  if (what >= 76) {
    const App& other = AnotherApp(draw);
    if (what >= 92 && what < 94 && !other.secret.empty()) call->code = CodeOf(other, 0);
    if (what == 94 && !app.note.empty()) call->code = PickOf(draw, app.note);
    if (what == 95) call->code = wrong + "0";
    if (what == 96) call->code = "12a4";
    if (what == 97) call->code = "";
    if (what == 98) call->code.reset();
    if (what == 99 && !app.secret.empty()) call->code = CodeOf(app, 0).insert(3, " ");
    return;
  }
  if (app.secret.empty()) return;
  if (what < 50)
    call->code = CodeOf(app, 0);
  else if (what < 58)
    call->code = CodeOf(app, -near - (what < 52 ? 1 : 0));
  else if (what < 66)
    call->code = CodeOf(app, near);
  else if (!app.typed.empty())
    call->code = app.typed;  // once more
  app.typed = *call->code;
}

void TotpClients::AddRecoveryCode(Draw* draw, Call* call) {
  const App& app = AppOf(*call);
  const uint32_t what = draw->Below(100);
  call->code = RandomCode(draw);
  if (what < 60 && !app.note.empty()) {
    call->code = PickOf(draw, app.note);
    if (what < 8) call->code = Mistyped(*call->code);
  } else if (what < 72 && !app.old_notes.empty()) {
    call->code = PickOf(draw, app.old_notes);
  } else if (what < 76) {
    const App& other = AnotherApp(draw);
    if (!other.note.empty()) call->code = PickOf(draw, other.note);
  } else if (what >= 95) {
    if (what == 95) call->code = RandomDigits(draw, draw->Chance(1, 2) ? 6 : 8);
    if (what == 96) call->code = "ab-cd";
    if (what == 97) call->code = *call->code + "!";
    if (what == 98) call->code = "";
    if (what == 99) call->code.reset();
  }
}

void TotpClients::MakeProof(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  AddSession(draw, true, calling);
  if (call->verb == Verb::kUseRecoveryCode)
    AddRecoveryCode(draw, call);
  else
    AddTotpCode(draw, call);
  AddDevice(draw, call);
  call->remember_device = !call->device.empty() && draw->Chance(1, 2);
  if (draw->Chance(1, 30)) call->minutes = draw->Chance(1, 2) ? 5 : 4;
  if (call->verb != Verb::kAuthenticateTotp) return;
  if (draw->Chance(1, 8)) call->set_mfa_enrollment = draw->Chance(1, 2) ? "enroll" : "unenroll";
  if (draw->Chance(1, 40)) call->set_mfa_enrollment = "perhaps";
  call->set_default_mfa = draw->Chance(1, 8);
}

void TotpClients::MakeMigration(Draw* draw, Call* call) const {
  const uint32_t what = draw->Below(20);
  const size_t size = what == 0 ? 7 + draw->Below(5) : what == 1 ? 65 : 16 + draw->Below(49);
  std::string bytes;
  for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(draw->Below(256));
  std::string text = Base32(bytes);
  if (what == 3) text.resize(text.size() - text.size() % 8 + 1, 'A');
  if (what == 4) text[5] = '8';
  if (what == 5) text.insert(4, " - ").append("==");
  if (what == 6)
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (what != 7) call->secret = text;
  call->parameters = habits_.parameters;
  if (draw->Chance(1, 3)) {
    call->parameters.algorithm = static_cast<TotpAlgorithm>(1 + draw->Below(3));
    call->parameters.digits = draw->Chance(1, 2) ? 6 : 8;
    if (draw->Chance(1, 10)) call->parameters.digits = 7;
  }
  if (draw->Chance(1, 2)) return;
  const uint32_t codes = 1 + draw->Below(draw->Chance(1, 10) ? 17 : 5);
  for (uint32_t i = 0; i < codes; ++i) {
    const uint32_t kind = draw->Below(40);
    std::string code = kind < 30 ? RandomCode(draw) : RandomDigits(draw, 10);
    if (kind == 30) code = RandomDigits(draw, 9);
    if (kind == 31 && !call->recovery_codes.empty()) code = Mistyped(call->recovery_codes[0]);
    if (kind == 32) code = "short-1";
    call->recovery_codes.push_back(code);
  }
}

Calling TotpClients::Next(Draw* draw) {
  if (!draw->Chance(habits_.share, 100)) return Clients::Next(draw);
  if (may_repeat() && draw->Chance(1, 10)) return Again(draw);
  Calling calling;
  Call& call = calling.call;
  Aim(draw, &call);
  call.verb = PickVerb(draw, call);
  if (Proves(call.verb)) {
    MakeProof(draw, &calling);
  } else if (call.verb == Verb::kMigrateTotp) {
    MakeMigration(draw, &call);
  } else if (!IsHostsOnly(call.verb)) {
    AddSession(draw, draw->Chance(1, 2), &calling);
    if (calling.session && draw->Chance(1, 2)) calling.session->totp = true;
    if (call.verb == Verb::kCreateTotp && draw->Chance(1, 3)) {
      static constexpr int kMinutes[] = {5, 5, 5, 60, 1440, 4, 1441};
      call.expiration = kMinutes[draw->Below(7)];
    }
  }
  if (calling.session && draw->Chance(1, 12)) calling.session->recovery = true;
  Rename(draw, &call);
  Remember(call);
  return calling;
}

void TotpClients::ChangeField(Draw* draw, Calling* calling) {
  Call* const call = &calling->call;
  if (!IsOfTotp(call->verb)) return Clients::ChangeField(draw, calling);
  switch (draw->Below(4)) {
    case 0:
      if (IsHostsOnly(call->verb)) return;
      call->session = SessionArguments();
      return AddSession(draw, true, calling);
    case 1: call->member = "m" + std::to_string(draw->Below(members())); return;
    case 2:
      if (!call->member.empty() && call->member[0] == 'm') call->member[0] = 'x';
      return;
    default:
      if (call->verb == Verb::kAuthenticateTotp) AddTotpCode(draw, call);
      if (call->verb == Verb::kUseRecoveryCode) AddRecoveryCode(draw, call);
      if (call->verb == Verb::kCreateTotp) call->expiration = call->expiration ? 5 : 60;
      if (call->verb == Verb::kMigrateTotp && call->secret) {
        if (draw->Chance(1, 2))
          call->recovery_codes.push_back(RandomCode(draw));
        else
          call->secret = *call->secret + "=";
      }
      return;
  }
}

}  // namespace simulation
}  // namespace otpcore
