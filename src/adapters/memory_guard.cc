// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/memory_guard.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"

namespace otpcore {
namespace {

// ---- Things in order of their time ----

Instant TimeOf(Instant at) { return at; }

// Not a deque: that takes half a kilobyte for the first one. The room of those that left is given
// back when it comes to half.
template <typename T>
class InOrder {
 public:
  const T* begin() const { return items_.data() + left_; }
  const T* end() const { return items_.data() + items_.size(); }
  size_t size() const { return items_.size() - left_; }
  bool empty() const { return size() == 0; }
  const T& front() const { return *begin(); }
  const T& back() const { return items_.back(); }
  T& operator[](size_t i) { return items_[left_ + i]; }
  const T& operator[](size_t i) const { return items_[left_ + i]; }
  // Behind those of the same time. Throws before anything has changed, or not at all.
  void Insert(const T& item) {
    const auto later = [](Instant at, const T& other) { return at < TimeOf(other); };
    items_.insert(PlaceOf(std::upper_bound(begin(), end(), TimeOf(item), later)), item);
  }
  void Remove(size_t i) { items_.erase(PlaceOf(begin() + i)); }
  // Brings the item `from` forward to the place `to`, in front of those between.
  void BringForward(size_t from, size_t to) {
    const auto place = [&](size_t i) { return PlaceOf(begin() + i); };
    std::rotate(place(to), place(from), place(from + 1));
  }
  void RemoveBack() { items_.pop_back(); }
  void RemoveFront() {
    if (++left_ * 2 < items_.size()) return;
    items_.erase(items_.begin(), PlaceOf(begin()));
    left_ = 0;
  }

 private:
  typename std::vector<T>::iterator PlaceOf(const T* at) {
    return items_.begin() + (at - items_.data());
  }
  std::vector<T> items_;
  size_t left_ = 0;
};

using Times = InOrder<Instant>;

void RemoveOne(Instant at, Times* times) {
  const Instant* const found = std::lower_bound(times->begin(), times->end(), at);
  if (found != times->end() && *found == at)
    times->Remove(static_cast<size_t>(found - times->begin()));
}

// Not absl's: its tables are destroyed when memory runs out while they grow.
template <typename Value>
using Table = std::unordered_map<std::string, Value, absl::Hash<std::string>>;

template <typename Value, typename Predicate>
void EraseIf(Table<Value>* table, const Predicate& goes) {
  for (auto at = table->begin(); at != table->end();) at = goes(*at) ? table->erase(at) : ++at;
}

const Duration kHour = std::chrono::hours(1);
const Duration kSweepInterval = std::chrono::minutes(1);

// What one key remembers. `window` is that of the quota last asked for under this key.
struct Tally {
  Times taken;  // admissions; of a spraying key: failures
  Duration window{0};
  bool raised = false;  // of a spraying key: the event was raised and not yet calmed down
};

// Drops what has left the window. An instant further ahead than the window was
// taken under a wrong clock and counts as taken now (T-02).
void Expire(Duration window, Instant now, Times* times) {
  while (!times->empty() && now >= times->front() + window) times->RemoveFront();
  size_t ahead = 0;
  for (; !times->empty() && times->back() > now + window; ++ahead) times->RemoveBack();
  for (; ahead > 0; --ahead) times->Insert(now);
}

// ---- Conversion (L-07) ----

// A Member, or a number, of the passcodes that a Conversion remembers.
struct Party {
  int passcodes = 0;
  int ended = 0;        // of them
  bool proved = false;  // one of them counts among the proved
};

struct SentPasscode {
  Instant end;  // its expiry, unless it ended before
  AdmissionId id;
  Table<Party>::value_type* member = nullptr;
  Table<Party>::value_type* number = nullptr;
  bool counts = false;  // among the proved
};
Instant TimeOf(const SentPasscode& passcode) { return passcode.end; }

// The passcodes sent to the numbers of one Organization and region, until their ends have left the
// window.
class Conversion {
 public:
  size_t size() const { return passcodes_.size(); }
  // What throws has changed nothing that is counted.
  void Add(const AdmissionId& id, const Quota& quota, Instant now);
  // `expiry`: when it was to end.
  void Remove(const AdmissionId& id, Instant expiry);
  // It ends now, unless it has ended. `proved`: its number was verified by it.
  void End(const AdmissionId& id, Instant expiry, bool proved, Instant now);
  // Counts what has ended by now, and forgets what has left the window.
  void MoveTo(Instant now);
  // After MoveTo.
  Admission Check(const Quota& quota, Instant now) const;
  void set_window(Duration window) { window_ = window; }

 private:
  static constexpr int kEndedMax = 2;  // so often a Member counts among the ended

  size_t Find(const AdmissionId& id, Instant expiry) const;  // size(): nowhere
  void Count(const SentPasscode& passcode) {
    ended_ += ++passcode.member->second.ended <= kEndedMax;
  }
  void Uncount(const SentPasscode& passcode) {
    ended_ -= passcode.member->second.ended-- <= kEndedMax;
  }
  void Release(const SentPasscode& passcode);
  static void Release(Table<Party>::value_type* party, Table<Party>* parties) {
    if (--party->second.passcodes == 0) parties->erase(parties->find(party->first));
  }

  Duration window_{0};
  InOrder<SentPasscode> passcodes_;
  size_t counted_ = 0;  // of passcodes_, from the first on: those that have ended
  int ended_ = 0;       // of these, no Member more often than kEndedMax
  int proved_ = 0;
  Table<Party> members_;
  Table<Party> numbers_;
};

void Conversion::Add(const AdmissionId& id, const Quota& quota, Instant now) {
  SentPasscode passcode;
  passcode.end = now + quota.life;
  passcode.id = id;
  passcode.member = &*members_.try_emplace(std::string(quota.member_id.packed())).first;
  passcode.number = &*numbers_.try_emplace(std::string(quota.address.view())).first;
  passcodes_.Insert(passcode);
  ++passcode.member->second.passcodes;
  ++passcode.number->second.passcodes;
}

size_t Conversion::Find(const AdmissionId& id, Instant expiry) const {
  const auto before = [](const SentPasscode& one, Instant at) { return one.end < at; };
  const SentPasscode* one = std::lower_bound(passcodes_.begin(), passcodes_.end(), expiry, before);
  for (; one != passcodes_.end() && one->end == expiry; ++one) {
    if (one->id == id) return static_cast<size_t>(one - passcodes_.begin());
  }
  size_t i = 0;  // it ended before
  while (i < size() && passcodes_[i].id != id) ++i;
  return i;
}

void Conversion::Remove(const AdmissionId& id, Instant expiry) {
  const size_t i = Find(id, expiry);
  if (i == size()) return;
  if (i < counted_) {
    Uncount(passcodes_[i]);
    --counted_;
  }
  Release(passcodes_[i]);
  passcodes_.Remove(i);
}

void Conversion::Release(const SentPasscode& passcode) {
  if (passcode.counts) {
    passcode.member->second.proved = passcode.number->second.proved = false;
    --proved_;
  }
  Release(passcode.member, &members_);
  Release(passcode.number, &numbers_);
}

void Conversion::End(const AdmissionId& id, Instant expiry, bool proved, Instant now) {
  MoveTo(now);
  size_t i = Find(id, expiry);
  if (i == size()) return;
  if (i >= counted_) {
    passcodes_[i].end = now;
    passcodes_.BringForward(i, counted_);
    i = counted_++;
    Count(passcodes_[i]);
  }
  SentPasscode& passcode = passcodes_[i];
  Party& member = passcode.member->second;
  Party& number = passcode.number->second;
  if (!proved || member.proved || number.proved) return;
  passcode.counts = member.proved = number.proved = true;
  ++proved_;
}

void Conversion::MoveTo(Instant now) {
  while (counted_ > 0 && passcodes_[counted_ - 1].end > now) Uncount(passcodes_[--counted_]);
  // Sent under a wrong clock (T-02): it ends now.
  while (size() > 0 && passcodes_.back().end > now + window_) {
    passcodes_[size() - 1].end = now;
    passcodes_.BringForward(size() - 1, counted_);
    Count(passcodes_[counted_++]);
  }
  while (counted_ < size() && passcodes_[counted_].end <= now) Count(passcodes_[counted_++]);
  while (size() > 0 && passcodes_.front().end + window_ <= now) {
    Uncount(passcodes_.front());
    Release(passcodes_.front());
    passcodes_.RemoveFront();
    --counted_;
  }
}

Admission Conversion::Check(const Quota& quota, Instant now) const {
  if (ended_ < quota.min_ended || int64_t{proved_} * 100 >= int64_t{ended_} * quota.max) return {};
  // Until one leaves the window, as far as anybody can say.
  return {Admission::Kind::kTooFewAuthenticated, passcodes_.front().end + window_ - now};
}

// ---- All of them ----

struct Admitted {
  Instant at;
  Instant expiry;    // of its passcode
  Duration kept{0};  // for so long it may be asked for again, or its passcode is remembered
  std::vector<std::string> keys;
};

// One admission in each of several quotas, or, unless it is kept, in none: memory may run out
// between.
class Taking {
 public:
  Taking(const AdmissionId& id, Instant at, size_t most) : id_(id), at_(at) {
    taken_.reserve(most);
  }
  ~Taking() {
    for (Times* const times : taken_) RemoveOne(at_, times);
    if (conversion_ != nullptr) conversion_->Remove(id_, expiry_);
  }
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;
  void Take(Times* times) {
    times->Insert(at_);
    taken_.push_back(times);
  }
  void Take(const Quota& quota, Conversion* conversion) {
    conversion->Add(id_, quota, at_);
    conversion_ = conversion;
    expiry_ = at_ + quota.life;
  }
  void Keep() {
    taken_.clear();
    conversion_ = nullptr;
  }

 private:
  const AdmissionId id_;
  const Instant at_;
  std::vector<Times*> taken_;
  Conversion* conversion_ = nullptr;
  Instant expiry_;
};

std::string KeyOf(char kind, std::string_view organization, std::string_view rest) {
  std::string key(1, kind);
  key += static_cast<char>(organization.size());  // an id has at most 128 bytes
  key += organization;
  key += rest;
  return key;
}

std::string KeyOf(const Quota& quota) {
  return KeyOf(
      static_cast<char>(quota.subject), quota.organization_id.packed(),
      quota.subject == Quota::Subject::kAddress ? quota.address.view() : quota.region.view());
}
std::string SprayingKey(const EntityId& organization) {
  return KeyOf('s', organization.packed(), {});
}

bool IsConversion(const std::string& key) {
  return key.front() == static_cast<char>(Quota::Subject::kConversion);
}

// Whether one more fits beside those that were `taken`, which have been expired.
Admission Check(const Quota& quota, const Times& taken, Instant now) {
  const auto size = static_cast<int64_t>(taken.size());
  if (size < quota.max) return {};
  if (quota.max <= 0) return {Admission::Kind::kTooMany, quota.window};
  // The newest `max` fill it until the first of them leaves.
  return {Admission::Kind::kTooMany,
          taken[static_cast<size_t>(size - quota.max)] + quota.window - now};
}

}  // namespace

struct MemorySendGuard::Impl {
  Impl(Clock& the_clock, const Options& the_options) : clock(the_clock), options(the_options) {}

  // Each passcode that a conversion remembers has its admission still.
  size_t size() const { return tallies.size() + conversions.size() + admissions.size(); }
  template <typename Value>
  static Value* Find(const std::string& key, Table<Value>* table) {
    const auto found = table->find(key);
    return found == table->end() ? nullptr : &found->second;
  }
  // Whether so many keys more may be remembered.
  bool HasRoomFor(size_t keys, Instant now) {
    if (size() + keys > options.keys_max) Sweep(now);
    return size() + keys <= options.keys_max;
  }
  void Sweep(Instant now);
  Admission Ask(const std::string& key, const Quota& quota, Instant now, size_t* new_keys);
  void End(const std::string& admission_key, const ChallengeId& id, bool proved, Instant now);
  void CountFailure(EventList* events, Instant now);

  Clock& clock;
  const Options options;
  mutable std::mutex mutex;
  Table<Tally> tallies;
  Table<Conversion> conversions;
  Table<Admitted> admissions;
  Instant swept;
};

namespace {

std::string KeyOf(const AdmissionId& id) {
  return std::string(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

}  // namespace

// Forgets keys that remember nothing and admissions that nobody will repeat any more. At most once
// a minute, so that an attacker cannot make every call pay for it.
void MemorySendGuard::Impl::Sweep(Instant now) {
  if (now >= swept && now < swept + kSweepInterval) return;
  swept = now;
  EraseIf(&tallies, [&](auto& entry) {
    Tally& tally = entry.second;
    Expire(tally.window, now, &tally.taken);
    return tally.taken.empty();
  });
  EraseIf(&conversions, [&](auto& entry) {
    entry.second.MoveTo(now);
    return entry.second.size() == 0;
  });
  EraseIf(&admissions, [&](const auto& entry) {
    const Admitted& admitted = entry.second;
    return now >= admitted.at + admitted.kept || admitted.at > now + admitted.kept;
  });
}

// What `quota` says, and whether its key is a new one.
Admission MemorySendGuard::Impl::Ask(const std::string& key, const Quota& quota, Instant now,
                                     size_t* new_keys) {
  if (quota.subject == Quota::Subject::kConversion) {
    Conversion* const conversion = Find(key, &conversions);
    *new_keys += conversion == nullptr;
    if (conversion == nullptr) return {};
    conversion->set_window(quota.window);
    conversion->MoveTo(now);
    return conversion->Check(quota, now);
  }
  Tally* const tally = Find(key, &tallies);
  *new_keys += tally == nullptr;
  if (tally == nullptr) return Check(quota, Times(), now);
  tally->window = quota.window;
  Expire(quota.window, now, &tally->taken);
  return Check(quota, tally->taken, now);
}

// Allocates nothing.
void MemorySendGuard::Impl::End(const std::string& admission_key, const ChallengeId& id,
                                bool proved, Instant now) {
  const Admitted* const admitted = Find(admission_key, &admissions);
  if (admitted == nullptr || (!proved && now >= admitted->expiry)) return;
  for (const std::string& key : admitted->keys) {
    if (!IsConversion(key)) continue;
    Conversion* const conversion = Find(key, &conversions);
    if (conversion != nullptr) conversion->End(id, admitted->expiry, proved, now);
  }
}

MemorySendGuard::MemorySendGuard(Clock& clock) : MemorySendGuard(clock, Options()) {}
MemorySendGuard::MemorySendGuard(Clock& clock, const Options& options)
    : impl_(std::make_unique<Impl>(clock, options)) {}
MemorySendGuard::~MemorySendGuard() = default;

Admission MemorySendGuard::Admit(const AdmissionId& id, const Quotas& quotas) {
  const Instant now = impl_->clock.Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const std::string admission_key = KeyOf(id);
  if (impl_->admissions.count(admission_key) != 0) return Admission();

  // Nothing is remembered of a refusal: a flood of refused sends takes no room.
  Admission admission;
  Admitted admitted;
  admitted.at = now;
  admitted.kept = kHour;
  AdmissionId replaced;
  size_t new_keys = 1;
  for (const Quota& quota : quotas) {
    admitted.keys.push_back(KeyOf(quota));
    if (quota.subject == Quota::Subject::kConversion) {
      admitted.kept = std::max(admitted.kept, quota.window + quota.life);
      admitted.expiry = now + quota.life;
      replaced = quota.replaces;
    }
    const Admission one = impl_->Ask(admitted.keys.back(), quota, now, &new_keys);
    if (one.kind == Admission::Kind::kAdmitted) continue;
    // The longest wait is the honest one.
    if (admission.kind != Admission::Kind::kTooMany) admission.kind = one.kind;
    admission.retry_after = std::max(admission.retry_after, one.retry_after);
  }
  if (admission.kind != Admission::Kind::kAdmitted) return admission;
  if (!impl_->HasRoomFor(new_keys, now)) return {Admission::Kind::kTooMany, kSweepInterval};
  const std::string replaced_key = KeyOf(replaced);
  Taking taking(id, now, quotas.size());
  for (size_t i = 0; i < quotas.size(); ++i) {
    if (quotas[i].subject == Quota::Subject::kConversion) {
      Conversion& conversion = impl_->conversions[admitted.keys[i]];
      conversion.set_window(quotas[i].window);
      taking.Take(quotas[i], &conversion);
    } else {
      Tally& tally = impl_->tallies[admitted.keys[i]];
      tally.window = quotas[i].window;
      taking.Take(&tally.taken);
    }
  }
  impl_->admissions.emplace(admission_key, std::move(admitted));
  taking.Keep();
  impl_->End(replaced_key, replaced, false, now);
  return Admission();
}

void MemorySendGuard::Settle(const AdmissionId& id, Settlement settlement) {
  if (settlement != Settlement::kReturned) return;
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto found = impl_->admissions.find(KeyOf(id));
  if (found == impl_->admissions.end()) return;
  for (const std::string& key : found->second.keys) {
    if (IsConversion(key)) {
      Conversion* const conversion = Impl::Find(key, &impl_->conversions);
      if (conversion != nullptr) conversion->Remove(id, found->second.expiry);
    } else {
      Tally* const tally = Impl::Find(key, &impl_->tallies);
      if (tally != nullptr) RemoveOne(found->second.at, &tally->taken);
    }
  }
  impl_->admissions.erase(found);
}

void MemorySendGuard::Observe(EventList* events) {
  const PasscodeEnd end = PasscodeEndOf(*events);
  const bool failed = events->Has(EventKind::kFailure);
  if (end.challenge_id.empty() && !failed) return;
  const Instant now = impl_->clock.Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (!end.challenge_id.empty())
    impl_->End(KeyOf(end.challenge_id), end.challenge_id, end.proved, now);
  if (failed) impl_->CountFailure(events, now);
}

void MemorySendGuard::Impl::CountFailure(EventList* events, Instant now) {
  const std::string key = SprayingKey(events->organization_id);
  if (Find(key, &tallies) == nullptr && !HasRoomFor(1, now)) return;
  Tally* const tally = &tallies[key];
  tally->window = kHour;
  Expire(kHour, now, &tally->taken);
  const auto most = static_cast<size_t>(options.spraying_failures);
  if (tally->taken.size() > most) tally->taken.RemoveFront();
  tally->taken.Insert(now);
  const bool sprayed = tally->taken.size() > most;
  if (sprayed && !tally->raised) {
    Event event;
    event.kind = EventKind::kSpraying;
    event.at = now;
    events->Add(event);
  }
  tally->raised = sprayed;
}

size_t MemorySendGuard::size() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->size();
}

}  // namespace otpcore
