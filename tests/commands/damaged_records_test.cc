// SPDX-License-Identifier: Apache-2.0
// A record that cannot be read is an error of each command that needs it, never a missing one, and
// the command changes nothing (K-12, C-01).
#include <functional>

#include "fixture.h"

namespace otpcore {
namespace {

class DamagedTest : public ::testing::Test {
 protected:
  struct Row {
    const char* command;
    std::function<std::string()> run;  // "" for success, else the wire name of the error
  };

  template <typename Request>
  std::string Run(Request request) {
    const auto reply = world.engine.Run(std::move(request));
    if (!reply.ok()) {
      EXPECT_EQ(reply.events().size(), 0u) << "nothing happened";
    }
    return ErrorTypeOf(reply);
  }
  template <typename Request>
  std::string RunOn() {
    return Run(OnByHost<Request>(member));
  }
  std::string RunGet(const std::string& organization_id, const std::string& member_id,
                     const std::string& email = "") {
    GetMemberRequest get;
    get.organization_id = organization_id;
    get.member_id = member_id;
    get.email_address = email;
    return Run(get);
  }
  std::string Authenticate() { return ErrorTypeOf(world.Authenticate(member, "123456")); }
  std::string Update() {
    auto update = On<UpdateMemberRequest>(member, Actor::Host());
    update.name = "Ada";
    return Run(update);
  }
  std::string Report() {
    auto report = On<ReportDeliveryRequest>(member);
    report.challenge_id.bytes[0] = 1;
    report.delivery.kind = Delivery::Kind::kRejected;
    return Run(report);
  }
  std::string Create(const std::string& member_id, const char* number = "") {
    CreateMemberRequest create;
    create.organization_id = OrganizationId();
    create.member_id = member_id;
    create.email_address = "new@example.com";
    create.mfa_phone_number = number;
    return Run(create);
  }
  std::string OrganizationId() const { return organization.organization_id.str(); }

  std::vector<Row> MemberCommands() {
    return {
        {"get", [this] { return RunOn<GetMemberRequest>(); }},
        {"update", [this] { return Update(); }},
        {"delete", [this] { return RunOn<DeleteMemberRequest>(); }},
        {"purge", [this] { return RunOn<PurgeMemberRequest>(); }},
        {"reactivate", [this] { return RunOn<ReactivateMemberRequest>(); }},
        {"delete number", [this] { return RunOn<DeleteMfaPhoneNumberRequest>(); }},
        {"set TOTP", [this] { return RunOn<SetTotpRegistrationRequest>(); }},
        {"unlock", [this] { return RunOn<UnlockMemberRequest>(); }},
        {"send", [this] { return RunOn<SendSmsOtpRequest>(); }},
        {"authenticate", [this] { return Authenticate(); }},
        {"MFA step", [this] { return RunOn<MfaStepRequest>(); }},
        {"report", [this] { return Report(); }},
    };
  }
  std::vector<Row> OrganizationCommands() {
    return {
        {"get", [this] { return Run(GetOrganizationRequest{OrganizationId()}); }},
        {"delete", [this] { return Run(DeleteOrganizationRequest{OrganizationId()}); }},
        {"update",
         [this] {
           UpdateOrganizationRequest update;
           update.organization_id = OrganizationId();
           update.organization_name = "Globex";
           return Run(update);
         }},
        {"create",
         [this] {
           CreateOrganizationRequest create;
           create.organization_id = OrganizationId();
           create.organization_name = "Globex";
           return Run(create);
         }},
        {"create Member", [this] { return Create("new"); }},
        {"get by address", [this] { return RunGet(OrganizationId(), "", "ada@example.com"); }},
    };
  }

  void Damage(const RecordKey& key) {
    const Revision revision = testing::LoadFrom(world.memory, key).revision;
    ASSERT_NE(revision, 0u) << "nothing to damage";
    ASSERT_EQ(testing::CommitTo(world.memory, {{key, revision, "no record"}}),
              CommitOutcome::kCommitted);
  }
  RecordKey ClaimKeyOf(const char* number) const {
    return RecordKey::PhoneClaim(organization.organization_id, number);
  }

  // Each command fails alike and writes nothing; nothing is delivered.
  void ExpectRefused(const std::vector<Row>& rows) {
    world.store.ResetCounts();
    world.store.commit_fault = [](int) {
      ADD_FAILURE() << "a write";
      return testing::FaultyStore::CommitFault::kNone;
    };
    const int deliveries = world.inbox.deliveries();
    for (const Row& row : rows) EXPECT_EQ(row.run(), "internal_server_error") << row.command;
    EXPECT_EQ(world.inbox.deliveries(), deliveries);
    world.store.commit_fault = nullptr;
  }

  World world;
  Organization organization = MakeAcme();
  Member member = MakeAda();

 private:
  Organization MakeAcme() {
    CreateOrganizationRequest create;
    create.organization_id = "acme";
    create.organization_slug = "acme-slug";
    return world.MakeOrganization(create);
  }
  Member MakeAda() {
    CreateMemberRequest create;
    create.member_id = "ada";
    create.external_id = "ada-external";
    create.email_address = "ada@example.com";
    create.mfa_phone_number = kNumber;
    return world.MakeMember(organization, create);
  }
};

TEST_F(DamagedTest, AMemberIsRefusedByEachCommand) {
  Damage(World::KeyOf(member));
  ExpectRefused(MemberCommands());
  ExpectRefused({{"create", [this] { return Create("ada"); }},
                 {"by alias", [this] { return RunGet("acme-slug", "ada-external"); }},
                 {"by address", [this] { return RunGet("acme", "", "ada@example.com"); }}});
}

TEST_F(DamagedTest, AnOrganizationIsRefusedByEachCommand) {
  Damage(RecordKey::Organization(organization.organization_id));
  ExpectRefused(MemberCommands());
  ExpectRefused(OrganizationCommands());
}

TEST_F(DamagedTest, ANameOfAnOrganizationIsNotOneThatNobodyHas) {
  Damage(RecordKey::OrganizationName("acme-slug"));
  ExpectRefused({{"Organization", [this] { return Run(GetOrganizationRequest{"acme-slug"}); }},
                 {"Member", [this] { return RunGet("acme-slug", "ada"); }},
                 {"address", [this] { return RunGet("acme-slug", "", "ada@example.com"); }}});
  EXPECT_EQ(RunGet("acme", "ada"), "") << "the id needs no name";
}

TEST_F(DamagedTest, ANameOfAMemberIsNotOneThatNobodyHas) {
  Damage(RecordKey::MemberName("acme", "ada-external"));
  ExpectRefused({{"by id", [this] { return RunGet("acme", "ada-external"); }},
                 {"by slug", [this] { return RunGet("acme-slug", "ada-external"); }}});
  EXPECT_EQ(RunGet("acme", "ada"), "");
}

TEST_F(DamagedTest, AnAddressOfAMemberIsNotOneThatNobodyHas) {
  Damage(RecordKey::MemberEmail("acme", "ada@example.com"));
  ExpectRefused({{"by id", [this] { return RunGet("acme", "", "Ada@example.com"); }},
                 {"by slug", [this] { return RunGet("acme-slug", "", "ada@example.com"); }}});
  EXPECT_EQ(RunGet("acme", "", "nobody@example.com"), "member_not_found");
}

TEST_F(DamagedTest, AClaimIsRefusedByWhoeverTakesOrReleasesIt) {
  Damage(ClaimKeyOf(kNumber));
  ExpectRefused({{"delete", [this] { return RunOn<DeleteMemberRequest>(); }},
                 {"purge", [this] { return RunOn<PurgeMemberRequest>(); }},
                 {"delete number", [this] { return RunOn<DeleteMfaPhoneNumberRequest>(); }},
                 {"create", [this] { return Create("new", kNumber); }}});
  EXPECT_EQ(world.RecordOf(member)->status, MemberStatus::kActive);
}

}  // namespace
}  // namespace otpcore
