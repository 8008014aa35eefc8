// What both sides of the comparison are built with: the policy table with bench_need, and a primer made of other
// schools, names and notes than the measured ones.
#pragma once

#include <string>

#include "server/office.h"
#include "shared/core/change_codec.h"
#include "tests/schemas/bench_table.h"
#include "tests/support/bench_need.h"

namespace songsong::bench {

class BenchTables {
 public:
  // Lives as long as the tables do.
  server::OfficeTables borrowed() const {
    return server::OfficeTables{.policies = bench_policy_table(), .primer = primer_};
  }

 private:
  std::string primer_ = encode_primer(1, training_pieces());
};

}  // namespace songsong::bench
