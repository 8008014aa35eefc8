// Store example: batches such as books and replicas write, of made-up pupils, for the tests of stores, their fixture
// and their measure. The same arguments give the same batch on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "shared/replica/store.h"
#include "tests/support/random.h"

namespace songsong::example {

inline constexpr ReplicaId kLansPhone = 7;
inline constexpr ReplicaId kMinhsPhone = 0x900001;  // 2^23 and more: its packed names do not fit a signed number
inline constexpr KindNumber kPupil = 1;
inline constexpr KindNumber kNeed = 2;

// Bytes that look like those of a row: `size` of them, drawn.
std::string some_bytes(Random& random, std::size_t size);

LogRow log_row(Name name, RecordId record, Random& random);
RecordRow record_row(RecordId id, KindNumber kind, const std::string& unit, StoreSequence version, Random& random);

// `count` new needs of a school's pupils, saved on one phone from `first` on: for each a change, a record, personal
// values, search text, two match keys, an account and two references. `last` is the store's last sequence.
StoreBatch new_needs(ReplicaId replica, Sequence first, std::size_t count, const std::string& school,
                     StoreSequence last, Random& random);

// One of every row that a batch can hold; the record ids are of Lan's and Minh's phones.
StoreBatch one_of_each();

}  // namespace songsong::example
