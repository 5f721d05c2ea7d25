// SPDX-License-Identifier: Apache-2.0
// What the tests of a search share: a world with a Directory, and a walk from page to page.
#ifndef OTPCORE_TESTS_ENGINE_SEARCH_FIXTURE_H_
#define OTPCORE_TESTS_ENGINE_SEARCH_FIXTURE_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"

namespace otpcore {

using Texts = std::vector<std::string>;

inline SearchOperand Where(SearchValue name, SearchValue value) {
  return {std::move(name), std::move(value)};
}
inline SearchOperand Where(const char* name, SearchValue value) {
  return Where(SearchValue(std::string(name)), std::move(value));
}
inline SearchQuery All(std::vector<SearchOperand> operands) { return {"AND", std::move(operands)}; }
inline SearchQuery Any(std::vector<SearchOperand> operands) { return {"OR", std::move(operands)}; }
inline SearchValue Text(const char* text) { return std::string(text); }

inline std::string ErrorTypeOf(const SearchReply& reply) {
  return reply.ok() ? "" : std::string(reply.error().error_type());
}

// Passes visits on, and keeps count of them.
class CountingDirectory final : public Directory {
 public:
  explicit CountingDirectory(Directory& inner) : inner_(inner) {}
  bool Visit(VisitBatch& batch) override {
    if (fails) return false;
    const bool ok = inner_.Visit(batch);
    visited += batch.size();
    return ok;
  }
  bool OrganizationsOf(const EntityId& id, std::vector<EntityId>* organizations) override {
    return !fails && inner_.OrganizationsOf(id, organizations);
  }
  size_t visited = 0;
  bool fails = false;

 private:
  Directory& inner_;
};

struct SearchWorld : testing::World {
  explicit SearchWorld(Policy policy = Policy::Default()) : World(std::move(policy)) {}

  MemoryDirectory records{memory};
  CountingDirectory counting{records};

  SearchReply Search(const SearchMembersRequest& request) {
    return engine.SearchMembers(request, counting);
  }
  SearchReply Search(const SearchOrganizationsRequest& request) {
    return engine.SearchOrganizations(request, counting);
  }
  SearchReply SearchIn(const Organization& organization, SearchQuery query) {
    SearchMembersRequest request;
    request.organization_ids = {organization.organization_id.str()};
    request.query = std::move(query);
    return Search(request);
  }
  SearchReply SearchAll(SearchQuery query) {
    SearchOrganizationsRequest request;
    request.query = std::move(query);
    return Search(request);
  }
  // The ids of what is found on all pages, in their order.
  template <typename Request>
  Texts Walk(Request request) {
    Texts ids;
    for (int pages = 0; pages < 100000; ++pages) {
      const SearchReply page = Search(request);
      EXPECT_EQ(ErrorTypeOf(page), "");
      EXPECT_LE(page.visits(), config->policy().search_visits_max);
      const Texts found = IdsOf(page);
      ids.insert(ids.end(), found.begin(), found.end());
      request.cursor = page.next_cursor();
      if (request.cursor.empty()) return ids;
    }
    ADD_FAILURE() << "the pages do not end";
    return ids;
  }
  // Of the Members; where there are none, of the Organizations.
  static Texts IdsOf(const SearchReply& page) {
    Texts ids;
    for (size_t i = 0; i < page.member_count(); ++i) ids.push_back(page.member(i).member_id.str());
    const size_t organizations = page.member_count() == 0 ? page.organization_count() : 0;
    for (size_t i = 0; i < organizations; ++i)
      ids.push_back(page.organization(i).organization_id.str());
    return ids;
  }
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_ENGINE_SEARCH_FIXTURE_H_
