#!/usr/bin/env bash
# The same work on SongSong, on bare parts and on other systems, in one table of medians (tests/peers/README.md).
#
#   scripts/peers.sh [--repeat N] [--phases LIST] [--only LIST] [FOLDER]
#       --repeat   3 if not said
#       --phases   of w1,w2,w3,w4base,w4,kill; all if not said
#       --only     of the systems; all if not said
#       FOLDER     other systems: peers/NAME.js, common/work.js, setup.sh. A copy of it is set up (npm, minutes) and run
#
# Without FOLDER: songsong, floor, floor_zlib. The measurements stand in build/peers/results.ndjson, anew each time. Ends with
# 1 if a phase of SongSong or the floor failed; other systems may fail, and the table says so.
set -euo pipefail
cd "$(dirname "$0")/.."

repeat=3 phases=w1,w2,w3,w4base,w4,kill only='' folder=''
while [ $# -gt 0 ]; do
  case "$1" in
    --repeat) repeat=${2:?a number} && shift ;;
    --phases) phases=${2:?a list} && shift ;;
    --only) only=${2:?a list} && shift ;;
    --*) sed -n '4,8s/^# *//p' "$0" >&2; exit 2 ;;
    *) folder=$(cd "$1" && pwd) ;;
  esac
  shift
done
fail() { echo "SongSong: $*" >&2; exit 1; }

scripts/setup.sh scripts/packages.txt scripts/packages-peers.txt
cmake --preset release > /dev/null
cmake --build --preset release --target peer_songsong peer_songsong_server peer_floor -- --quiet
export SONGSONG_BIN=$PWD/build/release/bin
results=$PWD/build/peers/results.ndjson
mkdir -p build/peers
: > "$results"

adapters=(tests/peers/songsong.js tests/peers/floor.js tests/peers/floor_zlib.js)
others=()
if [ -n "$folder" ]; then
  command -v npm > /dev/null || fail "the other systems are installed with npm, which this machine lacks"
  copy=$PWD/build/peers/others
  mkdir -p "$copy"
  cp -r "$folder/." "$copy/"
  [ -n "$(find "$copy" -mindepth 2 -maxdepth 2 -name node_modules)" ] || "$copy/setup.sh"
  # All systems are given the same records, byte for byte.
  "$SONGSONG_BIN/peer_songsong" needs 17049 | cmp - "$copy/needs.ndjson" || fail "the folder's records are others"
  while read -r adapter; do
    case "$(basename "$adapter")" in _* | *_server.js | songsong.js | floor*.js) continue ;; esac
    others+=("$adapter")
  done < <(find "$copy/peers" -name '*.js' | LC_ALL=C sort)
fi

wanted() { [ -z "$only" ] || [[ ",$only," == *",$(basename "$1" .js),"* ]]; }
measure() {
  echo "load $(cut -d ' ' -f 1 /proc/loadavg) before $(basename "$1" .js)"
  node tests/peers/run.js --adapter "$1" --out "$results" --repeat "$repeat" --phases "$phases" "${@:2}"
}

code=0
for adapter in "${adapters[@]}"; do
  if wanted "$adapter"; then measure "$adapter" || code=1; fi
done
for adapter in "${others[@]}"; do
  if wanted "$adapter"; then measure "$adapter" --others "$copy" || true; fi
done
node tests/peers/table.js "$results"
exit "$code"
