// SPDX-License-Identifier: Apache-2.0
#include "commands/search_query.h"

#include <algorithm>
#include <iterator>

#include "base/utf8.h"
#include "otpcore/rules/email_address.h"
#include "otpcore/rules/phone_number.h"

namespace otpcore {
namespace {

using C = ErrorCode;
using F = SearchFilter;

enum class Shape : uint8_t { kTexts, kText, kFlag };

// What the two searches answer for the same fault.
struct Faults {
  C missing_name, name_no_text, name_unknown, missing_value, no_texts, no_flag, no_text;
};
constexpr Faults kMemberFaults = {
    C::kMemberSearchMissingFilterName,       C::kMemberSearchFilterNameMustBeString,
    C::kMemberSearchFilterNameNotRecognized, C::kMemberSearchMissingFilterValue,
    C::kMemberSearchExpectedArrayOfStrings,  C::kMemberSearchExpectedBoolean,
    C::kMemberSearchExpectedString};
constexpr Faults kOrganizationFaults = {
    C::kOrganizationSearchMissingFilterName,       C::kOrganizationSearchFilterNameMustBeString,
    C::kOrganizationSearchFilterNameNotRecognized, C::kOrganizationSearchMissingFilterValue,
    C::kOrganizationSearchExpectedArrayOfStrings,  C::kOrganizationSearchExpectedBoolean,
    C::kOrganizationSearchExpectedString};

struct Row {
  std::string_view name;
  F filter;
  Shape shape;
  C missing;    // an empty list or text; of a flag none
  C too_short;  // of a part
};
constexpr Row kMemberRows[] = {
    {"member_ids", F::kMemberIds, Shape::kTexts, C::kMemberSearchMissingMemberIds, C::kOk},
    {"member_emails", F::kMemberEmails, Shape::kTexts, C::kMemberSearchMissingMemberEmails, C::kOk},
    {"member_email_fuzzy", F::kMemberEmailFuzzy, Shape::kText,
     C::kMemberSearchMissingMemberEmailFuzzy, C::kMemberSearchMemberEmailFuzzyTooShort},
    {"statuses", F::kStatuses, Shape::kTexts, C::kMemberSearchMissingStatuses, C::kOk},
    {"member_is_breakglass", F::kIsBreakglass, Shape::kFlag, C::kOk, C::kOk},
    {"member_mfa_phone_numbers", F::kPhoneNumbers, Shape::kTexts,
     C::kMemberSearchMissingMfaMemberPhoneNumbers, C::kOk},
    {"member_phone_numbers", F::kPhoneNumbers, Shape::kTexts,
     C::kMemberSearchMissingMfaMemberPhoneNumbers, C::kOk},
    {"member_mfa_phone_number_fuzzy", F::kPhoneNumberFuzzy, Shape::kText,
     C::kMemberSearchMissingMfaMemberPhoneNumberFuzzy,
     C::kMemberSearchMemberMfaPhoneNumberFuzzyTooShort},
    {"member_phone_number_fuzzy", F::kPhoneNumberFuzzy, Shape::kText,
     C::kMemberSearchMissingMfaMemberPhoneNumberFuzzy,
     C::kMemberSearchMemberMfaPhoneNumberFuzzyTooShort},
    {"member_totp_exists", F::kTotpExists, Shape::kFlag, C::kOk, C::kOk},
};
constexpr Row kOrganizationRows[] = {
    {"organization_ids", F::kOrganizationIds, Shape::kTexts,
     C::kOrganizationSearchMissingOrganizationIds, C::kOk},
    {"organization_slugs", F::kOrganizationSlugs, Shape::kTexts,
     C::kOrganizationSearchMissingOrganizationSlugs, C::kOk},
    {"organization_slug_fuzzy", F::kOrganizationSlugFuzzy, Shape::kText,
     C::kOrganizationSearchMissingOrganizationSlugFuzzy,
     C::kOrganizationSearchOrganizationSlugFuzzyTooShort},
    {"organization_name_fuzzy", F::kOrganizationNameFuzzy, Shape::kText,
     C::kOrganizationSearchMissingOrganizationNameFuzzy,
     C::kOrganizationSearchOrganizationNameFuzzyTooShort},
    {"member_emails", F::kMemberEmails, Shape::kTexts, C::kOrganizationSearchMissingMemberEmails,
     C::kOk},
    {"member_email_fuzzy", F::kMemberEmailFuzzy, Shape::kText,
     C::kOrganizationSearchMissingMemberEmailFuzzy, C::kOrganizationSearchMemberEmailFuzzyTooShort},
};

constexpr size_t kPartMin = 3;  // characters (SR-07)

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = Lower(c);
  return lower;
}

bool HasCharacters(std::string_view text, size_t least) {
  for (; least > 0 && !text.empty(); --least) NextCodePoint(&text);
  return least == 0;
}

// The host's filters where there are any; how each search asks them.
template <typename Filters>
Error CheckHosts(const SearchOperand& operand, const Faults& faults, Filters* host) {
  if (host == nullptr) return faults.name_unknown;
  const Error error = host->Check(operand);
  if (error.ok() && std::holds_alternative<std::monostate>(operand.filter_value))
    return faults.missing_value;
  return error;
}

// kOk, or what is wrong with the type of the value.
C CheckShape(const Row& row, const SearchValue& value, const Faults& faults) {
  if (std::holds_alternative<std::monostate>(value)) return faults.missing_value;
  switch (row.shape) {
    case Shape::kTexts: {
      const auto* const texts = std::get_if<std::vector<std::string>>(&value);
      if (texts == nullptr) return faults.no_texts;
      return texts->empty() ? row.missing : C::kOk;
    }
    case Shape::kText: {
      const auto* const text = std::get_if<std::string>(&value);
      if (text == nullptr) return faults.no_text;
      if (text->empty()) return row.missing;
      return HasCharacters(*text, kPartMin) ? C::kOk : row.too_short;
    }
    case Shape::kFlag: return std::holds_alternative<bool>(value) ? C::kOk : faults.no_flag;
  }
  return C::kBadRequest;
}

Error ReadStatuses(const std::vector<std::string>& names, unsigned* statuses) {
  for (const std::string& name : names) {
    bool known = false;
    for (const MemberStatus status : {MemberStatus::kPending, MemberStatus::kInvited,
                                      MemberStatus::kActive, MemberStatus::kDeleted}) {
      if (name != WireName(status)) continue;
      *statuses |= 1u << static_cast<unsigned>(status);
      known = true;
    }
    if (!known) return Error(C::kBadRequest, "statuses lists a status that does not exist");
  }
  return C::kOk;
}

// Ids go to `ids`, and as text to `texts` where they may be an external id too.
Error ReadIds(const std::vector<std::string>& values, Environment environment, bool may_mix,
              CheckedOperand* checked) {
  for (const std::string& value : values) {
    EntityId id;
    if (const C code = EntityId::Parse(value, environment, &id); code != C::kOk) return code;
    if (!id.generated()) checked->texts.push_back(value);
    checked->ids.push_back(id);
  }
  const size_t others = checked->texts.size();
  if (!may_mix && others != 0 && others != values.size())
    return C::kMemberSearchCannotMixInternalAndExternalMemberIds;
  std::sort(checked->ids.begin(), checked->ids.end());
  return C::kOk;
}

Error ReadTexts(const Config& config, const std::vector<std::string>& values,
                CheckedOperand* checked) {
  if (values.size() > kSearchValuesMax)
    return Error(C::kBadRequest, "a filter_value has at most 1000 texts");
  const Policy& policy = config.policy();
  Error error = C::kOk;
  switch (checked->filter) {
    case F::kMemberIds: error = ReadIds(values, policy.environment, false, checked); break;
    case F::kOrganizationIds: error = ReadIds(values, policy.environment, true, checked); break;
    case F::kStatuses: error = ReadStatuses(values, &checked->statuses); break;
    case F::kPhoneNumbers:
      for (const std::string& value : values) {
        // What is no number is nobody's.
        const Result<PhoneNumber> number = ParseImported(value, policy);
        if (number) checked->texts.push_back(HandsetKey(number->e164).str());
      }
      break;
    default:
      for (const std::string& value : values) checked->texts.push_back(Lower(value));
  }
  std::sort(checked->texts.begin(), checked->texts.end());
  checked->texts.erase(std::unique(checked->texts.begin(), checked->texts.end()),
                       checked->texts.end());
  return error;
}

template <typename Filters>
Error CheckOperand(const Config& config, const SearchOperand& operand, const Row* rows,
                   const Row* rows_end, const Faults& faults, Filters* host,
                   CheckedOperand* checked) {
  checked->request = &operand;
  const auto* const name = std::get_if<std::string>(&operand.filter_name);
  if (std::holds_alternative<std::monostate>(operand.filter_name)) return faults.missing_name;
  if (name == nullptr) return faults.name_no_text;
  if (name->empty()) return faults.missing_name;
  const Row* const row =
      std::find_if(rows, rows_end, [name](const Row& r) { return r.name == *name; });
  if (row == rows_end) return CheckHosts(operand, faults, host);
  checked->filter = row->filter;
  const SearchValue& value = operand.filter_value;
  if (const C code = CheckShape(*row, value, faults); code != C::kOk) return code;
  if (const auto* const texts = std::get_if<std::vector<std::string>>(&value))
    return ReadTexts(config, *texts, checked);
  if (const auto* const text = std::get_if<std::string>(&value))
    checked->texts = {Lower(*text)};
  else
    checked->flag = std::get<bool>(value);
  return C::kOk;
}

template <typename Filters>
Error CheckAll(const Config& config, const SearchQuery& query, const Row* rows, const Row* rows_end,
               const Faults& faults, Filters* host, CheckedQuery* checked) {
  const bool is_empty = query.op.empty() && query.operands.empty();
  if (query.op != "AND" && query.op != "OR" && !is_empty)
    return Error(C::kBadRequest, "operator must be AND or OR");
  if (query.operands.size() > kSearchOperandsMax)
    return Error(C::kBadRequest, "a query has at most 32 operands");
  checked->any = query.op == "OR";
  for (const SearchOperand& operand : query.operands) {
    const Error error = CheckOperand(config, operand, rows, rows_end, faults, host,
                                     &checked->operands.emplace_back());
    if (!error.ok()) return error;
  }
  return C::kOk;
}

bool IsIdOf(const CheckedOperand& operand, const EntityId& id, std::string_view external_id) {
  return std::binary_search(operand.ids.begin(), operand.ids.end(), id) ||
         (!external_id.empty() && operand.Has(external_id));
}

bool Holds(const CheckedOperand& operand, const MemberRecord& record, MemberFilters* host,
           Environment environment) {
  switch (operand.filter) {
    case F::kMemberIds: return IsIdOf(operand, record.member_id, record.external_id);
    case F::kMemberEmails: return operand.Has(Lower(record.email_address));
    case F::kMemberEmailFuzzy: return operand.IsPartOf(record.email_address);
    case F::kStatuses: return (operand.statuses >> static_cast<unsigned>(record.status) & 1) != 0;
    case F::kIsBreakglass: return record.is_breakglass == operand.flag;
    case F::kPhoneNumbers:
      return !record.phone.number.empty() && operand.Has(HandsetKey(record.phone.number));
    case F::kPhoneNumberFuzzy: return operand.IsPartOf(record.phone.number);
    case F::kTotpExists: return record.HasActiveTotp() == operand.flag;
    default: break;
  }
  Member member = ViewOf(record, Instant(), environment);
  member.is_locked = false;
  member.lock_created_at = member.lock_expires_at = Instant();
  return host->Matches(*operand.request, member);
}

// Whether AND or OR over the operands holds; without any it does.
template <typename Asked>
bool Combine(const CheckedQuery& query, const Asked& holds) {
  for (const CheckedOperand& operand : query.operands) {
    if (holds(operand) == query.any) return query.any;
  }
  return !query.any || query.operands.empty();
}

}  // namespace

bool CheckedOperand::Has(std::string_view text) const {
  return std::binary_search(texts.begin(), texts.end(), text);
}

bool CheckedOperand::IsPartOf(std::string_view text) const {
  const std::string& part = texts.front();
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return Lower(a) == b; }) != text.end();
}

Error CheckQuery(const Config& config, const SearchQuery& query, MemberFilters* host,
                 CheckedQuery* checked) {
  return CheckAll(config, query, std::begin(kMemberRows), std::end(kMemberRows), kMemberFaults,
                  host, checked);
}
Error CheckQuery(const Config& config, const SearchQuery& query, OrganizationFilters* host,
                 CheckedQuery* checked) {
  return CheckAll(config, query, std::begin(kOrganizationRows), std::end(kOrganizationRows),
                  kOrganizationFaults, host, checked);
}

bool Matches(const CheckedQuery& query, const MemberRecord& record, MemberFilters* host,
             Environment environment) {
  if (record.status == MemberStatus::kDeleted) {
    const unsigned deleted = 1u << static_cast<unsigned>(MemberStatus::kDeleted);
    const bool asked = std::any_of(query.operands.begin(), query.operands.end(),
                                   [&](const CheckedOperand& o) { return o.statuses & deleted; });
    if (!asked || record.email_address.empty()) return false;  // without address: purged
  }
  return Combine(query, [&](const CheckedOperand& operand) {
    return Holds(operand, record, host, environment);
  });
}

bool Matches(const CheckedOperand& operand, const OrganizationRecord& record,
             OrganizationFilters* host) {
  switch (operand.filter) {
    case F::kOrganizationIds:
      return IsIdOf(operand, record.organization_id, record.organization_external_id);
    case F::kOrganizationSlugs: return operand.Has(Lower(record.organization_slug));
    case F::kOrganizationSlugFuzzy: return operand.IsPartOf(record.organization_slug);
    case F::kOrganizationNameFuzzy: return operand.IsPartOf(record.organization_name);
    default: return host->Matches(*operand.request, record);
  }
}

bool AsksForMember(const CheckedOperand& operand) {
  return operand.filter == F::kMemberEmails || operand.filter == F::kMemberEmailFuzzy;
}

}  // namespace otpcore
