// SPDX-License-Identifier: Apache-2.0
// Servers that a test starts, kills, freezes and starts again, with data folders of their own that
// go away with them.
#ifndef OTPCORE_TESTS_CONFORMANCE_SERVERS_H_
#define OTPCORE_TESTS_CONFORMANCE_SERVERS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace otpcore {

class LocalServer {
 public:
  LocalServer() = default;
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  ~LocalServer();

  // A folder for data and socket. With `user`, which matters only to root, it belongs to that user
  // and so do the processes.
  void MakeFolder(const char* user);
  const std::string& folder() const { return folder_; }

  // Runs `command` to its end; true when it ended well.
  bool Run(const std::vector<std::string>& command) const;
  // Starts `command` and waits until `answers` says yes, also past a few failing starts: after a
  // crash a server may wait for its own remains to end. False when it never does.
  bool Start(const std::vector<std::string>& command, const std::function<bool()>& answers);
  // SIGKILL to the server and its children.
  void Kill();
  // SIGSTOP or SIGCONT to the server and its children.
  void Freeze(bool on) const;
  // What the server said, as far as it is the newest.
  std::string Log() const;

 private:
  pid_t Spawn(const std::vector<std::string>& command) const;
  std::vector<pid_t> Family() const;

  std::string folder_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t pid_ = 0;
};

// The first of `paths` that is there; "" when none is.
std::string FirstProgram(const std::vector<std::string>& paths);

// Runs `commits` in a process of its own, lets it get going, and kills it (SIGKILL). `commits` is
// called again and again with a function that notes one number as acknowledged; the last number
// noted is returned, 0 when there was none.
int KillHostInTheMiddle(const std::function<void(const std::function<void(int)>& note)>& commits);

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_SERVERS_H_
