// SPDX-License-Identifier: Apache-2.0
// A thousand people prove their phone at the same time, on one thread.
#include <algorithm>
#include <iostream>
#include <string>

#include "host.h"
#include "otpcore/testing/world.h"
#include "slow_ports.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace {

using coroutine_host::Async;

struct Tally {
  int running = 0;
  int running_max = 0;
  int proved = 0;
};

// What a person does: gets a passcode to a new number, and types it.
Async<void> Enrol(coroutine_host::Host& host, otpcore::testing::World& world,
                  const otpcore::Member member, const std::string number, Tally& tally) {
  tally.running_max = std::max(tally.running_max, ++tally.running);
  otpcore::SendSmsOtpRequest send;
  send.organization_id = member.organization_id.str();
  send.member_id = member.member_id.str();
  send.mfa_phone_number = number;
  auto sending = host.Run(std::move(send));
  const auto sent = co_await std::move(sending);

  std::string code;
  for (const auto& sms : world.inbox.messages()) {
    if (sms.to == number) code = otpcore::testing::CodeIn(sms.body);
  }
  otpcore::AuthenticateSmsOtpRequest proof;
  proof.organization_id = member.organization_id.str();
  proof.member_id = member.member_id.str();
  proof.code.emplace(code);
  proof.session = world.Intermediate(member);
  auto proving = host.Run(std::move(proof));
  const auto proved = co_await std::move(proving);
  tally.proved += sent.ok() && proved.ok() && proved.member().mfa_phone_number_verified;
  --tally.running;
}

}  // namespace

int main() {
  constexpr int kPeople = 1000;
  boost::asio::io_context loop(1);
  coroutine_host::Network network(loop, 1);
  otpcore::testing::World world;
  coroutine_host::SlowStore store(world.memory, network);
  coroutine_host::SlowSessions sessions(world.directory, network);
  coroutine_host::SlowSink sink(world.inbox, network);
  coroutine_host::Host host(*world.config,
                            {world.clock, world.random, store, sessions, sink, world.guard});

  Tally tally;
  const otpcore::Organization acme = world.MakeOrganization();
  for (int i = 0; i < kPeople; ++i) {
    const std::string number = "+1415555" + std::to_string(1000 + i);
    boost::asio::co_spawn(loop, Enrol(host, world, world.MakeMember(acme), number, tally),
                          boost::asio::detached);
  }
  loop.run();
  std::cout << tally.proved << " of " << kPeople << " phones proved, up to " << tally.running_max
            << " at the same time, on one thread\n";
  return tally.proved == kPeople ? 0 : 1;
}
