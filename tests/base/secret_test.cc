// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/secret.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <sstream>
#include <string>
#include <type_traits>

#include "otpcore/adapters/system_ports.h"
#include "otpcore/commands/sms_passcode.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {
namespace {

constexpr SecretAccess kTest("tests look at it");

template <typename T, typename = void>
struct Prints : std::false_type {};
template <typename T>
struct Prints<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};
template <typename T, typename = void>
struct Compares : std::false_type {};
template <typename T>
struct Compares<T, std::void_t<decltype(std::declval<const T&>() == std::declval<const T&>())>>
    : std::true_type {};

TEST(Secret, CannotBePrintedComparedOrCopiedByAccident) {
  static_assert(Prints<int>::value && Compares<int>::value, "the checks themselves work");
  static_assert(!Prints<Passcode>::value && !Prints<DigestKey>::value, "");
  static_assert(!Compares<Passcode>::value && !Compares<DigestKey>::value, "");
  static_assert(!std::is_copy_constructible_v<Passcode>, "");
  static_assert(!std::is_copy_constructible_v<DigestKey>, "");
  static_assert(!std::is_copy_assignable_v<Passcode>, "");
  static_assert(!std::is_convertible_v<Passcode, std::string_view>, "");
  static_assert(!std::is_convertible_v<Passcode, std::string>, "");
}

template <typename T, typename = void>
struct Orders : std::false_type {};
template <typename T>
struct Orders<T, std::void_t<decltype(std::declval<const T&>() < std::declval<const T&>())>>
    : std::true_type {};
template <typename T>
constexpr bool kKeepsToItself =
    !Prints<T>::value && !Compares<T>::value && !Orders<T>::value &&
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
    !std::is_convertible_v<T, std::string_view> && !std::is_convertible_v<T, std::string> &&
    !std::is_convertible_v<T, const char*> && !std::is_convertible_v<T, bool> &&
    std::is_nothrow_move_constructible_v<T>;

// What holds a secret keeps to itself as well: a copy of it would be one of the secret.
TEST(Secret, NothingThatHoldsOneCanBeCopiedByAccident) {
  static_assert(!kKeepsToItself<std::string>, "the check itself works");
  static_assert(kKeepsToItself<TypedCode> && kKeepsToItself<Passcode>, "");
  static_assert(kKeepsToItself<MessageText> && kKeepsToItself<Entropy>, "");
  static_assert(kKeepsToItself<DigestKey>, "");
  static_assert(!std::is_copy_constructible_v<AuthenticateSmsOtpRequest>, "");
  static_assert(!std::is_copy_constructible_v<Message> && !Prints<Message>::value, "");
  static_assert(!std::is_copy_constructible_v<Decision> && !std::is_copy_constructible_v<Facts>,
                "");
}

TEST(Secret, IsWipedWhenItIsMovedOrEnds) {
  alignas(Passcode) unsigned char room[sizeof(Passcode)];
  const std::string needle = "4815162342";
  auto* passcode = new (room) Passcode(needle);
  ASSERT_NE(std::string(reinterpret_cast<char*>(room), sizeof room).find(needle),
            std::string::npos);
  Passcode moved(std::move(*passcode));
  EXPECT_EQ(std::string(reinterpret_cast<char*>(room), sizeof room).find(needle),
            std::string::npos);
  *passcode = std::move(moved);
  passcode->~Passcode();
  // Read through a volatile pointer: the object is gone, the bytes are not.
  volatile unsigned char* bytes = room;
  std::string left;
  for (size_t i = 0; i < sizeof room; ++i) left += static_cast<char>(bytes[i]);
  EXPECT_EQ(left.find(needle), std::string::npos);
}

TEST(Secret, TextThatDoesNotFitIsNotTaken) {
  const Passcode passcode("12345678901");
  EXPECT_TRUE(passcode.overflowed());
  EXPECT_TRUE(passcode.empty());
}

TEST(Secret, TextIsFitForUseAgainOnceItIsWiped) {
  Passcode passcode("12345678901");
  passcode.Wipe();
  EXPECT_FALSE(passcode.overflowed());
  passcode.Append("1234");
  EXPECT_EQ(passcode.Reveal(kTest), "1234");
}

// An empty std::vector has no data(): UBSan stops where memset gets a null pointer.
TEST(Secret, NothingCanBeWiped) { WipeMemory(nullptr, 0); }

TEST(Secret, DuplicatesOnRequest) {
  const Passcode passcode("1234");
  EXPECT_EQ(passcode.Duplicate().Reveal(kTest), "1234");
}

TEST(SodiumRandom, GivesAForkedChildItsOwnBytes) {
  SodiumRandom random;
  std::array<uint8_t, 32> before{};
  ASSERT_TRUE(random.Fill(before.data(), before.size()));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  std::array<uint8_t, 32> bytes{};
  const bool filled = random.Fill(bytes.data(), bytes.size());
  if (child == 0) {
    const bool written =
        filled && write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    _exit(written ? 0 : 1);
  }
  std::array<uint8_t, 32> childs{};
  ASSERT_EQ(read(ends[0], childs.data(), childs.size()), static_cast<ssize_t>(childs.size()));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(bytes, childs);
}

}  // namespace
}  // namespace otpcore
