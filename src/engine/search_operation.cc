// SPDX-License-Identifier: Apache-2.0
#include "otpcore/engine/search_operation.h"

#include <algorithm>
#include <utility>

#include "engine/search.h"
#include "model/ledgers.h"

namespace otpcore {

// ---- What both searches have ----

bool SearchOperation::Search::ReadLimit(const std::optional<int>& limit) {
  if (!limit) return true;
  if (*limit < 1 || *limit > kSearchLimitMax) {
    error_ = Error(ErrorCode::kBadRequest, "limit must be from 1 to 1000");
    return false;
  }
  limit_ = static_cast<size_t>(*limit);
  return true;
}

SearchNeed SearchOperation::Search::Visit(VisitRange range, VisitBatch* batch) {
  // One more than there is room for tells whether the end is there.
  next_ask_ = std::max(2 * next_ask_, room() + 1);
  range.limit = std::min({next_ask_, visits_left(), VisitBatch::kMax});
  batch->Ask(range);
  awaits_ = Awaits::kVisit;
  return NeedVisit{batch};
}

bool SearchOperation::Search::TakeVisit(const VisitBatch& batch) {
  visits_ += batch.size();
  if (batch.broke())
    error_ = Error(ErrorCode::kInternalServerError, "the Directory is out of order");
  if (batch.size() == 0 && !batch.at_end())
    error_ = Error(ErrorCode::kInternalServerError, "the Directory makes no progress");
  return error_.ok();
}

void SearchOperation::Search::TakePage(SearchReply* reply) {
  reply->visits_ = static_cast<int>(visits_);
  if (!error_.ok()) return;
  const bool all = from_the_beginning_ && next_cursor_.empty();
  reply->total_ = all ? static_cast<int64_t>(page_size_) : -1;
  reply->next_cursor_ = std::move(next_cursor_);
  reply->members_ = std::move(members_);
  reply->organizations_ = std::move(organizations_);
}

// ---- The operation ----

SearchOperation::SearchOperation(const Config& config, const SearchMembersRequest& request)
    : search_(std::make_unique<OfMembers>(config, request)) {}
SearchOperation::SearchOperation(const Config& config, const SearchOrganizationsRequest& request)
    : search_(std::make_unique<OfOrganizations>(config, request)) {}
SearchOperation::~SearchOperation() = default;

namespace {

Error Misuse() { return Error(ErrorCode::kInternalServerError, "nothing asked for this outcome"); }

}  // namespace

SearchNeed SearchOperation::Start() { return search_->Continue(); }

SearchNeed SearchOperation::OnLoaded(bool ok) {
  if (!search_->awaits_load()) {
    search_->Fail(Misuse());
  } else if (!ok) {
    search_->Fail(ErrorCode::kServerUnavailable);
  }
  return search_->Continue();
}

SearchNeed SearchOperation::OnVisited(bool ok) {
  if (!search_->awaits_visit()) {
    search_->Fail(Misuse());
  } else if (!ok) {
    search_->Fail(ErrorCode::kServerUnavailable);
  }
  return search_->Continue();
}

void SearchOperation::Respond(Instant now, std::string request_id, SearchReply* reply) {
  *reply = SearchReply();
  const Policy& policy = search_->config().policy();
  reply->error_ = search_->error();
  reply->request_id_ = std::move(request_id);
  reply->environment_ = policy.environment;
  reply->now_ = now;
  search_->TakePage(reply);
  // As Get shows them: times of another clock are read as they count now (T-02).
  for (SearchReply::Kept& kept : reply->members_) {
    MemberRecord record;
    if (!Unpack(kept.key, kept.bytes, &record) || !ClampFutureTimes(policy, now, &record)) continue;
    std::string packed(kMemberRecordBytesMax, '\0');
    packed.resize(Pack(record, packed.data()));
    if (!packed.empty()) kept.bytes = std::move(packed);
  }
}

// ---- The reply ----

Member SearchReply::member(size_t i) const& {
  MemberRecord record;
  if (i >= members_.size() || !Unpack(members_[i].key, members_[i].bytes, &record)) return {};
  return ViewOf(record, now_, environment_);
}

Organization SearchReply::organization(size_t i) const& {
  OrganizationRecord record;
  if (i >= organizations_.size() ||
      !Unpack(organizations_[i].key, organizations_[i].bytes, &record))
    return {};
  return record;
}

}  // namespace otpcore
