// How jemalloc keeps what threads give back: by its defaults each of a thousand threads keeps some 300 KiB for itself,
// which a server that serves a thousand phones at once has no room for. So each keeps less, and small things only.
// Options: jemalloc(3), "opt.tcache_max", "opt.tcache_nslots_small_max".
extern "C" {
const char* malloc_conf = "tcache_max:1024,tcache_nslots_small_max:20";
}
