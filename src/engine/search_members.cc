// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/find_member.h"
#include "engine/search.h"

namespace otpcore {
namespace {

// Named Organizations that are looked up in one load: each takes up to four keys, and they and
// their records must fit.
constexpr size_t kFoundAtOnce = 4;
static_assert(kFoundAtOnce * 4 <= Records::kMax);
static_assert(kFoundAtOnce * (kOrganizationRecordBytesMax + 2 * kIndexRecordBytesMax) <=
              Records::kArenaBytes);

}  // namespace

SearchOperation::OfMembers::OfMembers(const Config& config, const SearchMembersRequest& request)
    : Search(config), request_(request) {
  error_ = Check();
}

Error SearchOperation::OfMembers::Check() {
  const std::vector<std::string>& ids = request_.organization_ids;
  if (ids.empty()) return ErrorCode::kMemberSearchOrganizationIdsEmpty;
  if (ids.size() > kSearchOrganizationsMax)
    return Error(ErrorCode::kBadRequest, "organization_ids has at most 1000 ids");
  CallContext context;
  context.config = &config_;
  for (const std::string& id : ids) {
    const Error error = CheckOrganization(context, id, &named_.emplace_back());
    if (!error.ok()) return error;
  }
  if (!ReadLimit(request_.limit)) return error_;
  const Error error = CheckQuery(config_, request_.query, request_.host_filters, &query_);
  if (!error.ok() || request_.cursor.empty()) return error;
  from_the_beginning_ = false;
  return ReadCursor(config_, request_, &position_);
}

bool SearchOperation::OfMembers::FindSome() {
  for (size_t i = found_; i < named_.size() && i < found_ + kFoundAtOnce; ++i) {
    decision_.Clear();
    FoundOrganization found;
    FindOrganization(named_[i], facts_, false, &found, &decision_);
    if (decision_.kind != Decision::Kind::kLoad && !decision_.answer.error.ok()) {
      error_ = decision_.answer.error;
      return true;
    }
  }
  if (facts_.records.wants_any()) return false;
  for (size_t end = std::min(named_.size(), found_ + kFoundAtOnce); found_ < end; ++found_) {
    decision_.Clear();
    FoundOrganization found;
    FindOrganization(named_[found_], facts_, false, &found, &decision_);
    Keep(found.loaded->key, found.loaded->bytes, &visited_);
  }
  facts_.records.Clear();
  return found_ == named_.size() || FindSome();
}

void SearchOperation::OfMembers::StartAtPosition() {
  using Kept = SearchReply::Kept;
  std::sort(visited_.begin(), visited_.end(),
            [](const Kept& a, const Kept& b) { return a.key.id() < b.key.id(); });
  visited_.erase(std::unique(visited_.begin(), visited_.end(),
                             [](const Kept& a, const Kept& b) { return a.key == b.key; }),
                 visited_.end());
  while (at_ < visited_.size() && visited_[at_].key.id() < position_.organization) ++at_;
  if (at_ < visited_.size() && visited_[at_].key.id() == position_.organization)
    after_ = position_.member;
}

bool SearchOperation::OfMembers::TakeMembers() {
  if (!TakeVisit(batch_)) return true;
  for (size_t i = 0; i < batch_.size(); ++i) {
    MemberRecord record;
    if (!Unpack(batch_.key(i), batch_.bytes(i), &record)) {
      error_ = Unreadable();
      return true;
    }
    after_ = record.member_id;
    if (!Matches(query_, record, request_.host_filters, config_.policy().environment)) continue;
    if (!shows_at_) Keep(visited_[at_].key, visited_[at_].bytes, &organizations_);
    shows_at_ = true;
    Keep(batch_.key(i), batch_.bytes(i), &members_);
    ++page_size_;
    if (room() == 0 && (i + 1 < batch_.size() || !batch_.at_end())) return true;
  }
  if (!batch_.at_end()) return false;
  ++at_;
  after_ = {};
  shows_at_ = false;
  return room() == 0;
}

SearchNeed SearchOperation::OfMembers::Finish(bool more) {
  if (more) {
    SearchPosition next;
    next.organization = visited_[at_].key.id();
    next.member = after_;
    next_cursor_ = CursorFor(config_, request_, next);
  }
  return End();
}

SearchNeed SearchOperation::OfMembers::Continue() {
  if (!error_.ok()) return End();
  if (stage_ == Stage::kFind) {
    if (awaits_load() && !facts_.records.TakeBatch()) {
      error_ = Unreadable();
      return End();
    }
    if (!FindSome()) return Load();
    if (!error_.ok()) return End();
    StartAtPosition();
    stage_ = Stage::kVisit;
  } else if (TakeMembers()) {
    return error_.ok() ? Finish(at_ < visited_.size()) : End();
  }
  if (at_ == visited_.size()) return Finish(false);
  if (visits_left() == 0) return Finish(true);
  VisitRange range;
  range.kind = RecordKind::kMember;
  range.organization = visited_[at_].key.id();
  range.after = after_;
  return Visit(range, &batch_);
}

}  // namespace otpcore
