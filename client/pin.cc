#include "client/pin.h"

#include <bsd/readpassphrase.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "client/device.h"
#include "client/drafts.h"
#include "client/outbox.h"
#include "shared/core/pin.h"
#include "shared/replica/sealing_store.h"
#include "shared/system/entropy.h"

namespace songsong::client {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostKeptBytes = 1024;
constexpr std::size_t kMostPinBytes = 1024;

std::string kept_path(const std::string& folder) { return folder + "/pin"; }

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

// From the terminal, or from the variable where a program asks; empty where neither has one.
std::string read_pin(const Settings& settings, const char* variable, const char* vi, const char* en) {
  if (std::string given = environment(variable); !given.empty()) return given;
  if (!is_terminal(STDIN_FILENO)) return {};
  std::array<char, kMostPinBytes> typed{};
  const std::string prompt = std::string(settings.say(vi, en)) + ": ";
  if (readpassphrase(prompt.c_str(), typed.data(), typed.size(), RPP_REQUIRE_TTY) == nullptr) return {};
  std::string pin(typed.data());
  wipe(std::span(reinterpret_cast<std::uint8_t*>(typed.data()), typed.size()));
  return pin;
}

Fault pin_needed(const std::string& folder) {
  return Fault{.code = "pin_needed", .where = folder, .what = "This folder is locked; it opens with its PIN."};
}

// The key at hand. ------------------------------------------------------------------------------------------------

// Null where there is no folder that is kept in memory.
std::optional<std::string> at_hand_path(const std::string& folder) {
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  struct statfs lies {};
  if (runtime.empty() || statfs(runtime.c_str(), &lies) != 0) return std::nullopt;
  if (lies.f_type != TMPFS_MAGIC && lies.f_type != RAMFS_MAGIC) return std::nullopt;
  std::error_code error;
  const std::string absolute = fs::weakly_canonical(folder, error).string();
  constexpr HashDomain kDomain("songsong at hand");
  const Hash256 name = hash256(kDomain, error ? folder : absolute);
  return runtime + "/songsong/" + to_base64url({reinterpret_cast<const char*>(name.data()), name.size() / 2}) + ".key";
}

void take_from_hand(const std::string& folder) {
  std::error_code ignored;
  if (const std::optional<std::string> path = at_hand_path(folder)) fs::remove(*path, ignored);
}

// "SESSION UNTIL-MS KEY": the time is the device's since it was switched on, which no clock that is set alters.
std::optional<SealKey> key_at_hand(const std::string& folder) {
  const std::optional<std::string> path = at_hand_path(folder);
  if (!path) return std::nullopt;
  const Outcome<std::string> text = read_file(*path, kMostKeptBytes);
  if (!text) return std::nullopt;
  std::istringstream words(*text);
  std::uint64_t session = 0;
  std::int64_t until_ms = 0;
  std::string key;
  words >> session >> until_ms >> key;
  const ClockReading now = read_clock();
  if (!words || session != now.boot_session || until_ms <= now.monotonic_ms) {
    take_from_hand(folder);
    return std::nullopt;
  }
  const Outcome<std::string> bytes = from_base64url(key);
  if (!bytes) return std::nullopt;
  const Outcome<SealKey> held = SealKey::from_bytes(*bytes, *path);
  return held ? std::optional(*held) : std::nullopt;
}

Outcome<Done> keep_at_hand(const std::string& folder, const SealKey& key, int minutes) {
  const std::optional<std::string> path = at_hand_path(folder);
  if (!path)
    return Fault{.code = "no_memory_folder",
                 .where = "XDG_RUNTIME_DIR",
                 .what = "There is no folder here that is kept in memory only."};
  std::error_code error;
  const fs::path parent = fs::path(*path).parent_path();
  fs::create_directories(parent, error);
  fs::permissions(parent, fs::perms::owner_all, error);
  const ClockReading now = read_clock();
  const std::string bytes(reinterpret_cast<const char*>(key.view().data()), SealKey::kSize);
  const std::string text = std::to_string(now.boot_session) + " " +
                           std::to_string(now.monotonic_ms + std::int64_t{minutes} * 60'000) + " " +
                           to_base64url(bytes) + "\n";
  return write_file(*path, text, ReadableBy::kOwner);
}

// The kept key. ---------------------------------------------------------------------------------------------------

Outcome<SealKey> key_under(const std::string& folder, const std::string& pin) {
  const Outcome<std::string> kept = read_file(kept_path(folder), kMostKeptBytes);
  if (!kept) return kept.fault();
  Outcome<SealKey> key = open_key(*kept, pin);
  if (key) return key;
  Fault fault = key.fault();
  fault.where = folder;
  return fault;
}

Outcome<Done> keep_under(const std::string& folder, const SealKey& key, const std::string& pin) {
  StretchSalt salt;
  SealNonce nonce{};
  draw_entropy(salt.bytes);
  draw_entropy(nonce);
  const Outcome<std::string> kept = keep_key(key, pin, salt, nonce);
  if (!kept) return kept.fault();
  return write_file(kept_path(folder), *kept, ReadableBy::kOwner);
}

// Twice on a terminal, since nobody sees what is typed.
Outcome<std::string> read_new_pin(const Settings& settings) {
  std::string pin = read_pin(settings, "SONGSONG_NEW_PIN", "PIN mới (ít nhất 6 ký tự)", "New PIN (at least 6 signs)");
  if (pin.empty()) return pin_needed(settings.folder);
  const Outcome<Done> fit = check_new_pin(pin);
  if (!fit) return fit.fault();
  if (environment("SONGSONG_NEW_PIN").empty()) {
    const std::string again = read_pin(settings, "SONGSONG_NEW_PIN", "Gõ lại PIN mới", "The new PIN again");
    if (again != pin) return Fault{.code = "pin_differs", .where = "pin", .what = "The two are not the same."};
  }
  return pin;
}

Outcome<std::unique_ptr<Workspace>> opened_with(const Settings& settings, const SealKey& key) {
  Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder, key);
  if (!workspace) return workspace;
  // What was begun before the folder was sealed, and what came while it was locked.
  const Outcome<Done> sealed = Drafts(**workspace).seal_bare();
  if (!sealed) return sealed.fault();
  const Outcome<Done> taken = take_outbox_receipts(**workspace);
  if (!taken) return taken.fault();
  return workspace;
}

Outcome<Done> seal_folder(const Settings& settings, const std::string& pin) {
  // Brings the store to this program's version, and says so where there is none.
  if (const Outcome<std::unique_ptr<Workspace>> bare = Workspace::open(settings.folder); !bare) return bare.fault();
  SealKey key;
  draw_entropy(key.fill());
  const Outcome<Done> kept = keep_under(settings.folder, key, pin);
  if (!kept) return kept.fault();
  const Outcome<Done> sealed = Workspace::seal(settings.folder, key);
  if (!sealed) return sealed.fault();
  const Outcome<std::unique_ptr<Workspace>> opened = opened_with(settings, key);
  if (!opened) return opened.fault();
  return write_outbox(**opened);
}

}  // namespace

Outcome<std::unique_ptr<Workspace>> open_workspace(const Settings& settings) {
  Outcome<std::unique_ptr<Workspace>> bare = Workspace::open(settings.folder);
  if (bare || bare.fault().code != "pin_needed") return bare;
  if (const std::optional<SealKey> held = key_at_hand(settings.folder)) return opened_with(settings, *held);
  const std::string pin = read_pin(settings, "SONGSONG_PIN", "PIN", "PIN");
  if (pin.empty()) return bare;
  const Outcome<SealKey> key = key_under(settings.folder, pin);
  if (!key) return key.fault();
  return opened_with(settings, *key);
}

Exit set_pin(const Settings& settings) {
  const Outcome<StoreLies> lies = Workspace::lies(settings.folder);
  if (!lies) return lies.fault();
  if (*lies != StoreLies::kSealed) {
    const Outcome<std::string> pin = read_new_pin(settings);
    if (!pin) return pin.fault();
    const Outcome<Done> sealed = seal_folder(settings, *pin);
    if (!sealed) return sealed.fault();
    print_line(
        settings.say("Đã niêm phong dữ liệu trên máy này. Quên PIN thì không ai mở được; việc đã ghi vẫn gửi "
                     "được bằng: songsong sync",
                     "What lies on this device is sealed. Without the PIN nobody can open it; what was recorded can "
                     "still be sent with: songsong sync"));
    return kDone;
  }
  const std::string old = read_pin(settings, "SONGSONG_PIN", "PIN đang dùng", "The present PIN");
  if (old.empty()) return pin_needed(settings.folder);
  const Outcome<SealKey> key = key_under(settings.folder, old);
  if (!key) return key.fault();
  const Outcome<std::string> pin = read_new_pin(settings);
  if (!pin) return pin.fault();
  const Outcome<Done> kept = keep_under(settings.folder, *key, *pin);
  if (!kept) return kept.fault();
  take_from_hand(settings.folder);
  print_line(settings.say("Đã đổi PIN.", "The PIN is changed."));
  return kDone;
}

Exit unlock(const Settings& settings, int minutes) {
  const Outcome<StoreLies> lies = Workspace::lies(settings.folder);
  if (!lies) return lies.fault();
  if (*lies != StoreLies::kSealed)
    return Fault{.code = "pin_unset", .where = settings.folder, .what = "This folder is not sealed."};
  const std::string pin = read_pin(settings, "SONGSONG_PIN", "PIN", "PIN");
  if (pin.empty()) return pin_needed(settings.folder);
  const Outcome<SealKey> key = key_under(settings.folder, pin);
  if (!key) return key.fault();
  const Outcome<Done> kept = keep_at_hand(settings.folder, *key, minutes);
  if (!kept) return kept.fault();
  print_line(settings.say("Đã mở trong ", "Open for ") + std::to_string(minutes) +
             settings.say(" phút. Khoá ngay: songsong lock", " minutes. To lock it now: songsong lock"));
  return kDone;
}

Exit lock(const Settings& settings) {
  take_from_hand(settings.folder);
  print_line(settings.say("Đã khoá. Không dữ liệu nào bị xoá.", "Locked. Nothing was deleted."));
  return kDone;
}

}  // namespace songsong::client
