#include "tests/small_model/run.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

#include "tests/small_model/books_model.h"
#include "tests/small_model/merge_model.h"

namespace songsong::small_model {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBooksParts = 8;

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string seconds_since(Clock::time_point began) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began).count()) + " s";
}

// Throws if the model went through other histories than there are.
std::string compare_numbers(const Numbers& gone_through, std::uint64_t formula, const std::function<Numbers()>& plainly,
                            bool counts_plainly) {
  if (gone_through.histories != formula)
    throw Violation("the classes hold " + grouped(gone_through.histories) + " histories, by the formula there are " +
                    grouped(formula));
  if (!counts_plainly) return "; the formula says " + grouped(formula) + " too";
  const Numbers plain = plainly();
  if (plain != gone_through)
    throw Violation("tried plainly there are " + grouped(plain.histories) + " histories in " + grouped(plain.classes) +
                    " classes, not " + grouped(gone_through.histories) + " in " + grouped(gone_through.classes));
  return "; formula and plain enumeration say " + grouped(plain.histories) + " and " + grouped(plain.classes) + " too";
}

// Jobs are taken in turn by as many threads; what they tell comes out in the order of the jobs.
class Crew {
 public:
  void add(std::function<void()> job) { jobs_.push_back(std::move(job)); }

  void work(std::size_t threads) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> crew;
    for (std::size_t i = 0; i < threads; ++i) {
      crew.emplace_back([&] {
        for (std::size_t at = next++; at < jobs_.size(); at = next++) jobs_[at]();
      });
    }
    for (std::thread& each : crew) each.join();
  }

 private:
  std::vector<std::function<void()>> jobs_;
};

void try_job(Ran& ran, const std::function<void()>& job) {
  try {
    job();
  } catch (const std::exception& violation) {
    ran.ok = false;
    ran.told = violation.what();
  }
}

void run_merge(const RunOptions& options, const Family& family, Ran& ran) {
  const Clock::time_point began = Clock::now();
  const MergeCounts counts = check_merge(family, options.changes);
  const Choices choices = choices_of(family, options.changes);
  const std::string compared = compare_numbers(
      Numbers{.histories = counts.histories, .classes = counts.classes}, count_histories(options.changes, choices),
      [&] { return count_plainly(options.changes, choices); }, options.changes <= options.most_plain_changes);
  ran.told = grouped(counts.histories) + " histories in " + grouped(counts.classes) + " classes" + compared + "; " +
             grouped(counts.sets) + " gap-free sets, " + grouped(counts.orders) + " orders, " + grouped(counts.states) +
             " states, " + grouped(counts.repetitions) + " repetitions; " + seconds_since(began);
  ran.ok = true;
}

std::string tell_books(const RunOptions& options, const BooksFamily& family, const BooksCounts& counts) {
  const std::string compared = compare_numbers(
      Numbers{.histories = counts.histories, .classes = counts.distinct},
      count_histories(options.changes, choices_of(family, options.changes)),
      [&] { return count_books_plainly(family, options.changes); }, options.changes <= options.most_plain_changes);
  return grouped(counts.histories) + " histories, " + grouped(counts.distinct) + " distinct" + compared + "; " +
         grouped(counts.orders) + " orders, " + grouped(counts.commits) + " commits, " + grouped(counts.audits) +
         " audits";
}

}  // namespace

std::vector<Ran> run(const RunOptions& options) {
  std::vector<Family> merges;
  std::vector<BooksFamily> books;
  for (Family& family : families()) {
    if (options.merge && options.changes <= family.most_changes) merges.push_back(std::move(family));
  }
  for (BooksFamily& family : books_families()) {
    if (options.books && options.changes <= family.most_changes) books.push_back(std::move(family));
  }
  std::vector<Ran> all(merges.size() + books.size());
  std::vector<BooksCounts> counts(books.size());
  std::mutex mutex;
  Crew crew;
  for (std::size_t i = 0; i < merges.size(); ++i) {
    all[i].family = "merge: " + merges[i].name;
    crew.add([&, i] { try_job(all[i], [&] { run_merge(options, merges[i], all[i]); }); });
  }
  for (std::size_t i = 0; i < books.size(); ++i) {
    Ran& ran = all[merges.size() + i];
    ran.family = "books: " + books[i].name;
    ran.ok = true;
    for (std::size_t part = 0; part < kBooksParts; ++part) {
      crew.add([&, i, part] {
        Ran tried{.family = {}, .ok = true, .told = {}};
        BooksCounts counted;
        try_job(tried, [&] { counted = check_books(books[i], options.changes, part, kBooksParts); });
        const std::lock_guard<std::mutex> lock(mutex);
        Ran& whole = all[merges.size() + i];
        if (whole.ok && !tried.ok) whole.told = tried.told;
        whole.ok = whole.ok && tried.ok;
        counts[i] += counted;
      });
    }
  }
  crew.work(options.threads);
  for (std::size_t i = 0; i < books.size(); ++i) {
    Ran& ran = all[merges.size() + i];
    if (ran.ok) try_job(ran, [&] { ran.told = tell_books(options, books[i], counts[i]); });
  }
  return all;
}

}  // namespace songsong::small_model
