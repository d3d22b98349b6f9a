# shellcheck shell=bash
# Approved containers start again when the engine was restarted, and when the Notary server is away.
id=$(docker create --network none "$RUN" sleep 600)
lab restart engine
allowed -- docker start "$id"
lab stop notary
allowed -- docker restart -t 0 "$id"
lab start notary
docker rm -f "$id" >/dev/null
