# shellcheck shell=bash
# Runs ordinary-commands.txt and counts what the plugin refuses. What fails for another reason is named too, and is a failure.
list=${CASE%.sh}.txt
work=$(mktemp -d "$FOLDER/commands.XXXX")
with_policy '"swarm": "allow",'
# What a command says, without what differs each time: ids, tokens, numbers and days, names that docker or mktemp makes up, that a layer
# waits. Lines are sorted: layers are pulled and pushed at the same time.
stable() {
  sed -E "s#$FOLDER#FOLDER#g" | sed -E 's/commands\.[A-Za-z0-9]+/PROJECT/g; s/sha256:[0-9a-f]+/DIGEST/g; s/SWMTKN-[0-9a-z-]+/TOKEN/g; s/\b[0-9a-f]{12,64}\b/ID/g; s/\b[0-9a-z]{25}\b|\b[0-9a-z]{12}\b/ID/g; s/Running +(Pending|Assigned|Accepted|Preparing|Ready|Starting|Running)\b/Running STATE/; s#unix://[^ ]+#SOCKET#g' \
    | sed -E 's/commands[0-9a-z]+/PROJECT/g; s/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b/DAY/g; s/[0-9]+([.:][0-9]+)*/N/g; s/\b[a-z]+_[a-z]+N?\b/NAME/g' \
    | sed -E 's/(About |less than )?(an?|N) (second|minute|hour)s?( ago)?/TIME/gI; s/ +/ /g; /^ (Runtimes|ID): |^ID: Waiting$/d' | sort -u
}

# Says what happened or runs at this moment.
of_the_moment='docker (events|stats|top|system events)'

count=0 refusals=0 failures=0 skipped=0
# The lab's own login stays as it is.
own=$DOCKER_CONFIG
trap 'DOCKER_CONFIG=$own; with_policy ""' EXIT
cp -r "$DOCKER_CONFIG" "$FOLDER/client" 2>/dev/null || true
export DOCKER_CONFIG=$FOLDER/client
cd "$work"
while IFS= read -r command; do
  case $command in
    '' | '#'*) continue ;;
    'needs compose: '*) if [[ -z $LAB_COMPOSE ]]; then skipped=$((skipped + 1)) && continue; fi ;;
    'needs classic: '*) if [[ -e $LAB_DIR/bin/cli-plugins/docker-buildx ]]; then skipped=$((skipped + 1)) && continue; fi ;;
    'needs buildx: '*) if [[ ! -e $LAB_DIR/bin/cli-plugins/docker-buildx ]]; then skipped=$((skipped + 1)) && continue; fi ;;
  esac
  if [[ $LAB_ENGINE == 26.1-containerd && $command =~ (docker (run|create) |docker-compose.yml) ]]; then
    # A tag could move there between create and our look at what was created (tag-unsafe-here).
    command=${command//\$APP:1/\$APP@\$SIGNED}
  fi
  count=$((count + 1)) status=0
  output=$( (set +e; eval "${command#needs *: }") 2>&1 </dev/null) || status=$?
  if [[ -n ${OUTPUTS-} && $output != *'authorization denied by '* ]]; then
    mkdir -p "$OUTPUTS"
    if [[ $command =~ $of_the_moment ]]; then output=''; fi
    { echo "$command" && echo "exit code $status" && stable <<<"$output"; } >"$OUTPUTS/$(printf '%03d' "$count")"
  fi
  if [[ $output == *'authorization denied by '* ]]; then
    refusals=$((refusals + 1))
    echo "REFUSED: $command: $(grep -m1 'authorization denied' <<<"$output")"
  elif ((status != 0)); then
    failures=$((failures + 1))
    echo "FAILED: $command: $(tail -n 1 <<<"$output")"
  fi
done <"$list"
cd /
rm -rf "$work" "$FOLDER/client"
echo "figure: ordinary commands $count, refused $refusals (engine $LAB_ENGINE); failed for another reason $failures, not for this engine $skipped"
((refusals == 0 && failures == 0)) || fail "ordinary commands: $refusals refused, $failures failed"
