#include "tests/small_model/books_model.h"

#include <array>
#include <map>
#include <set>
#include <span>

#include "tests/small_model/copies.h"
#include "tests/small_model/deeds.h"

namespace songsong::small_model {
namespace {

using Mask = unsigned;

class Stores {
 public:
  Stores(const BooksFamily& family, const Skeleton& seen, const std::vector<Deed>& deeds, BooksCounts& counts)
      : family_(family), seen_(seen), history_(sealed_history(seen, deeds)), counts_(counts) {
    for (std::size_t i = 0; i < history_.size(); ++i) {
      Mask before = 0;
      for (std::size_t j = 0; j < i; ++j) {
        if (seen[j].replica == seen[i].replica) before |= Mask{1} << j;
      }
      before_.push_back(before);
    }
    all_ = (Mask{1} << history_.size()) - 1;
    office_bits_ = {Mask{1} << history_.size(), Mask{2} << history_.size()};
  }

  void run() {
    Order order;
    every_order(order, 0);
    if (family_.phones) every_phone();
  }

 private:
  struct Expected {
    Counted counted;
    std::vector<State> states;
  };

  void every_order(Order& order, Mask arrived) {
    if (arrived == all_) {
      const std::size_t latest = family_.office_any_time ? order.size() : 0;
      for (std::size_t first = 0; first <= latest; ++first) {
        for (std::size_t second = first; second <= latest; ++second) deliver(order, {first, second});
      }
      return;
    }
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if ((arrived & (Mask{1} << i)) != 0 || (before_[i] & ~arrived) != 0) continue;
      order.push_back(i);
      every_order(order, arrived | Mask{1} << i);
      order.pop_back();
    }
  }

  // The parts of the office's line come after so many of the others' changes.
  void deliver(const Order& order, std::array<std::size_t, 2> office_at) {
    ++counts_.orders;
    told_ = "arrived, the office's line after " + std::to_string(office_at[0]) + " and " +
            std::to_string(office_at[1]) + ":";
    Copy server(Authority::kHoldsAllLogs);
    Mask arrived = 0;
    for (std::size_t i = 0; i <= order.size(); ++i) {
      for (std::size_t part = 0; part < office_at.size(); ++part) {
        if (i == office_at[part]) deliver_to(server, office_[part], office_bits_[part], arrived);
      }
      if (i == order.size()) break;
      told_ += " " + to_text(history_[order[i]].change.name);
      const Sealed* const change[] = {&history_[order[i]]};
      deliver_to(server, change, Mask{1} << order[i], arrived);
    }
  }

  void deliver_to(Copy& server, std::span<const Sealed* const> changes, Mask bit, Mask& arrived) {
    server.admit(changes);
    arrived |= bit;
    compare(server, arrived);
  }

  void compare(Copy& server, Mask arrived) {
    ++counts_.commits;
    Counted counted = server.counted();
    const auto known = expected_.find(arrived);
    if (known != expected_.end()) {
      if (counted != known->second.counted)
        fail("another order of arrival gives other " + difference(counted, known->second.counted));
      return;
    }
    verify(server);
    expected_.emplace(arrived, Expected{.counted = std::move(counted), .states = server.states()});
  }

  void every_phone() {
    const Mask office = office_bits_[0] | office_bits_[1];
    const Expected& everything = expected_.at(all_ | office);
    for (const auto& [arrived, expected] : expected_) {
      if ((arrived & office) != office) continue;
      for (std::size_t replica = 0; replica < kReplicas; ++replica) {
        std::vector<const Sealed*> own;
        for (std::size_t i = 0; i < history_.size(); ++i) {
          if (seen_[i].replica == replica) own.push_back(&history_[i]);
        }
        if (own.empty()) continue;
        told_ = "on the phone of replica " + std::to_string(replica + 1) + ", the server holding set " +
                std::to_string(arrived);
        Copy phone(Authority::kHoldsOwnLog, id_of(replica));
        phone.hear(expected_.at(office).states);
        phone.admit(own);
        phone.hear(expected.states);
        verify(phone);
        phone.hear(everything.states);
        if (const Counted counted = phone.counted(); counted != everything.counted)
          fail("a phone that has heard everything holds other " + difference(counted, everything.counted));
      }
    }
  }

  void verify(Copy& copy) {
    ++counts_.audits;
    if (const std::string flaw = copy.verify(); !flaw.empty()) fail(flaw);
  }

  [[noreturn]] void fail(const std::string& what) const {
    std::string told = family_.name + ": " + what + "\n";
    for (const Sealed& each : history_) {
      told += "  " + to_text(each.change.name) + " kind " + std::to_string(each.change.kind) + " record " +
              to_text(each.change.record) + ", saw";
      for (const Name name : each.change.saw) told += " " + to_text(name);
      told += "\n";
    }
    throw Violation(told + "  " + told_);
  }

  const BooksFamily& family_;
  const Skeleton& seen_;
  std::vector<Sealed> history_;
  BooksCounts& counts_;
  const std::array<std::vector<const Sealed*>, 2>& office_ = office_line();
  std::vector<Mask> before_;  // of each change, those before it on its line
  Mask all_ = 0;
  std::array<Mask, 2> office_bits_{};
  std::map<Mask, Expected> expected_;
  std::string told_;
};

std::vector<Deed> deeds_of(const BooksFamily& family, const Choice& choice) {
  std::vector<Deed> deeds;
  for (const std::size_t symbol : choice.symbols) deeds.push_back(family.deeds[symbol]);
  return deeds;
}

}  // namespace

Choices choices_of(const BooksFamily& family, std::size_t changes) {
  return Choices{.symbols = family.deeds.size(), .swapped = {}, .readings = {Symbols(changes, 0)}};
}

std::vector<BooksFamily> books_families() {
  const std::vector<Deed> all{Deed::kDeclareNeed,  Deed::kHandOver,    Deed::kHandOn,     Deed::kTakeBack,
                              Deed::kDecideSame,   Deed::kDecideOther, Deed::kRemove,     Deed::kEdit,
                              Deed::kMove,         Deed::kVerify,      Deed::kMoveSchool, Deed::kCorrectNeed,
                              Deed::kCorrectDevice};
  return {{.name = "all deeds", .deeds = all, .most_changes = 3},
          {.name = "who has the device",
           .deeds = {Deed::kHandOn, Deed::kTakeBack, Deed::kDecideSame},
           .office_any_time = false,
           .phones = false},
          {.name = "where the pupil is",
           .deeds = {Deed::kRemove, Deed::kEdit, Deed::kMove},
           .office_any_time = false,
           .phones = false}};
}

BooksCounts& BooksCounts::operator+=(const BooksCounts& other) {
  histories += other.histories;
  distinct += other.distinct;
  orders += other.orders;
  commits += other.commits;
  audits += other.audits;
  return *this;
}

Numbers count_books_plainly(const BooksFamily& family, std::size_t changes) {
  Numbers numbers;
  std::set<Lines> met;
  for (const Skeleton& skeleton : all_skeletons(changes)) {
    const SkeletonClass alone{.example = skeleton, .size = 1, .symmetries = {trivial_order(changes)}};
    for_each_choice(alone, choices_of(family, changes), [&](const Choice& choice, std::uint64_t size) {
      numbers.histories += size;
      const std::vector<Deed> deeds = deeds_of(family, choice);
      met.insert(canonical_lines(seen_of_records(skeleton, deeds), deeds));
    });
  }
  numbers.classes = met.size();
  return numbers;
}

BooksCounts check_books(const BooksFamily& family, std::size_t changes, std::size_t part, std::size_t parts) {
  BooksCounts counts;
  const Choices choices = choices_of(family, changes);
  std::set<Lines> met;
  for (const SkeletonClass& skeleton : skeleton_classes(changes)) {
    for_each_choice(skeleton, choices, [&](const Choice& choice, std::uint64_t size) {
      const std::vector<Deed> deeds = deeds_of(family, choice);
      const Skeleton seen = seen_of_records(skeleton.example, deeds);
      const bool fresh = met.insert(canonical_lines(seen, deeds)).second;
      if (part == 0) counts.histories += skeleton.size * size;
      if (!fresh || (met.size() - 1) % parts != part) return;
      ++counts.distinct;
      Stores(family, seen, deeds, counts).run();
    });
  }
  return counts;
}

}  // namespace songsong::small_model
