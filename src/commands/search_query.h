// SPDX-License-Identifier: Apache-2.0
// The query of a search: checked once, then asked of each record (rules SR-03 … SR-08).
#ifndef OTPCORE_SRC_COMMANDS_SEARCH_QUERY_H_
#define OTPCORE_SRC_COMMANDS_SEARCH_QUERY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "otpcore/commands/search.h"
#include "otpcore/rules/config.h"

namespace otpcore {

enum class SearchFilter : uint8_t {
  kHosts,  // the host's own
  kMemberIds,
  kMemberEmails,
  kMemberEmailFuzzy,
  kStatuses,
  kIsBreakglass,
  kPhoneNumbers,
  kPhoneNumberFuzzy,
  kTotpExists,
  kOrganizationIds,
  kOrganizationSlugs,
  kOrganizationSlugFuzzy,
  kOrganizationNameFuzzy,
};

struct CheckedOperand {
  SearchFilter filter = SearchFilter::kHosts;
  const SearchOperand* request = nullptr;
  // In ascending order, in the form that is compared: lower case, the key of a handset, a text of
  // an external id. Of a fuzzy filter: the one part, in lower case.
  std::vector<std::string> texts;
  std::vector<EntityId> ids;  // in ascending order
  unsigned statuses = 0;      // a bit for each MemberStatus
  bool flag = false;

  bool Has(std::string_view text) const;
  // Of a fuzzy filter: whether the part is in `text`.
  bool IsPartOf(std::string_view text) const;
};

// Points into the request.
struct CheckedQuery {
  bool any = false;  // OR; else AND
  std::vector<CheckedOperand> operands;
};

Error CheckQuery(const Config& config, const SearchQuery& query, MemberFilters* host,
                 CheckedQuery* checked);
Error CheckQuery(const Config& config, const SearchQuery& query, OrganizationFilters* host,
                 CheckedQuery* checked);

// Of a search of Members: whether it may show
// the Member at all (SR-08), and the query holds.
bool Matches(const CheckedQuery& query, const MemberRecord& record, MemberFilters* host,
             Environment environment);
// Of one operand that needs no Member.
bool Matches(const CheckedOperand& operand, const OrganizationRecord& record,
             OrganizationFilters* host);
// Of a search of Organizations: whether the operand asks for a Member.
bool AsksForMember(const CheckedOperand& operand);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_SEARCH_QUERY_H_
