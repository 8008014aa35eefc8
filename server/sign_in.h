// SignIn: whether somebody is who they say: name, password (password.h) and, where the account has one, a second factor
// (totp.h). Whoever guesses waits (throttle.h): by account and address together soon, by address or account alone
// later, so that nobody far away keeps the owner out for long. A name that nobody has takes as long as a wrong
// password.
//
// Any thread; at most kAtOnce passwords are looked at together, for each takes its time and memory.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <semaphore>
#include <string>

#include "server/throttle.h"
#include "shared/sync/user_accounts.h"

namespace songsong::server {

class SignIn {
 public:
  static constexpr int kAtOnce = 2;
  static constexpr int kMostWaiting = 16;  // for a turn; further ones are told to come again
  static constexpr std::chrono::seconds kTurn{5};
  static constexpr std::size_t kMostKeys = 20'000;

  explicit SignIn(const UserAccounts& accounts);

  struct Said {
    std::string name;
    std::string password;
    std::string code;     // of the second factor; may be empty
    std::string address;  // where it came from
  };
  enum class Result {
    kIn,
    kRefused,     // the name, the password or the code is wrong, or nobody has it
    kCodeNeeded,  // the password is right, and a code has to come with it
    kWait,        // too many tries; `wait` says how long
    kBusy,        // too many at once
  };
  struct Tried {
    Result result = Result::kRefused;
    std::chrono::seconds wait{0};
    UserAccount account = {};  // of kIn
  };
  // Faults of the store; "memory_short".
  Outcome<Tried> attempt(const Said& said, std::int64_t now_ms);
  // Of somebody who is signed in, by the password that they have: `said.name` and `said.password`, no code. Whoever is
  // signed in has to sign in again. Faults of check_new_password besides.
  Outcome<Tried> change_password(const Said& said, const std::string& wanted);

 private:
  // With a turn, unless they have to wait; wrong tries are counted.
  Outcome<Tried> in_turn(const Said& said, const std::function<Outcome<Tried>(const std::string& name)>& look);
  bool take_turn();
  // kIn of an account whose password it is.
  Outcome<Tried> knows(const std::string& name, const std::string& password) const;
  Outcome<Tried> spend_code(const UserAccount& known, const std::string& code, std::int64_t now_ms) const;

  const UserAccounts& accounts_;
  const std::string nobodys_;  // a kept password that nobody knows
  std::counting_semaphore<kAtOnce> turns_{kAtOnce};
  std::atomic<int> waiting_{0};
  Throttle pairs_;
  Throttle addresses_;
  Throttle names_;
  Welcome welcome_;
};

// The account's password from now on; whoever is signed in has to sign in again. Faults of UserAccounts::alter and
// keep_password. `revision`: only if the account still is of that one; else "account_altered".
Outcome<UserAccount> set_password(const UserAccounts& accounts, const std::string& name, const std::string& password,
                                  std::optional<std::uint32_t> revision = std::nullopt);
// One that nobody can guess, for people to type (made_password).
std::string draw_password();
// The kept form (keep_password), with a salt that is drawn.
Outcome<std::string> keep_drawn(const std::string& password);

}  // namespace songsong::server
