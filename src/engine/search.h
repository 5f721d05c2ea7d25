// SPDX-License-Identifier: Apache-2.0
// The two searches as machines that ask for one thing at a time. Engine and hosts see them through
// SearchOperation.
#ifndef OTPCORE_SRC_ENGINE_SEARCH_H_
#define OTPCORE_SRC_ENGINE_SEARCH_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "commands/search_cursor.h"
#include "commands/search_query.h"
#include "otpcore/commands/checked.h"
#include "otpcore/engine/search_operation.h"
#include "otpcore/plan/decision.h"

namespace otpcore {

// What both have: limits, counts, and the page as it grows.
class SearchOperation::Search {
 public:
  explicit Search(const Config& config) : config_(config) {}
  virtual ~Search() = default;
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  // Goes on with what was answered to the need before; Done: the page is ready, or error() says why
  // there is none.
  virtual SearchNeed Continue() = 0;

  void Fail(const Error& error) { error_ = error; }
  const Error& error() const { return error_; }
  const Config& config() const { return config_; }
  bool awaits_load() const { return awaits_ == Awaits::kLoad; }
  bool awaits_visit() const { return awaits_ == Awaits::kVisit; }
  // Moves the page into the reply.
  void TakePage(SearchReply* reply);

 protected:
  enum class Awaits : uint8_t { kNothing, kLoad, kVisit };

  // Reads the limit. False: error() is set.
  bool ReadLimit(const std::optional<int>& limit);
  SearchNeed End() {
    awaits_ = Awaits::kNothing;
    return Done{};
  }
  SearchNeed Load() {
    awaits_ = Awaits::kLoad;
    return NeedLoad{facts_.records.Batch(), nullptr, nullptr, 0};
  }
  // Asks for as many as are sure to be needed, then for more and more; never for more than is left.
  SearchNeed Visit(VisitRange range, VisitBatch* batch);
  // Counts what was found. False: it may not be used, and error() says so.
  bool TakeVisit(const VisitBatch& batch);
  size_t visits_left() const {
    return static_cast<size_t>(config_.policy().search_visits_max) - visits_;
  }
  size_t room() const { return limit_ - page_size_; }
  void Keep(const RecordKey& key, std::string_view bytes, std::vector<SearchReply::Kept>* page) {
    page->push_back({key, std::string(bytes)});
  }
  static Error Unreadable() {
    return Error(ErrorCode::kInternalServerError, "a record cannot be read");
  }

  const Config& config_;
  Error error_ = ErrorCode::kOk;
  Awaits awaits_ = Awaits::kNothing;
  size_t limit_ = 100;
  size_t page_size_ = 0;  // of what is searched for
  size_t visits_ = 0;
  size_t next_ask_ = 0;
  bool from_the_beginning_ = true;
  std::string next_cursor_;
  std::vector<SearchReply::Kept> members_;
  std::vector<SearchReply::Kept> organizations_;
  Facts facts_;
  Decision decision_{&facts_.records};
};

// Finds the Organizations that are named, a few at once, then visits the Members of one after the
// other.
class SearchOperation::OfMembers final : public Search {
 public:
  OfMembers(const Config& config, const SearchMembersRequest& request);
  SearchNeed Continue() override;

 private:
  enum class Stage : uint8_t { kFind, kVisit };

  Error Check();
  bool FindSome();         // true: all are found, or error() is set; false: a load is needed
  void StartAtPosition();  // in the order of the ids, behind the cursor
  bool TakeMembers();      // true: the page is ready
  SearchNeed Finish(bool more);

  const SearchMembersRequest& request_;
  CheckedQuery query_;
  SearchPosition position_;
  std::vector<CheckedOrganization> named_;
  size_t found_ = 0;                        // of named_
  std::vector<SearchReply::Kept> visited_;  // Organizations, in order
  size_t at_ = 0;                           // in visited_
  bool shows_at_ = false;                   // a Member of it is on the page
  EntityId after_;
  Stage stage_ = Stage::kFind;
  VisitBatch batch_;
};

// Visits the Organizations; where operands ask for a Member, looks into each.
class SearchOperation::OfOrganizations final : public Search {
 public:
  OfOrganizations(const Config& config, const SearchOrganizationsRequest& request);
  SearchNeed Continue() override;

 private:
  enum class Stage : uint8_t {
    kResume,     // load the Organization that the cursor is inside of
    kVisit,      // visit the next Organizations
    kTake,       // they were visited
    kNext,       // look at the next one
    kAddresses,  // look for addresses in the one at hand
    kMembers,    // its Members were visited
  };
  enum class Verdict : uint8_t { kNo, kYes, kOpen };

  SearchNeed VisitMore();
  void TakeResumed();
  void TakeNext();
  void Begin(const RecordKey& key, std::string_view bytes);
  Verdict JudgeAlone() const;  // by the operands that ask for no Member
  // Goes on with the operand that asks for a Member. True: `*need` is needed.
  bool AskForMember(SearchNeed* need);
  void TakeAddresses();
  void TakeMembers();
  void OperandHolds(bool holds);
  void Decide(bool matches);
  SearchNeed Finish(const SearchPosition* next);

  const SearchOrganizationsRequest& request_;
  CheckedQuery query_;
  std::vector<const CheckedOperand*> alone_;
  std::vector<const CheckedOperand*> of_members_;
  Stage stage_ = Stage::kVisit;
  bool finished_ = false;  // the page is full
  VisitBatch batch_;
  size_t next_ = 0;  // in batch_
  EntityId after_;   // the Organization that was decided last
  // The one at hand.
  RecordKey key_;
  std::string bytes_;
  OrganizationRecord organization_;
  SearchPosition position_;  // inside it
  size_t asked_ = 0;         // addresses in the load
  VisitBatch members_batch_;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_ENGINE_SEARCH_H_
