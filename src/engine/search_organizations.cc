// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/search.h"

namespace otpcore {
namespace {

// Where Members are looked at too, Organizations are visited a few at once: those that the page has
// no visits left for are visited again by the next one.
constexpr size_t kAtOnceWithMembers = 16;

}  // namespace

SearchOperation::OfOrganizations::OfOrganizations(const Config& config,
                                                  const SearchOrganizationsRequest& request)
    : Search(config), request_(request) {
  if (!ReadLimit(request_.limit)) return;
  error_ = CheckQuery(config_, request_.query, request_.host_filters, &query_);
  if (!error_.ok()) return;
  for (const CheckedOperand& operand : query_.operands)
    (AsksForMember(operand) ? of_members_ : alone_).push_back(&operand);
  if (request_.cursor.empty()) return;
  from_the_beginning_ = false;
  error_ = ReadCursor(config_, request_, &position_);
  if (!error_.ok()) return;
  after_ = position_.organization;
  if (position_.inside && position_.operand < of_members_.size()) stage_ = Stage::kResume;
}

SearchNeed SearchOperation::OfOrganizations::Finish(const SearchPosition* next) {
  if (next != nullptr) next_cursor_ = CursorFor(config_, request_, *next);
  return End();
}

SearchNeed SearchOperation::OfOrganizations::VisitMore() {
  VisitRange range;
  range.kind = RecordKind::kOrganization;
  range.after = after_;
  if (of_members_.empty()) return Visit(range, &batch_);
  range.limit = std::min(kAtOnceWithMembers, visits_left());
  batch_.Ask(range);
  awaits_ = Awaits::kVisit;
  return NeedVisit{&batch_};
}

void SearchOperation::OfOrganizations::TakeResumed() {
  ++visits_;
  const RecordKey key = RecordKey::Organization(position_.organization);
  const LoadedRecord* const loaded =
      facts_.records.TakeBatch() ? facts_.records.Find(key) : nullptr;
  stage_ = Stage::kNext;
  if (loaded == nullptr) {
    error_ = Unreadable();
  } else if (loaded->revision != 0) {
    const SearchPosition inside = position_;
    Begin(key, loaded->bytes);
    if (stage_ == Stage::kAddresses) position_ = inside;
  }
}

void SearchOperation::OfOrganizations::TakeNext() {
  const size_t i = next_++;
  Begin(batch_.key(i), batch_.bytes(i));
}

void SearchOperation::OfOrganizations::Begin(const RecordKey& key, std::string_view bytes) {
  key_ = key;
  bytes_ = bytes;
  organization_ = OrganizationRecord();
  if (!Unpack(key_, bytes_, &organization_)) {
    error_ = Unreadable();
    return;
  }
  position_ = SearchPosition();
  position_.organization = organization_.organization_id;
  position_.inside = true;
  const Verdict verdict = organization_.deleted ? Verdict::kNo : JudgeAlone();
  if (verdict != Verdict::kOpen) return Decide(verdict == Verdict::kYes);
  stage_ = Stage::kAddresses;
}

SearchOperation::OfOrganizations::Verdict SearchOperation::OfOrganizations::JudgeAlone() const {
  for (const CheckedOperand* operand : alone_) {
    if (Matches(*operand, organization_, request_.host_filters) == query_.any)
      return query_.any ? Verdict::kYes : Verdict::kNo;
  }
  if (!of_members_.empty()) return Verdict::kOpen;
  return query_.any && !alone_.empty() ? Verdict::kNo : Verdict::kYes;
}

bool SearchOperation::OfOrganizations::AskForMember(SearchNeed* need) {
  const CheckedOperand& operand = *of_members_[position_.operand];
  const EntityId& organization = position_.organization;
  if (operand.filter == SearchFilter::kMemberEmails) {
    // By the index records of addresses: a deleted Member has none.
    const size_t rest =
        operand.texts.size() - std::min<size_t>(position_.address, operand.texts.size());
    if (rest == 0) {
      OperandHolds(false);
      return false;
    }
    asked_ = std::min({rest, visits_left(), Records::kMax});
    facts_.records.Clear();
    for (size_t i = 0; i < asked_; ++i)
      facts_.records.Want(
          RecordKey::MemberEmail(organization, operand.texts[position_.address + i]));
    *need = Load();
    return true;
  }
  VisitRange range;
  range.kind = RecordKind::kMember;
  range.organization = organization;
  range.after = position_.member;
  range.limit = std::min(visits_left(), VisitBatch::kMax);
  members_batch_.Ask(range);
  stage_ = Stage::kMembers;
  awaits_ = Awaits::kVisit;
  *need = NeedVisit{&members_batch_};
  return true;
}

void SearchOperation::OfOrganizations::TakeAddresses() {
  visits_ += asked_;
  if (!facts_.records.TakeBatch()) {
    error_ = Unreadable();
    return;
  }
  bool found = false;
  for (size_t i = 0; i < facts_.records.size(); ++i)
    found = found || facts_.records[i].revision != 0;
  position_.address = static_cast<uint16_t>(position_.address + asked_);
  if (found) OperandHolds(true);
}

void SearchOperation::OfOrganizations::TakeMembers() {
  stage_ = Stage::kAddresses;
  if (!TakeVisit(members_batch_)) return;
  const CheckedOperand& operand = *of_members_[position_.operand];
  for (size_t i = 0; i < members_batch_.size(); ++i) {
    MemberRecord member;
    if (!Unpack(members_batch_.key(i), members_batch_.bytes(i), &member)) {
      error_ = Unreadable();
      return;
    }
    position_.member = member.member_id;
    if (member.status != MemberStatus::kDeleted && operand.IsPartOf(member.email_address))
      return OperandHolds(true);
  }
  if (members_batch_.at_end()) OperandHolds(false);
}

void SearchOperation::OfOrganizations::OperandHolds(bool holds) {
  if (holds == query_.any || position_.operand + 1u == of_members_.size()) return Decide(holds);
  ++position_.operand;
  position_.address = 0;
  position_.member = {};
}

void SearchOperation::OfOrganizations::Decide(bool matches) {
  stage_ = Stage::kNext;
  after_ = position_.organization;
  if (!matches) return;
  Keep(key_, bytes_, &organizations_);
  ++page_size_;
  finished_ = room() == 0;
}

SearchNeed SearchOperation::OfOrganizations::Continue() {
  const bool answered = awaits_ != Awaits::kNothing;
  awaits_ = Awaits::kNothing;
  if (error_.ok() && answered) {
    if (stage_ == Stage::kResume)
      TakeResumed();
    else if (stage_ == Stage::kAddresses)
      TakeAddresses();
    else if (stage_ == Stage::kMembers)
      TakeMembers();
    else if (TakeVisit(batch_))
      stage_ = Stage::kNext;
  }
  SearchPosition behind;
  while (error_.ok()) {
    behind.organization = after_;
    const bool any_left = next_ < batch_.size();
    switch (stage_) {
      case Stage::kResume:
        facts_.records.Want(RecordKey::Organization(position_.organization));
        return Load();
      case Stage::kNext:
        if (finished_) return Finish(any_left || !batch_.at_end() ? &behind : nullptr);
        if (any_left) {
          TakeNext();
        } else if (batch_.at_end()) {
          return Finish(nullptr);
        } else {
          stage_ = Stage::kVisit;
        }
        break;
      case Stage::kVisit:
        if (visits_left() == 0) return Finish(&behind);
        next_ = 0;
        stage_ = Stage::kTake;
        return VisitMore();
      case Stage::kAddresses: {
        if (visits_left() == 0) return Finish(&position_);
        SearchNeed need = Done{};
        if (AskForMember(&need)) return need;
        break;
      }
      default: error_ = Unreadable();
    }
  }
  return End();
}

}  // namespace otpcore
