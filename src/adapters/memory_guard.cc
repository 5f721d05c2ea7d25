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

// Instants in order. Not a deque: that takes half a kilobyte for the first one. The room of those
// that left is given back when it comes to half.
class Times {
 public:
  const Instant* begin() const { return times_.data() + left_; }
  const Instant* end() const { return times_.data() + times_.size(); }
  size_t size() const { return times_.size() - left_; }
  bool empty() const { return size() == 0; }
  Instant front() const { return *begin(); }
  Instant back() const { return times_.back(); }
  void Insert(Instant at) { times_.insert(PlaceOf(std::upper_bound(begin(), end(), at)), at); }
  void RemoveOne(Instant at) {
    const Instant* const found = std::lower_bound(begin(), end(), at);
    if (found != end() && *found == at) times_.erase(PlaceOf(found));
  }
  void RemoveBack() { times_.pop_back(); }
  void RemoveFront() {
    if (++left_ * 2 < times_.size()) return;
    times_.erase(times_.begin(), PlaceOf(begin()));
    left_ = 0;
  }

 private:
  std::vector<Instant>::iterator PlaceOf(const Instant* at) {
    return times_.begin() + (at - times_.data());
  }
  std::vector<Instant> times_;
  size_t left_ = 0;
};

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
  Times taken;          // admissions; of a spraying key: failures
  Times authenticated;  // of a conversion key
  Duration window{0};
  bool raised = false;  // of a spraying key: the event was raised and not yet calmed down
};

struct Admitted {
  Instant at;
  std::vector<std::string> keys;
};

// Drops what has left the window. An instant further ahead than the window was
// taken under a wrong clock and counts as taken now (T-02).
void Expire(Duration window, Instant now, Times* times) {
  while (!times->empty() && now >= times->front() + window) times->RemoveFront();
  size_t ahead = 0;
  for (; !times->empty() && times->back() > now + window; ++ahead) times->RemoveBack();
  for (; ahead > 0; --ahead) times->Insert(now);
}

// One instant in each of several tallies, or, unless it is kept, in none: memory may run out
// between.
class Taking {
 public:
  Taking(Instant at, size_t most) : at_(at) { taken_.reserve(most); }
  ~Taking() {
    for (Times* const times : taken_) times->RemoveOne(at_);
  }
  Taking(const Taking&) = delete;
  Taking& operator=(const Taking&) = delete;
  void Take(Times* times) {
    times->Insert(at_);
    taken_.push_back(times);
  }
  void Keep() { taken_.clear(); }

 private:
  const Instant at_;
  std::vector<Times*> taken_;
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
std::string ConversionKey(const EntityId& organization, const RegionCode& region) {
  return KeyOf(static_cast<char>(Quota::Subject::kConversion), organization.packed(),
               region.view());
}
std::string SprayingKey(const EntityId& organization) {
  return KeyOf('s', organization.packed(), {});
}

// Whether one more fits into `tally`, which has been expired.
Admission Check(const Quota& quota, const Tally& tally, Instant now) {
  Admission admission;
  if (tally.taken.empty()) return admission;
  admission.retry_after = tally.taken.front() + quota.window - now;
  if (quota.subject != Quota::Subject::kConversion) {
    if (static_cast<int>(tally.taken.size()) >= quota.max)
      admission.kind = Admission::Kind::kTooMany;
    return admission;
  }
  const auto ended = std::upper_bound(tally.taken.begin(), tally.taken.end(), now - quota.life) -
                     tally.taken.begin();
  const auto authenticated = static_cast<int64_t>(tally.authenticated.size());
  if (ended >= quota.min_ended && authenticated * 100 < ended * quota.max)
    admission.kind = Admission::Kind::kTooFewAuthenticated;
  return admission;
}

}  // namespace

struct MemorySendGuard::Impl {
  Impl(Clock& the_clock, const Options& the_options) : clock(the_clock), options(the_options) {}

  size_t size() const { return tallies.size() + admissions.size(); }
  Tally* Find(const std::string& key) {
    const auto found = tallies.find(key);
    return found == tallies.end() ? nullptr : &found->second;
  }
  // Whether so many keys more may be remembered.
  bool HasRoomFor(size_t keys, Instant now) {
    if (size() + keys > options.keys_max) Sweep(now);
    return size() + keys <= options.keys_max;
  }
  void Sweep(Instant now);

  Clock& clock;
  const Options options;
  mutable std::mutex mutex;
  Table<Tally> tallies;
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
    Expire(tally.window, now, &tally.authenticated);
    return tally.taken.empty() && tally.authenticated.empty();
  });
  EraseIf(&admissions, [&](const auto& entry) {
    return now >= entry.second.at + kHour || entry.second.at > now + kHour;
  });
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
  size_t new_keys = 1;
  for (const Quota& quota : quotas) {
    admitted.keys.push_back(KeyOf(quota));
    Tally* const tally = impl_->Find(admitted.keys.back());
    if (tally == nullptr) {
      ++new_keys;
      continue;
    }
    tally->window = quota.window;
    Expire(quota.window, now, &tally->taken);
    Expire(quota.window, now, &tally->authenticated);
    const Admission one = Check(quota, *tally, now);
    if (one.kind == Admission::Kind::kAdmitted) continue;
    // The longest wait is the honest one.
    if (admission.kind == Admission::Kind::kAdmitted) admission.kind = one.kind;
    admission.retry_after = std::max(admission.retry_after, one.retry_after);
  }
  if (admission.kind != Admission::Kind::kAdmitted) return admission;
  if (!impl_->HasRoomFor(new_keys, now)) return {Admission::Kind::kTooMany, kSweepInterval};
  Taking taking(now, quotas.size());
  for (size_t i = 0; i < quotas.size(); ++i) {
    Tally& tally = impl_->tallies[admitted.keys[i]];
    tally.window = quotas[i].window;
    taking.Take(&tally.taken);
  }
  impl_->admissions.emplace(admission_key, std::move(admitted));
  taking.Keep();
  return Admission();
}

void MemorySendGuard::Settle(const AdmissionId& id, Settlement settlement) {
  if (settlement != Settlement::kReturned) return;
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto found = impl_->admissions.find(KeyOf(id));
  if (found == impl_->admissions.end()) return;
  for (const std::string& key : found->second.keys) {
    Tally* const tally = impl_->Find(key);
    if (tally != nullptr) tally->taken.RemoveOne(found->second.at);
  }
  impl_->admissions.erase(found);
}

void MemorySendGuard::Observe(EventList* events) {
  const bool failed = events->Has(EventKind::kFailure);
  const bool proved =
      events->Has(EventKind::kAuthenticated) && events->Has(EventKind::kNumberVerified);
  if (!failed && !proved) return;
  const Instant now = impl_->clock.Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (proved) {
    Tally* const conversion =
        impl_->Find(ConversionKey(events->organization_id, events->begin()->region));
    // Only what was admitted here can have been proved.
    if (conversion != nullptr && conversion->authenticated.size() < conversion->taken.size())
      conversion->authenticated.Insert(now);
  }
  if (!failed) return;
  const std::string key = SprayingKey(events->organization_id);
  if (impl_->Find(key) == nullptr && !impl_->HasRoomFor(1, now)) return;
  Tally* const tally = &impl_->tallies[key];
  tally->window = kHour;
  Expire(kHour, now, &tally->taken);
  const auto most = static_cast<size_t>(impl_->options.spraying_failures);
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
