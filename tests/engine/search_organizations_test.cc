// SPDX-License-Identifier: Apache-2.0
// Search of Organizations: SR-02, SR-03, SR-05 … SR-08.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/search_fixture.h"

namespace otpcore {
namespace {

Organization MakeNamed(SearchWorld* world, const std::string& id, const std::string& name) {
  CreateOrganizationRequest request;
  request.organization_id = id;
  request.organization_name = name;
  request.organization_slug = id + "-Slug";
  request.organization_external_id = "crm-" + id;
  return world->MakeOrganization(request);
}

class SearchOrganizationsTest : public ::testing::Test {
 protected:
  std::string Refusal(SearchOperand operand) {
    return ErrorTypeOf(world.SearchAll(All({std::move(operand)})));
  }
  Texts Found(SearchQuery query) { return SearchWorld::IdsOf(world.SearchAll(std::move(query))); }
  Texts Found(const char* name, SearchValue value) {
    return Found(All({Where(name, std::move(value))}));
  }
  void MakePerson(const Organization& organization, const std::string& email) {
    CreateMemberRequest request;
    request.email_address = email;
    people.push_back(world.MakeMember(organization, request));
  }

  SearchWorld world;
  Organization red = MakeNamed(&world, "red", "Red Caf\xC3\xA9");
  Organization blue = MakeNamed(&world, "blue", "Blue Whale Ltd");
  Organization gone = MakeNamed(&world, "gone", "Gone Whale");
  std::vector<Member> people;
};

TEST_F(SearchOrganizationsTest, FindsThemByWhatTheirFieldsSay) {  // SR-05, SR-07, SR-09
  ASSERT_TRUE(world.engine.Run(DeleteOrganizationRequest{"gone"}).ok());
  EXPECT_EQ(Found({}), (Texts{"blue", "red"}));       // SR-08
  EXPECT_EQ(Found(Any({})), (Texts{"blue", "red"}));  // SR-03
  EXPECT_EQ(world.SearchAll({}).total(), 2);          // SR-12
  EXPECT_EQ(Found("organization_ids", Texts{"red", "gone"}), Texts{"red"});
  EXPECT_EQ(Found("organization_ids",
                  Texts{"crm-blue", "organization-test-00000000-0000-4000-8000-000000000000"}),
            Texts{"blue"});
  EXPECT_EQ(Found("organization_slugs", Texts{"RED-slug", "x"}), Texts{"red"});  // C-02
  EXPECT_EQ(Found("organization_slugs", Texts{"gone-slug"}), Texts());
  EXPECT_EQ(Found("organization_slug_fuzzy", Text("E-SLUG")), Texts{"blue"});
  EXPECT_EQ(Found("organization_name_fuzzy", Text("wHALE")), Texts{"blue"});
  EXPECT_EQ(Found("organization_name_fuzzy", Text("af\xC3\xA9")), Texts{"red"});
  EXPECT_EQ(Found(All({Where("organization_name_fuzzy", Text("whale")),
                       Where("organization_ids", Texts{"red"})})),
            Texts());
  EXPECT_EQ(Found(Any({Where("organization_name_fuzzy", Text("whale")),
                       Where("organization_ids", Texts{"red"})})),
            (Texts{"blue", "red"}));
  EXPECT_EQ(Found(Any({Where("organization_ids", Texts{"nobody"})})), Texts());
}

TEST_F(SearchOrganizationsTest, FindsThemByTheirMembers) {  // SR-05
  MakePerson(red, "Ann@Example.com");
  MakePerson(red, "bob@corp.example");
  MakePerson(blue, "bob@corp.example");
  MakePerson(gone, "ann@example.com");
  ASSERT_TRUE(world.engine.Run(DeleteOrganizationRequest{"gone"}).ok());
  EXPECT_EQ(Found("member_emails", Texts{"ann@EXAMPLE.com"}), Texts{"red"});
  EXPECT_EQ(Found("member_emails", Texts{"x@y.zz", "BOB@corp.example"}), (Texts{"blue", "red"}));
  EXPECT_EQ(Found("member_emails", Texts{"bob"}), Texts());
  EXPECT_EQ(Found("member_email_fuzzy", Text("Nn@ex")), Texts{"red"});
  EXPECT_EQ(Found("member_email_fuzzy", Text("corp")), (Texts{"blue", "red"}));
  const SearchOperand ann = Where("member_emails", Texts{"ann@example.com"});
  const SearchOperand bob = Where("member_email_fuzzy", Text("bob@"));
  const SearchOperand nobody = Where("member_email_fuzzy", Text("nobody"));
  const SearchOperand is_blue = Where("organization_ids", Texts{"blue"});
  EXPECT_EQ(Found(All({ann, bob})), Texts{"red"});
  EXPECT_EQ(Found(All({bob, is_blue})), Texts{"blue"});
  EXPECT_EQ(Found(All({ann, is_blue})), Texts());
  EXPECT_EQ(Found(All({bob, nobody})), Texts());
  EXPECT_EQ(Found(Any({nobody, ann})), Texts{"red"});
  EXPECT_EQ(Found(Any({nobody, ann, is_blue})), (Texts{"blue", "red"}));
  EXPECT_EQ(Found(Any({nobody})), Texts());
  // A Member who is deleted does not count (SR-08).
  ASSERT_TRUE(world.engine.Run(On<DeleteMemberRequest>(people[0])).ok());
  EXPECT_EQ(Found("member_emails", Texts{"ann@example.com"}), Texts());
  EXPECT_EQ(Found("member_email_fuzzy", Text("ann@")), Texts());
}

TEST_F(SearchOrganizationsTest, ChecksTheQuery) {  // SR-03, SR-07
  const SearchValue list = Texts{"x"};
  const std::string prefix = "organization_search_";
  EXPECT_EQ(ErrorTypeOf(world.SearchAll({"and", {}})), "bad_request");
  EXPECT_EQ(Refusal(Where(SearchValue(), list)), prefix + "missing_filter_name");
  EXPECT_EQ(Refusal(Where(SearchValue(list), list)), prefix + "filter_name_must_be_string");
  EXPECT_EQ(Refusal(Where("statuses", list)), prefix + "filter_name_not_recognized");
  const struct {
    const char* name;
    const char* when_empty;
    const char* when_short;  // null: the filter takes a list
  } rows[] = {
      {"organization_ids", "missing_organization_ids", nullptr},
      {"organization_slugs", "missing_organization_slugs", nullptr},
      {"member_emails", "missing_member_emails", nullptr},
      {"organization_slug_fuzzy", "missing_organization_slug_fuzzy",
       "organization_slug_fuzzy_too_short"},
      {"organization_name_fuzzy", "missing_organization_name_fuzzy",
       "organization_name_fuzzy_too_short"},
      {"member_email_fuzzy", "missing_member_email_fuzzy", "member_email_fuzzy_too_short"},
  };
  for (const auto& row : rows) {
    const bool is_list = row.when_short == nullptr;
    EXPECT_EQ(Refusal(Where(row.name, SearchValue())), prefix + "missing_filter_value");
    EXPECT_EQ(Refusal(Where(row.name, true)),
              prefix + (is_list ? "expected_array_of_strings" : "expected_string"));
    EXPECT_EQ(Refusal(Where(row.name, is_list ? SearchValue(Texts()) : Text(""))),
              prefix + row.when_empty);
    if (!is_list) {
      EXPECT_EQ(Refusal(Where(row.name, Text("ab"))), prefix + row.when_short);
    }
    EXPECT_EQ(Refusal(Where(row.name, is_list ? list : Text("abc"))), "") << row.name;
  }
  SearchOrganizationsRequest request;
  request.limit = 1001;
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "bad_request");  // SR-02
}

class Plans final : public OrganizationFilters {
 public:
  Error Check(const SearchOperand& operand) override {
    if (std::get<std::string>(operand.filter_name) != "pays")
      return ErrorCode::kOrganizationSearchFilterNameNotRecognized;
    if (!std::holds_alternative<bool>(operand.filter_value))
      return ErrorCode::kOrganizationSearchExpectedBoolean;
    return ErrorCode::kOk;
  }
  bool Matches(const SearchOperand& operand, const Organization& organization) override {
    return (organization.organization_id == "red") == std::get<bool>(operand.filter_value);
  }
};

TEST_F(SearchOrganizationsTest, TheHostAnswersForFieldsOfItsOwn) {  // SR-06
  EXPECT_EQ(Refusal(Where("pays", true)), "organization_search_filter_name_not_recognized");
  Plans plans;
  SearchOrganizationsRequest request;
  request.host_filters = &plans;
  request.query = All({Where("pays", true)});
  EXPECT_EQ(SearchWorld::IdsOf(world.Search(request)), Texts{"red"});
  request.query = All({Where("pays", false), Where("organization_name_fuzzy", Text("whale"))});
  EXPECT_EQ(SearchWorld::IdsOf(world.Search(request)), (Texts{"blue", "gone"}));
  request.query = All({Where("pays", Text("x"))});
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "organization_search_expected_boolean");
}

}  // namespace
}  // namespace otpcore
