// SPDX-License-Identifier: Apache-2.0
// The event-loop host gives the answers of the blocking engine, whatever else is going on.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "conversation.h"
#include "host.h"
#include "slow_ports.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace otpcore {
namespace {

using coroutine_host::Async;
using coroutine_host::Host;

constexpr int kConversations = 200;
constexpr int kCommands = 50;  // of each: 10,000 in all

// A store with an Organization, and conversations whose Members are in it.
struct Town {
  Town() {
    const Organization acme = world.MakeOrganization();
    for (int i = 0; i < kConversations; ++i) {
      Conversation& one = conversations.emplace_back(i, acme);
      Engine engine(*world.config,
                    {one.clock, one.random, world.memory, one.directory, one.inbox, world.guard});
      EXPECT_EQ(testing::ErrorTypeOf(engine.Run(one.Creation())), "");
    }
  }
  testing::World world;
  std::deque<Conversation> conversations;
};

// What went on between the commands of different conversations.
struct Meter {
  int running = 0;
  int running_max = 0;
  int commands = 0;
  int overtaken = 0;  // commands that began before another one and ended after it
  std::set<int> open;
  std::set<std::thread::id> threads;

  int Begin() {
    threads.insert(std::this_thread::get_id());
    running_max = std::max(running_max, ++running);
    open.insert(commands);
    return commands++;
  }
  void End(int number) {
    threads.insert(std::this_thread::get_id());
    --running;
    overtaken += *open.begin() != number;
    open.erase(number);
  }
};

template <typename Request>
Async<void> RunOne(Host& host, Request request, Conversation& conversation) {
  auto running = host.Run(std::move(request));
  const auto reply = co_await std::move(running);
  conversation.Note(reply);
}

Async<void> Talk(Host& host, Conversation& conversation, Meter& meter) {
  for (int i = 0; i < kCommands; ++i) {
    Conversation::Command command = conversation.Next();
    const int number = meter.Begin();
    auto running = std::visit(
        [&](auto& request) { return RunOne(host, std::move(request), conversation); }, command);
    co_await std::move(running);
    meter.End(number);
  }
}

TEST(CoroutineHost, TenThousandInterleavedCommandsGetTheAnswersOfTheBlockingEngine) {
  Town blocking;
  for (Conversation& one : blocking.conversations) {
    Engine engine(*blocking.world.config, {one.clock, one.random, blocking.world.memory,
                                           one.directory, one.inbox, blocking.world.guard});
    for (int i = 0; i < kCommands; ++i) {
      Conversation::Command command = one.Next();
      std::visit([&](auto& request) { one.Note(engine.Run(std::move(request))); }, command);
    }
  }

  Town town;
  boost::asio::io_context loop(1);
  coroutine_host::Network network(loop, 7);
  coroutine_host::SlowStore store(town.world.memory, network);
  struct Desk {
    coroutine_host::SlowSessions sessions;
    coroutine_host::SlowSink sink;
    NoGuard guard;
    Host host;
    Desk(const Config& config, Conversation& one, coroutine_host::AsyncStore& shared,
         coroutine_host::Network& way)
        : sessions(one.directory, way),
          sink(one.inbox, way),
          host(config, {one.clock, one.random, shared, sessions, sink, guard}) {}
  };
  std::deque<Desk> desks;
  Meter meter;
  for (Conversation& one : town.conversations) {
    Desk& desk = desks.emplace_back(*town.world.config, one, store, network);
    boost::asio::co_spawn(loop, Talk(desk.host, one, meter), boost::asio::detached);
  }
  loop.run();

  EXPECT_EQ(meter.commands, 10000);
  EXPECT_EQ(meter.running, 0);
  EXPECT_EQ(meter.running_max, kConversations);
  EXPECT_GT(meter.overtaken, 5000);  // they did interleave
  EXPECT_EQ(meter.threads.size(), 1u);

  std::map<std::string, int> answers;
  for (int i = 0; i < kConversations; ++i) {
    const size_t at = static_cast<size_t>(i);
    const auto& expected = blocking.conversations[at].trace();
    const auto& trace = town.conversations[at].trace();
    ASSERT_EQ(trace.size(), static_cast<size_t>(kCommands));
    for (size_t n = 0; n < trace.size(); ++n) {
      ASSERT_EQ(trace[n], expected[n]) << "conversation " << i << ", command " << n;
      const size_t begin = trace[n].find(' ') + 1;
      ++answers[trace[n].substr(begin, trace[n].find(' ', begin) - begin)];
    }
  }
  // They were about something: successes and every answer that these commands can get here.
  EXPECT_GT(answers[""], 2000);
  for (const char* type : {"otp_code_not_found", "unable_to_auth_otp_code", "too_many_requests",
                           "member_phone_number_not_found"})
    EXPECT_GT(answers[type], 50) << type;
}

Async<void> Guess(Host& host, AuthenticateSmsOtpRequest request, std::map<std::string, int>& got) {
  auto running = host.Run(std::move(request));
  const auto reply = co_await std::move(running);
  ++got[testing::ErrorTypeOf(reply)];
}

TEST(CoroutineHost, OnePasscodeGivenByManyCoroutinesAtOnceSucceedsOnce) {
  for (uint64_t round = 0; round < 20; ++round) {
    testing::World world;
    const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
    ASSERT_EQ(testing::ErrorTypeOf(world.Send(ada)), "");
    world.store.ResetCounts();

    boost::asio::io_context loop(1);
    coroutine_host::Network network(loop, round);
    coroutine_host::SlowStore store(world.store, network);
    coroutine_host::SlowSessions sessions(world.directory, network);
    coroutine_host::SlowSink sink(world.inbox, network);
    Host host(*world.config, {world.clock, world.random, store, sessions, sink, world.guard});
    std::map<std::string, int> got;
    for (int i = 0; i < 64; ++i) {
      auto request = testing::On<AuthenticateSmsOtpRequest>(ada);
      request.code.emplace(world.Code());
      request.session = world.Intermediate(ada);
      boost::asio::co_spawn(loop, Guess(host, std::move(request), got), boost::asio::detached);
    }
    loop.run();
    EXPECT_EQ(got[""], 1) << round;
    EXPECT_EQ(got[""] + got["unable_to_auth_otp_code"] + got["server_unavailable"], 64) << round;
    EXPECT_GT(world.store.commits(), 1) << "no two of them met";
  }
}

TEST(CoroutineHost, ADroppedLoopLeavesNothingBehind) {
  testing::World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(testing::ErrorTypeOf(world.Send(ada)), "");
  world.store.ResetCounts();
  std::map<std::string, int> got;
  {
    boost::asio::io_context loop(1);
    coroutine_host::Network network(loop, 1);
    coroutine_host::SlowStore store(world.store, network);
    coroutine_host::SlowSessions sessions(world.directory, network);
    coroutine_host::SlowSink sink(world.inbox, network);
    Host host(*world.config, {world.clock, world.random, store, sessions, sink, world.guard});
    auto request = testing::On<AuthenticateSmsOtpRequest>(ada);
    request.code.emplace(world.Code());
    request.session = world.Intermediate(ada);
    boost::asio::co_spawn(loop, Guess(host, std::move(request), got), boost::asio::detached);
    while (world.store.loads() == 0) loop.poll_one();  // on the way back, and the host shuts down
  }
  EXPECT_TRUE(got.empty()) << "it was not in the middle of anything";
  EXPECT_EQ(world.store.commits(), 0);
  EXPECT_EQ(testing::ErrorTypeOf(world.Authenticate(ada, world.Code())), "");
}

Async<void> Send(Host& host, SendSmsOtpRequest request, std::string* error_type) {
  auto running = host.Run(std::move(request));
  const auto reply = co_await std::move(running);
  *error_type = testing::ErrorTypeOf(reply);
}

TEST(CoroutineHost, AsksItsGuardAndTellsItTheEnd) {  // L-06, L-07
  using CommitFault = testing::FaultyStore::CommitFault;
  testing::World world;
  const Organization acme = world.MakeOrganization();
  boost::asio::io_context loop(1);
  coroutine_host::Network network(loop, 1);
  coroutine_host::SlowStore store(world.store, network);
  coroutine_host::SlowSessions sessions(world.directory, network);
  coroutine_host::SlowSink sink(world.inbox, network);
  Host host(*world.config, {world.clock, world.random, store, sessions, sink, world.guard});
  const auto send = [&](const Member& member, const char* number) {
    auto request = testing::On<SendSmsOtpRequest>(member);
    request.mfa_phone_number = number;
    std::string error_type;
    boost::asio::co_spawn(loop, Send(host, std::move(request), &error_type), boost::asio::detached);
    loop.restart();
    loop.run();
    return error_type;
  };
  const Member ada = world.MakeMember(acme);
  EXPECT_EQ(send(ada, testing::kNumber), "");
  EXPECT_EQ(world.guard.questions(), 1);
  EXPECT_EQ(world.guard.spent(), 1);
  const Member eve = world.MakeMember(acme);
  world.store.commit_fault = [](int) { return CommitFault::kUnavailable; };
  EXPECT_EQ(send(eve, testing::kOtherNumber), "server_unavailable");
  EXPECT_EQ(world.guard.questions(), 1) << "of this send, since builders reset the counts";
  EXPECT_EQ(world.guard.returned(), 1);
  world.guard.answer = [](int) { return Admission::Kind::kTooMany; };
  EXPECT_EQ(send(eve, testing::kOtherNumber), "too_many_requests");
  EXPECT_EQ(world.guard.spent() + world.guard.returned(), 1) << "nothing was admitted";
}

Async<void> Ask(Host& host, GetMemberRequest request, CallOptions options, std::string* answer) {
  auto running = host.Run(std::move(request), std::move(options));
  const auto reply = co_await std::move(running);
  *answer = reply.request_id() + " " + testing::ErrorTypeOf(reply);
}

// Also where the request is refused before anything was drawn, and without entropy (C-05).
TEST(CoroutineHost, GivesTheRequestIdsOfTheBlockingEngine) {
  for (const bool entropy : {true, false}) {
    for (const char* given : {"", "request-1"}) {
      testing::World world;
      testing::SeededRandom random;
      testing::SeededRandom same;
      random.set_failing(!entropy);
      same.set_failing(!entropy);
      CallOptions options;
      options.request_id = given;
      Engine engine(*world.config,
                    {world.clock, same, world.memory, world.directory, world.inbox, world.guard});
      const auto expected = engine.Run(GetMemberRequest(), options);

      boost::asio::io_context loop(1);
      coroutine_host::Network network(loop, 1);
      coroutine_host::SlowStore store(world.memory, network);
      coroutine_host::SlowSessions sessions(world.directory, network);
      coroutine_host::SlowSink sink(world.inbox, network);
      Host host(*world.config, {world.clock, random, store, sessions, sink, world.guard});
      std::string answer;
      boost::asio::co_spawn(loop, Ask(host, GetMemberRequest(), options, &answer),
                            boost::asio::detached);
      loop.run();
      EXPECT_EQ(answer, expected.request_id() + " " + testing::ErrorTypeOf(expected));
      EXPECT_FALSE(expected.request_id().empty());
    }
  }
}

}  // namespace
}  // namespace otpcore
