// SPDX-License-Identifier: Apache-2.0
// Every command through the C interface and through Engine, on two worlds that are the same: the
// same answer, events and records, also when any one port fails.
#include <functional>
#include <optional>

#include "c/c_host.h"
#include "c/show.h"
#include "fixture.h"

namespace otpcore {
namespace {

constexpr OperationId kOperation = {{1, 2, 3}};

template <typename Request>
Answered AnswerOfEngine(World& world, const Request& request) {
  CallOptions options;
  options.operation_id = kOperation;
  options.request_id = "the host's";
  const auto reply = world.engine.Run(request, options);
  JsonWriter json, events;
  json.Begin('{');
  ShowReply(reply, &json);
  if (reply.ok()) ShowResponse(reply, reply, &json);
  json.End('}');
  ShowEvents(reply.events(), &events);
  const Hints& hints = reply.hints();
  return {static_cast<otpcore_code>(reply.error().code()),
          reply.error().retry_after().count(),
          std::string(reply.error().detail()),
          std::string(json.text()),
          std::string(events.text()),
          std::to_string(hints.expires_at.unix_millis()) + " " +
              std::to_string(hints.next_send_at.unix_millis()) + " " +
              std::to_string(hints.sends_left) + " " + std::to_string(hints.tries_left)};
}

// One of two equal worlds: an Organization with a verified Member and one without a number.
struct Side {
  Side() : world(TotpConfig()) {
    organization = world.MakeOrganization();
    ada = world.MakeVerifiedMember(organization);
    bob = world.MakeMember(organization);
    session = world.Intermediate(ada);
    Session with_factor = World::PrimarySession();
    with_factor.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
    full = world.Full(ada, with_factor);
    discovered = world.Discovered(std::string(bob.email_address));
    EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "");
    code = world.Code();
    world.ResetCounts();
  }
  // The world's config as C sees it.
  Fields With(const Member& member, Fields more = {}) const {
    Fields fields = {{"request_id", "the host's"},
                     {"organization_id", member.organization_id.str()},
                     {"member_id", member.member_id.str()}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
  }

  World world;
  Organization organization;
  Member ada, bob;
  SessionArguments session, full, discovered;
  std::string code;
};

// A command, said in both ways.
struct Case {
  std::string command;
  std::function<Answered(Side&)> by_engine;
  std::function<Fields(const Side&)> in_c;
};

template <typename Request>
Case Of(const std::string& command, const std::function<Request(const Side&)>& request,
        const std::function<Fields(const Side&)>& in_c) {
  return {command,
          [request](Side& side) { return AnswerOfEngine<Request>(side.world, request(side)); },
          in_c};
}

AuthenticateSmsOtpRequest Proof(const Side& side, const std::string& code) {
  auto request = On<AuthenticateSmsOtpRequest>(side.ada);
  request.code.emplace(code);
  request.session = side.session;
  return request;
}

std::vector<Case> Cases() {
  return {
      Of<CreateOrganizationRequest>(
          "create_organization",
          [](const Side&) {
            CreateOrganizationRequest request;
            request.organization_name = "Byte \"&\" Co\t\\";
            request.organization_slug = "byte";
            request.mfa_methods = "RESTRICTED";
            request.allowed_mfa_methods = {"sms_otp", "totp"};
            return request;
          },
          [](const Side&) {
            return Fields{
                {"request_id", "the host's"},       {"organization_name", "Byte \"&\" Co\t\\"},
                {"organization_slug", "byte"},      {"mfa_methods", "RESTRICTED"},
                {"allowed_mfa_methods", "sms_otp"}, {"allowed_mfa_methods", "totp"}};
          }),
      Of<GetMemberRequest>(
          "get_member", [](const Side& side) { return On<GetMemberRequest>(side.ada); },
          [](const Side& side) { return side.With(side.ada); }),
      Of<UpdateMemberRequest>(
          "update_member",
          [](const Side& side) {
            auto request = On<UpdateMemberRequest>(side.ada, Actor::Person(side.full));
            request.name = "Ada";
            request.mfa_enrolled = true;
            return request;
          },
          [](const Side& side) {
            return side.With(side.ada, {{"actor", "person"},
                                        {"session_token", side.full.session_token},
                                        {"name", "Ada"},
                                        {"mfa_enrolled", "true"}});
          }),
      Of<SendDiscoveryPasscodeRequest>(
          "send_discovery_passcode",
          [](const Side& side) {
            SendDiscoveryPasscodeRequest request;
            request.email_address = std::string(side.bob.email_address);
            request.discovery_expiration_minutes = 3;
            return request;
          },
          [](const Side& side) {
            return Fields{{"request_id", "the host's"},
                          {"email_address", std::string(side.bob.email_address)},
                          {"discovery_expiration_minutes", "3"}};
          }),
      Of<ExchangeIntermediateSessionRequest>(
          "exchange_intermediate_session",
          [](const Side& side) {
            ExchangeIntermediateSessionRequest request;
            request.organization_id = side.organization.organization_id.str();
            request.intermediate_session_token = side.discovered.intermediate_session_token;
            return request;
          },
          [](const Side& side) {
            return Fields{
                {"request_id", "the host's"},
                {"organization_id", side.organization.organization_id.str()},
                {"intermediate_session_token", side.discovered.intermediate_session_token}};
          }),
      Of<SendSmsOtpRequest>(
          "send_sms_otp",
          [](const Side& side) {
            auto request = On<SendSmsOtpRequest>(side.bob);
            request.mfa_phone_number = kOtherNumber;
            request.locale = "de";
            return request;
          },
          [](const Side& side) {
            return side.With(side.bob, {{"mfa_phone_number", kOtherNumber}, {"locale", "de"}});
          }),
      Of<SendSmsOtpRequest>(
          "send_sms_otp",
          [](const Side& side) {
            auto request = On<SendSmsOtpRequest>(side.ada);
            request.channel = Channel::kVoice;
            return request;
          },
          [](const Side& side) {
            return side.With(side.ada, {{"channel", "voice"}});
          }),
      Of<AuthenticateSmsOtpRequest>(
          "authenticate_sms_otp",
          [](const Side& side) {
            auto request = Proof(side, side.code);
            request.session_duration_minutes = 7;
            request.set_default_mfa = true;
            return request;
          },
          [](const Side& side) {
            return side.With(
                side.ada, {{"code", side.code},
                           {"intermediate_session_token", side.session.intermediate_session_token},
                           {"session_duration_minutes", "7"},
                           {"set_default_mfa", "true"}});
          }),
      Of<AuthenticateSmsOtpRequest>(
          "authenticate_sms_otp",
          [](const Side& side) { return Proof(side, testing::WrongCode(side.code)); },
          [](const Side& side) {
            return side.With(side.ada, {{"code", testing::WrongCode(side.code)},
                                        {"intermediate_session_token",
                                         side.session.intermediate_session_token}});
          }),
      Of<MfaStepRequest>(
          "mfa_step", [](const Side& side) { return On<MfaStepRequest>(side.ada); },
          [](const Side& side) { return side.With(side.ada); }),
      Of<CreateTotpRequest>(
          "create_totp",
          [](const Side& side) {
            auto request = On<CreateTotpRequest>(side.ada, Actor::Person(side.full));
            request.expiration_minutes = 30;
            return request;
          },
          [](const Side& side) {
            return side.With(side.ada, {{"actor", "person"},
                                        {"session_token", side.full.session_token},
                                        {"expiration_minutes", "30"}});
          }),
      Of<StartPhoneChangeRequest>(
          "start_phone_change",
          [](const Side& side) {
            auto request = On<StartPhoneChangeRequest>(side.ada, Actor::Person(side.full));
            request.mfa_phone_number = kOtherNumber;
            request.channel = Channel::kWhatsApp;
            return request;
          },
          [](const Side& side) {
            return side.With(side.ada, {{"actor", "person"},
                                        {"session_token", side.full.session_token},
                                        {"mfa_phone_number", kOtherNumber},
                                        {"channel", "whatsapp"}});
          }),
      Of<MigrateTotpRequest>(
          "migrate_totp",
          [](const Side& side) {
            auto request = On<MigrateTotpRequest>(side.bob);
            request.secret.emplace("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
            request.recovery_codes.Add("abcd-efgh-1");
            request.recovery_codes.Add("abcd-efgh-2");
            return request;
          },
          [](const Side& side) {
            return side.With(side.bob, {{"secret", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"},
                                        {"recovery_codes", "abcd-efgh-1"},
                                        {"recovery_codes", "abcd-efgh-2"}});
          }),
      Of<UseRecoveryCodeRequest>(
          "use_recovery_code",
          [](const Side& side) {
            auto request = On<UseRecoveryCodeRequest>(side.ada);
            request.recovery_code.emplace("abcd-efgh-1");
            request.session = side.session;
            return request;
          },
          [](const Side& side) {
            return side.With(side.ada, {{"recovery_code", "abcd-efgh-1"},
                                        {"intermediate_session_token",
                                         side.session.intermediate_session_token}});
          }),
      Of<ResealRequest>(
          "reseal", [](const Side& side) { return On<ResealRequest>(side.ada); },
          [](const Side& side) { return side.With(side.ada); }),
      Of<DeleteMfaPhoneNumberRequest>(
          "delete_mfa_phone_number",
          [](const Side& side) { return On<DeleteMfaPhoneNumberRequest>(side.ada, Actor::Host()); },
          [](const Side& side) {
            return side.With(side.ada, {{"actor", "host"}});
          }),
      Of<SetTotpRegistrationRequest>(
          "set_totp_registration",
          [](const Side& side) {
            auto request = On<SetTotpRegistrationRequest>(side.ada, Actor::Host());
            request.totp_registration_id = "totp-1";
            return request;
          },
          [](const Side& side) {
            return side.With(side.ada, {{"actor", "host"}, {"totp_registration_id", "totp-1"}});
          }),
      Of<UnlockMemberRequest>(
          "unlock_member", [](const Side& side) { return On<UnlockMemberRequest>(side.ada); },
          [](const Side& side) { return side.With(side.ada); }),
      Of<DeleteMemberRequest>(
          "delete_member", [](const Side& side) { return On<DeleteMemberRequest>(side.ada); },
          [](const Side& side) { return side.With(side.ada); }),
      Of<PurgeMemberRequest>(
          "purge_member", [](const Side& side) { return On<PurgeMemberRequest>(side.ada); },
          [](const Side& side) { return side.With(side.ada); }),
      Of<ReportDeliveryRequest>(
          "report_delivery",
          [](const Side& side) {
            auto request = On<ReportDeliveryRequest>(side.ada);
            request.challenge_id.bytes = {{9}};
            request.delivery = {Delivery::Kind::kRejected, true};
            return request;
          },
          [](const Side& side) {
            return side.With(side.ada, {{"challenge_id", "09000000-0000-0000-0000-000000000000"},
                                        {"outcome", "unsubscribed"}});
          }),
      Of<GetMemberRequest>(
          "get_member",
          [](const Side& side) {
            GetMemberRequest request;
            request.organization_id = side.organization.organization_id.str();
            request.member_id = "nobody";
            return request;
          },
          [](const Side& side) {
            return Fields{{"request_id", "the host's"},
                          {"organization_id", side.organization.organization_id.str()},
                          {"member_id", "nobody"}};
          }),
  };
}

struct Fault {
  const char* name;
  std::function<void(World&)> set;
};

std::vector<Fault> Faults() {
  using CommitFault = testing::FaultyStore::CommitFault;
  using ApplyFault = testing::FaultySessions::ApplyFault;
  using DeliveryFault = testing::FaultySink::DeliveryFault;
  using FillFault = testing::FaultyRandom::FillFault;
  std::vector<Fault> faults = {
      {"none", [](World&) {}},
      {"no load", [](World& w) { w.store.fail_load = [](int) { return true; }; }},
      {"no session", [](World& w) { w.sessions.fail_find = [](int) { return true; }; }},
      {"no entropy",
       [](World& w) { w.faulty_random.fill_fault = [](int) { return FillFault::kFails; }; }},
      {"guard refuses",
       [](World& w) { w.guard.answer = [](int) { return Admission::Kind::kTooMany; }; }},
      {"guard is gone",
       [](World& w) { w.guard.answer = [](int) { return Admission::Kind::kUnreachable; }; }},
      {"session stays",
       [](World& w) { w.sessions.apply_fault = [](int) { return ApplyFault::kRefused; }; }},
  };
  for (const CommitFault fault : {CommitFault::kConflict, CommitFault::kUnavailable,
                                  CommitFault::kUnknownApplied, CommitFault::kUnknownLost}) {
    faults.push_back({"first commit", [fault](World& w) {
                        w.store.commit_fault = [fault](int call) {
                          return call == 1 ? fault : CommitFault::kNone;
                        };
                      }});
    faults.push_back({"every commit", [fault](World& w) {
                        w.store.commit_fault = [fault](int) { return fault; };
                      }});
  }
  for (const DeliveryFault fault : {DeliveryFault::kRejected, DeliveryFault::kUnsubscribed,
                                    DeliveryFault::kUnavailable, DeliveryFault::kUnknownLost}) {
    faults.push_back({"delivery", [fault](World& w) {
                        w.sink.delivery_fault = [fault](int) { return fault; };
                      }});
  }
  return faults;
}

// TotpConfig in C.
otpcore_config* MakeConfig() {
  otpcore_config* const config = otpcore_config_new();
  std::array<uint8_t, 32> key{};
  key.fill(7);
  EXPECT_EQ(otpcore_config_add_key(config, 7, key.data()), OTPCORE_OK);
  key.fill(0xE1);
  EXPECT_EQ(otpcore_config_add_sealing_key(config, 1, key.data()), OTPCORE_OK);
  EXPECT_EQ(otpcore_config_set(config, "totp_issuer", "Acme Bank", 9), OTPCORE_OK);
  EXPECT_EQ(otpcore_config_seal(config, nullptr), OTPCORE_OK);
  return config;
}

TEST(C, AnswersAsTheEngineAlsoWhenAPortFails) {
  otpcore_config* const config = MakeConfig();
  int succeeded = 0, compared = 0;
  for (const Case& one : Cases()) {
    for (const Fault& fault : Faults()) {
      SCOPED_TRACE(one.command + ", " + fault.name);
      Side a, b;
      fault.set(a.world);
      fault.set(b.world);
      World& w = b.world;
      CHost host({w.faulty_clock, w.faulty_random, w.store, w.sessions, w.sink, w.guard});
      for (int i = 0; i < 2; ++i) {  // and once more under the same operation id
        const Answered by_engine = one.by_engine(a);
        const Answered in_c =
            host.Run(config, one.command.c_str(), one.in_c(b), kOperation.bytes.data());
        ASSERT_EQ(in_c, by_engine);
        succeeded += by_engine.code == OTPCORE_OK;
        ++compared;
      }
      for (const Member* const member : {&a.ada, &a.bob}) {
        const RecordKey key = World::KeyOf(*member);
        const auto in_a = testing::LoadFrom(a.world.memory, key);
        const auto in_b = testing::LoadFrom(b.world.memory, key);
        ASSERT_EQ(in_a.revision, in_b.revision);
        ASSERT_EQ(in_a.bytes, in_b.bytes);
      }
      ASSERT_EQ(a.world.guard.returned(), b.world.guard.returned());
      ASSERT_EQ(a.world.guard.spent(), b.world.guard.spent());
      ASSERT_EQ(a.world.inbox.messages().size(), b.world.inbox.messages().size());
      if (a.world.inbox.messages().empty()) continue;
      ASSERT_EQ(a.world.inbox.messages().back().body, b.world.inbox.messages().back().body);
    }
  }
  EXPECT_GT(succeeded, compared / 3);
  otpcore_config_free(config);
}

}  // namespace
}  // namespace otpcore
