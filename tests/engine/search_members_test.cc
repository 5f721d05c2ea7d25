// SPDX-License-Identifier: Apache-2.0
// Search of Members, and of one by id: SR-02 … SR-04, SR-06 … SR-08, SR-12 … SR-14.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/search_fixture.h"

namespace otpcore {
namespace {

class SearchMembersTest : public ::testing::Test {
 protected:
  Member Make(const Organization& organization, CreateMemberRequest request) {
    return world.MakeMember(organization, std::move(request));
  }
  std::string Refusal(SearchOperand operand) {
    return ErrorTypeOf(world.SearchIn(acme, All({std::move(operand)})));
  }
  Texts Found(SearchQuery query) {
    return SearchWorld::IdsOf(world.SearchIn(acme, std::move(query)));
  }

  SearchWorld world;
  Organization acme = world.MakeOrganization();
};

TEST_F(SearchMembersTest, ChecksTheOrganizationsThatAreNamed) {  // SR-02
  SearchMembersRequest request;
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "member_search_organization_ids_empty");
  request.organization_ids = {"no such"};
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "invalid_id");
  request.organization_ids = {""};
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "bad_request");
  request.organization_ids = {acme.organization_id.str(), "nowhere"};
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "organization_not_found");
  request.organization_ids = {"organization-live-00000000-0000-4000-8000-000000000000"};
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "live_id_used_in_test_environment");
  request.organization_ids = Texts(1001, acme.organization_id.str());
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "bad_request");
  request.organization_ids.resize(1000);
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "");
  for (const int limit : {0, -1, 1001}) {
    request.limit = limit;
    EXPECT_EQ(ErrorTypeOf(world.Search(request)), "bad_request") << limit;
  }
  for (const int limit : {1, 1000}) {
    request.limit = limit;
    EXPECT_EQ(ErrorTypeOf(world.Search(request)), "") << limit;
  }
}

// By id, slug in any case and external id, each once (C-01, SR-02); a deleted one is not found.
TEST_F(SearchMembersTest, FindsOrganizationsByTheirNames) {
  CreateOrganizationRequest named;
  named.organization_name = "Named";
  named.organization_slug = "Beta-Corp";
  named.organization_external_id = "crm-7";
  const Organization beta = world.MakeOrganization(named);
  const Member ann = Make(acme, {});
  const Member bob = Make(beta, {});
  SearchMembersRequest request;
  request.organization_ids = {"beta-CORP", acme.organization_id.str(), "crm-7",
                              beta.organization_id.str(), "Beta-Corp"};
  const SearchReply page = world.Search(request);
  ASSERT_EQ(ErrorTypeOf(page), "");
  Texts expected = {ann.member_id.str(), bob.member_id.str()};
  if (beta.organization_id < acme.organization_id) std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(SearchWorld::IdsOf(page), expected);  // SR-09
  EXPECT_EQ(page.organization_count(), 2u);       // SR-12
  EXPECT_EQ(page.total(), 2);
  EXPECT_EQ(page.next_cursor(), "");
  ASSERT_TRUE(world.engine.Run(DeleteOrganizationRequest{"crm-7"}).ok());
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "organization_not_found");
}

TEST_F(SearchMembersTest, ChecksTheQuery) {  // SR-03
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, {"XOR", {}})), "bad_request");
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, {"", {Where("statuses", Texts{"active"})}})),
            "bad_request");
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, {"OR", {}})), "");
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, {})), "");
  const SearchOperand good = Where("statuses", Texts{"active"});
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, All(std::vector<SearchOperand>(32, good)))), "");
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, All(std::vector<SearchOperand>(33, good)))),
            "bad_request");
  const SearchValue list = Texts{"x"};
  EXPECT_EQ(Refusal(Where(SearchValue(), list)), "member_search_missing_filter_name");
  EXPECT_EQ(Refusal(Where("", list)), "member_search_missing_filter_name");
  EXPECT_EQ(Refusal(Where(SearchValue(true), list)), "member_search_filter_name_must_be_string");
  EXPECT_EQ(Refusal(Where(SearchValue(OtherValue()), list)),
            "member_search_filter_name_must_be_string");
  EXPECT_EQ(Refusal(Where("member_roles", list)), "member_search_filter_name_not_recognized");
  EXPECT_EQ(Refusal(Where("organization_ids", list)), "member_search_filter_name_not_recognized");
  const struct {
    const char* name;
    SearchValue good;
    const char* wrong_type;
    SearchValue empty;
    const char* when_empty;
  } rows[] = {
      {"member_ids", Texts{"m"}, "expected_array_of_strings", Texts(), "missing_member_ids"},
      {"member_emails", Texts{"a"}, "expected_array_of_strings", Texts(), "missing_member_emails"},
      {"statuses", Texts{"active"}, "expected_array_of_strings", Texts(), "missing_statuses"},
      {"member_mfa_phone_numbers", Texts{"+1"}, "expected_array_of_strings", Texts(),
       "missing_mfa_member_phone_numbers"},
      {"member_phone_numbers", Texts{"+1"}, "expected_array_of_strings", Texts(),
       "missing_mfa_member_phone_numbers"},
      {"member_email_fuzzy", Text("abc"), "expected_string", Text(""),
       "missing_member_email_fuzzy"},
      {"member_mfa_phone_number_fuzzy", Text("123"), "expected_string", Text(""),
       "missing_mfa_member_phone_number_fuzzy"},
      {"member_phone_number_fuzzy", Text("123"), "expected_string", Text(""),
       "missing_mfa_member_phone_number_fuzzy"},
      {"member_is_breakglass", true, "expected_boolean", SearchValue(), "missing_filter_value"},
      {"member_totp_exists", false, "expected_boolean", SearchValue(), "missing_filter_value"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Refusal(Where(row.name, row.good)), "") << row.name;
    EXPECT_EQ(Refusal(Where(row.name, SearchValue())), "member_search_missing_filter_value")
        << row.name;
    EXPECT_EQ(Refusal(Where(row.name, OtherValue())),
              std::string("member_search_") + row.wrong_type)
        << row.name;
    EXPECT_EQ(Refusal(Where(row.name, row.empty)), std::string("member_search_") + row.when_empty)
        << row.name;
    for (const SearchValue& value : {SearchValue(true), Text("abc"), list}) {
      if (value.index() == row.good.index()) continue;
      EXPECT_EQ(Refusal(Where(row.name, value)), std::string("member_search_") + row.wrong_type)
          << row.name;
    }
  }
  EXPECT_EQ(Refusal(Where("statuses", Texts{"active", "gone"})), "bad_request");
  EXPECT_EQ(Refusal(Where("member_emails", Texts(1001, "a"))), "bad_request");
  EXPECT_EQ(Refusal(Where("member_emails", Texts(1000, "a"))), "");
}

TEST_F(SearchMembersTest, PartsHaveThreeCharacters) {  // SR-07
  for (const char* part : {"a", "ab", "\xC3\xA9\xC3\xA9"}) {
    EXPECT_EQ(Refusal(Where("member_email_fuzzy", Text(part))),
              "member_search_member_email_fuzzy_too_short");
    EXPECT_EQ(Refusal(Where("member_phone_number_fuzzy", Text(part))),
              "member_search_member_mfa_phone_number_fuzzy_too_short");
  }
  EXPECT_EQ(Refusal(Where("member_email_fuzzy", Text("\xC3\xA9\xC3\xA9\xC3\xA9"))), "");
}

TEST_F(SearchMembersTest, FindsById) {  // SR-04
  CreateMemberRequest own;
  own.member_id = "own-1";
  own.external_id = "ext-1";
  const Member ann = Make(acme, {});
  Make(acme, own);
  const std::string generated = ann.member_id.str();
  EXPECT_EQ(Found(All({Where("member_ids", Texts{generated})})), Texts{generated});
  EXPECT_EQ(Found(All({Where("member_ids", Texts{"own-1"})})), Texts{"own-1"});
  EXPECT_EQ(Found(All({Where("member_ids", Texts{"ext-1", "x"})})), Texts{"own-1"});
  EXPECT_EQ(Found(All({Where("member_ids", Texts{"EXT-1"})})), Texts());
  EXPECT_EQ(Refusal(Where("member_ids", Texts{generated, "ext-1"})),
            "member_search_cannot_mix_internal_and_external_member_ids");
  EXPECT_EQ(Refusal(Where("member_ids", Texts{"a b"})), "invalid_id");
  EXPECT_EQ(Refusal(Where("member_ids", Texts{"member-live-00000000-0000-4000-8000-000000000000"})),
            "live_id_used_in_test_environment");
}

TEST_F(SearchMembersTest, FindsByWhatTheFieldsSay) {  // SR-04, SR-07
  CreateMemberRequest ann;
  ann.member_id = "ann";
  ann.email_address = "Ann.Lee@Example.com";
  ann.mfa_phone_number = kNumber;
  ann.is_breakglass = true;
  Make(acme, ann);
  CreateMemberRequest bob;
  bob.member_id = "bob";
  bob.email_address = "bob@corp.example";
  bob.totp_registration_id = "totp-of-host";
  bob.create_member_as_pending = true;
  Make(acme, bob);
  const auto found = [&](const char* name, SearchValue value) {
    return Found(All({Where(name, std::move(value))}));
  };
  const Texts a = {"ann"};
  const Texts b = {"bob"};
  EXPECT_EQ(found("member_emails", Texts{"ann.lee@EXAMPLE.com", "x@y.zz"}), a);  // EM-02
  EXPECT_EQ(found("member_emails", Texts{"annlee@example.com"}), Texts());
  EXPECT_EQ(found("member_email_fuzzy", Text("LEE@")), a);
  EXPECT_EQ(found("member_email_fuzzy", Text("xample")), (Texts{"ann", "bob"}));
  EXPECT_EQ(found("member_email_fuzzy", Text("lee@corp")), Texts());
  EXPECT_EQ(found("statuses", Texts{"pending", "invited"}), b);
  EXPECT_EQ(found("statuses", Texts{"active"}), a);
  EXPECT_EQ(found("member_is_breakglass", true), a);
  EXPECT_EQ(found("member_is_breakglass", false), b);
  EXPECT_EQ(found("member_mfa_phone_numbers", Texts{kNumber}), a);
  EXPECT_EQ(found("member_phone_numbers", Texts{"nobody's", kOtherNumber, kNumber}), a);
  EXPECT_EQ(found("member_phone_numbers", Texts{"nobody's"}), Texts());
  EXPECT_EQ(found("member_phone_number_fuzzy", Text("5550")), a);
  EXPECT_EQ(found("member_mfa_phone_number_fuzzy", Text("+1415")), a);
  EXPECT_EQ(found("member_mfa_phone_number_fuzzy", Text("999")), Texts());
  EXPECT_EQ(found("member_totp_exists", true), b);
  EXPECT_EQ(found("member_totp_exists", false), a);
  EXPECT_EQ(Found(All({Where("member_is_breakglass", true), Where("member_totp_exists", true)})),
            Texts());
  EXPECT_EQ(Found(Any({Where("member_is_breakglass", true), Where("member_totp_exists", true)})),
            (Texts{"ann", "bob"}));
  EXPECT_EQ(Found(Any({Where("member_emails", Texts{"x@y.zz"})})), Texts());
}

// The two forms of one handset are the same number (N-08).
TEST_F(SearchMembersTest, NumbersCompareAsClaimsDo) {  // SR-07
  Policy policy;
  policy.allowed_regions = {"AR"};
  SearchWorld argentina(policy);
  const Organization organization = argentina.MakeOrganization();
  CreateMemberRequest request;
  request.mfa_phone_number = "+5491123456789";
  const Member ann = argentina.MakeMember(organization, request);
  const SearchReply page = argentina.SearchIn(
      organization, All({Where("member_phone_numbers", Texts{"+541123456789"})}));
  EXPECT_EQ(SearchWorld::IdsOf(page), Texts{ann.member_id.str()});
}

TEST_F(SearchMembersTest, DeletedOnesAreFoundWhenTheyAreAskedFor) {  // SR-08
  for (const char* id : {"here", "deleted", "purged"}) {
    CreateMemberRequest request;
    request.member_id = id;
    request.email_address = std::string(id) + "@example.com";
    Make(acme, request);
  }
  const std::string organization = acme.organization_id.str();
  ASSERT_TRUE(world.engine.Run(DeleteMemberRequest{{organization, "deleted"}}).ok());
  ASSERT_TRUE(world.engine.Run(PurgeMemberRequest{{organization, "purged"}}).ok());
  EXPECT_EQ(Found({}), Texts{"here"});
  EXPECT_EQ(Found(All({Where("member_ids", Texts{"deleted"})})), Texts());
  EXPECT_EQ(Found(All({Where("member_email_fuzzy", Text("example"))})), Texts{"here"});
  EXPECT_EQ(Found(All({Where("statuses", Texts{"deleted"})})), Texts{"deleted"});
  EXPECT_EQ(Found(All({Where("statuses", Texts{"deleted", "active"})})),
            (Texts{"deleted", "here"}));
  EXPECT_EQ(Found(Any({Where("statuses", Texts{"deleted"}), Where("member_ids", Texts{"purged"})})),
            Texts{"deleted"});
}

// Takes "team" alone, and a text.
class Teams final : public MemberFilters {
 public:
  Error Check(const SearchOperand& operand) override {
    if (std::get<std::string>(operand.filter_name) != "team")
      return ErrorCode::kMemberSearchFilterNameNotRecognized;
    if (operand.filter_value.index() > 1) return ErrorCode::kMemberSearchExpectedString;
    return ErrorCode::kOk;
  }
  bool Matches(const SearchOperand& operand, const Member& member) override {
    EXPECT_NE(member.status, MemberStatus::kDeleted);
    EXPECT_FALSE(member.is_locked);
    ++asked;
    return member.name == std::get<std::string>(operand.filter_value);
  }
  int asked = 0;
};

TEST_F(SearchMembersTest, TheHostAnswersForFieldsOfItsOwn) {  // SR-06
  for (const char* id : {"a", "b", "c"}) {
    CreateMemberRequest request;
    request.member_id = id;
    request.name = std::string(id) == "b" ? "blue" : "red";
    Make(acme, request);
  }
  ASSERT_TRUE(world.engine.Run(DeleteMemberRequest{{acme.organization_id.str(), "c"}}).ok());
  EXPECT_EQ(Refusal(Where("team", Text("red"))), "member_search_filter_name_not_recognized");
  Teams teams;
  SearchMembersRequest request;
  request.organization_ids = {acme.organization_id.str()};
  request.host_filters = &teams;
  const auto found = [&](SearchQuery query) {
    request.query = std::move(query);
    return world.Search(request);
  };
  EXPECT_EQ(SearchWorld::IdsOf(found(All({Where("team", Text("blue"))}))), Texts{"b"});
  EXPECT_EQ(teams.asked, 2);
  EXPECT_EQ(SearchWorld::IdsOf(
                found(Any({Where("team", Text("blue")), Where("member_ids", Texts{"a"})}))),
            (Texts{"a", "b"}));
  EXPECT_EQ(ErrorTypeOf(found(All({Where("club", Text("x"))}))),
            "member_search_filter_name_not_recognized");
  EXPECT_EQ(ErrorTypeOf(found(All({Where("team", true)}))), "member_search_expected_string");
  EXPECT_EQ(ErrorTypeOf(found(All({Where("team", SearchValue())}))),
            "member_search_missing_filter_value");
}

// As Get shows them, lock fields of this moment (SR-12); nothing else is in the reply (SR-14).
TEST_F(SearchMembersTest, ShowsMembersAsGetDoes) {
  const Member ann = world.MakeVerifiedMember(acme);
  ASSERT_TRUE(world.Send(ann).ok());
  const std::string code = world.Code();
  for (int i = 0; i < 10; ++i) {
    if (i == 5) {
      ASSERT_TRUE(world.Send(ann).ok());
    }
    ASSERT_FALSE(world.Authenticate(ann, testing::WrongCode(world.Code())).ok());
  }
  const auto compare = [&](bool locked) {
    const auto get = world.engine.Run(On<GetMemberRequest>(ann));
    const SearchReply page = world.SearchIn(acme, {});
    ASSERT_EQ(page.member_count(), 1u);
    const Member a = get.member();
    const Member b = page.member(0);
    EXPECT_EQ(a.is_locked, locked);
    EXPECT_EQ(b.is_locked, locked);
    EXPECT_EQ(a.lock_created_at, b.lock_created_at);
    EXPECT_EQ(a.lock_expires_at, b.lock_expires_at);
    EXPECT_EQ(a.mfa_phone_number, b.mfa_phone_number);
    EXPECT_EQ(a.email_address, b.email_address);
    EXPECT_EQ(a.updated_at, b.updated_at);
    EXPECT_EQ(page.organization(0).organization_name, get.organization().organization_name);
  };
  compare(true);
  world.clock.Advance(std::chrono::hours(2));
  compare(false);
  EXPECT_FALSE(world.SearchIn(acme, {}).request_id().empty());  // C-05
  CallOptions options;
  options.request_id = "mine";
  EXPECT_EQ(world.engine.SearchMembers({}, world.records, options).request_id(), "mine");
}

TEST_F(SearchMembersTest, FailsWhenAPortDoes) {  // X-02, K-12
  Make(acme, {});
  world.counting.fails = true;
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, {})), "server_unavailable");
  world.counting.fails = false;
  world.store.fail_load = [](int) { return true; };
  EXPECT_EQ(ErrorTypeOf(world.SearchIn(acme, {})), "server_unavailable");
}

TEST_F(SearchMembersTest, GetsOneByIdAlone) {  // SR-13
  CreateMemberRequest own;
  own.member_id = "own-1";
  own.external_id = "ext-1";
  const Member ann = Make(acme, {});
  Make(acme, own);
  const auto get = [&](const std::string& id, bool deleted_too = false) {
    DangerouslyGetMemberRequest request;
    request.member_id = id;
    request.include_deleted = deleted_too;
    return world.engine.DangerouslyGetMember(request, world.counting);
  };
  const auto found = get(ann.member_id.str());
  ASSERT_EQ(testing::ErrorTypeOf(found), "");
  EXPECT_EQ(found.member().member_id, ann.member_id);
  EXPECT_EQ(found.organization().organization_id, acme.organization_id);
  EXPECT_FALSE(found.request_id().empty());
  EXPECT_EQ(testing::ErrorTypeOf(get("own-1")), "");
  EXPECT_EQ(testing::ErrorTypeOf(get("ext-1")), "member_not_found");
  EXPECT_EQ(testing::ErrorTypeOf(get("nobody")), "member_not_found");
  EXPECT_FALSE(get("nobody").request_id().empty());
  EXPECT_EQ(testing::ErrorTypeOf(get("")), "bad_request");
  EXPECT_EQ(testing::ErrorTypeOf(get("a b")), "invalid_id");

  const std::string organization = acme.organization_id.str();
  ASSERT_TRUE(world.engine.Run(DeleteMemberRequest{{organization, ann.member_id.str()}}).ok());
  EXPECT_EQ(testing::ErrorTypeOf(get(ann.member_id.str())), "member_not_found");
  const auto deleted = get(ann.member_id.str(), true);
  EXPECT_EQ(deleted.member().status, MemberStatus::kDeleted);
  ASSERT_TRUE(world.engine.Run(PurgeMemberRequest{{organization, ann.member_id.str()}}).ok());
  EXPECT_EQ(testing::ErrorTypeOf(get(ann.member_id.str(), true)), "member_not_found");

  // An external id is no id, also for a Directory that takes it for one.
  class TakesAll final : public Directory {
   public:
    explicit TakesAll(const EntityId& id) : id_(id) {}
    bool Visit(VisitBatch&) override { return false; }
    bool OrganizationsOf(const EntityId&, std::vector<EntityId>* organizations) override {
      *organizations = {id_};
      return true;
    }

   private:
    const EntityId id_;
  } takes_all(acme.organization_id);
  DangerouslyGetMemberRequest external;
  external.member_id = "ext-1";
  EXPECT_EQ(testing::ErrorTypeOf(world.engine.DangerouslyGetMember(external, takes_all)),
            "member_not_found");

  const Organization other = world.MakeOrganization();
  own.external_id = "";
  Make(other, own);
  EXPECT_EQ(testing::ErrorTypeOf(get("own-1")), "bad_request");
  world.counting.fails = true;
  EXPECT_EQ(testing::ErrorTypeOf(get("own-1")), "server_unavailable");
}

}  // namespace
}  // namespace otpcore
