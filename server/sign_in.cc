#include "server/sign_in.h"

#include <algorithm>
#include <array>

#include "server/totp.h"
#include "shared/core/fold.h"
#include "shared/core/password.h"
#include "shared/system/entropy.h"

namespace songsong::server {
namespace {

using std::chrono::seconds;

constexpr Throttle::Rule kPair{
    .free = 5, .first_wait = seconds(30), .most_wait = seconds(900), .forgets_one_after = seconds(600)};
// Behind one address may be a whole office: two slips a minute are borne for ever.
constexpr Throttle::Rule kAddress{
    .free = 50, .first_wait = seconds(30), .most_wait = seconds(300), .forgets_one_after = seconds(30)};
constexpr Throttle::Rule kName{
    .free = 100, .first_wait = seconds(30), .most_wait = seconds(300), .forgets_one_after = seconds(60)};

constexpr const char* kWrongCode = "code_wrong";
constexpr const char* kMeanwhile = "account_altered";

Fault meanwhile() { return Fault{kMeanwhile, "account", "The account was altered meanwhile."}; }

std::string unknown_password() {
  const Outcome<std::string> kept = keep_drawn(draw_password());
  return kept ? *kept : std::string();
}

// As people type it.
std::string name_typed(const std::string& text) {
  std::string name(trimmed(text));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return is_account_name(name) ? name : std::string();
}

}  // namespace

SignIn::SignIn(const UserAccounts& accounts)
    : accounts_(accounts),
      nobodys_(unknown_password()),
      pairs_(kPair, kMostKeys),
      addresses_(kAddress, kMostKeys),
      names_(kName, kMostKeys),
      welcome_(kMostKeys) {}

Outcome<SignIn::Tried> SignIn::attempt(const Said& said, std::int64_t now_ms) {
  return in_turn(said, [&](const std::string& name) -> Outcome<Tried> {
    Outcome<Tried> known = knows(name, said.password);
    if (!known || known->result != Result::kIn || known->account.totp_secret.empty()) return known;
    if (trimmed(said.code).empty()) return Tried{.result = Result::kCodeNeeded};
    return spend_code(known->account, said.code, now_ms);
  });
}

Outcome<SignIn::Tried> SignIn::change_password(const Said& said, const std::string& wanted) {
  const Outcome<Done> sound = check_new_password(wanted);
  if (!sound) return sound.fault();
  return in_turn(said, [&](const std::string& name) -> Outcome<Tried> {
    Outcome<Tried> known = knows(name, said.password);
    if (!known || known->result != Result::kIn) return known;
    // An administrator may have given it another one meanwhile, which stands.
    const Outcome<UserAccount> changed = set_password(accounts_, name, wanted, known->account.revision);
    if (!changed && changed.fault().code == kMeanwhile) return Tried{.result = Result::kRefused};
    if (!changed) return changed.fault();
    return Tried{.result = Result::kIn, .account = *changed};
  });
}

bool SignIn::take_turn() {
  const struct Waiting {
    std::atomic<int>& count;
    ~Waiting() { --count; }
  } waiting{waiting_};
  return ++waiting_ <= kMostWaiting && turns_.try_acquire_for(kTurn);
}

Outcome<SignIn::Tried> SignIn::in_turn(const Said& said,
                                       const std::function<Outcome<Tried>(const std::string& name)>& look) {
  const std::string name = name_typed(said.name), pair = name + " " + said.address;
  const auto must_wait = [&] {
    const Throttle::Clock::time_point now = Throttle::Clock::now();
    // Whoever was let in from there before is not kept out by guesses from elsewhere.
    const seconds by_name = welcome_.contains(pair) ? seconds(0) : names_.wait(name, now);
    return std::max({pairs_.wait(pair, now), addresses_.wait(said.address, now), by_name});
  };
  if (const seconds wait = must_wait(); wait > seconds(0)) return Tried{.result = Result::kWait, .wait = wait};
  if (!take_turn()) return Tried{.result = Result::kBusy};
  const struct Turn {
    std::counting_semaphore<kAtOnce>& turns;
    ~Turn() { turns.release(); }
  } turn{turns_};
  // Of many who came at once those that waited for their turn may have to wait longer now.
  if (const seconds wait = must_wait(); wait > seconds(0)) return Tried{.result = Result::kWait, .wait = wait};
  Outcome<Tried> tried = look(name);
  const Throttle::Clock::time_point now = Throttle::Clock::now();
  if (tried && tried->result == Result::kIn) {
    pairs_.right(pair);
    welcome_.add(pair);
  } else if (tried && tried->result == Result::kRefused) {
    pairs_.wrong(pair, now);
    addresses_.wrong(said.address, now);
    if (!name.empty()) names_.wrong(name, now);
  }
  return tried;
}

Outcome<SignIn::Tried> SignIn::knows(const std::string& name, const std::string& password) const {
  const Outcome<std::optional<UserAccount>> found = accounts_.find(name);
  if (!found) return found.fault();
  const bool usable = found->has_value() && (*found)->closed_ms == 0 && !(*found)->password.empty();
  const Outcome<bool> fits = is_password(usable ? (*found)->password : nobodys_, password);
  if (!fits) return fits.fault();
  if (!usable || !*fits) return Tried{.result = Result::kRefused};
  return Tried{.result = Result::kIn, .account = **found};
}

// In the commit that spends the code, so that of two who say it at once one is in.
Outcome<SignIn::Tried> SignIn::spend_code(const UserAccount& known, const std::string& code,
                                          std::int64_t now_ms) const {
  const Outcome<UserAccount> spent = accounts_.alter(known.name, [&](UserAccount& account) -> Outcome<Done> {
    if (account.revision != known.revision) return meanwhile();
    const std::optional<std::uint64_t> step = totp_step_of(account.totp_secret, code, now_ms, account.totp_step);
    if (!step) return Fault{.code = kWrongCode, .where = "code", .what = "The code is wrong, or was used."};
    account.totp_step = *step;
    return Done{};
  });
  if (spent) return Tried{.result = Result::kIn, .account = *spent};
  const std::string& why = spent.fault().code;
  if (why == kWrongCode || why == kMeanwhile || why == "account_closed") return Tried{.result = Result::kRefused};
  return spent.fault();
}

Outcome<UserAccount> set_password(const UserAccounts& accounts, const std::string& name, const std::string& password,
                                  std::optional<std::uint32_t> revision) {
  const Outcome<std::string> kept = keep_drawn(password);
  if (!kept) return kept.fault();
  return accounts.alter(name, [&](UserAccount& account) -> Outcome<Done> {
    if (revision && account.revision != *revision) return meanwhile();
    account.password = *kept;
    ++account.revision;
    return Done{};
  });
}

Outcome<std::string> keep_drawn(const std::string& password) {
  StretchSalt salt;
  draw_entropy(salt.bytes);
  return keep_password(password, salt);
}

std::string draw_password() {
  std::array<std::uint8_t, 10> chance{};
  draw_entropy(chance);
  return made_password(chance);
}

}  // namespace songsong::server
