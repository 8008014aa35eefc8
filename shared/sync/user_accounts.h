// UserAccounts: the people who sign in at a server, and what they may do. The devices of an account have its rights,
// all of them and at every moment; a device without an account has its own (Registry). Kept as settings of the server's
// store, and so in its backups.
//
// What proves that somebody is who they say (a kept password, the secret of a second factor) lies here as bytes that
// only server/ reads.
//
// Threads: any number may call at once. A piece of Host, which owns what it borrows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/grants.h"
#include "shared/sync/host.h"

namespace songsong {

struct UserAccount {
  std::uint32_t number = 0;     // from 1, never given twice; logs have it instead of the name
  std::string name;             // as is_account_name has it
  Grants grants;                // those of now
  std::string password;         // the kept form (password.h)
  std::string totp_secret;      // empty: a password is enough
  std::uint64_t totp_step = 0;  // the last that was used: a code is good once
  std::uint32_t revision = 1;   // grows when who is signed in has to sign in again
  std::int64_t made_ms = 0;
  std::int64_t closed_ms = 0;   // 0: it is open
  std::int64_t altered_ms = 0;  // the last time that anything of it was; grows also where the clock does not

  bool operator==(const UserAccount&) const = default;
};

// 2 to 64 of a-z 0-9 . _ - @, the first and last a letter or digit.
bool is_account_name(std::string_view name);

std::string encode_user_account(const UserAccount& account);
Outcome<UserAccount> decode_user_account(std::string_view bytes);
// Nothing where there is none of the name.
Outcome<std::optional<UserAccount>> find_user_account(StoreReader& reader, const std::string& name);
// Faults "unknown_account", "account_closed".
Outcome<UserAccount> open_user_account(StoreReader& reader, const std::string& name);

// All of them, by name. Fault of the first that cannot be read, at which it stops.
Outcome<Done> each_user_account(StoreReader& reader, const std::function<void(UserAccount)>& each);
// As it is from now on.
void put_user_account(const UserAccount& account, StoreReader& reader, StoreBatch& batch);

class UserAccounts {
 public:
  UserAccounts(Store& store, const HostDoors& doors, UnitTreeCache& trees)
      : store_(store), doors_(doors), trees_(trees) {}

  // One that was closed is opened again, with these grants and this password; its devices stay revoked. Faults
  // "account_name_malformed", "account_exists", "unknown_unit", "too_many_grants".
  Outcome<UserAccount> add(const std::string& name, const Grants& grants, const std::string& kept_password) const;
  // Instead of the grants that it had, or besides them; of its devices too. As Host::appoint. Faults
  // "unknown_account", "account_closed", and those of appoint.
  Outcome<UserAccount> appoint(const std::string& name, const Grants& grants, bool besides) const;
  // Nobody signs in with it any more, and its devices are revoked; what they saved before is judged as before.
  Outcome<UserAccount> close(const std::string& name) const;
  // What `alter` makes of an open account is committed; a Fault of it leaves the account as it was.
  Outcome<UserAccount> alter(const std::string& name, const std::function<Outcome<Done>(UserAccount&)>& alter) const;

  // Nothing where there is none of the name.
  Outcome<std::optional<UserAccount>> find(const std::string& name) const;
  Outcome<std::vector<UserAccount>> all() const;  // by name
  // Whether there ever was one.
  Outcome<bool> any() const;

 private:
  using Alter = std::function<Outcome<Done>(StoreReader&, UserAccount&, StoreBatch&)>;
  Outcome<UserAccount> commit(const std::string& name, const Alter& alter) const;
  Outcome<Done> alter_devices(StoreReader& reader, const std::string& account,
                              const std::function<Outcome<Done>(Member&)>& alter, StoreBatch& batch) const;

  Store& store_;
  const HostDoors& doors_;
  UnitTreeCache& trees_;
};

}  // namespace songsong
