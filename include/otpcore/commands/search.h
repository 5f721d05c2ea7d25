// SPDX-License-Identifier: Apache-2.0
// Search: the Members of named Organizations, or all Organizations, page by page; and one Member by
// an id without Organization (rules SR-01 … SR-14).
//
// These are reads for the host's own staff and jobs. Nothing here judges a session: a host that
// lets a Member search their own Organization checks that Member's role first, and names that
// Organization alone.
//
// Engine::SearchMembers, Engine::SearchOrganizations and Engine::DangerouslyGetMember run them;
// they take a Directory (engine/directory.h) beside the engine's ports. Field names are the wire's.
#ifndef OTPCORE_COMMANDS_SEARCH_H_
#define OTPCORE_COMMANDS_SEARCH_H_

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/commands/checked.h"
#include "otpcore/model/member.h"
#include "otpcore/model/organization.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// ---- The query ----

// A value of JSON that no filter takes: a number, an object, a list with anything but texts.
struct OtherValue {};
// What stands behind filter_name or filter_value. Nothing: absent, or null.
using SearchValue =
    std::variant<std::monostate, std::string, bool, std::vector<std::string>, OtherValue>;

// One condition. Its types are checked with the query, so a server passes on what came.
struct SearchOperand {
  SearchValue filter_name = {};   // a text
  SearchValue filter_value = {};  // as the filter takes it
};

// Without operands everything matches. Members that are deleted match only where an operand
// `statuses` names "deleted" (SR-08); purged ones and deleted Organizations never do.
//
// Of Members (SR-04):
//   member_ids                texts: ids, or external ids; the two are not mixed
//   member_emails             texts: addresses, upper and lower case are the same
//   member_email_fuzzy        text: a part of the address
//   statuses                  texts: pending, invited, active, deleted
//   member_is_breakglass      true or false
//   member_mfa_phone_numbers, member_phone_numbers            texts: E.164
//   member_mfa_phone_number_fuzzy, member_phone_number_fuzzy  text: a part of the E.164 number
//   member_totp_exists        true or false: an active registration, whoever keeps it
// Of Organizations (SR-05):
//   organization_ids          texts: ids or external ids
//   organization_slugs        texts: upper and lower case are the same
//   organization_slug_fuzzy, organization_name_fuzzy          text: a part of it
//   member_emails             texts: the address of a Member who is not deleted
//   member_email_fuzzy        text: a part of such an address. Reads Members one by one
// A part has three characters or more; ASCII letters match in either case (SR-07). A list has at
// most kSearchValuesMax texts. Other filters are the host's (below).
struct SearchQuery {
  std::string op = {};  // the wire's `operator`: "AND" or "OR"; may be empty without operands
  std::vector<SearchOperand> operands = {};  // at most kSearchOperandsMax
};
inline constexpr size_t kSearchOperandsMax = 32;
inline constexpr size_t kSearchValuesMax = 1000;
inline constexpr size_t kSearchOrganizationsMax = 1000;
inline constexpr int kSearchLimitMax = 1000;

// ---- Filters of fields that the host owns (SR-06) ----

// Asked for filters that the library does not know. Called from the thread that searches; must not
// throw. A filter that reads a database makes a search as slow as that, for each record.
class OTPCORE_EXPORT MemberFilters {
 public:
  virtual ~MemberFilters() = default;
  // kOk: the host has this filter, and takes the value. Else the error to answer, such as
  // kMemberSearchFilterNameNotRecognized or kMemberSearchExpectedString.
  virtual Error Check(const SearchOperand& operand) = 0;
  // Whether a Member, who is not deleted unless the query asks for those, has what the operand
  // says. The lock fields of `member` are empty: the clock is read when the page is ready.
  virtual bool Matches(const SearchOperand& operand, const Member& member) = 0;
};
// The same for Organizations, with the errors kOrganizationSearch….
class OTPCORE_EXPORT OrganizationFilters {
 public:
  virtual ~OrganizationFilters() = default;
  virtual Error Check(const SearchOperand& operand) = 0;
  virtual bool Matches(const SearchOperand& operand, const Organization& organization) = 0;
};

// ---- Requests ----

// Errors of a search, in the order of the checks: kMemberSearchOrganizationIdsEmpty; kInvalidId and
// the environment errors for the ids of Organizations; kBadRequest for a limit; those of the query,
// kMemberSearch… or kOrganizationSearch…, with kBadRequest for an operator, too many operands or
// values, or a status that does not exist, and the id errors for `member_ids` and
// `organization_ids`; kBadRequest for a cursor that is malformed or of another query;
// kOrganizationNotFound; kServerUnavailable when store or Directory cannot be reached;
// kInternalServerError for a record that cannot be read.
struct SearchMembersRequest {
  // Required, 1 … kSearchOrganizationsMax: ids, slugs or external ids. One that is named twice
  // counts once.
  std::vector<std::string> organization_ids = {};
  std::string cursor = {};        // next_cursor of the page before; empty: from the beginning
  std::optional<int> limit = {};  // Members on the page: 1 … kSearchLimitMax; default 100
  SearchQuery query = {};
  MemberFilters* host_filters = nullptr;  // null: none; must outlive the search
};

struct SearchOrganizationsRequest {
  std::string cursor = {};
  std::optional<int> limit = {};
  SearchQuery query = {};
  OrganizationFilters* host_filters = nullptr;
};

// ---- One Member by id alone (SR-13) ----

// Dangerous, for nothing in it says which Organization the caller may see into.
struct DangerouslyGetMemberRequest {
  std::string member_id = {};  // required; no external id
  bool include_deleted = false;
  // What Directory::OrganizationsOf answered for the id. Engine::DangerouslyGetMember fills it in,
  // and so does a host that drives the operation itself.
  std::vector<EntityId> organizations = {};
  bool directory_ok = true;
};

struct OTPCORE_EXPORT DangerouslyGetMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kNone;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = DangerouslyGetMemberRequest;
  struct Checked : CheckedMember {
    bool include_deleted = false;
  };
  // Errors: kBadRequest without an id, or for one that is in several Organizations; kInvalidId, the
  // environment errors, kServerUnavailable, kOrganizationNotFound when the Organization is deleted,
  // kMemberNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_SEARCH_H_
