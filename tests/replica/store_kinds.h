// Store kinds: the implementations of Store that the contract test runs on. Each program that runs it says which: the
// tests of shared/replica in sqlite_kinds.cc.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shared/replica/store.h"

namespace songsong {

// Where one store lies, empty at first and gone with this.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  virtual std::unique_ptr<Store> open() = 0;  // throws what went wrong
};

struct StoreKind {
  std::string name;
  bool lasting = false;   // what was written is there when it is opened again
  bool shared = false;    // several processes may have it open
  bool parallel = false;  // readers do not wait for writers
  std::function<std::unique_ptr<StorePlace>()> make;
};

std::vector<StoreKind> store_kinds();

}  // namespace songsong
