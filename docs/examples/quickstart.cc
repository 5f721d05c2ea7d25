// SPDX-License-Identifier: Apache-2.0
// The program a newcomer runs: a Member gets a passcode by SMS and proves it; then four codes that
// must be refused are.
//
//   quickstart [--script] [+14155550123]
//
// It asks for the code it shows on the pretended phone; with --script it answers by itself and says
// what it checks. Exit status: 0 when everything went as told, 1 when not, 2 for wrong arguments.
#include <iostream>
#include <string>

#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): this is what a host would do

// One host: the core with a clock that can be turned, and a phone that shows what it gets.
class Host {
 public:
  explicit Host(const Config& config)
      : sessions_(clock_),
        guard_(clock_),
        engine_(config, {clock_, random_, store_, sessions_, phone_, guard_}) {}

  Engine& engine() { return engine_; }
  testing::VirtualClock& clock() { return clock_; }
  const testing::SmsInbox& phone() const { return phone_; }

  // What a host does after a password or an e-mail link was right: the Member's sign-in goes on
  // with the second factor.
  std::string SignIn(const Member& member) {
    Session session;
    session.organization_id = member.organization_id;
    session.member_id = member.member_id;
    session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    const std::string token = "sign-in-" + std::to_string(++sign_ins_);
    sessions_.Add({SessionCredential::Kind::kIntermediateToken, token}, session,
                  clock_.Now() + std::chrono::minutes(10));
    return token;
  }

 private:
  testing::VirtualClock clock_;
  SodiumRandom random_;
  MemoryStore store_;
  MemorySessionDirectory sessions_;
  testing::SmsInbox phone_;
  MemorySendGuard guard_;
  Engine engine_;
  int sign_ins_ = 0;
};

void Show(const char* when, const Member& member) {
  std::cout << "  " << when << ": mfa_phone_number \"" << member.mfa_phone_number.view() << "\", "
            << (member.mfa_phone_number_verified ? "verified" : "not verified")
            << ", default_mfa_method \"" << WireName(member.default_mfa_method) << "\""
            << (member.is_locked ? ", LOCKED" : "") << "\n";
}

class Story {
 public:
  Story(Host& host, const ReplyBase& created, bool script)
      : host_(host), latest_(created), script_(script) {}

  bool failed() const { return failed_; }
  // A view into the latest reply that showed the Member.
  Member member() const { return latest_.member(); }

  // Sends a passcode and shows the phone. Returns the code on it; "" when the send was refused.
  std::string Send(const std::string& number) {
    auto request = On<SendSmsOtpRequest>();
    request.mfa_phone_number = number;
    const auto reply = host_.engine().Run(request);
    if (!reply.ok()) {
      const Error& error = reply.error();
      std::cout << "  refused: " << error.error_type() << " (" << error.http_status()
                << "): " << error.message() << "\n";
      failed_ = true;
      return "";
    }
    latest_ = reply;
    const testing::ReceivedMessage sms = host_.phone().messages().back();
    std::cout << "  [phone " << sms.to << "] " << sms.body << "\n";
    return host_.phone().LastCode();
  }

  // Tries `code` and checks that the answer is `expected` ("" for success).
  void Try(const char* what, const std::string& code, const std::string& expected) {
    auto request = On<AuthenticateSmsOtpRequest>();
    request.code.emplace(code);
    request.session.intermediate_session_token = host_.SignIn(member());
    const auto reply = host_.engine().Run(request);
    const std::string answer = reply.ok() ? "" : std::string(reply.error().error_type());
    if (reply.ok()) latest_ = reply;
    std::cout << "  " << what << ": " << (answer.empty() ? "accepted" : "refused, " + answer)
              << "\n";
    if (answer != expected) {
      std::cout << "    but expected: " << (expected.empty() ? "accepted" : expected) << "\n";
      failed_ = true;
    }
  }

  // The code a person types; the right one by itself in a script.
  std::string Ask(const std::string& right) {
    if (script_) {
      std::cout << "  Code: " << right << "\n";
      return right;
    }
    std::cout << "  Code: " << std::flush;
    std::string typed;
    std::getline(std::cin, typed);
    return typed;
  }

 private:
  template <typename Request>
  Request On() const {
    Request request;
    request.organization_id = member().organization_id.str();
    request.member_id = member().member_id.str();
    return request;
  }

  Host& host_;
  ReplyBase latest_;
  const bool script_;
  bool failed_ = false;
};

std::string Wrong(std::string code) {
  code.back() = code.back() == '0' ? '1' : '0';
  return code;
}

// Codes that were right once, and one guess too many.
void ShowRefusals(Host& host, Story& story, const std::string& used) {
  std::cout << "\n4. A used code is worthless.\n";
  story.Try("the code from before", used, "unable_to_auth_otp_code");

  std::cout << "\n5. A new passcode replaces the one before it.\n";
  const std::string old_code = story.Send("");
  host.clock().Advance(std::chrono::seconds(30));
  const std::string new_code = story.Send("");
  if (old_code != new_code) story.Try("the old code", old_code, "unable_to_auth_otp_code");

  std::cout << "\n6. A passcode lives two minutes. The clock moves on by two.\n";
  host.clock().Advance(std::chrono::minutes(2));
  story.Try("the expired code", new_code, "unable_to_auth_otp_code");

  std::cout
      << "\n7. Five wrong guesses kill a passcode; the sixth is refused although it is right.\n";
  const std::string last_code = story.Send("");
  for (const char* guess : {"guess 1", "guess 2", "guess 3", "guess 4", "guess 5"})
    story.Try(guess, Wrong(last_code), "otp_code_not_found");
  story.Try("guess 6, the right code", last_code, "unable_to_auth_otp_code");
}

int Run(const std::string& number, bool script) {
  KeyRing keys;
  SecretBytes<32> key;
  if (!SodiumRandom().Fill(key.RevealMutable(SecretAccess("a new key for this run")), key.size()))
    return 1;
  keys.Add(1, std::move(key));
  const auto config = Config::Create(Policy::Default(), std::move(keys));
  Host host(*config);

  std::cout << "1. An Organization and a Member.\n";
  CreateOrganizationRequest acme;
  acme.organization_name = "Acme";
  acme.organization_slug = "acme";
  const auto organization = host.engine().Run(acme);
  if (!organization.ok()) return 1;
  CreateMemberRequest create;
  create.organization_id = "acme";  // the slug will do
  create.email_address = "ada@example.com";
  const auto created = host.engine().Run(create);
  if (!created.ok()) return 1;
  Story story(host, created, script);
  std::cout << "  " << organization.organization().organization_id.str() << "\n  "
            << story.member().member_id.str() << "\n";
  Show("before", story.member());

  std::cout << "\n2. A passcode goes to " << number << ".\n";
  const std::string code = story.Send(number);
  if (story.failed()) return 1;
  Show("now", story.member());

  std::cout << "\n3. The Member signs in and types the code.\n";
  const std::string typed = story.Ask(code);
  story.Try("the code", typed, "");
  Show("after", story.member());
  if (story.failed()) return 1;

  ShowRefusals(host, story, code);
  std::cout << (story.failed() ? "\nFAILED\n" : "\nAll as told.\n");
  return story.failed() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string number = "+14155550123";
  bool script = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--script") {
      script = true;
    } else if (!argument.empty() && argument[0] == '+') {
      number = argument;
    } else {
      std::cerr << "usage: quickstart [--script] [+14155550123]\n";
      return 2;
    }
  }
  return Run(number, script);
}
