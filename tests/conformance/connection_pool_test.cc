// SPDX-License-Identifier: Apache-2.0
// The pool of the example stores: what goes wrong while it opens or takes back a connection.
#include "connection_pool.h"

#include <gtest/gtest.h>

#include <new>

#include "../secrecy/failing_allocations.h"

namespace otpcore::examples {
namespace {

struct Connection {
  static bool usable() { return true; }
};
using Pool = ConnectionPool<Connection>;

SteadyTime Soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds(50); }

TEST(ConnectionPool, APlaceSurvivesAnOpenThatThrows) {
  bool throws = true;
  Pool pool(1, [&](SteadyTime) {
    if (throws) throw std::bad_alloc();
    return std::make_unique<Connection>();
  });
  EXPECT_THROW(pool.Take(Soon()), std::bad_alloc);
  EXPECT_THROW(pool.Take(Soon()), std::bad_alloc) << "no place is left";
  throws = false;
  EXPECT_TRUE(pool.Take(Soon()));
}

TEST(ConnectionPool, TakingBackNeedsNoMemory) {  // it happens in a destructor
  Pool pool(3, [](SteadyTime) { return std::make_unique<Connection>(); });
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
}  // namespace otpcore::examples
