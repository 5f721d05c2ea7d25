// SPDX-License-Identifier: Apache-2.0
// Pages of a search, and what stands between them: SR-09 … SR-12, SR-14.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "commands/search_cursor.h"
#include "engine/search_fixture.h"
#include "rotated_keys.h"

namespace otpcore {
namespace {

Policy FewVisits(int visits) {
  Policy policy;
  policy.search_visits_max = visits;
  return policy;
}

// Two Organizations with so many Members each; their ids are numbers.
struct Filled : SearchWorld {
  explicit Filled(int members, Policy policy = FewVisits(10)) : SearchWorld(std::move(policy)) {
    for (const char* id : {"b", "a"}) {
      CreateOrganizationRequest organization;
      organization.organization_id = id;
      const Organization made = MakeOrganization(organization);
      for (int i = 0; i < members; ++i) {
        CreateMemberRequest request;
        request.member_id = id + std::to_string(1000 + i);
        request.email_address =
            std::string(i % 3 == 0 ? "third" : "other") + std::to_string(i) + "@" + id + ".example";
        MakeMember(made, request);
        if (i % 3 == 0) thirds.push_back(request.member_id);
        all.push_back(request.member_id);
      }
    }
    std::sort(all.begin(), all.end());
    std::sort(thirds.begin(), thirds.end());
  }
  static SearchMembersRequest Request(std::optional<int> limit = {}) {
    SearchMembersRequest request;
    request.organization_ids = {"a", "b"};
    request.limit = limit;
    return request;
  }
  Texts all;
  Texts thirds;
};

TEST(SearchPages, AreInOrderAndWithoutGaps) {  // SR-01, SR-09 … SR-11
  Filled world(37);
  for (const int limit : {1, 2, 9, 10, 11, 1000}) {
    SearchMembersRequest request = Filled::Request(limit);
    EXPECT_EQ(world.Walk(request), world.all) << limit;
    request.query = All({Where("member_email_fuzzy", Text("third"))});
    EXPECT_EQ(world.Walk(request), world.thirds) << limit;
  }
}

TEST(SearchPages, ACallVisitsNoMoreThanItMay) {  // SR-11
  for (const int visits : {10, 11, 300, 1000}) {
    Filled world(150, FewVisits(visits));
    SearchMembersRequest request = Filled::Request(1000);
    request.query = All({Where("member_email_fuzzy", Text("nobody"))});
    size_t pages = 0;
    do {
      world.counting.visited = 0;
      const SearchReply page = world.Search(request);
      ASSERT_EQ(ErrorTypeOf(page), "");
      EXPECT_LE(world.counting.visited, static_cast<size_t>(visits));
      EXPECT_EQ(world.counting.visited, static_cast<size_t>(page.visits()));
      EXPECT_EQ(page.member_count(), 0u);
      request.cursor = page.next_cursor();  // an empty page is not the last
      ++pages;
    } while (!request.cursor.empty());
    EXPECT_GE(pages, 300u / static_cast<size_t>(visits));
    EXPECT_LE(pages, 300u / static_cast<size_t>(visits) + 2);
  }
}

TEST(SearchPages, TellTheTotalWhereTheySawItAll) {  // SR-12
  Filled world(4);
  EXPECT_EQ(world.Search(Filled::Request()).total(), 8);
  EXPECT_EQ(world.Search(Filled::Request(8)).total(), 8);
  EXPECT_EQ(world.Search(Filled::Request(8)).next_cursor(), "");
  SearchMembersRequest request = Filled::Request(7);
  const SearchReply first = world.Search(request);
  EXPECT_EQ(first.total(), -1);
  request.cursor = first.next_cursor();
  const SearchReply last = world.Search(request);
  EXPECT_EQ(last.member_count(), 1u);
  EXPECT_EQ(last.total(), -1);
  EXPECT_EQ(last.organization_count(), 1u);
  EXPECT_EQ(last.organization(0).organization_id, "b");
}

// Within an Organization too the work is cut: by address and by Member, for AND and OR (SR-11).
TEST(SearchPages, CutWithinAnOrganization) {
  Filled world(40, FewVisits(10));
  Texts strangers;
  for (int i = 0; i < 35; ++i) strangers.push_back("stranger" + std::to_string(i) + "@x.yz");
  Texts with_one = strangers;
  with_one.push_back("third39@b.example");
  const SearchOperand nobody = Where("member_email_fuzzy", Text("nobody"));
  const SearchOperand last_one = Where("member_email_fuzzy", Text("third39@"));
  const SearchOperand in_b = Where("member_emails", with_one);
  const SearchOperand no_one = Where("member_emails", strangers);
  const struct {
    SearchQuery query;
    Texts found;
  } rows[] = {
      {All({last_one}), {"a", "b"}},         {All({in_b}), {"b"}},
      {All({last_one, in_b}), {"b"}},        {All({in_b, nobody}), {}},
      {Any({nobody, no_one}), {}},           {Any({nobody, in_b}), {"b"}},
      {Any({no_one, last_one}), {"a", "b"}}, {{}, {"a", "b"}},
  };
  for (const auto& row : rows) {
    for (const int limit : {1, 2, 100}) {
      SearchOrganizationsRequest request;
      request.limit = limit;
      request.query = row.query;
      EXPECT_EQ(world.Walk(request), row.found);
    }
  }
}

// What was deleted while the search stood inside of it is passed over (SR-10).
TEST(SearchPages, AnOrganizationMayGoWhileItIsLookedInto) {
  Filled world(40, FewVisits(10));
  SearchOrganizationsRequest request;
  request.query = All({Where("member_email_fuzzy", Text("third39@"))});
  const SearchReply first = world.Search(request);
  ASSERT_NE(first.next_cursor(), "");
  ASSERT_TRUE(world.engine.Run(DeleteOrganizationRequest{"a"}).ok());
  request.cursor = first.next_cursor();
  EXPECT_EQ(world.Walk(request), Texts{"b"});
}

// ---- The cursor (SR-02, SR-09) ----

TEST(SearchCursor, IsOfOneQuery) {
  Filled world(12);
  SearchMembersRequest request = Filled::Request(5);
  request.query = All({Where("statuses", Texts{"active", "pending"})});
  request.cursor = world.Search(request).next_cursor();
  ASSERT_NE(request.cursor, "");
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "");
  request.limit = 7;  // the size of the page may change
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "");
  const std::vector<void (*)(SearchMembersRequest*)> changes = {
      [](SearchMembersRequest* r) { r->organization_ids = {"a"}; },
      [](SearchMembersRequest* r) {
        r->organization_ids = {"b", "a"};
      },
      [](SearchMembersRequest* r) { r->organization_ids = {"ab"}; },
      [](SearchMembersRequest* r) { r->query.op = "OR"; },
      [](SearchMembersRequest* r) { r->query = {}; },
      [](SearchMembersRequest* r) { r->query.operands.push_back(r->query.operands[0]); },
      [](SearchMembersRequest* r) { r->query.operands[0].filter_value = Texts{"active"}; },
      [](SearchMembersRequest* r) {
        r->query.operands.push_back(Where("member_totp_exists", true));
      },
      [](SearchMembersRequest* r) {
        r->query.operands[0] = Where("member_emails", Texts{"active", "pending"});
      },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    SearchMembersRequest changed = request;
    changes[i](&changed);
    EXPECT_EQ(ErrorTypeOf(world.Search(changed)), "bad_request") << i;
  }
  SearchOrganizationsRequest organizations;
  organizations.cursor = request.cursor;
  EXPECT_EQ(ErrorTypeOf(world.Search(organizations)), "bad_request");
}

TEST(SearchCursor, TellsFlagsApart) {  // SR-09
  Filled world(12);
  SearchMembersRequest request = Filled::Request(5);
  request.query = All({Where("member_totp_exists", false)});
  request.cursor = world.Search(request).next_cursor();
  ASSERT_NE(request.cursor, "");
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "");
  request.query.operands[0].filter_value = true;
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "bad_request");
}

// What only somebody with the key could make is read with care all the same.
TEST(SearchCursor, ItsPlaceIsReadWithCare) {  // SR-09
  const std::string organization(EntityId("a").packed()), member(EntityId("b").packed());
  const auto sized = [](const std::string& id) { return static_cast<char>(id.size()) + id; };
  const std::string head(4, '\0');
  SearchPosition position;
  ASSERT_TRUE(ReadPlace(head + sized(organization) + sized(member), &position));
  EXPECT_EQ(position.organization, EntityId("a"));
  EXPECT_EQ(position.member, EntityId("b"));
  ASSERT_TRUE(ReadPlace(head + sized(organization) + '\0', &position));
  for (const std::string& place :
       {std::string(), head, head + sized(organization), head + '\0' + sized(member),
        head + sized(organization) + "\x09" + member, head + sized(organization) + '\x01',
        head + sized(organization) + sized(member) + "x", head + sized("\xFF") + sized(member),
        head + sized(organization) + sized("\xFF")})
    EXPECT_FALSE(ReadPlace(place, &position)) << ::testing::PrintToString(place);
}

// Random bytes, and a cursor that is cut, lengthened or changed in any place.
TEST(SearchCursor, IsTakenAsItWasGiven) {
  Filled world(12);
  SearchMembersRequest request = Filled::Request(5);
  const std::string cursor = world.Search(request).next_cursor();
  const auto refused = [&](const std::string& text) {
    request.cursor = text;
    EXPECT_EQ(ErrorTypeOf(world.Search(request)), "bad_request") << text;
  };
  for (size_t length = 1; length < cursor.size(); ++length) refused(cursor.substr(0, length));
  for (const char* end : {"0", "00", "zz", " ", "ff"}) refused(cursor + end);
  for (size_t i = 0; i < cursor.size(); ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == '7' ? '8' : '7';
    refused(changed);
    changed[i] = 'A';
    refused(changed);
  }
  std::mt19937_64 random(22);
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 120 + 1, ' ');
    const bool hex = round % 2 == 0;  // half of them get past the digits
    for (char& c : text)
      c = hex ? "0123456789abcdef"[random() % 16] : static_cast<char>(random() % 256);
    if (hex && round % 4 == 0 && text.size() > 10) text.replace(0, 10, cursor, 0, 10);
    refused(text);
  }
  refused(std::string(100000, '0'));
  request.cursor = cursor;
  EXPECT_EQ(ErrorTypeOf(world.Search(request)), "");
}

// A cursor outlives a change of keys as long as its key is in the ring, on every host.
TEST(SearchCursor, GoesWithItsKey) {
  Filled world(12);
  SearchMembersRequest request = Filled::Request(5);
  request.cursor = world.Search(request).next_cursor();
  const auto with = [&](KeyRing keys) {
    std::string problem;
    const auto config = Config::Create(FewVisits(10), std::move(keys), {}, &problem);
    EXPECT_NE(config, nullptr) << problem;
    Engine engine(*config, {world.clock, world.random, world.memory, world.directory, world.inbox,
                            world.guard});
    return ErrorTypeOf(engine.SearchMembers(request, world.records));
  };
  EXPECT_EQ(with(RotatedKeys()), "");
  EXPECT_EQ(with(TestKeys(9)), "bad_request");
}

// A cursor opens nothing but what the request names, also where a name went to another (SR-09).
TEST(SearchCursor, OpensNothing) {
  SearchWorld world(FewVisits(10));
  CreateOrganizationRequest named;
  named.organization_slug = "shop";
  const Organization first = world.MakeOrganization(named);
  for (int i = 0; i < 5; ++i) world.MakeMember(first);
  SearchMembersRequest request;
  request.organization_ids = {"shop"};
  request.limit = 2;
  const SearchReply page = world.Search(request);
  ASSERT_TRUE(world.engine.Run(DeleteOrganizationRequest{first.organization_id.str()}).ok());
  const Organization second = world.MakeOrganization(named);
  const Member only = world.MakeMember(second);
  request.cursor = page.next_cursor();
  for (const std::string& id : world.Walk(request)) EXPECT_EQ(id, only.member_id.str());
}

// A Directory that breaks its promises is found out, and does not end a search silently.
class Broken final : public Directory {
 public:
  bool Visit(VisitBatch& batch) override {
    const RecordKey key = RecordKey::Member("o", "a");
    if (batch.range().kind != RecordKind::kMember || mistake == 0) return true;  // no progress
    MemberRecord record;
    record.organization_id = key.organization();
    record.member_id = key.id();
    const std::string packed = testing::Packed(record);
    if (mistake == 1) batch.Found(RecordKey::Member("other", "a"), packed);
    if (mistake == 2) batch.Found(key, "garbage");
    for (int i = 0; mistake == 3 && i < 2; ++i) batch.Found(key, packed);
    batch.AtEnd();
    return true;
  }
  bool OrganizationsOf(const EntityId&, std::vector<EntityId>*) override { return false; }
  int mistake = 0;
};

TEST(SearchPages, ABrokenDirectoryIsADefect) {  // SR-10
  SearchWorld world;
  CreateOrganizationRequest named;
  named.organization_id = "o";
  world.MakeOrganization(named);
  Broken broken;
  SearchMembersRequest request;
  request.organization_ids = {"o"};
  for (broken.mistake = 0; broken.mistake < 4; ++broken.mistake)
    EXPECT_EQ(ErrorTypeOf(world.engine.SearchMembers(request, broken)), "internal_server_error")
        << broken.mistake;
}

// An outcome that nothing asked for ends a search (engine/search_operation.h).
TEST(SearchOperationTest, RefusesAnswersToNothing) {
  SearchWorld world;
  SearchMembersRequest request;
  request.organization_ids = {"o"};
  for (const bool visited : {false, true}) {
    SearchOperation operation(*world.config, request);
    SearchNeed need = operation.Start();
    ASSERT_TRUE(std::holds_alternative<NeedLoad>(need));
    need = operation.OnVisited(true);
    EXPECT_TRUE(std::holds_alternative<Done>(need));
    if (visited) need = operation.OnVisited(true);
    SearchReply reply;
    operation.Respond(Instant(), "r", &reply);
    EXPECT_EQ(ErrorTypeOf(reply), "internal_server_error");
  }
}

}  // namespace
}  // namespace otpcore
