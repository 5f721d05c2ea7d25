// SPDX-License-Identifier: Apache-2.0
// Actor: whose act a command is (rule C-10).
//
// Commands that change a Member's data or factors take one. A person is held to what their session
// has shown; the host is not. An Actor has no default, so a request that does not name one does not
// compile:
//
//   DeleteMfaPhoneNumberRequest request{organization_id, member_id, Actor::Person(session)};
//
// Take Actor::Host() for acts of support and of administrators, whom the host has authorized
// itself, and never for what a person asked for. An Actor is a value: it owns its texts, and its
// const functions are thread-safe.
#ifndef OTPCORE_COMMANDS_ACTOR_H_
#define OTPCORE_COMMANDS_ACTOR_H_

#include <optional>
#include <utility>

#include "otpcore/model/session.h"

namespace otpcore {

class Actor {
 public:
  // The host itself.
  static Actor Host() { return Actor(std::nullopt); }
  // The person whose session `session` names. It has exactly one argument, else the command ends in
  // kNoSessionArguments or kTooManySessionArguments.
  static Actor Person(SessionArguments session) { return Actor(std::move(session)); }

  bool is_host() const { return !session_; }
  // The person's; null: the actor is the host.
  const SessionArguments* session() const { return session_ ? &*session_ : nullptr; }

 private:
  explicit Actor(std::optional<SessionArguments> session) : session_(std::move(session)) {}
  std::optional<SessionArguments> session_;
};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_ACTOR_H_
