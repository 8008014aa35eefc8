#!/usr/bin/env bash
# The proxies of server/proxy, with the real programs behind them: needs nginx and caddy (apt install nginx-light caddy),
# and root, for the phone has to trust a certificate that is made here. Not part of the tests; run it when an example, or
# what the server makes of a proxy's headers, was altered.
#
#   tests/proxy/run.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${1-build/release}/bin")
work=$(mktemp -d -t songsong-proxy.XXXXXX)
trusted=/usr/local/share/ca-certificates/songsong-proxy-test.crt
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  rm -rf "$work" "$trusted"
  update-ca-certificates --fresh > /dev/null 2>&1
}
trap cleanup EXIT
passed=0
failed=0
check() {
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "$1: $2, not $3"; fi
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2> /dev/null
cp "$work/cert.pem" "$trusted"
update-ca-certificates > /dev/null 2>&1

printf 'code,name,level,parent\nP,Tỉnh,province,\nS1,Trường,school,P\n' > "$work/units.csv"
"$bin/songsong-server" init --dir "$work/server" --units "$work/units.csv" > /dev/null
port=$(free_port)
"$bin/songsong-server" serve --dir "$work/server" --listen "127.0.0.1:$port" > "$work/out" 2> "$work/log" &
pids+=($!)
password=$("$bin/songsong-server" account add lan --unit S1 --role teacher --dir "$work/server" --json |
  sed 's/.*"password":"\([^"]*\)".*/\1/')

front_nginx() {
  sed -e "s/127.0.0.1:8480/127.0.0.1:$port/" -e "s/listen 443/listen 127.0.0.1:$1/" -e "s/listen 80;/listen 127.0.0.1:$2;/" \
    -e "s/songsong.example/localhost/" -e "s#/etc/ssl/songsong/fullchain.pem#$work/cert.pem#" \
    -e "s#/etc/ssl/songsong/privkey.pem#$work/key.pem#" server/proxy/nginx.conf > "$work/site.conf"
  mkdir -p "$work/nginx"
  printf 'pid %s/nginx.pid; error_log %s/nginx.log; daemon off; events {} http { access_log off; client_body_temp_path %s/nginx; proxy_temp_path %s/nginx; include %s/site.conf; }\n' \
    "$work" "$work" "$work" "$work" "$work" > "$work/nginx.conf"
  nginx -c "$work/nginx.conf" -e "$work/nginx.log" &
  pids+=($!)
}
front_caddy() {
  { printf '{\n\tadmin off\n\tauto_https disable_redirects\n\thttp_port %s\n}\n' "$2"
    sed -e "s/127.0.0.1:8480/127.0.0.1:$port/" -e "s#^songsong.example {#localhost:$1 {\n\ttls $work/cert.pem $work/key.pem#" \
      server/proxy/Caddyfile; } > "$work/Caddyfile"
  XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work caddy run --config "$work/Caddyfile" --adapter caddyfile > "$work/caddy.log" 2>&1 &
  pids+=($!)
}

for front in nginx caddy; do
  tls=$(free_port)
  "front_$front" "$tls" "$(free_port)"
  url=https://localhost:$tls
  for _ in $(seq 50); do curl -fs "$url/healthz" > /dev/null && break; sleep 0.1; done
  status() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
  check "$front alive" "$(status "$url/healthz")" 200
  check "$front keeps metrics in" "$(status "$url/metrics")" 404
  check "$front keeps readyz in" "$(status "$url/readyz")" 404
  check "$front strangers" "$(status "$url/v1/totals")" 401
  # A browser's sign-in: the page is of the same origin, the cookie is bound to it.
  curl -s -D "$work/head" -o "$work/session" -c "$work/jar" -H 'Content-Type: application/json' -H "Origin: $url" \
    -d "{\"name\":\"lan\",\"password\":\"$password\"}" "$url/v1/session"
  check "$front cookie" "$(grep -ic '^set-cookie: __Host-songsong_session=.*; Path=/; HttpOnly; SameSite=Strict; Secure' "$work/head")" 1
  check "$front hsts" "$(grep -ic '^strict-transport-security' "$work/head")" 1
  check "$front signed in" "$(status -b "$work/jar" "$url/v1/totals?unit=S1")" 200
  check "$front foreign page" "$(status -H 'Content-Type: application/json' -H 'Origin: https://elsewhere.test' -d '{}' "$url/v1/session")" 403
  # Events come at once, not when a buffer is full.
  check "$front stream" "$(curl -s -N -m 3 -b "$work/jar" "$url/v1/totals/stream?unit=S1" | grep -c '^event: totals')" 1
  # What a client says of its own address counts for nothing: one guesser waits, whatever it says.
  codes=
  for i in 1 2 3 4 5 6 7; do
    codes+=" $(status -H 'Content-Type: application/json' -H "X-Forwarded-For: 192.0.2.$i" -d '{"name":"hoa'"$front"'","password":"x"}' "$url/v1/session")"
  done
  check "$front guesses" "$codes" " 401 401 401 401 401 401 429"
  # A phone, and a device's own question for totals.
  ticket=$("$bin/songsong-server" ticket --unit S1 --role teacher --url "$url" --dir "$work/server")
  "$bin/songsong" init --dir "$work/$front" --ticket "$ticket" > /dev/null
  "$bin/songsong" add pupil full_name=Lan school=S1 school_level=primary household=poor --dir "$work/$front" > /dev/null
  check "$front sync" "$("$bin/songsong" sync --dir "$work/$front" --json | sed 's/.*"sent":\([0-9]*\),.*/\1/')" 1
  check "$front total" "$("$bin/songsong" total S1 --dir "$work/$front" --json | cut -c1-12)" '{"unit":"S1"'
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
