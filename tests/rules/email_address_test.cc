// SPDX-License-Identifier: Apache-2.0
// E-mail addresses: the grammar, with the traps that mailers have fallen into, the canonical form
// and the counting key.
#include "otpcore/rules/email_address.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace otpcore {
namespace {

const std::string kNul(1, '\0');
std::string Times(size_t count, char c) { return std::string(count, c); }

// 254 bytes: a local part of 64, then labels of 63.
std::string Longest() {
  const std::string domain = "." + Times(63, 'b') + "." + Times(59, 'c') + ".de";
  return Times(64, 'a') + "@" + Times(254 - 65 - domain.size(), 'x') + domain;
}

TEST(IsEmailAddress, TakesTheUsualOnes) {  // EM-01
  for (const std::string& address :
       {std::string("a@b.co"), std::string("first.last+tag@example.com"),
        std::string("A@Example.COM"), std::string("o'brien@example.ie"),
        std::string("x@xn--bcher-kva.example"), std::string("1@2.3x"), std::string("a@b.c-d.ee"),
        std::string("!#$%&'*+-/=^_`{|}~@b.co"), std::string("a-@b.co"), std::string("a?@b.co"),
        std::string("?=a@b.co"), Times(64, 'a') + "@b.co", "a@" + Times(63, 'b') + ".co"})
    EXPECT_TRUE(IsEmailAddress(address)) << address;
}

TEST(IsEmailAddress, TakesTheLongest) {  // EM-01
  const std::string longest = Longest();
  ASSERT_EQ(longest.size(), 254u);
  EXPECT_TRUE(IsEmailAddress(longest));
  EXPECT_FALSE(IsEmailAddress(longest + "x"));
}

TEST(IsEmailAddress, RefusesWhatIsNoAddress) {  // EM-01
  for (const std::string& text : {std::string(),
                                  std::string("a"),
                                  std::string("@"),
                                  std::string("@b.co"),
                                  std::string("a@"),
                                  std::string("a@@b.co"),
                                  std::string("a@b@c.co"),
                                  std::string("a@b"),
                                  std::string("a@.co"),
                                  std::string("a@b."),
                                  std::string("a@b.co."),
                                  std::string("a@b..co"),
                                  std::string(".a@b.co"),
                                  std::string("a.@b.co"),
                                  std::string("a..b@c.co"),
                                  Times(65, 'a') + "@b.co",
                                  "a@" + Times(64, 'b') + ".co",
                                  std::string("a@-b.co"),
                                  std::string("a@b-.co"),
                                  std::string("a@b.-co"),
                                  std::string("a@b.co-"),
                                  std::string("a@b_c.co"),
                                  std::string("a@b.1"),
                                  std::string("a@127.0.0.1"),
                                  std::string("a@b.c!"),
                                  std::string(".@b.co")})
    EXPECT_FALSE(IsEmailAddress(text)) << text;
}

// What mailers and parsers have been made to read more out of, each with the address it hides in.
TEST(IsEmailAddress, RefusesTheTrapsOfMailers) {  // EM-01, EM-04
  const struct {
    const char* what;
    std::string text;
  } kTraps[] = {
      {"a header of its own", "a@b.co\r\nBcc: c@d.co"},
      {"a line feed", "a@b.co\n"},
      {"a carriage return", "a\r@b.co"},
      {"a folded header", "a\r\n @b.co"},
      {"NUL, where a C string ends", "a@b.co" + kNul + ".evil.co"},
      {"a tab", "a\t@b.co"},
      {"a space", "a b@c.co"},
      {"a space in front", " a@b.co"},
      {"a space behind", "a@b.co "},
      {"DEL", "a\x7F@b.co"},
      {"an encoded word", "=?utf-8?q?a=40b?=@c.co"},
      {"an encoded word inside", "x=?utf-8?q?y?=@c.co"},
      {"a list", "a@b.co,c@d.co"},
      {"a list of groups", "a@b.co;c@d.co"},
      {"a display name", "Name <a@b.co>"},
      {"angle brackets", "<a@b.co>"},
      {"a quoted local part", "\"a b\"@c.co"},
      {"a quoted pair", "\"a\\\"b\"@c.co"},
      {"a backslash", "a\\@b.co"},
      {"a comment", "a(b)@c.co"},
      {"a comment behind", "a@b.co(c)"},
      {"an address literal", "a@[192.0.2.1]"},
      {"an IPv6 literal", "a@[IPv6:2001:db8::1]"},
      {"a source route", "@relay.co:a@b.co"},
      {"a percent route's domain", "a%b.co@"},
      {"an option of sendmail", "-oQ/x/@b.co"},
      {"an option with one letter", "-f@b.co"},
      {"a port", "a@b.co:25"},
      {"a URL", "mailto:a@b.co"},
      {"a query", "a@b.co?bcc=c@d.co"},
      {"an underscore in the domain", "a@b_.co"},
      {"a tag of HTML in the domain", "a@<b>.co"},
      {"a slash in the domain", "a@b.co/x"},
      {"dotless i, whose capital is I", "m\xC4\xB1ke@example.org"},
      {"dotless i in the domain", "mike@example.g\xC4\xB1thub.com"},
      {"long s, whose capital is S",
       "u\xC5\xBF"
       "er@example.org"},
      {"KELVIN SIGN, whose small letter is k",
       "mi\xE2\x84\xAA"
       "e@example.org"},
      {"sharp s, whose capitals are SS",
       "stra\xC3\x9F"
       "e@example.org"},
      {"the ligature ffi",
       "o\xEF\xAC\x83"
       "ce@example.org"},
      {"a full-width @",
       "a\xEF\xBC\xA0"
       "b.co"},
      {"a small @",
       "a\xEF\xB9\xAB"
       "b.co"},
      {"a full-width dot",
       "a@b\xEF\xBC\x8E"
       "co"},
      {"an ideographic full stop",
       "a@b\xE3\x80\x82"
       "co"},
      {"a Cyrillic a", "\xD0\xB0@b.co"},
      {"a U-label",
       "x@b\xC3\xBC"
       "cher.example"},
      {"a zero-width space", "a\xE2\x80\x8B@b.co"},
      {"a right-to-left override",
       "a@b\xE2\x80\xAE"
       "moc.x"},
      {"a byte that is no UTF-8", "a\xFF@b.co"},
      {"an overlong slash", "a\xC0\xAF@b.co"},
      {"a combining accent", "a\xCC\x81@b.co"},
  };
  for (const auto& trap : kTraps) EXPECT_FALSE(IsEmailAddress(trap.text)) << trap.what;
}

// Every byte at every kind of place: what is taken is exactly what the header lists.
TEST(IsEmailAddress, TakesNoOtherByte) {  // EM-01
  const std::string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const std::string atoms = letters + "!#$%&'*+-/=?^_`{|}~.";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string c(1, static_cast<char>(byte));
    const auto is_in = [&](const std::string& all) { return all.find(c) != std::string::npos; };
    EXPECT_EQ(IsEmailAddress("a" + c + "z@b.co"), is_in(atoms)) << byte;
    EXPECT_EQ(IsEmailAddress(c + "z@b.co"), is_in(atoms) && c != "." && c != "-") << byte;
    EXPECT_EQ(IsEmailAddress("a" + c + "@b.co"), is_in(atoms) && c != ".") << byte;
    EXPECT_EQ(IsEmailAddress("a@b" + c + "z.co"), is_in(letters + "-.")) << byte;
    EXPECT_EQ(IsEmailAddress("a@" + c + "z.co"), is_in(letters)) << byte;
    EXPECT_EQ(IsEmailAddress("a@b.z" + c), is_in(letters)) << byte;
  }
}

TEST(CanonicalEmail, IsTheSameWhateverTheCase) {  // EM-02
  EXPECT_EQ(CanonicalEmail("A@Example.COM"), "a@example.com");
  EXPECT_EQ(CanonicalEmail("a@example.com"), CanonicalEmail("A@EXAMPLE.com"));
  std::string every = "@AZ[`az{";
  for (int byte = 128; byte < 256; ++byte) every += static_cast<char>(byte);
  std::string expected = every;
  expected[1] = 'a';
  expected[2] = 'z';
  EXPECT_EQ(CanonicalEmail(every), expected) << "nothing outside ASCII is folded";
  EXPECT_EQ(CanonicalEmail(Longest()).size(), 254u);
  EXPECT_EQ(CanonicalEmail(Longest() + "xy").size(), 254u);
}

TEST(CanonicalEmail, KeepsDotsAndTags) {  // EM-02
  const std::set<std::string> all = {CanonicalEmail("firstlast@example.com").str(),
                                     CanonicalEmail("first.last@example.com").str(),
                                     CanonicalEmail("first.last+tag@example.com").str(),
                                     CanonicalEmail("firstlast@example.co").str()};
  EXPECT_EQ(all.size(), 4u);
}

TEST(EmailCountingKey, IsOneForTheSpellingsOfAMailbox) {  // EM-22
  for (const char* address :
       {"firstlast@example.com", "First.Last@Example.com", "first.last+tag@example.com",
        "f.i.r.s.t.last+a+b.c@example.com", "firstlast+@example.com"})
    EXPECT_EQ(EmailCountingKey(address), "firstlast@example.com") << address;
  EXPECT_EQ(EmailCountingKey("a@sub.example.com"), "a@sub.example.com")
      << "domains keep their dots";
  EXPECT_EQ(EmailCountingKey("+tag@example.com"), "+tag@example.com") << "nothing would be left";
  EXPECT_EQ(EmailCountingKey("a@example.com+x"), "a@example.com+x");
  EXPECT_EQ(EmailCountingKey(Longest()), Longest());
}

TEST(DomainIsOneOf, ComparesWholeDomains) {
  const std::vector<std::string> domains = {"example.com", "Example.ORG"};
  EXPECT_TRUE(DomainIsOneOf("a@EXAMPLE.com", domains));
  EXPECT_TRUE(DomainIsOneOf("a@example.org", domains));
  for (const char* address : {"a@sub.example.com", "a@example.co", "a@badexample.com",
                              "example.com", "a@example.com.evil.co", "a@"})
    EXPECT_FALSE(DomainIsOneOf(address, domains)) << address;
  EXPECT_FALSE(DomainIsOneOf("a@example.com", {}));
  EXPECT_FALSE(DomainIsOneOf("a@", {""})) << "IsEmailAddress refuses it anyhow";
}

}  // namespace
}  // namespace otpcore
