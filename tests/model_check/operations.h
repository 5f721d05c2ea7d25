// SPDX-License-Identifier: Apache-2.0
// Operations of the real library as points in their life.
//
// An Operation is a function of its inputs. So the checker keeps, for each operation in flight,
// only the number of a point: which request it is and every outcome it has been given. What the
// library does at a point is found out once, by running the real driver with the real plan through
// all of these inputs, and then looked up.
#ifndef OTPCORE_TESTS_MODEL_CHECK_OPERATIONS_H_
#define OTPCORE_TESTS_MODEL_CHECK_OPERATIONS_H_

#include <cstdint>
#include <vector>

#include "model_check/faults.h"
#include "model_check/universe.h"

namespace otpcore {
namespace model {

struct CommandSpec {
  enum class Kind : uint8_t {
    kSend,          // argument: number, kNoNumber for the stored one
    kAuthenticate,  // argument: the slot whose code is typed
    kDeleteNumber,
    kUnlock,
    kReport,  // argument: the slot whose SMS was rejected; a late receipt
    kDeleteMember,
    kReactivate,
    kGiveNumber,       // an update by the host; argument: number
    kDeleteOwnNumber,  // in a session with a primary factor alone
    kStartChange,      // of phone, by the host; argument: number
    kFinishChange,     // likewise; argument: the slot whose code is typed
    kStartOwnChange,   // in a session with a primary factor alone; argument: number
    // Of registrations and recovery codes; argument of those that type: TypedOf.
    kCreateApp,    // in a session with a second factor, as kProveApp, kDeleteApp, kRotate
    kProveApp,     // types an app's code
    kTypeAppCode,  // likewise, in a session with a primary factor alone
    kDeleteApp,
    kDeleteOwnApp,  // in a session with a primary factor alone
    kRecover,       // likewise: types a recovery code
    kRotate,
    kRotateOwn,  // in a session with a primary factor alone
    // Of passcodes by e-mail; without session.
    kSendMail,
    kTypeMail,       // argument: the slot whose code is typed
    kChangeAddress,  // by the host; argument: the spelling
    // Of passcodes outside Organizations: kAddress stands for the Member.
    kDiscover,
    kTypeDiscovered,    // argument: the slot whose code is typed
    kReportDiscovered,  // argument: the slot whose message was rejected; a late receipt
    kUnlockAddress,
    kPurgeAddress,
    kExchange,  // the one token of no Member there is, for the Member with its address
  };
  Kind kind = Kind::kSend;
  uint8_t member = 0;
  uint8_t argument = 0;
  friend bool operator==(const CommandSpec& a, const CommandSpec& b) {
    return a.kind == b.kind && a.member == b.member && a.argument == b.argument;
  }
};

inline bool TypesAppCode(CommandSpec::Kind kind) {
  return kind == CommandSpec::Kind::kProveApp || kind == CommandSpec::Kind::kTypeAppCode;
}
inline bool IsOfApp(CommandSpec::Kind kind) {
  return kind >= CommandSpec::Kind::kCreateApp && kind <= CommandSpec::Kind::kRotateOwn;
}
inline bool IsOfMail(CommandSpec::Kind kind) {
  return kind >= CommandSpec::Kind::kSendMail && kind < CommandSpec::Kind::kExchange;
}
inline bool IsOfAddress(CommandSpec::Kind kind) {
  return kind >= CommandSpec::Kind::kDiscover && kind <= CommandSpec::Kind::kPurgeAddress;
}
inline bool IsLateReport(CommandSpec::Kind kind) {
  return kind == CommandSpec::Kind::kReport || kind == CommandSpec::Kind::kReportDiscovered;
}
// Whether its session has shown a second factor.
inline bool ShowsFactor(CommandSpec::Kind kind) {
  using Kind = CommandSpec::Kind;
  return kind == Kind::kCreateApp || kind == Kind::kProveApp || kind == Kind::kDeleteApp ||
         kind == Kind::kRotate;
}

// Revisions as an operation sees them: only "as when I read it first" matters, and "it was written
// since".
inline constexpr Revision kFirstRevision = 5;
inline constexpr Revision kLaterRevision = 6;

// One outcome.
struct Input {
  NeedKind answers = NeedKind::kDone;  // kDone: the start
  uint8_t outcome = 0;  // loaded, effect applied: 0 or 1; else the number of the library's enum
  uint8_t minute = 0;
  uint8_t epoch = 0;
  uint8_t slot = 0;   // of the entropy; 0: none
  uint8_t kept = 0;   // the slot of the code: that of the admission, once a guard was asked; else 0
  uint8_t later = 0;  // keys whose revision is kLaterRevision
  bool token_gone = false;  // an exchange had the token before
  std::array<uint32_t, kKeys> records{};
};

struct WriteView {
  uint8_t key = 0;
  uint8_t expected = 0;
  uint32_t record = 0;  // 0: deleted
};

// One point in the life of an operation.
struct Point {
  Hash hash;
  uint32_t before = 0;  // the point this one followed; 0: it is the start
  Input input;
  CommandSpec command;
  uint8_t operation = kNotRepeated;

  NeedKind need = NeedKind::kDone;
  bool follow_up = false;    // the report after a delivery that was not accepted
  bool in_doubt = false;     // a commit of this attempt had an unknown outcome
  uint8_t known = 0;         // keys that were loaded in this attempt
  uint8_t minute = 0;        // of the latest load
  uint8_t slot = 0;          // of what the command itself issues
  uint8_t run = 0;           // the same, of this round: the report draws its own
  uint32_t member_seen = 0;  // the record of the command's Member as loaded last

  uint8_t keys = 0;         // kLoad: these are asked for
  bool entropy = false;     // and this: the first load of an attempt
  uint8_t write_count = 0;  // kCommit
  std::array<WriteView, Writes::kMax> writes{};
  bool effect = false;        // kCommit: with a session effect
  bool names_token = false;   // kSessionEffect: of the token of kExchange
  bool has_message = false;   // kCommit
  uint8_t message_slot = 0;   // kCommit, kDelivery: 0: no message
  bool message_right = true;  // it shows the code of its slot and goes to the number written
  uint8_t message_to = kNoNumber;
  uint8_t message_spelling = kNoSpelling;  // of the address that it goes to

  // The guard. A settlement is met at once: nobody else sees it, and a crash before it is one after
  // it.
  bool admitted = false;          // or perhaps: the guard did not answer
  uint8_t admission = 0;          // the slot of the id it was asked under first
  bool admission_right = true;    // and under no other since, nor told the end of another
  bool doubtful_message = false;  // the commit in doubt may have put a message into an outbox
  bool report_asked = false;      // the report was to be committed, and
  bool report_committed = false;  // the store said that it is
  uint8_t settlements = 0;        // how often it was told the end
  Settlement settlement = Settlement::kSpent;

  // kDone
  ErrorCode answer = ErrorCode::kOk;
  bool committed = false;  // the answer claims that something was committed
  bool shows_both = true;  // if so: it shows the Organization and the Member
};

class PointTable {
 public:
  PointTable(const Config& config, RecordTable& records);
  uint32_t Start(const CommandSpec& command, uint8_t operation);
  uint32_t Next(uint32_t before, const Input& input);
  const Point& at(uint32_t number) const { return points_.at(number); }
  size_t size() const { return points_.size(); }
  const Config& config() const { return config_; }

 private:
  Point Run(Point point);
  Loaded LoadedFor(const NeedLoad& need, const CommandSpec& command, const Input& input) const;
  Need Feed(Operation* driver, const Need& need, const CommandSpec& command,
            const Input& input) const;
  void Describe(const Need& need, Point* point);

  const Config& config_;
  RecordTable& records_;
  const std::string organization_;  // its record, packed
  Interned<Point> points_;
};

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_OPERATIONS_H_
