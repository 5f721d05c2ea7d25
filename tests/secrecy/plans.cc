// SPDX-License-Identifier: Apache-2.0
// The plans of Send and Authenticate, the driver and the engine under memcheck, with the secrets
// marked undefined: no branch depends on one there either (R-04, B-08). See secrecy.cc.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "marks.h"
#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace {

class SecretRandom final : public SecureRandom {
 public:
  bool Fill(uint8_t* bytes, size_t size) override {
    if (!seeded_.Fill(bytes, size)) return false;
    // Ids are drawn together with the passcode and are public.
    if (size == kEntropyForPasscode)
      MarkSecret(bytes + offsetof(Entropy, draws), kPasscodeEntropyBytes);
    return true;
  }

 private:
  testing::SeededRandom seeded_;
};

class Phone final : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    const std::string_view text = message.text.Reveal(kTest);
    Require(std::any_of(text.begin(), text.end(), [](const char& c) { return IsSecret(&c); }),
            "the text holds the secret");
    const std::string_view passcode = message.passcode.Reveal(kTest);
    Require(
        std::all_of(passcode.begin(), passcode.end(), [](const char& c) { return IsSecret(&c); }),
        "the passcode is secret");
    code = passcode;
    (void)VALGRIND_MAKE_MEM_DEFINED(code.data(), code.size());
    return {};
  }
  std::string code;
};

// By e-mail: the success takes the MFA step too, which draws a passcode for its SMS.
void Mails(Engine& engine, const Phone& phone) {
  UpdateMemberRequest update{"acme", "ada", Actor::Host()};
  update.mfa_enrolled = true;
  Require(engine.Run(update).ok(), "the Member enrols");
  SendEmailPasscodeRequest send;
  send.organization_id = "acme";
  send.email_address = "ada@example.com";
  for (int i = 0; i < 2; ++i) Require(engine.Run(send).ok(), "sent by e-mail");
  const std::string sent = phone.code;
  for (const char* const address : {"nobody@example.com", "ada@example.com"}) {
    for (const bool right : {false, true}) {
      std::string code = sent;
      if (!right) code[0] = code[0] == '9' ? '0' : '9';
      AuthenticateEmailPasscodeRequest request;
      request.organization_id = "acme";
      request.email_address = address;
      request.code.emplace(code);
      MarkSecret(request.code->Reveal(kTest).data(), request.code->size());
      const bool is_good = right && request.email_address == send.email_address;
      Require(engine.Run(request).error().code() ==
                  (is_good ? ErrorCode::kOk : ErrorCode::kOtpCodeNotFound),
              "right or wrong, by e-mail");
    }
  }
  Require(phone.code != sent, "an SMS came");
}

void Plans() {
  const auto config = Config::Create(Policy::Default(), KeyRing(1, SecretKey()));
  testing::VirtualClock clock;
  SecretRandom random;
  MemoryStore store;
  MemorySessionDirectory sessions(clock);
  Phone phone;
  MemorySendGuard guard(clock);
  Engine engine(*config, {clock, random, store, sessions, phone, guard});

  CreateOrganizationRequest create;
  create.organization_name = "Acme";
  create.organization_slug = "acme";
  Require(engine.Run(create).ok(), "an Organization is made");
  CreateMemberRequest member;
  member.organization_id = "acme";
  member.member_id = "ada";
  member.email_address = "ada@example.com";
  member.mfa_phone_number = "+14155550123";
  member.mfa_phone_number_verified = true;
  const auto made = engine.Run(member);
  Require(made.ok(), "a Member is made");
  Session session;
  session.organization_id = made.member().organization_id;
  session.member_id = made.member().member_id;
  session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
  sessions.Add({SessionCredential::Kind::kSessionToken, "token"}, session,
               clock.Now() + std::chrono::hours(1));

  for (int send = 0; send < 2; ++send) {  // the second one supersedes the first
    Require(engine.Run(SendSmsOtpRequest{"acme", "ada", "", "", {}}).ok(), "sent");
  }
  for (const bool right : {false, true}) {
    std::string code = phone.code;
    if (!right) code[0] = code[0] == '9' ? '0' : '9';
    const auto type = [&](const CallOptions& options) {
      AuthenticateSmsOtpRequest request;
      request.organization_id = "acme";
      request.member_id = "ada";
      request.session.session_token = "token";
      request.code.emplace(code);
      MarkSecret(request.code->Reveal(kTest).data(), request.code->size());
      return engine.Run(request, options).error().code();
    };
    const ErrorCode expected = right ? ErrorCode::kOk : ErrorCode::kOtpCodeNotFound;
    CallOptions options;
    options.operation_id.bytes[0] = right ? 1 : 2;
    Require(type(options) == expected, "right or wrong");
    Require(type(options) == expected, "the same again (C-07)");
    code[1] = code[1] == '9' ? '0' : '9';
    Require(type(options) == ErrorCode::kBadRequest, "another code under the same id (C-07)");
    Require(type({}) == (right ? ErrorCode::kUnableToAuthOtpCode : ErrorCode::kOtpCodeNotFound),
            "without an id");
  }
  Mails(engine, phone);
}

}  // namespace
}  // namespace otpcore

int main() { otpcore::Plans(); }
