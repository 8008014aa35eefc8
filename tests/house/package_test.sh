#!/usr/bin/env bash
# The .deb: it can be made, names what it needs, its scripts can be read, and its programs run out of it.
#
#   tests/house/package_test.sh BUILD_FOLDER
set -euo pipefail
build=$1
scratch=$(mktemp -d -t songsong-package.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "package: $1" >&2; exit 1; }

cpack --config "$build/CPackConfig.cmake" -B "$scratch" > "$scratch/log" 2>&1 || { cat "$scratch/log" >&2; fail "cpack"; }
package=$(echo "$scratch"/songsong_*.deb)
[ -f "$package" ] || fail "no package was made"
depends=$(dpkg-deb -f "$package" Depends)
for needed in libsqlite3-0 libpoconet libsodium23 libc6; do
  case "$depends" in *"$needed"*) ;; *) fail "it does not say that it needs $needed: $depends" ;; esac
done
dpkg-deb -x "$package" "$scratch/root"
dpkg-deb -e "$package" "$scratch/control"
for script in postinst prerm; do sh -n "$scratch/control/$script" || fail "$script"; done
for file in lib/systemd/system/songsong-server.service lib/systemd/system/songsong-backup.timer \
  share/doc/songsong/copyright; do
  [ -s "$scratch/root/usr/$file" ] || fail "$file is missing"
done
# What the units start is what the package has.
grep -ho '^ExecStart=[^ ]*' "$scratch"/root/usr/lib/systemd/system/*.service | sed 's/^ExecStart=//' | while read -r program; do
  [ -x "$scratch/root$program" ] || fail "$program is missing"
done
printf 'code,name,level,parent\nP,Tỉnh,province,\n' > "$scratch/units.csv"
"$scratch/root/usr/bin/songsong-server" init --dir "$scratch/server" --units "$scratch/units.csv" > /dev/null
# As the timer does it.
options=$(sed -n 's/^ExecStart=[^ ]* backup --into [^ ]* \(.*\) --dir .*/\1/p' "$scratch"/root/usr/lib/systemd/system/songsong-backup.service)
[ -n "$options" ] || fail "the timer's command"
# shellcheck disable=SC2086
"$scratch/root/usr/bin/songsong-server" backup --into "$scratch/kept" $options --dir "$scratch/server" > /dev/null
[ "$(find "$scratch/kept" -name 'songsong-*.db' | wc -l)" = 1 ] || fail "the timer makes no backup"
"$scratch/root/usr/bin/songsong" --version > /dev/null
