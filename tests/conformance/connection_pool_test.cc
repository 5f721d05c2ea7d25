// SPDX-License-Identifier: Apache-2.0
// The pool of the components: what goes wrong while it opens or takes back a connection.
#include "pool/connection_pool.h"

#include <gtest/gtest.h>

#include <new>
#include <utility>

#include "../secrecy/failing_allocations.h"

namespace otpcore {
namespace {

struct Connection {
  static bool usable() { return true; }
  bool quiet() const { return !hung_up; }
  bool turned() const { return has_turned; }
  bool has_turned = false;
  bool hung_up = false;
};
using Pool = ConnectionPool<Connection>;
using std::chrono::milliseconds;

constexpr milliseconds kLong = std::chrono::hours(1);

SteadyTime Soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds(50); }

TEST(ConnectionPool, APlaceSurvivesAnOpenThatThrows) {
  bool throws = true;
  Pool pool(1, kLong, [&](SteadyTime) {
    if (throws) throw std::bad_alloc();
    return std::make_unique<Connection>();
  });
  EXPECT_THROW(pool.Take(Soon()), std::bad_alloc);
  EXPECT_THROW(pool.Take(Soon()), std::bad_alloc) << "no place is left";
  throws = false;
  EXPECT_TRUE(pool.Take(Soon()));
}

TEST(ConnectionPool, AnOldConnectionIsNotUsedAgain) {
  for (const auto& [age, most] : {std::pair(kLong, 1), std::pair(milliseconds(0), 3)}) {
    int opened = 0;
    Pool pool(2, age, [&](SteadyTime) {
      ++opened;
      return std::make_unique<Connection>();
    });
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.Take(Soon()));
    EXPECT_EQ(opened, most);
  }
}

TEST(ConnectionPool, ConnectionsDoNotEndTogether) {
  EXPECT_EQ(LifeOf(milliseconds(4000), 0), milliseconds(4000));
  EXPECT_EQ(LifeOf(milliseconds(4000), 1u << 31), milliseconds(3500));
  EXPECT_EQ(LifeOf(milliseconds(4000), UINT32_MAX), milliseconds(3001));
}

// Where one says that its server takes no writes any more, those of the same time go with it: also
// one that is in use.
TEST(ConnectionPool, ConnectionsToAServerThatTurnedGoTogether) {
  int opened = 0;
  Pool pool(3, kLong, [&](SteadyTime) {
    ++opened;
    return std::make_unique<Connection>();
  });
  {
    const Pool::Lease in_use = pool.Take(Soon());
    {
      const Pool::Lease idle = pool.Take(Soon());
      const Pool::Lease turned = pool.Take(Soon());
      turned->has_turned = true;
    }
    EXPECT_EQ(opened, 3);
    EXPECT_TRUE(pool.Take(Soon()));
    EXPECT_EQ(opened, 4) << "the idle one is dropped";
  }
  const Pool::Lease kept = pool.Take(Soon());
  const Pool::Lease next = pool.Take(Soon());
  EXPECT_EQ(opened, 5) << "the one that was in use is dropped";
}

TEST(ConnectionPool, AConnectionThatHungUpMeanwhileIsNotUsed) {
  int opened = 0;
  Connection* first = nullptr;
  Pool pool(1, kLong, [&](SteadyTime) {
    ++opened;
    auto connection = std::make_unique<Connection>();
    if (first == nullptr) first = connection.get();
    return connection;
  });
  EXPECT_TRUE(pool.Take(Soon()));
  EXPECT_TRUE(pool.Take(Soon()));
  EXPECT_EQ(opened, 1);
  first->hung_up = true;
  EXPECT_TRUE(pool.Take(Soon()));
  EXPECT_EQ(opened, 2);
}

TEST(ConnectionPool, TakingBackNeedsNoMemory) {  // it happens in a destructor
  Pool pool(3, kLong, [](SteadyTime) { return std::make_unique<Connection>(); });
  int64_t made = 0;
  {
    const Pool::Lease a = pool.Take(Soon());
    const Pool::Lease b = pool.Take(Soon());
    const Pool::Lease c = pool.Take(Soon());
    EXPECT_FALSE(pool.Take(Soon()));
    EXPECT_TRUE(a && b && c);
    made = allocations.made;
  }
  EXPECT_EQ(allocations.made, made);
}

}  // namespace
}  // namespace otpcore
