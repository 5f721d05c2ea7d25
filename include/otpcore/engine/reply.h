// SPDX-License-Identifier: Apache-2.0
// Reply: what a host gets back from a command.
//
//   auto reply = engine.Run(request);
//   if (!reply.ok()) return Log(reply.error().error_type());
//   Use(reply.member().email_address);
//
// A reply owns the packed records that it shows, about 7 KB, without a heap block. member() and
// organization() read them when asked; their texts are views into the reply.
#ifndef OTPCORE_ENGINE_REPLY_H_
#define OTPCORE_ENGINE_REPLY_H_

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/model/codec.h"
#include "otpcore/model/member.h"
#include "otpcore/model/organization.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// The part of a reply that every command has. Copyable. Not safe for concurrent writes.
class OTPCORE_EXPORT ReplyBase {
 public:
  ReplyBase() {}  // an error, until a command has filled it in
  ReplyBase(const ReplyBase& other) { *this = other; }
  ReplyBase& operator=(const ReplyBase& other);
  ~ReplyBase() = default;

  bool ok() const { return error_.ok(); }
  explicit operator bool() const { return ok(); }
  // kOk on success.
  const Error& error() const { return error_; }
  // On success and on error: the host's, or one that was drawn (C-05).
  std::string request_id() const;
  // Of the ids that the reply shows.
  Environment environment() const { return environment_; }

  // For the audit log, on success and on error.
  EventList& events() { return events_; }
  const EventList& events() const { return events_; }
  // After a send and after a wrong code; else zero, as when an operation is repeated.
  const Hints& hints() const { return hints_; }

  // The Member and the Organization after the command. Only on the success of a command that shows
  // one; else all fields are empty. Not of a temporary reply: the texts would be gone with it.
  Member member() const&;
  Member member() && = delete;
  Organization organization() const&;
  Organization organization() && = delete;

 protected:
  friend class Replying;

  // Which record the bytes below are of; size 0: none.
  struct Kept {
    RecordKey key;
    size_t size = 0;
  };

  Error error_ = ErrorCode::kInternalServerError;
  Hints hints_;
  EventList events_;
  Instant now_;
  Environment environment_ = Environment::kTest;
  Uuid drawn_request_id_;
  std::string request_id_;
  Kept member_;
  Kept organization_;
  char member_bytes_[kMemberRecordBytesMax];
  char organization_bytes_[kOrganizationRecordBytesMax];
};

// The reply of command type `C`, with the fields of its Response beside those of every command.
template <typename C>
class [[nodiscard]] Reply : public ReplyBase, public C::Response {};

// Fills in replies; for whoever runs an Operation (engine.h, operation_for.h).
class OTPCORE_EXPORT Replying {
 public:
  static void Start(const CallContext& context, std::string&& request_id, ReplyBase* reply);
  static void Finish(const Conclusion& conclusion, const Entropy& entropy, Error error,
                     ReplyBase* reply);
  // False: the host gave none, and none was drawn.
  static bool HasRequestId(const ReplyBase& reply) {
    return !reply.drawn_request_id_.empty() || !reply.request_id_.empty();
  }
  static void SetRequestId(const Uuid& drawn, ReplyBase* reply) {
    reply->drawn_request_id_ = drawn;
  }
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_REPLY_H_
