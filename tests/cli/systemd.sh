#!/bin/bash
# systemd.sh - the unit files as they are installed: systemd finds nothing to say of them, the service has no rights that it
# does not need, and its line is one that the program understands.
#
#     tests/cli/systemd.sh BUILD_DIR
set -u
build=$(cd "${1:?usage: systemd.sh BUILD_DIR}" && pwd) || exit 2
command -v systemd-analyze >/dev/null || { echo "systemd.sh: skipped: systemd-analyze is not installed"; exit 77; }
[ -x "$build/bin/revue-indexer" ] || { echo "systemd.sh: skipped: revue-indexer is not built"; exit 77; }
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
failures=0
fail() { echo "systemd.sh: $*" >&2; failures=$((failures + 1)); }

DESTDIR=$folder cmake --install "$build" --prefix /usr >"$folder/log" 2>&1 || { fail "cmake --install fails"; cat "$folder/log" >&2; }
units=$folder/usr/lib/systemd/system
for name in revue-update@.service revue-update@.timer revue-serve@.service revue-serve@.socket; do
    [ -e "$units/$name" ] || fail "$name is not installed"
done
grep -q '^u revue-serve ' "$folder/usr/lib/sysusers.d/revue-serve.conf" || fail "sysusers.d/revue-serve.conf is not installed"
grep -q '^u revue ' "$folder/usr/lib/sysusers.d/revue.conf" || fail "sysusers.d/revue.conf is not installed"

# systemd wants the program where the unit says it is.
line=$(sed -n 's/^ExecStart=//p' "$units/revue-update@.service")
program=${line%% *}
[ -x "$folder$program" ] || fail "the service starts $program, which is not installed"
sed -i "s|^ExecStart=$program|ExecStart=$folder$program|" "$units/revue-update@.service"
serve_line=$(sed -n 's/^ExecStart=//p' "$units/revue-serve@.service")
sed -i "s|^ExecStart=/usr|ExecStart=$folder/usr|" "$units/revue-serve@.service"
for name in revue-update@films.service revue-update@films.timer revue-serve@films.service revue-serve@films.socket; do
    said=$(cd "$units" && systemd-analyze verify --man=no "./$name" 2>&1) || fail "$name: systemd-analyze verify fails"
    [ -z "$said" ] || fail "$name: $said"
done
if systemd-analyze security --help 2>/dev/null | grep -q -- --offline; then
    for name in revue-update@.service revue-serve@.service; do
        systemd-analyze security --offline=yes --threshold=15 "$units/$name" >"$folder/log" 2>&1 ||
            { fail "$name is exposed"; tail -n 3 "$folder/log" >&2; }
    done
fi

# What the service runs, on an index in a folder that is not /var/lib/revue.
echo '{"id":"a","text":"A calm room"}' >"$folder/films.jsonl"
"$build/bin/revue-indexer" update "$folder/films" "$folder/films.jsonl" || fail "no index was made"
echo '{"id":"b","text":"A loud room"}' >>"$folder/films.jsonl"
words=$(printf '%s' "${line#* }" | sed -e "s|/var/lib/revue|$folder|" -e 's|%i|films|')
# shellcheck disable=SC2086 # words on purpose
said=$(cd / && "$build/bin/revue-indexer" $words 2>&1) || fail "the line of the service fails: $said"
[ -z "$said" ] || fail "a run that went well says: $said"
"$build/bin/revue-query" get "$folder/films" b >/dev/null || fail "the line of the service changed nothing"

# And the line of the endpoint, which it ends with SIGTERM.
words=$(printf '%s' "${serve_line#* }" | sed -e "s|/var/lib/revue|$folder|" -e 's|%i|films|')
# shellcheck disable=SC2086 # words on purpose
"$build/bin/revue-query" $words --listen "unix:$folder/socket" 2>"$folder/log" &
server=$!
for _ in $(seq 600); do
    [ -S "$folder/socket" ] && break
    kill -0 $server 2>/dev/null || break
    sleep 0.1
done
[ -S "$folder/socket" ] || { fail "the line of the endpoint does not listen"; cat "$folder/log" >&2; }
kill "$server" 2>/dev/null
wait "$server" || fail "the endpoint ends with $?"

echo "$failures failures"
[ "$failures" -eq 0 ]
