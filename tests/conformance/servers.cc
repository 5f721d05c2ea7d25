// SPDX-License-Identifier: Apache-2.0
#include "servers.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace otpcore {

LocalServer::~LocalServer() {
  Kill();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

void LocalServer::MakeFolder(const char* user) {
  folder_ = (std::filesystem::temp_directory_path() / "otpcore-XXXXXX").string();
  if (mkdtemp(folder_.data()) == nullptr) folder_.clear();
  if (user == nullptr || geteuid() != 0) return;
  const passwd* account = getpwnam(user);
  if (account == nullptr) return;
  user_ = account->pw_uid;
  group_ = account->pw_gid;
  if (chown(folder_.c_str(), user_, group_) != 0) folder_.clear();
}

pid_t LocalServer::Spawn(const std::vector<std::string>& command) const {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const std::string log_path = folder_ + "/log";
  // Other threads may hold the allocator's lock: the child must not allocate.
  const pid_t child = fork();
  if (child != 0) return child;
  // A group of its own, so that what is meant for the tests does not reach the server.
  setpgid(0, 0);
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (log >= 0) {
    dup2(log, 1);
    dup2(log, 2);
  }
  if (user_ != 0 && (setgid(group_) != 0 || setuid(user_) != 0)) _exit(126);
  // After the change of user, which clears it: a server goes with the test, however that ends.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (chdir(folder_.c_str()) != 0) _exit(126);
  execv(words[0], words.data());
  _exit(127);
}

bool LocalServer::Run(const std::vector<std::string>& command) const {
  int status = 0;
  const pid_t child = Spawn(command);
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

bool LocalServer::Start(const std::vector<std::string>& command,
                        const std::function<bool()>& answers) {
  for (int wait = 0; wait < 3000; ++wait) {
    if (pid_ == 0) pid_ = Spawn(command);
    if (answers()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
  }
  return false;
}

// Read before anything is sent to the server: orphans have another parent.
std::vector<pid_t> LocalServer::Family() const {
  std::vector<pid_t> family = {pid_};
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    std::ifstream status(entry.path() / "stat");
    pid_t pid = 0;
    pid_t parent = 0;
    std::string name;
    char state = 0;
    if (status >> pid && std::getline(status, name, ')') && status >> state >> parent &&
        parent == pid_)
      family.push_back(pid);
  }
  return family;
}

void LocalServer::Kill() {
  if (pid_ <= 0) return;
  for (const pid_t pid : Family()) kill(pid, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void LocalServer::Freeze(bool on) const {
  if (pid_ <= 0) return;
  for (const pid_t pid : Family()) kill(pid, on ? SIGSTOP : SIGCONT);
}

std::string LocalServer::Log() const {
  std::ostringstream text;
  text << std::ifstream(folder_ + "/log").rdbuf();
  const std::string all = text.str();
  return all.substr(all.size() - std::min<size_t>(all.size(), 3000));
}

std::string FirstProgram(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

int KillHostInTheMiddle(const std::function<void(const std::function<void(int)>& note)>& commits) {
  int notes[2];
  if (pipe(notes) != 0) return 0;
  const pid_t host = fork();
  if (host == 0) {
    close(notes[0]);
    for (;;)
      commits([&](int number) {
        if (write(notes[1], &number, sizeof(number)) != sizeof(number)) _exit(1);
      });
  }
  close(notes[1]);
  int last = 0;
  int number = 0;
  // After a number of commits that differs from run to run only in where the next one is cut.
  while (last < 25 && read(notes[0], &number, sizeof(number)) == sizeof(number)) last = number;
  kill(host, SIGKILL);
  while (read(notes[0], &number, sizeof(number)) == sizeof(number)) last = number;
  close(notes[0]);
  waitpid(host, nullptr, 0);
  return last;
}

}  // namespace otpcore
