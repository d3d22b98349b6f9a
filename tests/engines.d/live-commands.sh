# shellcheck shell=bash
# Streams and copies through the engine's authorization: exec, logs -f, cp, events, stats, attach, stop.
docker run -d --name live --network none "$RUN" sh -c 'echo first; sleep 2; echo last; sleep 600' >/dev/null
allowed from-exec -- docker exec live echo from-exec
[[ $(printf 'through stdin' | timeout 20 "$LAB_DOCKER" exec -i live cat) == 'through stdin' ]] || fail 'exec -i loses its input'
[[ $(timeout 4 "$LAB_DOCKER" logs -f live || true) == *last* ]] || fail 'logs -f does not follow'
echo 'a file' >"$FOLDER/file"
allowed -- docker cp "$FOLDER/file" live:/tmp/file
allowed -- docker cp live:/tmp/file "$FOLDER/back"
cmp "$FOLDER/file" "$FOLDER/back"
timeout 4 "$LAB_DOCKER" events --filter container=live >"$FOLDER/events" &
sleep 1
allowed -- docker kill -s HUP live
wait $! || true
grep -q 'container kill' "$FOLDER/events" || fail 'events do not stream'
allowed live -- docker stats --no-stream --format '{{.Name}}'
[[ $(printf 'piped' | timeout 30 "$LAB_DOCKER" run -i --rm --network none "$RUN" cat) == piped ]] || fail 'run -i loses its input'
allowed -- docker stop -t 0 live
allowed 0 -- run "$RUN" sh -c 'echo $?'
