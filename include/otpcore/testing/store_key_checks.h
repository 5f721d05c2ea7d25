// SPDX-License-Identifier: Apache-2.0
// The checks of the store kit for what is stored and under which name: K-07 and K-08.
#ifndef OTPCORE_TESTING_STORE_KEY_CHECKS_H_
#define OTPCORE_TESTING_STORE_KEY_CHECKS_H_

#include <string>
#include <vector>

#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace testing {

// Every byte comes back, within a text and at the end of a record.
inline std::string CheckK07BytesComeBackExactly(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string nul(1, '\0');
  const std::vector<std::string> texts = {
      "",         nul,           "a" + nul,       nul + "a", "a" + nul + "b",       nul + nul + nul,
      " a ",      "a\r\n",       "\\x41\\000'\"", "%s%n",    std::string(512, 'x'), all,
      "\xFF\xFE", "caf\xC3\xA9", "cafe\xCC\x81",  "\t",      std::string(512, '\0')};
  int number = 0;
  for (const std::string& text : texts) {
    const RecordKey key = probe.Key("m" + std::to_string(++number), RecordKind::kMember);
    MemberRecord record = SampleMember(key, 1);
    record.name = text;
    record.external_id = std::string_view(text).substr(0, kIdBytesMax);
    record.email_address = std::string_view(text).substr(0, kEmailBytesMax);
    Revision revision = probe.Put(key, 0, Packed(record));
    revision = probe.Put(key, revision, OfNextVersion(Packed(record), text));
    record.name = "short";
    probe.Put(key, revision, Packed(record));
  }
  return probe.problem();
}

inline size_t RecordBytesMax(RecordKind kind) {
  switch (kind) {
    case RecordKind::kOrganization: return kOrganizationRecordBytesMax;
    case RecordKind::kMember: return kMemberRecordBytesMax;
    case RecordKind::kDiscovery: return kDiscoveryRecordBytesMax;
    default: return kIndexRecordBytesMax;
  }
}

// Records of each kind with something in every field come back whole, and so do the longest ones,
// of this version and of the next.
inline std::string CheckK07RecordsComeBackWhole(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  for (const RecordKind kind :
       {RecordKind::kOrganization, RecordKind::kMember, RecordKind::kPhoneClaim,
        RecordKind::kOrganizationName, RecordKind::kOrganizationSlug, RecordKind::kMemberName,
        RecordKind::kMemberEmail, RecordKind::kDiscovery}) {
    const RecordKey key = probe.Key("whole", kind);
    Revision revision = 0;
    for (const bool longest : {false, true, false})
      revision = probe.Put(key, revision, FullRecords(longest).Of(key));
    revision = probe.Put(key, revision, FullRecords(true, true).Of(key));
    std::string longest_of_all = OfNextVersion(FullRecords(true).Of(key), {});
    longest_of_all.resize(RecordBytesMax(kind), 'x');
    probe.Put(key, revision, longest_of_all);
  }
  return probe.problem();
}

// Keys compare bytewise: names that differ in case, in a space, in a NUL or in how an accent is
// written are different names.
inline std::string CheckK07KeysCompareBytewise(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const std::string nul(1, '\0');
  std::vector<RecordKey> keys;
  for (const std::string& name : {std::string("a"),
                                  std::string("A"),
                                  "a" + nul,
                                  "a" + nul + nul,
                                  nul + "a",
                                  std::string("a "),
                                  std::string(" a"),
                                  std::string("a\n"),
                                  std::string("caf\xC3\xA9"),
                                  std::string("cafe\xCC\x81"),
                                  std::string("CAF\xC3\x89"),
                                  std::string("%"),
                                  std::string("_"),
                                  std::string("{a}"),
                                  std::string("a*"),
                                  std::string("\xFF"),
                                  std::string(),
                                  nul,
                                  std::string(254, 'x'),
                                  std::string(253, 'x'),
                                  std::string(253, 'x') + "y"})
    keys.push_back(probe.Key(name));
  // The longest keys that there are, alike but for the last byte.
  std::string organization = probe.organization();
  organization.resize(kIdBytesMax, 'o');
  for (const char end : {'x', 'y'})
    keys.push_back(RecordKey::MemberName(organization, std::string(253, 'x') + end));
  for (size_t i = 0; i < keys.size(); ++i) {
    probe.Expect(probe.Load(keys[i]).revision == 0, "two keys are taken for one");
    probe.Put(keys[i], 0, Named("n" + std::to_string(i)));
  }
  for (size_t i = 0; i + 1 < keys.size(); ++i) {
    const auto each_has_its_own = [&] {
      const std::vector<StoredRecord> loaded = probe.Load({keys[i], keys[i + 1]});
      return NameIn(loaded[0]) == "n" + std::to_string(i) &&
             NameIn(loaded[1]) == "n" + std::to_string(i + 1);
    };
    probe.Expect(probe.Eventually(each_has_its_own), "the record of another key was read");
  }
  return probe.problem();
}

// Kind, organization and name stay apart, so no organization reaches into another.
inline std::string CheckK08KeysStayApart(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const std::string& o = probe.organization();
  std::vector<RecordKey> keys = {
      RecordKey::MemberName(o, "ab"),      RecordKey::MemberName(o + "a", "b"),
      RecordKey::MemberName(o + "ab", ""), RecordKey::MemberEmail(o, "ab"),
      RecordKey::Member(o, "ab"),          RecordKey::PhoneClaim(o, "ab"),
      RecordKey::OrganizationName(o),      RecordKey::OrganizationName(o + "ab"),
      RecordKey::OrganizationSlug(o),      RecordKey::Organization(o)};
  // Whatever may stand in an id does not part it from a name.
  for (const char separator : {'|', '.', '-', '_', '~'}) {
    keys.push_back(RecordKey::MemberEmail(o, std::string("a") + separator + "b"));
    keys.push_back(RecordKey::MemberEmail(o + separator + "a", "b"));
  }
  std::vector<Revision> revisions;
  for (size_t i = 0; i < keys.size(); ++i) {
    probe.Expect(probe.Load(keys[i]).revision == 0, "two keys run into each other");
    revisions.push_back(probe.Put(keys[i], 0, FullRecords(false).Of(keys[i])));
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    probe.Expect(probe.Shows(keys[i], revisions[i]), "a write reached another key");
    probe.Delete(keys[i], revisions[i]);
  }
  return probe.problem();
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_KEY_CHECKS_H_
