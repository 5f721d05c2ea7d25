// SPDX-License-Identifier: Apache-2.0
// The full records of the kit have something in every field there is, also in those to come, so
// that a store that loses a field is found, whichever it is (K-07).
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <vector>

#include "fragile_store.h"

namespace otpcore {
namespace testing {
namespace {

struct Field {
  std::type_index type;
  bool is_longest;
  const void* at;
  std::function<void(const void*)> take;  // from the same field of another record
  std::function<bool(const void*)> equals;
};

template <typename T>
bool Equal(const T& a, const T& b) {
  return a == b;
}
template <int N>
bool Equal(const TimeLedger<N>& a, const TimeLedger<N>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// The fields of a record but for the ids that stand in its key. Each class is taken apart by one
// declaration that names all members, so a new member does not compile until it is listed; what
// the codec packs is counted by a test below. The record must stay.
class FieldList {
 public:
  explicit FieldList(MemberRecord* record) {
    auto& [organization_id, member_id, external_id, email_address, email_address_verified, name,
           status, is_breakglass, mfa_enrolled, default_mfa_method, hosts_totp_id, created_at,
           updated_at, phone, challenge, candidate, totp, recovery, email, failures, sends, devices,
           leased_at, mark] = *record;
    Text(external_id, kIdBytesMax);
    Text(email_address, kEmailBytesMax);
    Text(name, kNameBytesMax);
    // A record has room for one of them only; `totp` and `recovery` are at the end.
    hosts_totp_ = fields.size();
    Text(hosts_totp_id, kIdBytesMax);
    All(email_address_verified, status, is_breakglass, mfa_enrolled, default_mfa_method, created_at,
        updated_at, leased_at);
    AddSends(sends);
    for (KnownDevice& device : devices) {
      auto& [tag, key_id, succeeded_at, remembered_at, device_failures, device_sends] = device;
      All(tag, key_id, succeeded_at, remembered_at, device_failures);
      AddSends(device_sends);
    }
    AddPhone(phone);
    AddChallenge(challenge);
    AddPhone(candidate.phone);
    AddChallenge(candidate.challenge);
    AddEmail(email);
    AddFailures(failures);
    AddMark(mark);
    own_totp_ = fields.size();
    AddTotp(totp);
    AddRecovery(recovery);
  }
  explicit FieldList(OrganizationRecord* record) {
    // Its own members and those of its base cannot be named in one declaration.
    struct Known : Organization {
      bool deleted;
      OperationMark mark;
    };
    static_assert(sizeof(Known) == sizeof(OrganizationRecord), "a member is missing below");
    auto& [organization_id, slug, external_id, name, mfa_policy, mfa_methods, sms_otp_allowed,
           totp_allowed, auth_methods, allowed_auth_methods, created_at, updated_at] =
        static_cast<Organization&>(*record);
    Text(slug, kIdBytesMax);
    Text(external_id, kIdBytesMax);
    Text(name, kNameBytesMax);
    All(mfa_policy, mfa_methods, sms_otp_allowed, totp_allowed, auth_methods, allowed_auth_methods,
        created_at, updated_at, record->deleted);
    AddMark(record->mark);
  }
  explicit FieldList(DiscoveryRecord* record) {
    auto& [address, email, forget_at, mark] = *record;
    All(forget_at);
    AddEmail(email, false);  // both purposes are kDiscovery, always
    AddMark(mark);
  }
  explicit FieldList(PhoneClaim* record) {
    auto& [member_id, permanent, lease_end] = *record;
    All(member_id, permanent, lease_end);
  }
  explicit FieldList(NameEntry* record) {
    auto& [id] = *record;
    All(id);
  }

  // Whether a record with one kind of TOTP registration has nothing here, since it is of the other.
  bool IsOfOtherTotp(size_t field, bool hosts) const {
    return own_totp_ != 0 && (hosts ? field >= own_totp_ : field == hosts_totp_);
  }

  std::vector<Field> fields;

 private:
  void AddPhone(PhoneFactor& phone) {
    auto& [state, number, region, type, id, linked_by_host] = phone;
    All(state, number, region, type, id, linked_by_host);
  }
  void AddChallenge(Challenge& challenge) {
    auto& [state, id, digest, issued_at, expires_at, latest_seen, epoch, failures, digits,
           linked_its_address, issued_by, session, device, superseded_id, superseded_digest] =
        challenge;
    All(state, id, issued_at, expires_at, latest_seen, epoch, failures, digits, linked_its_address,
        issued_by, session, device, superseded_id);
    AddDigest(digest);
    AddDigest(superseded_digest);
  }
  void AddEmail(EmailFactor& email, bool has_purposes = true) {
    auto& [id, challenge, purpose, superseded_purpose, failures, sends] = email;
    All(id);
    if (has_purposes) All(purpose, superseded_purpose);
    // The codec has no place for the fields that only a passcode to a number has.
    Challenge& c = challenge;
    All(c.state, c.id, c.issued_at, c.expires_at, c.latest_seen, c.epoch, c.failures, c.digits,
        c.issued_by, c.superseded_id);
    AddDigest(c.digest);
    AddDigest(c.superseded_digest);
    auto& [in_a_row, since_success, locks_in_a_row, disabled, lock_rule, locked_at, locked_until,
           locked_until_lagging, recent] = failures;
    All(in_a_row, since_success, locks_in_a_row, disabled, lock_rule, locked_at, locked_until,
        locked_until_lagging);
    Add(static_cast<TimeLedger<kFailureTimesMax>&>(recent), recent.count == kEmailFailureTimesMax);
    for (size_t i = 0; i < recent.count; ++i) All(recent.origins[i].session);
    Add(static_cast<TimeLedger<kSendTimesMax>&>(sends), sends.count == kEmailSendTimesMax);
    All(sends.pulled_from, sends.given_back);
  }
  void AddTotp(TotpFactor& totp) {
    auto& [state, id, parameters, last_step, made_at, latest_seen, expires_at, epoch,
           sealed_secret] = totp;
    auto& [algorithm, digits, period_seconds] = parameters;
    All(state, id, algorithm, digits, period_seconds, last_step, made_at, latest_seen, expires_at,
        epoch);
    Text(sealed_secret, kSealedTotpSecretBytesMax);
  }
  void AddRecovery(RecoveryFactor& recovery) {
    auto& [id, key_id, used, epoch, digests, sealed_codes] = recovery;
    All(id, key_id, used, epoch);
    Text(digests, kRecoveryCodesMax * sizeof(RecoveryDigest));
    Text(sealed_codes, kSealedRecoveryCodesBytesMax);
  }
  void AddDigest(PasscodeDigest& digest) {
    auto& [bytes, key_id] = digest;
    All(bytes, key_id);
  }
  size_t hosts_totp_ = 0;
  size_t own_totp_ = 0;  // 0: no Member

  void AddFailures(FailureLedger& failures) {
    auto& [in_a_row, since_success, locks_in_a_row, disabled, lock_rule, locked_at, locked_until,
           locked_until_lagging, recent] = failures;
    All(in_a_row, since_success, locks_in_a_row, disabled, lock_rule, locked_at, locked_until,
        locked_until_lagging);
    Add(static_cast<TimeLedger<kFailureTimesMax>&>(recent), IsLongest<kFailureTimesMax>(recent));
    for (size_t i = 0; i < recent.count; ++i) {
      auto& [session, continues] = recent.origins[i];
      All(session, continues);
    }
  }
  void AddSends(SendLedger& sends) {
    Add(static_cast<TimeLedger<kSendTimesMax>&>(sends), IsLongest<kSendTimesMax>(sends));
    All(sends.pulled_from, sends.given_back);
  }
  void AddMark(OperationMark& mark) {
    auto& [id, run, command, answer, request, request_key, at] = mark;
    All(id, run, command, answer, request, request_key, at);
  }

  static bool IsLongest(Instant at) { return at == Instant::Max(); }
  static bool IsLongest(const EntityId& id) { return id.packed().size() == kIdBytesMax; }
  template <size_t N>
  static bool IsLongest(const InlineText<N>& text) {
    return text.size() == N;
  }
  template <int N>
  static bool IsLongest(const TimeLedger<N>& ledger) {
    return ledger.count == N;
  }
  template <typename T>
  static bool IsLongest(const T& value) {  // what is no number has one length
    if constexpr (std::is_integral_v<T>) return value == std::numeric_limits<T>::max();
    return true;
  }

  template <typename... T>
  void All(T&... values) {
    (Add(values, IsLongest(values)), ...);
  }
  void Text(std::string_view& text, size_t bytes_max) { Add(text, text.size() == bytes_max); }
  template <typename T>
  void Add(T& value, bool is_longest) {
    fields.push_back(
        {typeid(T), is_longest, &value,
         [&value](const void* other) { value = *static_cast<const T*>(other); },
         [&value](const void* other) { return Equal(value, *static_cast<const T*>(other)); }});
  }
};

template <typename R>
RecordKey KeyFor() {
  if constexpr (std::is_same_v<R, MemberRecord>) return RecordKey::Member("o", "m");
  if constexpr (std::is_same_v<R, OrganizationRecord>) return RecordKey::Organization("o");
  if constexpr (std::is_same_v<R, DiscoveryRecord>) return RecordKey::Discovery("a@b.co");
  if constexpr (std::is_same_v<R, PhoneClaim>) return RecordKey::PhoneClaim("o", "+1");
  if constexpr (std::is_same_v<R, NameEntry>) return RecordKey::MemberName("o", "n");
}

template <typename R>
R FullRecord(FullRecords* make) {
  if constexpr (std::is_same_v<R, MemberRecord>) return make->Member(KeyFor<R>());
  if constexpr (std::is_same_v<R, OrganizationRecord>) return make->Organization(KeyFor<R>());
  if constexpr (std::is_same_v<R, DiscoveryRecord>) return make->Discovery(KeyFor<R>());
  if constexpr (std::is_same_v<R, PhoneClaim>) return make->Claim();
  if constexpr (std::is_same_v<R, NameEntry>) return make->Name();
}

// A record with nothing in any field, but as long in its lists as a full one.
template <typename R>
R EmptyRecord() {
  R record;
  if constexpr (std::is_same_v<R, MemberRecord>) {
    for (int i = 0; i < kFailureTimesMax; ++i)
      record.failures.recent.Push(Instant(), kFailureTimesMax);
    for (int i = 0; i < kDevicesMax; ++i) record.devices.Add() = KnownDevice();
    for (int i = 0; i < kEmailFailureTimesMax; ++i)
      record.email.failures.recent.Push(Instant(), kEmailFailureTimesMax);
  }
  if constexpr (std::is_same_v<R, DiscoveryRecord>) {
    for (int i = 0; i < kEmailFailureTimesMax; ++i)
      record.email.failures.recent.Push(Instant(), kEmailFailureTimesMax);
  }
  return record;
}

// How many fields differ.
template <typename R>
size_t Differences(R* a, R* b) {
  const std::vector<Field> fields = FieldList(a).fields;
  const std::vector<Field> others = FieldList(b).fields;
  size_t differences = 0;
  for (size_t i = 0; i < fields.size(); ++i) differences += !fields[i].equals(others[i].at);
  return differences;
}

template <typename R>
class FullRecordsOf : public ::testing::Test {};
using Kinds =
    ::testing::Types<MemberRecord, OrganizationRecord, DiscoveryRecord, PhoneClaim, NameEntry>;
TYPED_TEST_SUITE(FullRecordsOf, Kinds, );

TYPED_TEST(FullRecordsOf, HaveSomethingInEveryField) {
  TypeParam none = EmptyRecord<TypeParam>();
  const std::vector<Field> defaults = FieldList(&none).fields;
  for (const auto& [longest, hosts] :
       {std::pair(false, false), std::pair(true, false), std::pair(true, true)}) {
    FullRecords make(longest, hosts);
    TypeParam record = FullRecord<TypeParam>(&make);
    const FieldList list(&record);
    const std::vector<Field>& fields = list.fields;
    ASSERT_EQ(fields.size(), defaults.size());
    for (size_t i = 0; i < fields.size(); ++i) {
      if (list.IsOfOtherTotp(i, hosts)) continue;
      EXPECT_FALSE(fields[i].equals(defaults[i].at)) << "field " << i;
      EXPECT_TRUE(!longest || fields[i].is_longest) << "field " << i;
    }
  }
}

TYPED_TEST(FullRecordsOf, HaveNoTwoFieldsAlike) {
  FullRecords make(false);
  TypeParam record = FullRecord<TypeParam>(&make);
  const std::vector<Field> fields = FieldList(&record).fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const bool alike = fields[i].type == fields[j].type && fields[i].type != typeid(bool) &&
                         fields[i].equals(fields[j].at);
      EXPECT_FALSE(alike) << "fields " << j << " and " << i;
    }
  }
}

// Each bit that means something to the codec belongs to a field of the list: where another one is
// packed, it was forgotten there, and perhaps in the full records.
TYPED_TEST(FullRecordsOf, ConsistOfTheListedFields) {
  for (const bool longest : {false, true}) {
    FullRecords make(longest);
    TypeParam record = FullRecord<TypeParam>(&make);
    std::string bytes = Packed(record);
    size_t meaningful = 0;
    for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      char& byte = bytes[bit / 8];
      byte = static_cast<char>(byte ^ 1 << bit % 8);
      TypeParam changed;
      if (Unpack(KeyFor<TypeParam>(), bytes, &changed) && Packed(changed) == bytes) {
        EXPECT_GT(Differences(&record, &changed), 0u) << "byte " << bit / 8 << ", bit " << bit % 8;
        ++meaningful;
      }
      byte = static_cast<char>(byte ^ 1 << bit % 8);
    }
    EXPECT_GT(meaningful, bytes.size()) << "of " << bytes.size() << " bytes";
  }
}

TYPED_TEST(FullRecordsOf, FindAStoreThatLosesAField) {
  TypeParam none = EmptyRecord<TypeParam>();
  const std::vector<Field> defaults = FieldList(&none).fields;
  for (size_t i = 0; i < defaults.size(); ++i) {
    FragileStore store;
    store.spoil = [&](const RecordKey& key, std::string* bytes) {
      ChangeRecord<TypeParam>(key, bytes, [&](TypeParam* changed) {
        FieldList(changed).fields[i].take(defaults[i].at);
      });
    };
    StoreUnderTest sut = store.Sut();
    EXPECT_NE(CheckK07RecordsComeBackWhole(sut), "") << "field " << i;
  }
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
