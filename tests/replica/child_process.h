// ChildProcess: runs a function in a process of its own, which tests use where several processes share a store or one
// is killed. The test that starts it has no store open and no other thread running.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <stdexcept>
#include <utility>

namespace songsong {

class ChildProcess {
 public:
  // `work` returns the exit code; what it throws becomes kThrown.
  template <class Work>
  explicit ChildProcess(Work work) : id_(fork()) {
    if (id_ < 0) throw std::runtime_error("no process could be started");
    if (id_ == 0) _exit(code_of(std::move(work)));
  }
  ~ChildProcess() {
    if (id_ <= 0) return;
    kill();
    try {
      wait();
    } catch (const std::exception&) {
      return;
    }
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  static constexpr int kThrown = 99;
  static constexpr int kKilled = -1;

  void kill() { ::kill(id_, SIGKILL); }

  // The exit code, or kKilled.
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0) {
      if (errno != EINTR) throw std::runtime_error("the process is not there");
    }
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : kKilled;
  }

 private:
  template <class Work>
  static int code_of(Work work) {
    try {
      return work();
    } catch (const std::exception&) {
      return kThrown;
    }
  }

  pid_t id_;
};

}  // namespace songsong
