// SPDX-License-Identifier: Apache-2.0
// Where a Redis server may be, and who may ask: URLs, and servers that want a password, a user, a
// database or TLS.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "otpcore/redis/options.h"
#include "otpcore/redis/store.h"
#include "otpcore/testing/store_probe.h"
#include "redis/connection.h"
#include "servers.h"

namespace otpcore {
namespace {

RedisOptions Parsed(const std::string& url) {
  RedisOptions server;
  std::string problem;
  EXPECT_TRUE(ParseRedisUrl(url, &server, &problem)) << url << ": " << problem;
  return server;
}

TEST(RedisUrl, SaysWhereAndWho) {
  const RedisOptions all = Parsed("rediss://me%40home:p%3A%2F%25x@redis.example:7000/5?cacert=/ca");
  EXPECT_EQ(all.user, "me@home");
  EXPECT_EQ(all.password, "p:/%x");
  EXPECT_EQ(all.host, "redis.example");
  EXPECT_EQ(all.port, 7000);
  EXPECT_EQ(all.database, 5);
  EXPECT_EQ(all.ca_file, "/ca");
  EXPECT_TRUE(all.tls);
  EXPECT_FALSE(Parsed("redis://h").tls);
  EXPECT_EQ(Parsed("redis://h").port, 6379);
  EXPECT_EQ(Parsed("redis://h/").database, 0);
  EXPECT_EQ(Parsed("redis://:7000").host, "127.0.0.1");
  EXPECT_EQ(Parsed("redis://:secret@h").password, "secret");
  EXPECT_EQ(Parsed("redis://:secret@h").user, "");
  EXPECT_EQ(Parsed("redis:///5").database, 5);
  const RedisOptions both = Parsed("rediss://h?cert=a%20b&key=c");
  EXPECT_EQ(both.cert_file, "a b");
  EXPECT_EQ(both.key_file, "c");
}

TEST(RedisUrl, HasAddressesInBrackets) {
  EXPECT_EQ(Parsed("redis://[::1]").host, "::1");
  EXPECT_EQ(Parsed("redis://[fe80::1]:7000/2").port, 7000);
  EXPECT_EQ(Parsed("redis://u:p@[fe80::1]:7000/2").database, 2);
}

TEST(RedisUrl, NamesUnixSockets) {
  for (const char* url : {"unix:/run/a%20b", "unix:///run/a%20b", "redis+socket:///run/a%20b",
                          "redis:///run/a%20b"}) {
    EXPECT_EQ(Parsed(url).unix_socket, "/run/a b") << url;
  }
  const RedisOptions server = Parsed("redis+socket://u:p@/run/redis?db=3");
  EXPECT_EQ(server.unix_socket, "/run/redis");
  EXPECT_EQ(server.user + server.password, "up");
  EXPECT_EQ(server.database, 3);
}

TEST(RedisUrl, RefusesWhatItDoesNotUnderstand) {
  for (const char* url : {"",
                          "redis:",
                          "redis:h",
                          "http://h",
                          "redis://h/five",
                          "redis://h/5/6",
                          "redis://h/-1",
                          "redis://h/5x",
                          "redis://h/99999999999",
                          "redis://h:0",
                          "redis://h:65536",
                          "redis://h:",
                          "redis://h:6379x",
                          "redis://::1",
                          "redis://[::1",
                          "redis://[]",
                          "redis://[::1]x",
                          "redis://u@h",
                          "redis://u:@h",
                          "redis://u:%zz@h",
                          "redis://u:%0@h",
                          "redis://u:%00@h",
                          "redis://h?db=5",
                          "redis://h?timeout=3",
                          "redis://h?cacert=x",
                          "rediss://h?cacert=",
                          "rediss://h?cert=x",
                          "rediss://h?key=x",
                          "redis://h#5",
                          "redis://u:p#5@h",
                          "redis://h h",
                          "redis://h\n",
                          "redis+socket://h/run",
                          "redis+socket://",
                          "unix:",
                          "unix:run",
                          "rediss:///run/redis",
                          "unix:/run?db=x",
                          "unix:/run?db",
                          "unix:/run?path=x"}) {
    RedisOptions server;
    std::string problem;
    EXPECT_FALSE(ParseRedisUrl(url, &server, &problem)) << url;
    EXPECT_NE(problem, "") << url;
  }
}

TEST(RedisUrl, KeepsThePasswordToItself) {  // R-05
  RedisOptions server;
  std::string problem;
  EXPECT_FALSE(ParseRedisUrl("redis://me:hunter2@h/five", &server, &problem));
  EXPECT_FALSE(ParseRedisUrl("redis://me:hunter2%zz@h", &server, &problem));
  EXPECT_EQ(problem.find("hunter2"), problem.npos) << problem;
}

// A port of 127.0.0.1 that nobody has now.
int FreePort() {
  const int opened = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  int port = 0;
  if (bind(opened, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      getsockname(opened, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    port = ntohs(address.sin_port);
  close(opened);
  return port;
}

class RedisAddress : public ::testing::Test {
 protected:
  void SetUp() override {
    program = FirstProgram({"/usr/bin/redis-server", "/usr/local/bin/redis-server"});
    if (program.empty()) GTEST_SKIP() << "Redis is not installed (package redis-server)";
    server.MakeFolder(nullptr);
  }
  void Start(std::vector<std::string> options) {
    std::vector<std::string> command = {
        program,        "--dir", server.folder(), "--unixsocket", Socket(), "--save", "",
        "--appendonly", "no",    "--loglevel",    "warning"};
    command.insert(command.end(), options.begin(), options.end());
    ASSERT_TRUE(server.Start(command, [this] {
      const std::string problem = RedisProblem(Parsed("unix:" + Socket()));
      return problem.empty() || problem.find("refuses") != problem.npos;
    })) << server.Log();
  }
  std::string Socket() const { return server.folder() + "/socket"; }

  std::string program;
  LocalServer server;
};

TEST_F(RedisAddress, WantsItsUserAndPassword) {
  Start({"--port", "0", "--requirepass", "open", "--user", "app", "on", ">sesame", "~*", "&*",
         "+@all"});
  EXPECT_EQ(RedisProblem(Parsed("unix://:open@" + Socket())), "");
  EXPECT_EQ(RedisProblem(Parsed("unix://app:sesame@" + Socket())), "");
  for (const char* user : {"", ":wrong@", "app:open@", "nobody:sesame@"}) {
    const std::string problem = RedisProblem(Parsed(std::string("unix://") + user + Socket()));
    EXPECT_NE(problem, "") << user;
    EXPECT_EQ(problem.find("wrong"), problem.npos) << problem;
  }
}

TEST_F(RedisAddress, KeepsToItsDatabase) {
  Start({"--port", "0"});
  RedisStore three(Parsed("unix:" + Socket() + "?db=3"));
  ASSERT_TRUE(three.BeginEpoch(1));
  testing::StoreProbe probe(three);
  const RecordKey key = probe.Key("key");
  probe.Put(key, 0, testing::Named("x"));
  EXPECT_EQ(probe.problem(), "");
  RedisStore zero(Parsed("unix:" + Socket()));
  EXPECT_FALSE(testing::LoadFrom(zero, std::vector<RecordKey>{key}).ok) << "no epoch there";
  ASSERT_TRUE(zero.BeginEpoch(1));
  EXPECT_EQ(testing::StoreProbe(zero).Load(key).revision, 0u);
  EXPECT_NE(RedisProblem(Parsed("unix:" + Socket() + "?db=16")), "") << "there are 16";
}

TEST_F(RedisAddress, IsReachedByIPv6) {
  const std::string port = std::to_string(FreePort());
  Start({"--port", port, "--bind", "-::1", "127.0.0.1"});
  const int opened = socket(AF_INET6, SOCK_STREAM, 0);
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool has_ipv6 =
      bind(opened, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(opened);
  EXPECT_EQ(RedisProblem(Parsed("redis://127.0.0.1:" + port)), "");
  if (!has_ipv6) GTEST_SKIP() << "this machine has no IPv6";
  EXPECT_EQ(RedisProblem(Parsed("redis://[::1]:" + port)), "");
}

TEST_F(RedisAddress, ProvesItselfByTls) {
  const std::string openssl = FirstProgram({"/usr/bin/openssl"});
  if (openssl.empty()) GTEST_SKIP() << "openssl is not installed";
  const std::string folder = server.folder();
  for (const char* name : {"this", "other"})
    ASSERT_TRUE(server.Run({openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                            "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                            folder + "/" + name + ".key", "-out", folder + "/" + name + ".crt"}))
        << server.Log();
  const std::string port = std::to_string(FreePort());
  Start({"--port", "0", "--tls-port", port, "--tls-cert-file", folder + "/this.crt",
         "--tls-key-file", folder + "/this.key", "--tls-ca-cert-file", folder + "/this.crt",
         "--tls-auth-clients", "optional"});
  const std::string address = "127.0.0.1:" + port;
  const std::string good = "rediss://" + address + "?cacert=" + folder + "/this.crt";
  EXPECT_EQ(RedisProblem(Parsed(good)), "");
  EXPECT_EQ(
      RedisProblem(Parsed(good + "&cert=" + folder + "/this.crt&key=" + folder + "/this.key")), "");
  EXPECT_NE(RedisProblem(Parsed("rediss://" + address)), "") << "the system does not believe it";
  EXPECT_NE(RedisProblem(Parsed("rediss://" + address + "?cacert=" + folder + "/other.crt")), "");
  EXPECT_NE(RedisProblem(Parsed("rediss://localhost:" + port + "?cacert=" + folder + "/this.crt")),
            "")
      << "it is not the certificate of that name";
  EXPECT_NE(RedisProblem(Parsed("rediss://" + address + "?cacert=" + folder + "/none.crt")), "");
  RedisOptions impatient = Parsed("redis://" + address);
  impatient.timeout = std::chrono::milliseconds(200);
  EXPECT_NE(RedisProblem(impatient), "") << "not without TLS";

  // More than one record of TLS at once, and the same connection again.
  RedisOptions patient = Parsed(good);
  patient.timeout = std::chrono::seconds(20);
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto connection = RedisConnection::Open(patient, {"return 1"}, soon);
  ASSERT_NE(connection, nullptr);
  const std::string large(100000, 'x');
  EXPECT_TRUE(connection->Run({"SET", "key", large}, soon).is(REDIS_REPLY_STATUS));
  EXPECT_EQ(connection->Run({"GET", "key"}, soon).text(), large);
  EXPECT_TRUE(connection->usable());
}

}  // namespace
}  // namespace otpcore
