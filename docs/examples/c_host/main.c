/* SPDX-License-Identifier: Apache-2.0
 * A host in C99: makes an Organization and a Member, sends a passcode, and signs in with it. The
 * store is an array in memory, the session directory knows one token, and the gateway prints.
 *
 * What a real host does otherwise: its store is a database (docs/storage.md), its random bytes come
 * from the system, its keys from a vault, and its guard counts (NoGuard here). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "otpcore/c/otpcore.h"

struct record {
  uint64_t revision; /* of the latest write; a deleted record keeps it, with size 0 */
  size_t key_size, size;
  unsigned char key[512];
  char bytes[4096];
};
enum { RECORDS_MAX = 100 };

struct host {
  struct record records[RECORDS_MAX];
  size_t count;
  uint64_t revision;
  char code[16]; /* of the latest message */
};

static struct record* find(struct host* host, otpcore_view key) {
  for (size_t i = 0; i < host->count; ++i) {
    struct record* record = &host->records[i];
    if (record->key_size == key.size && memcmp(record->key, key.data, key.size) == 0) return record;
  }
  return NULL;
}

/* The system's generator. */
static int fill_random(uint8_t* bytes, size_t size) {
  FILE* file = fopen("/dev/urandom", "rb");
  const int ok = file != NULL && fread(bytes, 1, size, file) == size;
  if (file != NULL) fclose(file);
  return ok;
}

static otpcore_code load(void* pointer, otpcore_op* op, const otpcore_need* need) {
  struct host* host = pointer;
  for (uint32_t i = 0; i < need->count; ++i) {
    otpcore_view key;
    otpcore_op_key(op, i, &key);
    const struct record* record = find(host, key);
    if (record != NULL && record->size > 0)
      otpcore_op_record(op, i, record->revision, record->bytes, record->size);
  }
  if (need->session_kind == OTPCORE_INTERMEDIATE_TOKEN && need->session.size == 5 &&
      memcmp(need->session.data, "t0ken", 5) == 0) {
    otpcore_session session = {.struct_size = sizeof session,
                               .organization_id = {"acme", 4},
                               .member_id = {"ada", 3},
                               .session_id = {"session-1", 9},
                               .factors = OTPCORE_HOST_PRIMARY};
    otpcore_op_session(op, &session);
  }
  uint8_t entropy[2048];
  const int drawn =
      need->entropy_size <= sizeof entropy && fill_random(entropy, need->entropy_size);
  return otpcore_op_loaded(op, 1, (int64_t)time(NULL) * 1000, 0, drawn ? entropy : NULL,
                           need->entropy_size);
}

static otpcore_code admit(void* host, otpcore_op* op, const otpcore_need* need) {
  (void)host, (void)need;
  return otpcore_op_admitted(op, OTPCORE_ADMITTED, 0);
}

static otpcore_code commit(void* pointer, otpcore_op* op, const otpcore_need* need) {
  struct host* host = pointer;
  otpcore_write write = {.struct_size = sizeof write};
  for (uint32_t i = 0; i < need->count; ++i) { /* all or none */
    otpcore_op_write(op, i, &write);
    const struct record* record = find(host, write.key);
    if ((record != NULL && record->size > 0 ? record->revision : 0) != write.expected)
      return otpcore_op_committed(op, OTPCORE_CONFLICT);
  }
  if (host->count + need->count > RECORDS_MAX)
    return otpcore_op_committed(op, OTPCORE_NOT_COMMITTED);
  for (uint32_t i = 0; i < need->count; ++i) {
    otpcore_op_write(op, i, &write);
    struct record* record = find(host, write.key);
    if (record == NULL) {
      record = &host->records[host->count++];
      record->key_size = write.key.size;
      memcpy(record->key, write.key.data, write.key.size);
    }
    record->revision = ++host->revision;
    record->size = write.record.size;
    if (record->size > 0) memcpy(record->bytes, write.record.data, record->size);
  }
  return otpcore_op_committed(op, OTPCORE_COMMITTED);
}

static otpcore_code change_session(void* host, otpcore_op* op, const otpcore_need* need) {
  (void)host, (void)need;
  otpcore_session_effect effect = {.struct_size = sizeof effect};
  otpcore_op_session_effect(op, &effect);
  printf("session of %.*s for %" PRId64 " minutes\n", (int)effect.member_id.size,
         effect.member_id.data, effect.duration_ms / 60000);
  return otpcore_op_session_applied(op, 1);
}

static otpcore_code deliver(void* pointer, otpcore_op* op, const otpcore_need* need) {
  struct host* host = pointer;
  (void)need;
  otpcore_message message = {.struct_size = sizeof message};
  otpcore_op_message(op, &message);
  printf("to %.*s: %.*s\n", (int)message.to.size, message.to.data, (int)message.text.size,
         message.text.data);
  memcpy(host->code, message.passcode.data, message.passcode.size);
  return otpcore_op_delivered(op, OTPCORE_ACCEPTED, 0);
}

static otpcore_code settle(void* host, otpcore_op* op, const otpcore_need* need) {
  (void)host, (void)need;
  return otpcore_op_settled(op);
}

/* Runs one command whose fields are given as name, value, ..., NULL. Ends the program on misuse. */
static otpcore_code run(const otpcore_config* config, struct host* host, const char* command,
                        const char* const* fields) {
  const otpcore_ports ports = {sizeof ports, host,           load,    admit,
                               commit,       change_session, deliver, settle};
  otpcore_op* op = otpcore_op_new(config, command, NULL);
  otpcore_code code = op == NULL ? OTPCORE_NO_MEMORY : OTPCORE_OK;
  for (; code == OTPCORE_OK && *fields != NULL; fields += 2)
    code = otpcore_op_set(op, fields[0], fields[1], strlen(fields[1]));
  if (code == OTPCORE_OK) code = otpcore_run(op, &ports);
  otpcore_reply reply = {.struct_size = sizeof reply};
  if (code == OTPCORE_OK) code = otpcore_op_reply(op, &reply);
  if (code != OTPCORE_OK) {
    fprintf(stderr, "%s: the host's mistake %d\n", command, (int)code);
    exit(EXIT_FAILURE);
  }
  otpcore_error_info info = {.struct_size = sizeof info};
  otpcore_describe(reply.code, &info);
  printf("%s: %.*s %.*s\n", command, (int)info.error_type.size,
         reply.code == OTPCORE_OK ? "" : info.error_type.data, (int)reply.json.size,
         reply.json.data);
  code = reply.code;
  otpcore_op_free(op);
  return code;
}

int main(void) {
  static struct host host;
  uint8_t key[32];
  otpcore_config* config = otpcore_config_new();
  otpcore_view problem = {"", 0};
  if (config == NULL || !fill_random(key, sizeof key)) return EXIT_FAILURE;
  otpcore_config_add_key(config, 1, key);
  otpcore_config_set(config, "brand", "Acme", 4);
  if (otpcore_config_seal(config, &problem) != OTPCORE_OK) {
    fprintf(stderr, "%.*s\n", (int)problem.size, problem.data);
    return EXIT_FAILURE;
  }
  const char* const organization[] = {"organization_id", "acme", "organization_name", "Acme", NULL};
  const char* const member[] = {"organization_id", "acme", "member_id", "ada", "email_address",
                                "ada@example.com", NULL};
  const char* const send[] = {"organization_id",  "acme",         "member_id", "ada",
                              "mfa_phone_number", "+14155550123", NULL};
  run(config, &host, "create_organization", organization);
  run(config, &host, "create_member", member);
  run(config, &host, "send_sms_otp", send);
  const char* const proof[] = {"organization_id",
                               "acme",
                               "member_id",
                               "ada",
                               "code",
                               host.code,
                               "intermediate_session_token",
                               "t0ken",
                               NULL};
  const otpcore_code proved = run(config, &host, "authenticate_sms_otp", proof);
  const otpcore_code again = run(config, &host, "authenticate_sms_otp", proof);
  otpcore_config_free(config);
  return proved == OTPCORE_OK && again != OTPCORE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
