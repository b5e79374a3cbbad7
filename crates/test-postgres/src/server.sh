# A PostgreSQL server for the tests, on a socket in a folder of its own, that ends with them.
#
#   $1  the folder of PostgreSQL's programs
#
# Tells its folder when it is up. Then reads `crash` and `start`, telling `done`; when what it reads
# from ends, because the tests have ended in whatever way, it ends the server and deletes all.
set -eu
programs=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/waybill-postgres.XXXXXX")
trap '' INT TERM HUP
"$programs/initdb" --pgdata="$folder/data" --username=waybill --auth=trust --encoding=UTF8 \
    --no-locale >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; rm -rf "$folder"; exit 1; }

start() {
    "$programs/pg_ctl" start --wait --silent --pgdata="$folder/data" --log="$folder/server.log" \
        --options="-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=500 -c shared_buffers=64MB -c deadlock_timeout=100ms" \
        >/dev/null 2>&1 </dev/null || { cat "$folder/server.log" >&2; rm -rf "$folder"; exit 1; }
}
stop() {
    "$programs/pg_ctl" stop --wait --silent --pgdata="$folder/data" --mode="$1" >/dev/null 2>&1 </dev/null || true
}

start
echo "$folder"
while read -r word; do
    case $word in
    crash) stop immediate ;;
    start) start ;;
    esac
    echo done
done
stop immediate
rm -rf "$folder"
