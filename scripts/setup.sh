#!/usr/bin/env bash
# Installs the packages that packages.txt (or the lists given) name and this machine lacks. Nothing is fetched while
# configuring or building; this is the only step that needs a network, and only when something is missing.
#
#   scripts/setup.sh [LIST...]      default: scripts/packages.txt
#
# Exit code 1, with the packages named, when they are missing and this is not root, not Debian 12, or apt fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lists=("$@")
[ ${#lists[@]} -gt 0 ] || lists=("$here/packages.txt")

readonly kLockSeconds=300 # how long another apt or dpkg is waited for
readonly kSources=/etc/apt/sources.list.d/songsong-backports.sources

fail() {
  echo "SongSong: $*" >&2
  exit 1
}

for list in "${lists[@]}"; do
  [ -r "$list" ] || fail "there is no list $list"
done

# A package that is pinned to a suite must have come from it: its version says so.
installed() {
  local package=$1 suite=$2 state
  state=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$package" 2>/dev/null) || return 1
  [ "${state%% *}" = installed ] || return 1
  [ "$suite" != bookworm-backports ] || [[ $state == *~bpo12+* ]]
}

missing=()
while read -r package suite; do
  [ -n "$package" ] || continue
  installed "$package" "$suite" || missing+=("$package${suite:+/$suite}")
done < <(sed -e 's/#.*//' "${lists[@]}")
[ ${#missing[@]} -gt 0 ] || exit 0

echo "SongSong: packages to install: ${missing[*]}"
[ "$(id -u)" -eq 0 ] || fail "installing needs root. Run once as root: $here/setup.sh${*:+ $*}"
grep -qx 'VERSION_CODENAME=bookworm' /etc/os-release 2>/dev/null ||
  fail "this is not Debian 12 (bookworm): install these packages by hand, then run this again"

log=$(mktemp -t songsong-apt.XXXXXX)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive LC_ALL=C # the words below are looked for

# Runs apt-get, its output into the log. Another one that holds the lock is waited for.
apt() {
  local began=$SECONDS
  until apt-get -o "DPkg::Lock::Timeout=$kLockSeconds" -o Acquire::Retries=3 "$@" > "$log" 2>&1; do
    grep -q 'Could not get lock' "$log" && [ $((SECONDS - began)) -lt "$kLockSeconds" ] || return 1
    sleep 5
  done
}

# The backports suite comes from the mirror that this machine already uses for its own release.
add_backports() {
  local suites mirror
  suites=$(apt-get indextargets --format '$(CODENAME) $(SITE) $(ORIGIN)')
  grep -q '^bookworm-backports ' <<< "$suites" && return
  mirror=$(awk '$1 == "bookworm" && $3 == "Debian" && !seen++ { print $2 }' <<< "$suites")
  [ -n "$mirror" ] || { echo 'no mirror of bookworm is configured' > "$log" && return 1; }
  printf '%s\n' 'Types: deb' "URIs: $mirror" 'Suites: bookworm-backports' \
    'Components: main' 'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' > "$kSources"
  apt update -qq
}

install_missing() {
  apt update -qq || return 1
  if [[ "${missing[*]}" == */bookworm-backports* ]]; then
    add_backports || return 1
  fi
  apt install -y -qq --no-install-recommends "${missing[@]}"
}

# A mirror that fails once is asked once more.
install_missing || { sleep 5 && install_missing; } || {
  tail -n 30 "$log" >&2
  fail "apt-get failed, its last lines are above; still missing: ${missing[*]}"
}
