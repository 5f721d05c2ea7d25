// SPDX-License-Identifier: Apache-2.0
// The full records of the kit have something in every field there is, also in those to come, so
// that a store that loses a field is found, whichever it is (K-07).
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <typeindex>
#include <vector>

#include "fragile_store.h"
#include "model/record_layout.h"

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

// An archive of the codec that lists the fields. What it visits must stay.
class FieldList {
 public:
  template <typename R>
  explicit FieldList(R* record) {
    Visit(*this, *record, static_cast<const R*>(nullptr));
  }
  std::vector<Field> fields;

  uint8_t minor() const { return 15; }
  template <typename... Flags>
  void Bits(Flags&... flags) {
    (Add(flags, true), ...);
  }
  template <typename E>
  void Enum(E& value, E, E) {
    Add(value, true);
  }
  template <typename E>
  void OpenEnum(E& value) {
    Add(value, true);
  }
  void Byte(uint8_t& value) { Number(value); }
  template <typename T>
  void Number(T& value) {
    Add(value, value == std::numeric_limits<T>::max());
  }
  void Time(Instant& value) { Add(value, value == Instant::Max()); }
  void Text(std::string& value, size_t bytes_max) { Add(value, value.size() == bytes_max); }
  template <size_t N>
  void Text(InlineText<N>& value) {
    Add(value, value.size() == N);
  }
  template <size_t N>
  void Bytes(std::array<uint8_t, N>& value) {
    Add(value, true);
  }
  template <int N>
  void Times(TimeLedger<N>& value) {
    Add(value, value.count == N);
  }

 private:
  template <typename T>
  void Add(T& value, bool is_longest) {
    fields.push_back(
        {typeid(T), is_longest, &value,
         [&value](const void* other) { value = *static_cast<const T*>(other); },
         [&value](const void* other) { return Equal(value, *static_cast<const T*>(other)); }});
  }
};

template <typename R>
R FullRecord(bool longest) {
  FullRecords make(longest);
  const RecordKey key = {RecordKind::kMember, "o", "n"};
  if constexpr (std::is_same_v<R, MemberRecord>) return make.Member(key);
  if constexpr (std::is_same_v<R, OrganizationRecord>) return *make.Organization(key);
  if constexpr (std::is_same_v<R, PhoneClaim>) return make.Claim();
  if constexpr (std::is_same_v<R, NameEntry>) return make.Name();
}

// The record of type R in `record`, which is changed by `change`.
template <typename R>
void Change(Record* record, const std::function<void(R*)>& change) {
  if constexpr (std::is_same_v<R, OrganizationRecord>) {
    auto* snapshot = std::get_if<OrganizationSnapshot>(record);
    if (snapshot == nullptr) return;
    auto changed = std::make_shared<OrganizationRecord>(**snapshot);
    change(changed.get());
    *snapshot = std::move(changed);
  } else if (auto* found = std::get_if<R>(record)) {
    change(found);
  }
}

template <typename R>
class FullRecordsOf : public ::testing::Test {};
using Kinds = ::testing::Types<MemberRecord, OrganizationRecord, PhoneClaim, NameEntry>;
TYPED_TEST_SUITE(FullRecordsOf, Kinds, );

TYPED_TEST(FullRecordsOf, HaveSomethingInEveryField) {
  TypeParam none;
  const std::vector<Field> defaults = FieldList(&none).fields;
  for (const bool longest : {false, true}) {
    TypeParam record = FullRecord<TypeParam>(longest);
    const std::vector<Field> fields = FieldList(&record).fields;
    ASSERT_EQ(fields.size(), defaults.size());
    for (size_t i = 0; i < fields.size(); ++i) {
      EXPECT_FALSE(fields[i].equals(defaults[i].at)) << "field " << i;
      EXPECT_TRUE(!longest || fields[i].is_longest) << "field " << i;
    }
  }
}

TYPED_TEST(FullRecordsOf, HaveNoTwoFieldsAlike) {
  TypeParam record = FullRecord<TypeParam>(false);
  const std::vector<Field> fields = FieldList(&record).fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const bool alike = fields[i].type == fields[j].type && fields[i].type != typeid(bool) &&
                         fields[i].equals(fields[j].at);
      EXPECT_FALSE(alike) << "fields " << j << " and " << i;
    }
  }
}

TYPED_TEST(FullRecordsOf, FindAStoreThatLosesAField) {
  TypeParam none;
  const std::vector<Field> defaults = FieldList(&none).fields;
  for (size_t i = 0; i < defaults.size(); ++i) {
    FragileStore store;
    store.spoil = [&](Record* record) {
      Change<TypeParam>(
          record, [&](TypeParam* changed) { FieldList(changed).fields[i].take(defaults[i].at); });
    };
    StoreUnderTest sut = store.Sut();
    EXPECT_NE(CheckK07RecordsComeBackWhole(sut), "") << "field " << i;
  }
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
