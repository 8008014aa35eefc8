// What an administrator gives a server: the list of units, and server.conf.
#include <unistd.h>

#include <cstdio>

#include "server/limits.h"
#include "server/units.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/town.h"
#include "tests/simulation/tables.h"
#include "tests/support/temporary_folder.h"

namespace songsong::fuzz {
namespace {

void write_list(std::string_view csv) {
  Town& town = Town::get();
  town.begin();
  const Outcome<std::size_t> checked = server::check_units(csv, simulation::newer_policies());
  if (!checked) hold_fault(checked.fault());
  const Outcome<server::UnitChanges> first = server::write_units(town.host(), csv);
  if (!first) {
    hold_fault(first.fault());
    hold(!first.fault().code.starts_with("storage_"), "whatever a list says, the store stays sound",
         text_of(first.fault()));
  } else {
    const Outcome<server::UnitChanges> second = server::write_units(town.host(), csv);
    hold(second.ok() && second->added == 0 && second->changed == 0, "the same list again changes nothing",
         second ? std::to_string(second->changed) + " changed" : text_of(second.fault()));
  }
  if (town.written()) town.verify_server();
}

void read_conf(std::string_view bytes) {
  static const TemporaryFolder folder;
  const std::string path = folder.file("server.conf");
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  hold(file != nullptr, "a file is written");
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  const Outcome<server::Limits> limits = server::read_limits(path);
  if (!limits) return hold_fault(limits.fault());
  hold(limits->max_connections >= 4 && limits->max_at_once >= 1 && limits->turn_seconds >= 1 &&
           limits->max_body_bytes <= wire::kMaxRequestBytes,
       "a limit is within its bounds");
}

}  // namespace

// The first byte: which of the two.
void settings(std::string_view bytes) { take_byte(bytes) % 2 == 0 ? write_list(bytes) : read_conf(bytes); }

}  // namespace songsong::fuzz
