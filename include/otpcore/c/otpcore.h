/* SPDX-License-Identifier: Apache-2.0
 * otpcore in C: every command of the library, for hosts in other languages. C99; also C++.
 *
 * An operation is one run of one command. The host sets its fields by their wire names, then asks
 * what the operation needs, meets that need by its own means, and hands the outcome in, until the
 * need is OTPCORE_DONE. The library calls nothing back and performs no I/O.
 *
 *   otpcore_op* op = otpcore_op_new(config, "send_sms_otp", operation_id);
 *   otpcore_op_set(op, "organization_id", "acme", 4);
 *   otpcore_op_set(op, "member_id", "ada", 3);
 *   otpcore_need need = {.struct_size = sizeof need};
 *   while (otpcore_op_next(op, &need) == OTPCORE_OK && need.kind != OTPCORE_DONE) meet(op, &need);
 *   otpcore_reply reply = {.struct_size = sizeof reply};
 *   otpcore_op_reply(op, &reply);
 *   otpcore_op_free(op);
 *
 * otpcore_run is that loop, over a table of functions.
 *
 * Threads: a sealed configuration serves any number of threads. An operation is used by one thread
 * at a time. Nothing else is shared.
 *
 * Structs begin with struct_size, which the caller sets to sizeof; a newer library fills in no more
 * than that. Times are milliseconds since 1970-01-01T00:00:00Z. Text is UTF-8 and not terminated.
 * A view is valid until the next call with the same operation that is no accessor, and never longer
 * than the operation. Nothing throws, and a call that fails changes nothing.
 *
 * Before version 1.0 a minor version may change this interface: compare otpcore_c_version(). */
#ifndef OTPCORE_C_OTPCORE_H_
#define OTPCORE_C_OTPCORE_H_

#include <stddef.h>
#include <stdint.h>

#if defined(OTPCORE_C_SHARED) && defined(_WIN32)
#ifdef OTPCORE_C_BUILDS
#define OTPCORE_C_EXPORT __declspec(dllexport)
#else
#define OTPCORE_C_EXPORT __declspec(dllimport)
#endif
#elif defined(OTPCORE_C_SHARED) && defined(__GNUC__)
#define OTPCORE_C_EXPORT __attribute__((visibility("default")))
#else
#define OTPCORE_C_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Results ---- */

/* 0: well. Above 0: how a command ended, a number of docs/errors.md. Below 0: the call itself
 * failed. */
typedef int32_t otpcore_code;
#define OTPCORE_OK 0
#define OTPCORE_MISUSE (-1) /* not now, or a null pointer, or an index out of range */
#define OTPCORE_NO_MEMORY (-2)
#define OTPCORE_UNKNOWN_NAME (-3) /* there is no such command, field or setting */
#define OTPCORE_BAD_VALUE (-4)    /* the text cannot be a value of this field */
#define OTPCORE_NO_ACTOR (-5)     /* the command needs "actor", see otpcore_op_set */

typedef struct otpcore_view {
  const char* data;
  size_t size;
} otpcore_view;

typedef struct otpcore_error_info {
  size_t struct_size;
  otpcore_view error_type; /* the wire name */
  otpcore_view message;    /* for a developer; names no person and no number */
  int32_t http_status;
  int32_t error_class;        /* 1 fix request, 2 not found, 3 fix state, 4 denied, 5 wait, 6 retry,
                                 7 defect */
  otpcore_code end_user_code; /* what is safe to show who has proved a primary factor; 0: success */
} otpcore_error_info;

/* The static texts of an error number. OTPCORE_UNKNOWN_NAME for a number that is none. */
OTPCORE_C_EXPORT otpcore_code otpcore_describe(otpcore_code code, otpcore_error_info* info);

/* "0.1.0". Static. */
OTPCORE_C_EXPORT const char* otpcore_c_version(void);

/* ---- Configuration ---- */

typedef struct otpcore_config otpcore_config;

/* Null without memory. All settings have the defaults of the library. */
OTPCORE_C_EXPORT otpcore_config* otpcore_config_new(void);
/* May be null. No operation may be left. Wipes the keys. */
OTPCORE_C_EXPORT void otpcore_config_free(otpcore_config* config);

/* Sets one field of the policy or of the messages, by the name it has in otpcore/model/policy.h or
 * otpcore/rules/message.h:
 *   numbers            decimal: passcode_digits "6", success_per_year_max "0.001"
 *   booleans           "true" or "false"
 *   durations          whole milliseconds, with _ms behind the name: passcode_life_ms "120000"
 *   lists              each call adds one; an empty value empties the list: allowed_regions "GB"
 *   environment        "test" or "live"
 *   preset             "default" or "strict": sets all of the policy, so set it first
 *   sandbox_addresses  address,code,until in milliseconds or RFC 3339
 *   totp_back, totp_ahead, totp_digits, totp_algorithm ("SHA1", "SHA256", "SHA512")
 *   template.CHANNEL.LOCALE  a text of the host's own: template.sms.de-DE
 * Values are judged together by otpcore_config_seal. */
OTPCORE_C_EXPORT otpcore_code otpcore_config_set(otpcore_config* config, const char* name,
                                                 const char* value, size_t size);
/* Adds a key that digests are made with; the one added last makes them. */
OTPCORE_C_EXPORT otpcore_code otpcore_config_add_key(otpcore_config* config, uint32_t id,
                                                     const uint8_t key[32]);
/* The same for keys that secrets are sealed with. */
OTPCORE_C_EXPORT otpcore_code otpcore_config_add_sealing_key(otpcore_config* config, uint32_t id,
                                                             const uint8_t key[32]);
/* Checks everything; from then on the configuration cannot be changed. OTPCORE_BAD_VALUE: it makes
 * no sense, and *problem, which may be null, is a sentence for the operator that is valid as long
 * as the configuration; it may be mended and sealed again. */
OTPCORE_C_EXPORT otpcore_code otpcore_config_seal(otpcore_config* config, otpcore_view* problem);

/* ---- Operations ---- */

typedef struct otpcore_op otpcore_op;

/* Begins a command of otpcore/engine/engine.h, by the name of its request in lower case without
 * "Request": "send_sms_otp", "authenticate_totp". `operation_id`: 16 bytes that are the same for
 * every retry of the same request, else drawn anew; null: the call cannot be repeated. Null for an
 * unknown name, a configuration that is not sealed, and without memory. The configuration must
 * outlive the operation. */
OTPCORE_C_EXPORT otpcore_op* otpcore_op_new(const otpcore_config* config, const char* command,
                                            const uint8_t* operation_id);
/* At any time, as if the host had crashed there. May be null. Wipes what the operation held. */
OTPCORE_C_EXPORT void otpcore_op_free(otpcore_op* op);

/* Sets one field by its wire name. Numbers are decimal, booleans "true" or "false"; each value of a
 * list is a call of its own. An empty text counts as absent. Fields beside the wire:
 *   actor         "host": the host's own act; "person": of whom the session arguments name.
 * Commands that take it have no default channel       "sms", "whatsapp" or "voice" challenge_id  as
 * text with hyphens; outcome "accepted", "rejected", "unsubscribed", "unavailable" or "unknown": of
 * report_delivery OTPCORE_MISUSE once otpcore_op_next was called. */
OTPCORE_C_EXPORT otpcore_code otpcore_op_set(otpcore_op* op, const char* field, const char* value,
                                             size_t size);

enum {
  OTPCORE_LOAD = 1,    /* count keys, perhaps a session, and entropy; then otpcore_op_loaded */
  OTPCORE_ADMIT = 2,   /* count quotas for the admission `id`; then otpcore_op_admitted */
  OTPCORE_COMMIT = 3,  /* count writes, all or none; then otpcore_op_committed */
  OTPCORE_SESSION = 4, /* change the session; then otpcore_op_session_applied */
  OTPCORE_DELIVER = 5, /* hand the message over; then otpcore_op_delivered */
  OTPCORE_SETTLE = 6,  /* tell the guard how the admission `id` ended; then otpcore_op_settled */
  OTPCORE_DONE = 7     /* otpcore_op_reply has the answer */
};
enum {
  OTPCORE_NO_SESSION = 0,
  OTPCORE_INTERMEDIATE_TOKEN = 1,
  OTPCORE_SESSION_TOKEN = 2,
  OTPCORE_SESSION_JWT = 3
};

typedef struct otpcore_need {
  size_t struct_size;
  int32_t kind;
  uint32_t count;       /* of keys, quotas or writes */
  int32_t session_kind; /* of OTPCORE_LOAD: look this session up */
  otpcore_view session;
  size_t entropy_size;        /* of OTPCORE_LOAD: so many random bytes */
  uint8_t id[16];             /* of OTPCORE_ADMIT and OTPCORE_SETTLE */
  int32_t spent;              /* of OTPCORE_SETTLE: 1 keeps what was admitted, 0 gives it back */
  int32_t has_message;        /* of OTPCORE_COMMIT: a store with an outbox writes the message too */
  int32_t has_session_effect; /* of OTPCORE_COMMIT: a store that keeps sessions may change it too */
} otpcore_need;

/* The same need until it is answered. OTPCORE_NO_ACTOR: see otpcore_op_set. */
OTPCORE_C_EXPORT otpcore_code otpcore_op_next(otpcore_op* op, otpcore_need* need);

/* -- Load. Look up each key and call otpcore_op_record for those that are there, with one record
 * and revision as of one moment (docs/storage.md). Read the clock last. */
OTPCORE_C_EXPORT otpcore_code otpcore_op_key(const otpcore_op* op, uint32_t i, otpcore_view* key);
OTPCORE_C_EXPORT otpcore_code otpcore_op_record(otpcore_op* op, uint32_t i, uint64_t revision,
                                                const char* record, size_t size);

/* Factors that a session has shown. */
enum {
  OTPCORE_HOST_PRIMARY = 1,
  OTPCORE_EMAIL = 2,
  OTPCORE_SMS = 4,
  OTPCORE_TOTP = 8,
  OTPCORE_RECOVERY_CODE = 16
};
typedef struct otpcore_session {
  size_t struct_size;
  otpcore_view organization_id;
  otpcore_view member_id;
  otpcore_view session_id; /* up to 128 bytes, not secret; see Session in otpcore/model/session.h */
  uint32_t factors;        /* a sum of the above */
  /* That its e-mail factor proved, or empty. Of a session of no Member, as discovery gives it, the
   * two ids are empty, and this is not. */
  otpcore_view email_address;
} otpcore_session;
/* The session that was asked for is there. Not called: it is gone. */
OTPCORE_C_EXPORT otpcore_code otpcore_op_session(otpcore_op* op, const otpcore_session* session);
/* `ok` 0: the store or the session directory could not be reached. `entropy` has the size that was
 * asked for; null: the generator failed. `epoch` changes when the store was restored. */
OTPCORE_C_EXPORT otpcore_code otpcore_op_loaded(otpcore_op* op, int ok, int64_t now_ms,
                                                uint64_t epoch, const uint8_t* entropy,
                                                size_t size);

/* -- Admit. */
enum {
  OTPCORE_QUOTA_ADDRESS = 1,
  OTPCORE_QUOTA_REGION = 2,
  OTPCORE_QUOTA_ORGANIZATION = 3,
  OTPCORE_QUOTA_CONVERSION = 4,
  OTPCORE_QUOTA_EMAIL_ORGANIZATION = 5,
  OTPCORE_QUOTA_EMAIL_DISCOVERY = 6
};
typedef struct otpcore_quota { /* see Quota in otpcore/plan/outcome.h */
  size_t struct_size;
  int32_t subject;
  int32_t max;
  int32_t min_ended;
  int64_t window_ms;
  int64_t life_ms;
  otpcore_view organization_id; /* ids as bytes that no other id has */
  otpcore_view member_id;
  otpcore_view address;
  otpcore_view region;
  uint8_t replaces[16];
} otpcore_quota;
OTPCORE_C_EXPORT otpcore_code otpcore_op_quota(const otpcore_op* op, uint32_t i,
                                               otpcore_quota* quota);
enum {
  OTPCORE_ADMITTED = 0,
  OTPCORE_TOO_MANY = 1,
  OTPCORE_TOO_FEW_AUTHENTICATED = 2,
  OTPCORE_GUARD_UNREACHABLE = 3
};
OTPCORE_C_EXPORT otpcore_code otpcore_op_admitted(otpcore_op* op, int32_t admission,
                                                  int64_t retry_after_ms);

/* -- Commit. */
typedef struct otpcore_write {
  size_t struct_size;
  otpcore_view key;
  uint64_t expected;   /* revision; 0: the key must be free */
  otpcore_view record; /* empty: delete */
} otpcore_write;
OTPCORE_C_EXPORT otpcore_code otpcore_op_write(const otpcore_op* op, uint32_t i,
                                               otpcore_write* write);
enum {
  OTPCORE_COMMITTED = 1,
  OTPCORE_CONFLICT = 2,
  OTPCORE_NOT_COMMITTED = 3,
  OTPCORE_COMMIT_UNKNOWN = 4
};
OTPCORE_C_EXPORT otpcore_code otpcore_op_committed(otpcore_op* op, int32_t outcome);

/* -- Session effect: of OTPCORE_SESSION, and of OTPCORE_COMMIT that has one. */
enum {
  OTPCORE_CREATE = 1,
  OTPCORE_CREATE_INTERMEDIATE = 2,
  OTPCORE_UPGRADE = 3,
  OTPCORE_EXTEND = 4
};
typedef struct otpcore_session_effect {
  size_t struct_size;
  int32_t kind;
  int32_t session_kind; /* 0, and `session` empty: of a session that is to be created */
  /* Of OTPCORE_CREATE_INTERMEDIATE: the intermediate token that it replaces, to be consumed. */
  otpcore_view session;
  otpcore_view organization_id; /* these two are empty for a session of no Member */
  otpcore_view member_id;
  int64_t duration_ms;
  uint32_t factor; /* to be added to the session */
  otpcore_view factor_id;
  otpcore_view address; /* of a phone number or e-mail address */
  int64_t at_ms;
} otpcore_session_effect;
OTPCORE_C_EXPORT otpcore_code otpcore_op_session_effect(otpcore_op* op,
                                                        otpcore_session_effect* effect);
OTPCORE_C_EXPORT otpcore_code otpcore_op_session_applied(otpcore_op* op, int applied);

/* -- Deliver: of OTPCORE_DELIVER, and of OTPCORE_COMMIT that has a message. */
typedef struct otpcore_message {
  size_t struct_size;
  uint8_t challenge_id[16]; /* the idempotency key */
  otpcore_view organization_id;
  otpcore_view member_id;
  otpcore_view channel;
  otpcore_view to;
  otpcore_view locale;
  otpcore_view text; /* secret, as is the passcode */
  otpcore_view passcode;
  otpcore_view brand;
  int32_t minutes;       /* that the passcode lives, rounded up */
  int64_t expires_at_ms; /* do not deliver later */
  /* Of the channel "email"; else empty. */
  otpcore_view subject;
  otpcore_view template_id; /* that the request named for this purpose */
  otpcore_view purpose;     /* "login" or "signup" */
} otpcore_message;
OTPCORE_C_EXPORT otpcore_code otpcore_op_message(otpcore_op* op, otpcore_message* message);
enum {
  OTPCORE_ACCEPTED = 1,
  OTPCORE_REJECTED = 2,
  OTPCORE_UNAVAILABLE = 3,
  OTPCORE_DELIVERY_UNKNOWN = 4
};
/* `unsubscribed`: with OTPCORE_REJECTED, the person opted out. */
OTPCORE_C_EXPORT otpcore_code otpcore_op_delivered(otpcore_op* op, int32_t outcome,
                                                   int unsubscribed);

OTPCORE_C_EXPORT otpcore_code otpcore_op_settled(otpcore_op* op);

/* -- Reply. */
typedef struct otpcore_reply {
  size_t struct_size;
  otpcore_code code;      /* 0: success */
  int64_t retry_after_ms; /* 0: waiting does not help, or nobody knows how long */
  otpcore_view detail;    /* for a developer: which field or step; static */
  otpcore_view json;      /* the fields of the response by their wire names; an object */
  otpcore_view events;    /* for the audit log and the guard; an array */
  /* Of a send and of a wrong code; else 0. */
  int64_t expires_at_ms;
  int64_t next_send_at_ms;
  int32_t sends_left;
  int32_t tries_left;
} otpcore_reply;
/* After OTPCORE_DONE; the same however often it is called. `json` may hold secrets: it is wiped
 * with the operation. */
OTPCORE_C_EXPORT otpcore_code otpcore_op_reply(otpcore_op* op, otpcore_reply* reply);

/* ---- The loop ---- */

/* What meets the needs. Each function looks at `need`, uses the accessors of `op`, and answers with
 * the function that the need names; it returns 0, or a code below 0 that ends the loop and that
 * otpcore_run returns. */
typedef otpcore_code (*otpcore_meet)(void* host, otpcore_op* op, const otpcore_need* need);
typedef struct otpcore_ports {
  size_t struct_size;
  void* host; /* handed to each function */
  otpcore_meet load, admit, commit, session, deliver, settle;
} otpcore_ports;
/* Runs the operation to its end; then otpcore_op_reply has the answer. */
OTPCORE_C_EXPORT otpcore_code otpcore_run(otpcore_op* op, const otpcore_ports* ports);

#ifdef __cplusplus
}
#endif

#endif /* OTPCORE_C_OTPCORE_H_ */
