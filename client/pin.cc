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
#include "client/sealing.h"
#include "shared/core/pin.h"
#include "shared/replica/sqlite_sealed.h"
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

// The key at hand. ------------------------------------------------------------------------------------------------

// What makes a key that is at hand good: a word beside the folder, drawn anew when it is unlocked, and gone when it is
// locked, wherever else a key may lie.
std::string word_path(const std::string& folder) { return folder + "/at-hand"; }

// Null where there is no folder that is kept in memory.
std::optional<std::string> memory_folder() {
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  struct statfs lies {};
  if (runtime.empty() || statfs(runtime.c_str(), &lies) != 0) return std::nullopt;
  if (lies.f_type != TMPFS_MAGIC && lies.f_type != RAMFS_MAGIC) return std::nullopt;
  return runtime + "/songsong";
}

// A folder of this user alone: what others can write to says nothing.
bool is_own(const std::string& folder) {
  struct stat about {};
  return lstat(folder.c_str(), &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid() &&
         (about.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

std::string at_hand_path(const std::string& memory, const std::string& folder) {
  std::error_code error;
  const std::string absolute = fs::weakly_canonical(folder, error).string();
  constexpr HashDomain kDomain("songsong at hand");
  const Hash256 name = hash256(kDomain, error ? folder : absolute);
  return memory + "/" + to_base64url({reinterpret_cast<const char*>(name.data()), name.size() / 2}) + ".key";
}

Outcome<Done> take_from_hand(const std::string& folder) {
  std::error_code error;
  if (const std::optional<std::string> memory = memory_folder()) fs::remove(at_hand_path(*memory, folder), error);
  fs::remove(word_path(folder), error);
  if (error)
    return Fault{.code = "file_unwritable", .where = word_path(folder), .what = "The folder cannot be locked."};
  return Done{};
}

// "WORD SESSION UNTIL-MS KEY": the time is the device's since it was switched on, which no clock that is set alters.
std::optional<SealKey> key_at_hand(const std::string& folder) {
  const std::optional<std::string> memory = memory_folder();
  if (!memory || !is_own(*memory)) return std::nullopt;
  const std::string path = at_hand_path(*memory, folder);
  const Outcome<std::string> text = read_file(path, kMostKeptBytes);
  const Outcome<std::string> good = read_file(word_path(folder), kMostKeptBytes);
  if (!text) return std::nullopt;
  std::istringstream words(*text);
  std::uint64_t session = 0;
  std::int64_t until_ms = 0;
  std::string word, key;
  words >> word >> session >> until_ms >> key;
  const ClockReading now = read_clock();
  if (!words || !good || *good != word || session != now.boot_session || until_ms <= now.monotonic_ms) {
    std::error_code ignored;
    fs::remove(path, ignored);  // it is of no use to anybody; the word may be another's
    return std::nullopt;
  }
  const Outcome<std::string> bytes = from_base64url(key);
  if (!bytes) return std::nullopt;
  const Outcome<SealKey> held = SealKey::from_bytes(*bytes, path);
  return held ? std::optional(*held) : std::nullopt;
}

Outcome<Done> keep_at_hand(const std::string& folder, const SealKey& key, int minutes) {
  const std::optional<std::string> memory = memory_folder();
  std::error_code error;
  if (memory && fs::create_directory(*memory, error)) fs::permissions(*memory, fs::perms::owner_all, error);
  if (!memory || !is_own(*memory))
    return Fault{.code = "no_memory_folder",
                 .where = "XDG_RUNTIME_DIR",
                 .what = "There is no folder here that is kept in memory only."};
  std::array<std::uint8_t, 16> drawn{};
  draw_entropy(drawn);
  const std::string word = to_base64url({reinterpret_cast<const char*>(drawn.data()), drawn.size()});
  const ClockReading now = read_clock();
  const std::string bytes(reinterpret_cast<const char*>(key.view().data()), SealKey::kSize);
  const std::string text = word + " " + std::to_string(now.boot_session) + " " +
                           std::to_string(now.monotonic_ms + std::int64_t{minutes} * 60'000) + " " +
                           to_base64url(bytes) + "\n";
  const Outcome<Done> written = write_file(word_path(folder), word, ReadableBy::kOwner);
  if (!written) return written;
  return write_file(at_hand_path(*memory, folder), text, ReadableBy::kOwner);
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
  if (pin.empty()) return Fault{.code = "pin_not_given", .where = "pin", .what = "There is no PIN."};
  const Outcome<Done> fit = check_new_pin(pin);
  if (!fit) return fit.fault();
  if (environment("SONGSONG_NEW_PIN").empty()) {
    const std::string again = read_pin(settings, "SONGSONG_NEW_PIN", "Gõ lại PIN mới", "The new PIN again");
    if (again != pin) return Fault{.code = "pin_differs", .where = "pin", .what = "The two are not the same."};
  }
  return pin;
}

// What was begun before the folder was sealed, and what came while it was locked. The folder is open in any case.
Outcome<std::unique_ptr<Workspace>> opened_with(const Settings& settings, const SealKey& key) {
  Outcome<std::unique_ptr<Workspace>> workspace = Workspace::open(settings.folder, key);
  if (!workspace) return workspace;
  for (const Outcome<Done>& done : {Drafts(**workspace).seal_bare(), bring_outbox_up(**workspace)}) {
    if (!done) remark(told(settings, done.fault()));
  }
  return workspace;
}

// Nothing is sealed with a key that the PIN does not give back. What lies there already may be the key of a store that
// somebody has put aside: it is kept under another name.
Outcome<SealKey> new_key(const std::string& folder, const std::string& pin) {
  std::error_code error;
  for (int i = 1; fs::exists(kept_path(folder), error); ++i) {
    const std::string aside = kept_path(folder) + ".before-" + std::to_string(i);
    if (!fs::exists(aside, error)) fs::rename(kept_path(folder), aside, error);
    if (error) return Fault{.code = "file_unwritable", .where = aside, .what = "The older PIN cannot be put aside."};
  }
  SealKey key;
  draw_entropy(key.fill());
  const Outcome<Done> kept = keep_under(folder, key, pin);
  if (!kept) return kept.fault();
  const Outcome<SealKey> again = key_under(folder, pin);
  if (!again) return again.fault();
  if (*again == key) return key;
  return Fault{.code = "storage_damaged", .where = kept_path(folder), .what = "The sealed key cannot be read back."};
}

Outcome<Done> seal_folder(const Settings& settings, const std::string& pin) {
  Outcome<SealKey> key = SealKey();
  {
    const Outcome<FolderSealing> sealing = FolderSealing::begin(settings.folder);
    if (!sealing) return sealing.fault();
    const Outcome<StoreLies> lies = sealing->lies();
    if (!lies) return lies.fault();
    if (*lies == StoreLies::kSealed) return pin_needed(settings.folder);  // somebody else was quicker
    // Brings the store to this program's version.
    SqliteOptions options;
    options.must_exist = true;
    if (const auto bare = SqliteStore::open(bare_store(settings.folder), options); !bare) return bare.fault();
    key = new_key(settings.folder, pin);
    if (!key) return key.fault();
    const Outcome<Done> sealed = sealing->seal(SealedFiles(*key, draw_entropy));
    if (!sealed) return sealed;
  }
  const Outcome<std::unique_ptr<Workspace>> opened = opened_with(settings, *key);
  if (!opened) return opened.fault();
  return Done{};
}

}  // namespace

Outcome<std::unique_ptr<Workspace>> open_workspace(const Settings& settings, Asks asks) {
  Outcome<std::unique_ptr<Workspace>> bare = Workspace::open(settings.folder);
  if (bare || bare.fault().code != "pin_needed") return bare;
  if (const std::optional<SealKey> held = key_at_hand(settings.folder)) return opened_with(settings, *held);
  if (asks == Asks::kNever) return bare;
  const std::string pin = read_pin(settings, "SONGSONG_PIN", "PIN", "PIN");
  if (pin.empty()) return bare;
  const Outcome<SealKey> key = key_under(settings.folder, pin);
  if (!key) return key.fault();
  return opened_with(settings, *key);
}

Outcome<std::unique_ptr<Workspace>> open_again(const Settings& settings, const std::optional<SealKey>& key) {
  return key ? opened_with(settings, *key) : open_workspace(settings, Asks::kNever);
}

Exit set_pin(const Settings& settings) {
  const Outcome<StoreLies> lies = store_lies(settings.folder);
  if (!lies) return lies.fault();
  if (*lies == StoreLies::kNowhere) return Workspace::open(settings.folder).fault();
  if (*lies == StoreLies::kBare) {
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
  if (const Outcome<std::unique_ptr<Workspace>> opened = opened_with(settings, *key); !opened) return opened.fault();
  const Outcome<std::string> pin = read_new_pin(settings);
  if (!pin) return pin.fault();
  const Outcome<Done> kept = keep_under(settings.folder, *key, *pin);
  if (!kept) return kept.fault();
  const Outcome<Done> locked = take_from_hand(settings.folder);
  if (!locked) return locked.fault();
  print_line(settings.say("Đã đổi PIN.", "The PIN is changed."));
  return kDone;
}

Exit unlock(const Settings& settings, int minutes) {
  const Outcome<StoreLies> lies = store_lies(settings.folder);
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
  const Outcome<StoreLies> lies = store_lies(settings.folder);
  if (!lies) return lies.fault();
  if (*lies != StoreLies::kSealed)
    return Fault{.code = "pin_unset", .where = settings.folder, .what = "This folder is not sealed."};
  const Outcome<Done> locked = take_from_hand(settings.folder);
  if (!locked) return locked.fault();
  print_line(settings.say("Đã khoá. Không dữ liệu nào bị xoá.", "Locked. Nothing was deleted."));
  return kDone;
}

}  // namespace songsong::client
