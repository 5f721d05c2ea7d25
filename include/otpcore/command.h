// The vocabulary of a command: what a plan sees (Facts) and what it says (Decision).
//
// A command is two pure functions: Plan(context, request, facts) -> Decision, and Respond(context,
// request, conclusion) -> response. They read no clock, draw no randomness and do no I/O.
// operation.h runs them.
#ifndef OTPCORE_COMMAND_H_
#define OTPCORE_COMMAND_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "otpcore/config.h"
#include "otpcore/event.h"
#include "otpcore/export.h"
#include "otpcore/message.h"
#include "otpcore/passcode.h"
#include "otpcore/record.h"
#include "otpcore/result.h"
#include "otpcore/session.h"

namespace otpcore {

// ---- Facts ----

// Bytes drawn anew for each attempt: the passcode, the challenge id, the phone id.
inline constexpr size_t kEntropyBytes = kPasscodeEntropyBytes + 32;
using Entropy = SecretBytes<kEntropyBytes>;

// Answer of the SendGuard.
struct Admission {
  enum class Kind : uint8_t { kAdmitted, kTooMany, kTooFewAuthenticated, kUnreachable };
  Kind kind = Kind::kAdmitted;
  Duration retry_after{0};
};

// A number that a plan has parsed. Its decision carries it and the next plan finds it among its
// facts, for a parse takes longer than all else a plan does. Empty text: none.
struct ParsedNumber {
  E164 text;  // as it was given
  PhoneNumber number;
};

// All that was answered so far for this attempt.
struct OTPCORE_EXPORT Facts {
  Instant now;         // read once, after the load (T-01)
  uint64_t epoch = 0;  // the store's; a new one after a restore (K-11)
  std::vector<LoadedRecord> records;
  std::optional<Session> session;  // absent after a load that searched one: there is none
  std::optional<Admission> admission;
  bool has_entropy = false;
  Entropy entropy;
  ParsedNumber parsed;

  // The record loaded for `key` (revision 0: there is none); null: it was not asked for yet.
  const LoadedRecord* Find(const RecordKey& key) const {
    return Find(key.kind, key.organization, key.name);
  }
  const LoadedRecord* Find(RecordKind kind, std::string_view organization,
                           std::string_view name) const;
};

// ---- Decisions ----

struct LoadMore {
  std::vector<RecordKey> keys;
  std::optional<SessionCredential> session;
  bool entropy = false;  // also draw entropy, if none was drawn in this attempt
  ParsedNumber parsed = {};
};

// One quota that a send to an unverified number needs (L-06, L-07).
struct Quota {
  enum class Kind : uint8_t { kNumber = 1, kRegion = 2, kOrganization = 3, kConversion = 4 };
  Kind kind = Kind::kNumber;
  Id organization_id;  // empty for kNumber
  E164 phone_number;   // of kNumber
  RegionCode region;   // of kRegion and kConversion
  int max = 0;         // for kConversion: the least percentage
  int min_ended = 0;   // of kConversion
  Duration window{0};
  Duration life{0};  // of kConversion: a passcode has ended this long after its send, at the latest
};
// Whether both count the same sends.
OTPCORE_EXPORT bool operator==(const Quota& a, const Quota& b);
struct Admit {
  AdmissionId id;  // the first of an operation's run counts
  std::vector<Quota> quotas;
  ParsedNumber parsed = {};
};

// One SMS. The sink must treat a second message with the same `challenge_id` as the same message
// (D-07).
struct SmsMessage {
  SmsMessage() {}  // not all zeros first: it is mostly room for text

  ChallengeId challenge_id;
  Id organization_id;
  Id member_id;
  E164 to;
  MessageText body;
  Instant expires_at;  // of no use afterwards
};

// What is changed in one atomic step. The first write is always the Organization or Member record;
// it carries the operation's mark. `message` is there for stores with an outbox, `session_effect`
// for stores that keep sessions too; others ignore them.
struct Changes {
  std::vector<Write> writes;
  std::unique_ptr<SmsMessage> message;
  std::optional<SessionEffect> session_effect;
};

// For the host, never on the wire; as of the commit, before a delivery fails. Zero: absent.
struct Hints {
  Instant expires_at;    // of the passcode
  Instant next_send_at;  // from then on the Member's own limits allow a further send
  int sends_left = 0;    // of the Member, now
  int tries_left = 0;    // wrong codes until the challenge is dead
};

// How the command is answered. Nothing of it leaves before the changes are committed.
struct Answer {
  Error error = ErrorCode::kOk;
  OrganizationSnapshot organization;
  std::unique_ptr<MemberRecord> member;         // when nothing is written; else it is in the writes
  std::optional<SessionEffect> session_effect;  // of a repeated success: may not have been applied
  Hints hints;
  EventList events;
};

struct Commit {
  Changes changes;
  Answer answer;
};

using Decision = std::variant<LoadMore, Admit, Commit, Answer>;

// ---- After the decision ----

struct Delivery {
  enum class Kind : uint8_t {
    kAccepted = 1,     // on its way
    kRejected = 2,     // this number will not get it
    kUnavailable = 3,  // surely not sent
    kUnknown = 4,      // may have been sent
  };
  Kind kind = Kind::kAccepted;
  bool unsubscribed = false;  // with kRejected: the person opted out
};

// Why the driver could not bring a command to an answer of its own.
enum class Fault : uint8_t {
  kNone = 0,
  kUnavailable = 1,
  kContention = 2,
  kUnknown = 3,
  kMisuse = 4
};
OTPCORE_EXPORT Error ErrorOf(Fault fault);

// What became of a command.
struct Conclusion {
  Fault fault = Fault::kNone;
  Answer answer;
  Changes changes;  // what was committed; empty when nothing was
  std::optional<Delivery> delivery;
  Instant now;                     // of the decision
  std::optional<Session> session;  // that the decision saw

  // The Member after the command: the one written, or the one the answer brought. Null: none.
  OTPCORE_EXPORT const MemberRecord* member() const;
  OTPCORE_EXPORT MemberRecord* member();
};

// Who asks.
struct CallContext {
  const Config* config = nullptr;
  OperationId operation_id;  // never empty inside a plan
};

// One request, ready to be planned. Const functions are pure.
class OTPCORE_EXPORT Command {
 public:
  virtual ~Command() = default;
  virtual Decision Plan(const Facts& facts) const = 0;
  // The command to run when `changes.message` was not accepted; null: none.
  virtual std::unique_ptr<Command> AfterDelivery(const Changes& /*changes*/,
                                                 const Delivery& /*delivery*/) const {
    return nullptr;
  }
};

}  // namespace otpcore

#endif  // OTPCORE_COMMAND_H_
