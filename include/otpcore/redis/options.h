// SPDX-License-Identifier: Apache-2.0
// How the store, the guard and the sessions of otpcore::redis reach their server.
#ifndef OTPCORE_REDIS_OPTIONS_H_
#define OTPCORE_REDIS_OPTIONS_H_

#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/time.h"

namespace otpcore {

struct RedisOptions {
  std::string unix_socket;  // or:
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string user;      // of the access control list; empty: Redis's "default"
  std::string password;  // empty: none is sent
  int database = 0;
  // Set: TLS 1.2 or later, and the server must prove that it is `host`, a name or an address.
  bool tls = false;
  std::string ca_file;    // PEM, whom to believe; empty: those whom the system believes
  std::string cert_file;  // PEM, with `key_file`: what the server may ask of us; empty: nothing
  std::string key_file;
  // Stands in braces in every key, so that all keys are in one slot and one script can change them.
  std::string hash_tag = "otpcore";
  int connections_max = 8;
  // For all of one call. Only looking up `host` may take longer; so does the system's resolver.
  Duration timeout{2000};
  // After this time, or up to a quarter earlier, a connection is replaced.
  Duration connection_age_max = std::chrono::minutes(15);
};

// Reads one of these; `%` and two hex digits stand for a byte of user, password or path:
//
//   redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]     HOST: a name, IPv4, or IPv6 in brackets
//   rediss://…[?cacert=FILE][&cert=FILE&key=FILE]        the same by TLS
//   redis+socket://[[USER]:PASSWORD@]/PATH[?db=DATABASE] a Unix socket; unix:/PATH, unix:///PATH
//   and
//                                                        redis:///PATH are the same
//
// False: it is none of them, and `*problem` is a sentence that says why, without the password;
// `*options` are then half-read. A part that is not understood is never passed over.
OTPCORE_EXPORT bool ParseRedisUrl(std::string_view url, RedisOptions* options,
                                  std::string* problem);

}  // namespace otpcore

#endif  // OTPCORE_REDIS_OPTIONS_H_
