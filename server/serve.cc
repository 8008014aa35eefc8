#include "server/serve.h"

#include <signal.h>

#include <atomic>
#include <cstdio>

#include "server/descriptors.h"
#include "server/http.h"
#include "server/limits.h"
#include "server/log.h"

namespace songsong::server {

Outcome<int> serve(const std::string& folder, const std::string& listen, const OfficeTables& tables) {
  // Before any thread begins, so that all of them leave the signals to this one. A reader that went away is no reason
  // to end, nor is a limit on the size of files, which is told as a full disk.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);

  const Outcome<Limits> wanted = read_limits(conf_path(folder));
  if (!wanted) return wanted.fault();
  const std::size_t needed = descriptors_needed(*wanted);
  const std::size_t descriptors = raise_descriptors(needed);
  const Limits limits = fitted(*wanted, descriptors);
  if (descriptors < needed)
    log_event("warning", "the system allows " + std::to_string(descriptors) + " open files, not " +
                             std::to_string(needed) + ": max_connections is " + std::to_string(limits.max_connections));
  std::atomic<HttpService*> watched{nullptr};
  const Outcome<std::unique_ptr<Office>> office = Office::open(
      folder,
      [&watched](StoreSequence) {
        if (HttpService* const service = watched) service->committed();
      },
      tables);
  if (!office) return office.fault();
  const Outcome<std::size_t> destroyed = (*office)->destroy_erased_attachments();
  if (!destroyed) return destroyed.fault();
  const Outcome<std::unique_ptr<FileLock>> lock = take_serve_lock(folder);
  if (!lock) return lock.fault();
  Outcome<std::unique_ptr<HttpService>> service = HttpService::start(**office, limits, listen);
  if (!service) return service.fault();
  watched = service->get();
  for (const std::string& address : (*service)->addresses()) std::printf("listening on %s\n", address.c_str());
  std::fflush(stdout);
  log_event("info", "listening");
  if (limits.tls == 0 && !listen.starts_with("127.") && !listen.starts_with("localhost:"))
    log_event("warning", "without TLS: unless a proxy in front speaks it, whoever is on the way reads along (tls = 1)");
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  log_event("info", "stopping");
  (*service)->stop();
  watched = nullptr;
  log_event("info", "stopped");
  return 0;
}

}  // namespace songsong::server
