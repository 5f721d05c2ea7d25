// SPDX-License-Identifier: Apache-2.0
// Every command that changes a record says so in an event (V-01). The commands are those of
// CommandKind: one without a row here fails.
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "fixture.h"
#include "otpcore/testing/authenticator.h"
#include "structure/sources.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using Strings = std::vector<std::string>;

// A world in which every command has something to do.
struct Scene {
  Scene() {
    // No command must lean on the event of a fault: the clock goes right.
    world.store.before_commit = [this](const Changes&) { ++commits; };
  }
  template <typename Request>
  Strings Run(const Request& request, const std::string& outcome = "") {
    commits = 0;
    Engine engine(config ? *config : *world.config, {world.clock, world.random, world.store,
                                                     world.sessions, world.inbox, world.guard});
    const auto reply = engine.Run(request);
    EXPECT_EQ(ErrorTypeOf(reply), outcome);
    Strings kinds;
    for (const Event& event : reply.events()) {
      EXPECT_EQ(event.at, world.clock.Now());
      kinds.emplace_back(NameOf(event.kind));
    }
    EXPECT_EQ(reply.events().organization_id,
              in_discovery ? EntityId() : organization.organization_id);
    EXPECT_LT(reply.events().size(), EventList::kMax) << "none was dropped";
    return kinds;
  }
  template <typename Change>
  Strings Update(const Change& change) {
    auto request = On<UpdateMemberRequest>(member, Actor::Host());
    change(&request);
    return Run(request);
  }
  template <typename Change>
  Strings UpdateOrganization(const Change& change) {
    UpdateOrganizationRequest request;
    request.organization_id = organization.organization_id.str();
    change(&request);
    return Run(request);
  }
  SendEmailPasscodeRequest SendEmail() const {
    SendEmailPasscodeRequest send;
    send.organization_id = organization.organization_id.str();
    send.email_address = std::string(member.email_address);
    return send;
  }
  AuthenticateEmailPasscodeRequest ProveEmail(const std::string& code) const {
    AuthenticateEmailPasscodeRequest prove;
    prove.organization_id = organization.organization_id.str();
    prove.email_address = std::string(member.email_address);
    prove.code.emplace(code);
    return prove;
  }
  // Outside any Organization.
  Strings SendDiscovery() {
    in_discovery = true;
    SendDiscoveryPasscodeRequest send;
    send.email_address = "ada@example.com";
    return Run(send);
  }
  AuthenticateDiscoveryPasscodeRequest ProveDiscovery(const std::string& code) const {
    AuthenticateDiscoveryPasscodeRequest prove;
    prove.email_address = "ada@example.com";
    prove.code.emplace(code);
    return prove;
  }
  ExchangeIntermediateSessionRequest Exchange(const std::string& address) {
    ExchangeIntermediateSessionRequest exchange;
    exchange.organization_id = organization.organization_id.str();
    exchange.intermediate_session_token = world.Discovered(address).intermediate_session_token;
    return exchange;
  }
  void Send() { ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), ""); }
  void SetTotp(const std::string& id) {
    auto request = On<SetTotpRegistrationRequest>(member, Actor::Host());
    request.totp_registration_id = id;
    ASSERT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
  }

  World world{TotpConfig()};
  // Of a Member with a verified number, which the scene's becomes.
  StartPhoneChangeRequest Start(const std::string& number) {
    if (!member.mfa_phone_number_verified) member = world.MakeVerifiedMember(organization);
    auto request = On<StartPhoneChangeRequest>(member, Actor::Host());
    request.mfa_phone_number = number;
    return request;
  }
  FinishPhoneChangeRequest Finish(const std::string& code) {
    auto request = On<FinishPhoneChangeRequest>(member, Actor::Host());
    request.code.emplace(code);
    return request;
  }

  testing::AuthenticatorApp app{world.clock};
  Organization organization = world.MakeOrganization();
  Member member = world.MakeMember(organization, Verified());
  bool in_discovery = false;  // then events are of no Organization
  int commits = 0;
  std::unique_ptr<const Config> config;  // null: the world's

 private:
  static CreateMemberRequest Verified() {
    CreateMemberRequest create;
    create.email_address_verified = true;
    return create;
  }
};

using Act = std::function<Strings(Scene*)>;
struct Row {
  const char* command;  // of CommandKind
  const char* what;
  Act act;
  Strings events;
};

using U = UpdateMemberRequest;
using O = UpdateOrganizationRequest;

std::vector<Row> Rows() {
  return {
      {"SendSmsOtp",
       "links",
       [](Scene* s) {
         auto send = On<SendSmsOtpRequest>(s->member);
         send.mfa_phone_number = kNumber;
         return s->Run(send);
       },
       {"number_linked", "sent"}},
      {"AuthenticateSmsOtp",
       "is right",
       [](Scene* s) {
         s->Send();
         AuthenticateFields fields = World::AuthenticateRequest(s->member, s->world.Code());
         fields.session = s->world.Full(s->member);
         return s->Run(fields.Request());
       },
       {"authenticated", "number_verified", "default_method_changed"}},
      {"ReportDelivery",
       "unlinks",
       [](Scene* s) {
         s->Send();
         auto report = On<ReportDeliveryRequest>(s->member);
         report.challenge_id = s->world.RecordOf(s->member)->challenge.id;
         report.delivery.kind = Delivery::Kind::kRejected;
         return s->Run(report);
       },
       {"delivery_failed", "challenge_dead", "number_unlinked"}},
      {"CreateOrganization",
       "",
       [](Scene* s) {
         CreateOrganizationRequest create;
         create.organization_name = "Globex";
         create.organization_id = "globex";
         s->organization.organization_id = "globex";
         return s->Run(create);
       },
       {"organization_created"}},
      {"CreateMember",
       "with all it takes",
       [](Scene* s) {
         CreateMemberRequest create;
         create.organization_id = s->organization.organization_id.str();
         create.email_address = "new@example.com";
         create.mfa_enrolled = true;
         create.totp_registration_id = "totp-1";
         create.mfa_phone_number = kNumber;
         create.mfa_phone_number_verified = true;
         return s->Run(create);
       },
       {"created", "enrolled", "totp_set", "number_linked", "number_verified"}},
      {"UpdateOrganization",
       "policy",
       [](Scene* s) {
         return s->UpdateOrganization([](O* r) { r->mfa_policy = "REQUIRED_FOR_ALL"; });
       },
       {"organization_policy_changed"}},
      {"UpdateOrganization",
       "methods",
       [](Scene* s) {
         return s->UpdateOrganization([](O* r) {
           r->mfa_methods = "RESTRICTED";
           r->allowed_mfa_methods = {{"totp"}};
         });
       },
       {"organization_methods_changed"}},
      {"UpdateOrganization",
       "restriction",
       [](Scene* s) {
         s->UpdateOrganization([](O* r) { r->allowed_mfa_methods = {{"totp"}}; });
         return s->UpdateOrganization([](O* r) { r->mfa_methods = "RESTRICTED"; });
       },
       {"organization_methods_changed"}},
      {"UpdateOrganization",
       "what a restriction would allow, totp",
       [](Scene* s) {
         return s->UpdateOrganization([](O* r) { r->allowed_mfa_methods = {{"totp"}}; });
       },
       {"organization_methods_changed"}},
      {"UpdateOrganization",
       "what a restriction would allow",
       [](Scene* s) {
         return s->UpdateOrganization([](O* r) { r->allowed_mfa_methods = {{"sms_otp"}}; });
       },
       {"organization_methods_changed"}},
      {"UpdateOrganization",
       "name",
       [](Scene* s) { return s->UpdateOrganization([](O* r) { r->organization_name = "New"; }); },
       {"organization_names_changed"}},
      {"UpdateOrganization",
       "slug",
       [](Scene* s) { return s->UpdateOrganization([](O* r) { r->organization_slug = "new"; }); },
       {"organization_names_changed"}},
      {"UpdateOrganization",
       "external id",
       [](Scene* s) {
         return s->UpdateOrganization([](O* r) { r->organization_external_id = "new"; });
       },
       {"organization_names_changed"}},
      {"UpdateOrganization",
       "all",
       [](Scene* s) {
         return s->UpdateOrganization([](O* r) {
           r->mfa_policy = "REQUIRED_FOR_ALL";
           r->allowed_mfa_methods = {{"totp"}};
           r->organization_slug = "new";
         });
       },
       {"organization_policy_changed", "organization_methods_changed",
        "organization_names_changed"}},
      {"UpdateOrganization",
       "nothing",
       [](Scene* s) { return s->UpdateOrganization([](O*) {}); },
       {"updated"}},
      {"DeleteOrganization",
       "",
       [](Scene* s) {
         return s->Run(DeleteOrganizationRequest{s->organization.organization_id.str()});
       },
       {"organization_deleted"}},
      {"UpdateMember",
       "e-mail",
       [](Scene* s) { return s->Update([](U* r) { r->email_address = "new@example.com"; }); },
       {"email_changed"}},
      {"UpdateMember",
       "e-mail verified",
       [](Scene* s) { return s->Update([](U* r) { r->email_address_verified = false; }); },
       {"email_changed"}},
      {"UpdateMember",
       "name",
       [](Scene* s) { return s->Update([](U* r) { r->name = "Ada"; }); },
       {"name_changed"}},
      {"UpdateMember",
       "external id",
       [](Scene* s) { return s->Update([](U* r) { r->external_id = "employee-7"; }); },
       {"external_id_changed"}},
      {"UpdateMember",
       "breakglass",
       [](Scene* s) { return s->Update([](U* r) { r->is_breakglass = true; }); },
       {"breakglass_changed"}},
      {"UpdateMember",
       "enrolled",
       [](Scene* s) { return s->Update([](U* r) { r->mfa_enrolled = true; }); },
       {"enrolled"}},
      {"UpdateMember",
       "unenrolled",
       [](Scene* s) {
         s->Update([](U* r) { r->mfa_enrolled = true; });
         return s->Update([](U* r) { r->mfa_enrolled = false; });
       },
       {"unenrolled"}},
      {"UpdateMember",
       "number",
       [](Scene* s) { return s->Update([](U* r) { r->mfa_phone_number = kNumber; }); },
       {"number_linked"}},
      {"UpdateMember",
       "default method",
       [](Scene* s) {
         s->SetTotp("totp-1");
         return s->Update([](U* r) { r->default_mfa_method = "totp"; });
       },
       {"default_method_changed"}},
      {"UpdateMember",
       "nearly all",
       [](Scene* s) {
         s->SetTotp("totp-1");
         return s->Update([](U* r) {
           r->email_address = "new@example.com";
           r->name = "Ada";
           r->external_id = "employee-7";
           r->is_breakglass = r->mfa_enrolled = true;
           r->default_mfa_method = "totp";
         });
       },
       {"email_changed", "name_changed", "external_id_changed", "breakglass_changed", "enrolled",
        "default_method_changed"}},
      {"UpdateMember", "nothing", [](Scene* s) { return s->Update([](U*) {}); }, {"updated"}},
      {"UpdateMember",
       "to what there is",
       [](Scene* s) { return s->Update([](U* r) { r->email_address_verified = true; }); },
       {"updated"}},
      {"DeleteMember",
       "",
       [](Scene* s) { return s->Run(On<DeleteMemberRequest>(s->member)); },
       {"deleted"}},
      {"DeleteMember",
       "with all there is",
       [](Scene* s) {
         s->member = s->world.MakeVerifiedMember(s->organization);
         s->Update([](U* r) { r->mfa_enrolled = true; });
         return s->Run(On<DeleteMemberRequest>(s->member));
       },
       {"number_unlinked", "default_method_changed", "unenrolled", "deleted"}},
      {"DeleteMember",
       "with an app",
       [](Scene* s) {
         s->Run(On<CreateTotpRequest>(s->member, Actor::Host()));
         return s->Run(On<DeleteMemberRequest>(s->member));
       },
       {"totp_deleted", "deleted"}},
      {"ReactivateMember",
       "",
       [](Scene* s) {
         s->Run(On<DeleteMemberRequest>(s->member));
         return s->Run(On<ReactivateMemberRequest>(s->member));
       },
       {"reactivated"}},
      {"PurgeMember",
       "",
       [](Scene* s) { return s->Run(On<PurgeMemberRequest>(s->member)); },
       {"purged"}},
      {"PurgeMember",
       "with a number",
       [](Scene* s) {
         s->Send();
         return s->Run(On<PurgeMemberRequest>(s->member));
       },
       {"number_unlinked", "purged"}},
      {"DeleteMfaPhoneNumber",
       "",
       [](Scene* s) {
         s->Send();
         return s->Run(On<DeleteMfaPhoneNumberRequest>(s->member, Actor::Host()));
       },
       {"number_unlinked"}},
      {"SetTotpRegistration",
       "set",
       [](Scene* s) {
         auto set = On<SetTotpRegistrationRequest>(s->member, Actor::Host());
         set.totp_registration_id = "a";
         return s->Run(set);
       },
       {"totp_set"}},
      {"SetTotpRegistration",
       "cleared",
       [](Scene* s) {
         s->SetTotp("totp-1");
         s->Update([](U* r) { r->default_mfa_method = "totp"; });
         return s->Run(On<SetTotpRegistrationRequest>(s->member, Actor::Host()));
       },
       {"totp_cleared", "default_method_changed"}},
      {"SetTotpRegistration",
       "cleared, though there is none",
       [](Scene* s) { return s->Run(On<SetTotpRegistrationRequest>(s->member, Actor::Host())); },
       {"updated"}},
      {"UnlockMember",
       "",
       [](Scene* s) { return s->Run(On<UnlockMemberRequest>(s->member)); },
       {"unlocked"}},
      {"ForgetDevices",
       "",
       [](Scene* s) { return s->Run(On<ForgetDevicesRequest>(s->member)); },
       {"device_forgotten"}},
      {"MfaStep",
       "activates",
       [](Scene* s) {
         CreateMemberRequest create;
         create.invited = true;
         s->member = s->world.MakeMember(s->organization, create);
         return s->Run(On<MfaStepRequest>(s->member));
       },
       {"activated"}},
      {"MfaStep",
       "sends",
       [](Scene* s) {
         s->Send();
         s->Update([](U* r) { r->mfa_enrolled = true; });
         s->world.clock.Advance(std::chrono::minutes(2));  // the passcode has expired
         return s->Run(On<MfaStepRequest>(s->member));
       },
       {"sent"}},
      {"SendEmailPasscode",
       "makes a Member",
       [](Scene* s) {
         SendEmailPasscodeRequest send;
         send.organization_id = s->organization.organization_id.str();
         send.email_address = "new@example.com";
         send.just_in_time = JustInTime::kAllow;
         return s->Run(send);
       },
       {"created", "email_sent"}},
      {"SendEmailPasscode",
       "of a Member",
       [](Scene* s) { return s->Run(s->SendEmail()); },
       {"email_sent"}},
      {"AuthenticateEmailPasscode",
       "is right, and sends the SMS",
       [](Scene* s) {
         CreateMemberRequest create;
         create.create_member_as_pending = true;
         create.mfa_enrolled = true;
         s->member = s->world.MakeMember(s->organization, create);
         s->Run(s->SendEmail());
         return s->Run(s->ProveEmail(s->world.Code()));
       },
       {"email_authenticated", "email_verified", "activated"}},
      {"AuthenticateEmailPasscode",
       "is right, and sends the SMS",
       [](Scene* s) {
         s->Send();
         s->Update([](U* r) { r->mfa_enrolled = true; });
         s->world.clock.Advance(std::chrono::minutes(2));
         s->Run(s->SendEmail());
         return s->Run(s->ProveEmail(s->world.Code()));
       },
       {"email_authenticated", "sent"}},
      {"AuthenticateEmailPasscode",
       "is wrong",
       [](Scene* s) {
         s->Run(s->SendEmail());
         return s->Run(s->ProveEmail(World::Wrong(s->world.Code())), "otp_code_not_found");
       },
       {"failure"}},
      {"AuthenticateEmailPasscode",
       "is late",
       [](Scene* s) {
         s->Run(s->SendEmail());
         s->world.clock.Advance(std::chrono::minutes(10));
         return s->Run(s->ProveEmail(s->world.Code()), "unable_to_auth_otp_code");
       },
       {"challenge_dead"}},
      {"SendDiscoveryPasscode",
       "to an address",
       [](Scene* s) { return s->SendDiscovery(); },
       {"discovery_sent"}},
      {"AuthenticateDiscoveryPasscode",
       "is right",
       [](Scene* s) {
         s->SendDiscovery();
         return s->Run(s->ProveDiscovery(s->world.Code()));
       },
       {"discovery_authenticated"}},
      {"AuthenticateDiscoveryPasscode",
       "is wrong",
       [](Scene* s) {
         s->SendDiscovery();
         return s->Run(s->ProveDiscovery(World::Wrong(s->world.Code())), "otp_code_not_found");
       },
       {"failure"}},
      {"AuthenticateDiscoveryPasscode",
       "is late",
       [](Scene* s) {
         s->SendDiscovery();
         s->world.clock.Advance(std::chrono::minutes(10));
         return s->Run(s->ProveDiscovery(s->world.Code()), "unable_to_auth_otp_code");
       },
       {"challenge_dead"}},
      {"ReportDiscoveryDelivery",
       "voids a passcode",
       [](Scene* s) {
         s->SendDiscovery();
         ReportDiscoveryDeliveryRequest report;
         report.email_address = "ada@example.com";
         report.challenge_id = s->world.inbox.messages().back().challenge_id;
         report.delivery.kind = Delivery::Kind::kRejected;
         return s->Run(report);
       },
       {"delivery_failed", "challenge_dead"}},
      {"UnlockDiscoveryAddress",
       "clears",
       [](Scene* s) {
         s->SendDiscovery();
         UnlockDiscoveryAddressRequest unlock;
         unlock.email_address = "ada@example.com";
         return s->Run(unlock);
       },
       {"unlocked"}},
      {"PurgeDiscoveryAddress",
       "forgets",
       [](Scene* s) {
         s->SendDiscovery();
         PurgeDiscoveryAddressRequest purge;
         purge.email_address = "ada@example.com";
         return s->Run(purge);
       },
       {"discovery_purged"}},
      {"ExchangeIntermediateSession",
       "of a Member who needs nothing else",
       [](Scene* s) { return s->Run(s->Exchange(std::string(s->member.email_address))); },
       {"session_exchanged"}},
      {"ExchangeIntermediateSession",
       "makes a Member",
       [](Scene* s) {
         auto exchange = s->Exchange("new@example.com");
         exchange.just_in_time = JustInTime::kAllow;
         return s->Run(exchange);
       },
       {"created", "session_exchanged", "email_verified", "activated"}},
      {"MfaStep",
       "with a session of no Member",
       [](Scene* s) {
         const Member eve = s->world.MakeMember(s->organization);
         auto step = On<MfaStepRequest>(eve);
         step.session = s->world.Discovered(std::string(eve.email_address));
         return s->Run(step);
       },
       {"email_verified"}},
      {"ReportDelivery",
       "voids an e-mail",
       [](Scene* s) {
         s->Run(s->SendEmail());
         auto report = On<ReportDeliveryRequest>(s->member);
         report.challenge_id = s->world.RecordOf(s->member)->email.challenge.id;
         report.delivery.kind = Delivery::Kind::kRejected;
         return s->Run(report);
       },
       {"delivery_failed", "challenge_dead"}},
      {"CreateTotp",
       "",
       [](Scene* s) { return s->Run(On<CreateTotpRequest>(s->member, Actor::Host())); },
       {"totp_created"}},
      {"AuthenticateTotp",
       "is right",
       [](Scene* s) {
         const auto made = s->world.engine.Run(On<CreateTotpRequest>(s->member, Actor::Host()));
         s->app.Scan(made.uri);
         auto proof = On<AuthenticateTotpRequest>(s->member);
         proof.code.emplace(s->app.Code());
         proof.session = s->world.Full(s->member);
         return s->Run(proof);
       },
       {"totp_activated", "authenticated", "default_method_changed"}},
      {"MigrateTotp",
       "",
       [](Scene* s) {
         auto import = On<MigrateTotpRequest>(s->member);
         import.secret.emplace("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
         return s->Run(import);
       },
       {"totp_imported", "default_method_changed"}},
      {"UseRecoveryCode",
       "is right",
       [](Scene* s) {
         s->member = s->world.MakeTotpMember(s->organization, &s->app);
         auto use = On<UseRecoveryCodeRequest>(s->member);
         use.recovery_code.emplace(s->app.TakeRecoveryCode());
         use.session = s->world.Full(s->member);
         return s->Run(use);
       },
       {"recovery_code_used", "authenticated"}},
      {"RotateRecoveryCodes",
       "",
       [](Scene* s) {
         s->member = s->world.MakeTotpMember(s->organization, &s->app);
         return s->Run(On<RotateRecoveryCodesRequest>(s->member, Actor::Host()));
       },
       {"recovery_codes_rotated"}},
      {"Reseal",
       "",
       [](Scene* s) {
         s->member = s->world.MakeTotpMember(s->organization, &s->app);
         const std::array<uint8_t, 32> old = [] {
           std::array<uint8_t, 32> bytes{};
           bytes.fill(0x77);
           return bytes;
         }();
         SealingKeyRing keys = TestSealingKeys();
         keys.Add(77, SealingKey(old));
         s->config = Config::Create(s->world.config->policy(), TestKeys(), std::move(keys));
         return s->Run(On<ResealRequest>(s->member));
       },
       {"resealed"}},
      {"DeleteTotp",
       "",
       [](Scene* s) {
         s->Run(On<CreateTotpRequest>(s->member, Actor::Host()));
         return s->Run(On<DeleteTotpRequest>(s->member, Actor::Host()));
       },
       {"totp_deleted"}},
      {"StartPhoneChange",
       "names another number",
       [](Scene* s) { return s->Run(s->Start(kOtherNumber)); },
       {"phone_change_started", "sent"}},
      {"StartPhoneChange",
       "replaces the candidate",
       [](Scene* s) {
         s->Run(s->Start("+16135550187"));
         return s->Run(s->Start(kOtherNumber));
       },
       {"phone_change_dropped", "phone_change_started", "sent"}},
      {"FinishPhoneChange",
       "is right",
       [](Scene* s) {
         s->Run(s->Start(kOtherNumber));
         return s->Run(s->Finish(s->world.Code()));
       },
       {"number_unlinked", "number_verified", "phone_changed"}},
      {"FinishPhoneChange",
       "is wrong",
       [](Scene* s) {
         s->Run(s->Start(kOtherNumber));
         return s->Run(s->Finish(World::Wrong(s->world.Code())), "otp_code_not_found");
       },
       {"failure"}},
      {"ReportDelivery",
       "drops the candidate",
       [](Scene* s) {
         s->Run(s->Start(kOtherNumber));
         auto report = On<ReportDeliveryRequest>(s->member);
         report.challenge_id = s->world.RecordOf(s->member)->candidate.challenge.id;
         report.delivery.kind = Delivery::Kind::kRejected;
         return s->Run(report);
       },
       {"delivery_failed", "challenge_dead", "phone_change_dropped"}},
  };
}

// "SendSmsOtp", … as the header has them.
std::set<std::string> CommandKinds() {
  std::set<std::string> kinds;
  for (const SourceFile& file : SourcesIn("include/otpcore/model", {".h"})) {
    if (file.path != "include/otpcore/model/mark.h") continue;
    const std::regex kind(R"(  k(\w+) = [0-9]+,)");
    for (std::sregex_iterator i(file.text.begin(), file.text.end(), kind), end; i != end; ++i)
      kinds.insert((*i)[1]);
  }
  kinds.erase("None");
  return kinds;
}

TEST(ChangeEvents, EachCommandThatCommitsHasOne) {  // V-01
  std::set<std::string> commands;
  for (const Row& row : Rows()) {
    Scene scene;
    const Strings events = row.act(&scene);
    EXPECT_GT(scene.commits, 0) << row.command << ", " << row.what;
    EXPECT_FALSE(events.empty()) << row.command << ", " << row.what;
    EXPECT_EQ(events, row.events) << row.command << ", " << row.what;
    commands.insert(row.command);
  }
  EXPECT_EQ(commands, CommandKinds()) << "each has a row";
}

TEST(ChangeEvents, EachKindHasANameOfItsOwn) {  // V-01
  std::set<std::string_view> names;
  size_t kinds = 0;
  for (const SourceFile& file : SourcesIn("include/otpcore/rules", {".h"})) {
    const size_t begin = file.text.find("enum class EventKind");
    if (begin == std::string::npos) continue;
    const std::string list = file.text.substr(begin, file.text.find("};", begin) - begin);
    const std::regex kind(R"(\bk\w+ = (\d+))");
    for (std::sregex_iterator at(list.begin(), list.end(), kind), end; at != end; ++at, ++kinds)
      names.insert(NameOf(static_cast<EventKind>(std::stoi((*at)[1]))));
  }
  EXPECT_GE(kinds, 55u);
  EXPECT_EQ(names.size(), kinds);
  EXPECT_EQ(names.count("unknown"), 0u);
}

TEST(ChangeEvents, ARefusedUpdateHasNone) {  // V-01, C-06
  Scene scene;
  auto update = On<UpdateMemberRequest>(scene.member, Actor::Host());
  update.name = "Ada";
  update.default_mfa_method = "sms_otp";
  const auto reply = scene.world.engine.Run(update);
  EXPECT_EQ(ErrorTypeOf(reply), "default_mfa_member_missing_factor");
  EXPECT_EQ(reply.events().size(), 0u);
}

TEST(ChangeEvents, AnErasureIsToldOfByItsIdsAlone) {  // V-01, N-05
  Scene scene;
  scene.Send();
  const auto reply = scene.world.engine.Run(On<PurgeMemberRequest>(scene.member));
  ASSERT_TRUE(reply.events().Has(EventKind::kPurged));
  EXPECT_EQ(reply.events().member_id, scene.member.member_id);
  for (const Event& event : reply.events()) {
    if (event.kind != EventKind::kPurged) continue;
    EXPECT_TRUE(event.region.view().empty());
    EXPECT_TRUE(event.last_digits.view().empty());
  }
}

TEST(ChangeEvents, ACodeThatIsUsedUpIsTold) {  // V-01, TO-12, TO-27
  Scene scene;
  const auto made = scene.world.engine.Run(On<CreateTotpRequest>(scene.member, Actor::Host()));
  scene.app.Scan(made.uri);
  const auto prove = [&] {
    auto proof = On<AuthenticateTotpRequest>(scene.member);
    proof.code.emplace(scene.app.Code());
    proof.session = scene.world.Full(scene.member);
    return scene.world.engine.Run(proof);
  };
  ASSERT_EQ(ErrorTypeOf(prove()), "");
  const auto again = prove();
  EXPECT_EQ(ErrorTypeOf(again), "totp_code_already_authenticated");
  EXPECT_TRUE(again.events().Has(EventKind::kTotpCodeReused));
  scene.world.memory.BeginEpoch(9);
  scene.world.clock.Advance(hours(1));
  scene.commits = 0;
  const auto restored = prove();
  EXPECT_EQ(ErrorTypeOf(restored), "totp_code_already_authenticated");
  EXPECT_EQ(scene.commits, 1);
  EXPECT_TRUE(restored.events().Has(EventKind::kTotpCodeReused));
}

}  // namespace
}  // namespace otpcore
