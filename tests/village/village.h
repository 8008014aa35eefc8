// A village in a test: the programs themselves, run as people run them, in a folder of the test's own.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace songsong::testing {

using Json = nlohmann::json;

struct Run {
  int exit = 0;  // 128 + the signal, where one ended it
  std::string out, err;

  Json json() const { return Json::parse(out, nullptr, false); }
  Json error() const { return Json::parse(err, nullptr, false); }
  // Without the line's end.
  std::string line() const { return out.substr(0, out.find('\n')); }
};

inline constexpr int kRunSeconds = 60;

// Runs to the end; fails the test when that takes longer. `environment` is added to this process's.
Run run(const std::vector<std::string>& words, const std::vector<std::string>& environment = {"SONGSONG_LANG=en"},
        int seconds = kRunSeconds);
// Begins, and leaves it to the caller to end it.
pid_t begin(const std::vector<std::string>& words, const std::string& out_path,
            const std::vector<std::string>& environment = {"SONGSONG_LANG=en"});
// Waits for it, not for longer; its exit code as in Run.
int end(pid_t process, int seconds = kRunSeconds);
bool is_over(pid_t process, int& exit);

class Village {
 public:
  Village();
  ~Village();
  Village(const Village&) = delete;
  Village& operator=(const Village&) = delete;

  std::string path(const std::string& name) const { return folder_.file(name); }
  void write(const std::string& name, const std::string& bytes) const;
  std::string read(const std::string& name) const;

  // songsong ARGUMENTS --dir NAME
  Run phone(const std::string& name, const std::vector<std::string>& arguments, int seconds = kRunSeconds) const;
  // songsong-server COMMAND ARGUMENTS --dir server
  Run server(const std::string& command, const std::vector<std::string>& arguments = {}) const;

  // Begins what phone() would run to its end; what it prints goes to the file "NAME.out".
  pid_t begin_phone(const std::string& name, const std::vector<std::string>& arguments) const;

  // The server listens from now on; at the same address whenever it is started again.
  void start();
  void stop(int signal = 15);
  // It is ended by the test itself; how is not looked at.
  void forget();
  pid_t server_process() const { return process_; }
  const std::string& address() const { return address_; }

  // A phone with a ticket for these units; `url` is where it reaches the server, if not at its own address.
  void join(const std::string& name, const std::vector<std::string>& units, const std::string& role = "teacher",
            const std::string& url = {}) const;
  std::string pupil(const std::string& phone, const std::string& name, const std::string& school = "S1") const;

 private:
  std::vector<std::string> words_of_phone(const std::string& name, const std::vector<std::string>& arguments) const;

  TemporaryFolder folder_;
  pid_t process_ = 0;
  std::string address_;
};

}  // namespace songsong::testing
