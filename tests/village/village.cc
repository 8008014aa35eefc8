#include "tests/village/village.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace songsong::testing {
namespace {

using Clock = std::chrono::steady_clock;

std::string whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

pid_t spawn(const std::vector<std::string>& words, const std::vector<std::string>& environment, const std::string& out,
            const std::string& err) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing outlives a test that crashes
  const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  // Whoever runs the tests at a terminal is asked nothing.
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(out_file, STDOUT_FILENO);
  dup2(err_file, STDERR_FILENO);
  for (const std::string& each : environment) putenv(const_cast<char*>(each.c_str()));
  execv(arguments.front(), arguments.data());
  _exit(127);
}

int exit_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

bool is_over(pid_t process, int& exit) {
  int status = 0;
  if (waitpid(process, &status, WNOHANG) != process) return false;
  exit = exit_of(status);
  return true;
}

int end(pid_t process, int seconds) {
  const auto deadline = Clock::now() + std::chrono::seconds(seconds);
  int exit = 0;
  while (!is_over(process, exit)) {
    if (Clock::now() > deadline) {
      kill(process, SIGKILL);
      waitpid(process, nullptr, 0);
      FAIL("the program does not end");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return exit;
}

Run run(const std::vector<std::string>& words, const std::vector<std::string>& environment, int seconds) {
  const TemporaryFolder folder;
  const std::string out = folder.file("out"), err = folder.file("err");
  Run ran;
  ran.exit = end(spawn(words, environment, out, err), seconds);
  ran.out = whole(out);
  ran.err = whole(err);
  return ran;
}

pid_t begin(const std::vector<std::string>& words, const std::string& out_path,
            const std::vector<std::string>& environment) {
  return spawn(words, environment, out_path, out_path + ".err");
}

Village::Village() {
  write("units.csv",
        "code,name,level,parent,area\nP,Tỉnh,province,,\nD1,Huyện Một,district,P,\nD2,Huyện Hai,district,P,\n"
        "S1,Trường Một,school,D1,\nS2,Trường Hai,school,D1,\nS3,Trường Ba,school,D2,\n");
  const Run made = run({SONGSONG_SERVER_PROGRAM, "init", "--dir", path("server"), "--units", path("units.csv")});
  INFO(made.err);
  REQUIRE(made.exit == 0);
  start();
}

Village::~Village() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void Village::write(const std::string& name, const std::string& bytes) const {
  std::ofstream file(path(name), std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.flush());
}

std::string Village::read(const std::string& name) const { return whole(path(name)); }

std::vector<std::string> Village::words_of_phone(const std::string& name,
                                                 const std::vector<std::string>& arguments) const {
  std::vector<std::string> words;
  words.emplace_back(SONGSONG_PROGRAM);
  for (const std::string& argument : arguments) words.push_back(argument);
  words.emplace_back("--dir");
  words.push_back(path(name));
  return words;
}

Run Village::phone(const std::string& name, const std::vector<std::string>& arguments, int seconds) const {
  return run(words_of_phone(name, arguments), {"SONGSONG_LANG=en"}, seconds);
}

pid_t Village::begin_phone(const std::string& name, const std::vector<std::string>& arguments) const {
  return begin(words_of_phone(name, arguments), path(name + ".out"));
}

Run Village::server(const std::string& command, const std::vector<std::string>& arguments) const {
  std::vector<std::string> words{SONGSONG_SERVER_PROGRAM, command};
  for (const std::string& argument : arguments) words.push_back(argument);
  words.emplace_back("--dir");
  words.push_back(path("server"));
  return run(words);
}

void Village::start() {
  const std::string listen = address_.empty() ? "127.0.0.1:0" : address_.substr(address_.find("//") + 2);
  const std::string out = path("server.out");
  std::filesystem::remove(out);  // what an earlier life said
  process_ = begin({SONGSONG_SERVER_PROGRAM, "serve", "--dir", path("server"), "--listen", listen}, out);
  const auto deadline = Clock::now() + std::chrono::seconds(kRunSeconds);
  for (;;) {
    const std::string said = whole(out);
    if (said.starts_with("listening on ") && said.back() == '\n') {
      address_ = said.substr(13, said.find('\n') - 13);
      return;
    }
    int exit = 0;
    if (is_over(process_, exit) || Clock::now() > deadline) FAIL("the server does not listen: " + whole(out + ".err"));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void Village::stop(int signal) {
  kill(process_, signal);
  const int exit = end(process_);
  process_ = 0;
  CHECK(exit == (signal == SIGKILL ? 128 + SIGKILL : 0));
}

void Village::forget() {
  end(process_);
  process_ = 0;
}

void Village::join(const std::string& name, const std::vector<std::string>& units, const std::string& role,
                   const std::string& url) const {
  std::vector<std::string> arguments{"--role", role, "--url", url.empty() ? address_ : url};
  for (const std::string& unit : units) {
    arguments.emplace_back("--unit");
    arguments.push_back(unit);
  }
  const Run ticket = server("ticket", arguments);
  INFO(ticket.err);
  REQUIRE(ticket.exit == 0);
  const Run joined = phone(name, {"init", "--ticket", ticket.line()});
  INFO(joined.err);
  REQUIRE(joined.exit == 0);
}

std::string Village::pupil(const std::string& phone_name, const std::string& name, const std::string& school) const {
  const Run added = phone(
      phone_name, {"add", "pupil", "full_name=" + name, "school=" + school, "school_level=primary", "household=poor"});
  INFO(added.err);
  REQUIRE(added.exit == 0);
  return added.line();
}

}  // namespace songsong::testing
