// SPDX-License-Identifier: Apache-2.0
// A name that one field of a record gave up was given back though another field of the same record
// still bore it: whoever took it next answered to it (C-01, C-02).
#include "fixture.h"

namespace otpcore {
namespace {

class SharedNames : public ::testing::Test {
 protected:
  Organization Make(const std::string& id, const std::string& slug,
                    const std::string& external_id) {
    CreateOrganizationRequest request;
    request.organization_id = id;
    request.organization_slug = slug;
    request.organization_external_id = external_id;
    return world.MakeOrganization(request);
  }
  std::string Update(const Organization& organization, const std::string& slug,
                     const std::string& external_id) {
    UpdateOrganizationRequest request;
    request.organization_id = organization.organization_id.str();
    request.organization_slug = slug;
    request.organization_external_id = external_id;
    return ErrorTypeOf(world.engine.Run(request));
  }
  // The id of the Organization that `name` stands for, or the error.
  std::string Find(const std::string& name) {
    const auto reply = world.engine.Run(GetOrganizationRequest{name});
    return reply.ok() ? reply.organization().organization_id.str() : ErrorTypeOf(reply);
  }
  // What another Organization hears that wants this slug.
  std::string WantSlug(const std::string& slug) {
    CreateOrganizationRequest request;
    request.organization_name = "Another";
    request.organization_slug = slug;
    return ErrorTypeOf(world.engine.Run(request));
  }

  Member MakeMember(const std::string& id, const std::string& external_id) {
    CreateMemberRequest request;
    request.member_id = id;
    request.external_id = external_id;
    return world.MakeMember(home, request);
  }
  std::string SetExternalId(const Member& member, const std::string& external_id) {
    auto request = On<UpdateMemberRequest>(member, Actor::Host());
    request.external_id = external_id;
    return ErrorTypeOf(world.engine.Run(request));
  }
  std::string WantExternalId(const std::string& external_id) {
    CreateMemberRequest request;
    request.organization_id = home.organization_id.str();
    request.email_address = "another@example.com";
    request.external_id = external_id;
    return ErrorTypeOf(world.engine.Run(request));
  }

  World world;
  Organization home = world.MakeOrganization();
};

TEST_F(SharedNames, ASlugGivenUpStaysTheExternalId) {  // C-01, C-02
  const Organization acme = Make("", "acme", "acme");
  EXPECT_EQ(Update(acme, "acme-inc", ""), "");
  EXPECT_EQ(Find("acme"), acme.organization_id.str());
  EXPECT_EQ(WantSlug("acme"), "organization_slug_already_used");
}

TEST_F(SharedNames, AnExternalIdGivenUpStaysTheSlug) {  // C-01, C-02
  const Organization acme = Make("", "acme", "acme");
  EXPECT_EQ(Update(acme, "", "acme-inc"), "");
  EXPECT_EQ(Find("acme"), acme.organization_id.str());
  EXPECT_EQ(WantSlug("acme"), "organization_slug_already_used");
}

TEST_F(SharedNames, ASlugThatBecomesTheExternalIdIsKept) {  // C-01, C-02
  const Organization acme = Make("", "acme", "");
  EXPECT_EQ(Update(acme, "acme-inc", "acme"), "");
  EXPECT_EQ(Find("acme"), acme.organization_id.str());
  EXPECT_EQ(Find("acme-inc"), acme.organization_id.str());
}

TEST_F(SharedNames, SlugAndExternalIdCanChangePlaces) {  // C-01
  const Organization acme = Make("", "one", "two");
  EXPECT_EQ(Update(acme, "two", "one"), "");
  EXPECT_EQ(Find("one"), acme.organization_id.str());
  EXPECT_EQ(Find("two"), acme.organization_id.str());
}

TEST_F(SharedNames, AnIdIsNeverGivenBack) {  // C-02
  const Organization acme = Make("acme", "acme", "acme");
  EXPECT_EQ(Update(acme, "acme-inc", "acme-external"), "");
  EXPECT_EQ(WantSlug("acme"), "organization_slug_already_used");
  DeleteOrganizationRequest erase;
  erase.organization_id = "acme";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(erase)), "");
  EXPECT_EQ(WantSlug("acme"), "organization_slug_already_used");
  EXPECT_EQ(WantSlug("acme-inc"), "");
}

TEST_F(SharedNames, SlugsAreOneWhateverTheirCase) {  // C-02
  const Organization acme = Make("", "Acme", "");
  for (const char* spelling : {"Acme", "acme", "ACME"}) {
    EXPECT_EQ(Find(spelling), acme.organization_id.str()) << spelling;
    EXPECT_EQ(WantSlug(spelling), "organization_slug_already_used") << spelling;
  }
  EXPECT_EQ(Update(acme, "aCME", ""), "");
  const auto got = world.engine.Run(GetOrganizationRequest{"ACME"});
  EXPECT_EQ(got.organization().organization_slug, "aCME") << "as it was given";
  EXPECT_EQ(WantSlug("Acme"), "organization_slug_already_used");
  EXPECT_EQ(Update(acme, "beta", ""), "");
  EXPECT_EQ(Find("aCME"), "organization_not_found");
  EXPECT_EQ(Find("acme"), "organization_not_found");
  EXPECT_EQ(WantSlug("Acme"), "");
}

TEST_F(SharedNames, NoIdIsASlugInAnotherCase) {  // C-02
  Make("", "Acme", "");
  for (const char* spelling : {"Acme", "acme", "ACME"}) {
    CreateOrganizationRequest request;
    request.organization_name = "Another";
    request.organization_external_id = spelling;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "organization_external_id_already_used");
    request.organization_external_id.clear();
    request.organization_id = spelling;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "bad_request");
  }
  const Organization beta = Make("", "beta", "");
  EXPECT_EQ(Update(beta, "", "ACME"), "organization_external_id_already_used");
  EXPECT_EQ(Update(beta, "", "BETA"), "") << "its own slug";
}

// Ids and external ids of a host may differ in case only, and keep what they had before a slug
// came.
TEST_F(SharedNames, IdsHaveTheirCase) {  // C-02
  const Organization lower = Make("", "", "aab");
  const Organization upper = Make("", "", "AAB");
  EXPECT_EQ(Find("aab"), lower.organization_id.str());
  EXPECT_EQ(Find("AAB"), upper.organization_id.str());
  EXPECT_EQ(Find("Aab"), "organization_not_found");
  EXPECT_EQ(WantSlug("AAB"), "organization_slug_already_used");
  const Organization late = Make("", "Aab", "");
  EXPECT_EQ(Find("aaB"), late.organization_id.str());
  EXPECT_EQ(Find("AAB"), upper.organization_id.str());
  EXPECT_EQ(Update(upper, "upper", ""), "") << "what it had before stays its own";
  EXPECT_EQ(Update(upper, "", "aaB"), "organization_external_id_already_used") << "a new name";
}

TEST_F(SharedNames, ASlugInAnyCaseIsNoGeneratedId) {  // C-02
  CreateOrganizationRequest request;
  request.organization_name = "Another";
  request.organization_slug = "Organization-TEST-01234567-89ab-4def-8123-456789abcdef";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "invalid_organization_slug");
}

// All that an update can change in one commit is changed (Writes::kMax).
TEST_F(SharedNames, AllNamesChangeAtOnce) {  // C-02
  const Organization acme = Make("", "Acme", "acme|1");
  EXPECT_EQ(Update(acme, "Beta", "beta|1"), "");
  for (const char* gone : {"Acme", "acme", "acme|1"})
    EXPECT_EQ(Find(gone), "organization_not_found") << gone;
  for (const char* name : {"Beta", "bETA", "beta|1"})
    EXPECT_EQ(Find(name), acme.organization_id.str()) << name;
}

TEST_F(SharedNames, AMembersIdIsNeverGivenBack) {  // C-02, M-07
  const Member ada = MakeMember("ada", "ada");
  EXPECT_EQ(SetExternalId(ada, "ada-2"), "");
  EXPECT_EQ(WantExternalId("ada"), "duplicate_member_external_id");
  EXPECT_EQ(SetExternalId(ada, "ada"), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(On<PurgeMemberRequest>(ada))), "");
  EXPECT_EQ(WantExternalId("ada"), "duplicate_member_external_id");
  EXPECT_EQ(WantExternalId("ada-2"), "");
}

}  // namespace
}  // namespace otpcore
