#include "otpcore/members.h"

#include "absl/strings/ascii.h"
#include "names.h"
#include "target.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kCreateMember;
constexpr size_t kEmailBytesMax = 254;  // RFC 5321: a forward path of 256 with its brackets

using Request = CreateMemberRequest;

// Enough to be an index key; whether mail arrives is the host's business.
bool IsValidEmail(std::string_view email) {
  const size_t at = email.find('@');
  if (email.size() > kEmailBytesMax || at == std::string_view::npos || at == 0 ||
      at + 1 == email.size())
    return false;
  for (const char c : email) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte <= 0x20 || byte == 0x7F) return false;
  }
  return true;
}

Error CheckRequest(const Policy& policy, const Request& request) {
  const Error organization =
      CheckRequiredId(policy, request.organization_id, "organization_id is required");
  if (organization.code() != ErrorCode::kOk) return organization;
  if (!IsValidEmail(request.email_address))
    return Error(ErrorCode::kBadRequest, "email_address is required and must be an address");
  if (!request.name.empty() && !IsValidName(request.name))
    return Error(ErrorCode::kBadRequest, "name takes 1 to 128 characters");
  if (!request.member_id.empty()) {
    const ErrorCode code = CheckId(request.member_id, policy.environment);
    if (code != ErrorCode::kOk) return code;
  }
  if (!request.external_id.empty() &&
      (!IsValidId(request.external_id) || IsGeneratedId(request.external_id)))
    return ErrorCode::kInvalidId;
  return ErrorCode::kOk;
}

MemberRecord NewRecord(const CallContext& context, const Request& request, const Id& organization,
                       Instant now) {
  MemberRecord record;
  record.organization_id = organization;
  // As with Organizations: made of the operation id, so that a repeated operation finds what it
  // made.
  record.member_id = request.member_id.empty()
                         ? Id(FormatId("member", context.config->policy().environment,
                                       UuidFromRandom(context.operation_id.bytes.data())))
                         : Id(request.member_id);
  record.external_id = request.external_id;
  record.email_address = request.email_address;
  record.email_address_verified = request.email_address_verified;
  record.name = request.name;
  record.status = request.create_member_as_pending ? MemberStatus::kPending : MemberStatus::kActive;
  record.is_breakglass = request.is_breakglass;
  record.mfa_enrolled = request.mfa_enrolled;
  record.created_at = record.updated_at = now;
  record.mark = {context.operation_id, kKind, 0};
  return record;
}

std::vector<WantedName> NamesOf(const MemberRecord& record) {
  const Id& organization = record.organization_id;
  std::vector<WantedName> names;
  names.push_back({{RecordKind::kMemberEmail, organization,
                    std::string_view(absl::AsciiStrToLower(record.email_address))},
                   ErrorCode::kDuplicateMemberEmail});
  if (!IsGeneratedId(record.member_id))
    names.push_back(
        {{RecordKind::kMemberName, organization, record.member_id.view()}, ErrorCode::kBadRequest});
  if (!record.external_id.empty() && record.external_id != record.member_id)
    names.push_back({{RecordKind::kMemberName, organization, record.external_id.view()},
                     ErrorCode::kDuplicateMemberExternalId});
  return names;
}

}  // namespace

Decision CreateMember::Plan(const CallContext& context, const Request& request,
                            const Facts& facts) {
  if (const Error error = CheckRequest(context.config->policy(), request);
      error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  OrganizationSnapshot organization;
  if (auto instead = FindOrganization(request.organization_id, facts, &organization))
    return *std::move(instead);

  MemberRecord record =
      NewRecord(context, request, organization->organization.organization_id, facts.now);
  const RecordKey key = MemberKey(record.organization_id, record.member_id);
  NamesClaim names = ClaimNames(NamesOf(record), record.member_id, facts);
  const LoadedRecord* const found = facts.Find(key);
  if (found == nullptr) {
    LoadMore load = names.load.value_or(LoadMore());
    load.keys.push_back(key);
    return load;
  }
  if (const auto* const member = std::get_if<MemberRecord>(&found->record)) {
    Answer answer;
    answer.organization = organization;
    answer.member = std::make_unique<MemberRecord>(*member);
    if (member->mark.id != context.operation_id)
      answer.error = Error(ErrorCode::kBadRequest, "member_id is in use");
    return answer;
  }
  if (names.error.code() != ErrorCode::kOk) return RefuseRequest(names.error);

  const OperationMark mark = record.mark;
  Target target;
  target.organization = std::move(organization);
  target.events.organization_id = record.organization_id;
  target.events.member_id = record.member_id;
  target.member = std::move(record);
  target.AddEvent(EventKind::kCreated, facts.now);
  Commit commit = StartCommit(mark, std::move(target), ErrorCode::kOk);
  for (Write& write : names.writes) commit.changes.writes.push_back(std::move(write));
  return commit;
}

Result<CreateMemberResponse> CreateMember::Respond(const CallContext&, const Request&,
                                                   const Conclusion& conclusion) {
  if (conclusion.answer.error.code() != ErrorCode::kOk) return conclusion.answer.error;
  return CreateMemberResponse{ViewOf(*conclusion.member(), conclusion.now),
                              conclusion.answer.organization->organization};
}

}  // namespace otpcore
