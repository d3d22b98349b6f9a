# shellcheck shell=bash
# cosign of newer Debian suites: the packages with the C library they are linked to, unpacked into a folder of the cache (half a minute,
# once). Nothing is installed, and apt verifies what comes with this machine's keyring, as for the roots.

# VERSION of cosign, as its first number: the suite that has it.
declare -rA COSIGN_SUITES=([2]=trixie [3]=forky)

readonly COSIGN_PASSWORD_OF_LAB=lab-cosign-passphrase

# Prints the path of cosign VERSION, and unpacks it before when it is not there.
cosign_tool() {
  local suite=${COSIGN_SUITES[$1]-} lock
  [[ -n $suite ]] || die "there is no cosign $1; known are: ${!COSIGN_SUITES[*]}"
  mkdir -p "$LAB_CACHE"
  exec {lock}<"$LAB_CACHE"
  # Several labs may want it at once; one makes it, the others wait.
  flock -w 1800 "$lock" || die "another lab.sh has been busy in $LAB_CACHE for half an hour"
  if [[ ! -x $LAB_CACHE/signers-$suite/cosign ]]; then signers_build "$suite" "$LAB_CACHE/signers-$suite"; fi
  exec {lock}<&-
  echo "$LAB_CACHE/signers-$suite/cosign"
}

signers_build() {
  local suite=$1 folder=$2 new log package apt mirror
  log=$folder.log
  mirror=$(apt_mirror)
  rm -rf --one-file-system -- "$folder" "$folder".new.*
  new=$(mktemp -d "$folder.new.XXXXXX")
  mkdir -p "$new"/apt/{lists/partial,cache,debs/partial} "$new/root"
  echo "deb [signed-by=$KEYRING] $mirror $suite main" >"$new/apt/sources.list"
  : >"$new/apt/status"
  apt=(-q -y --no-install-recommends -o "Dir::Etc::sourcelist=$new/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$new/apt/lists" -o "Dir::State::status=$new/apt/status" -o "Dir::Cache=$new/apt/cache"
    -o "Dir::Cache::archives=$new/apt/debs" -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Languages=none)
  {
    LC_ALL=C apt-get "${apt[@]}" update && LC_ALL=C apt-get "${apt[@]}" --download-only install cosign
  } >"$log" 2>&1 || die "cosign of Debian $suite cannot be fetched: $(grep -E '^[EW]: ' "$log" | tail -n 1); see $log"
  for package in "$new"/apt/debs/*.deb; do
    dpkg-deb -x "$package" "$new/root" >>"$log" 2>&1 || die "$package cannot be unpacked; see $log"
  done
  rm -rf "$new/apt"
  signers_write_tool "$new" "$folder"
  chmod 755 "$new"
  mv -T "$new" "$folder"
}

# Run by its own loader and library, wherever it is.
signers_write_tool() {
  local root=$2/root loader library
  loader=$(cd "$1/root" && find . -name ld-linux-x86-64.so.2 -print -quit)
  library=$(cd "$1/root" && find . -name libc.so.6 -print -quit)
  cat >"$1/cosign" <<TEXT
#!/bin/sh
exec $root/$loader --argv0 cosign --library-path $root/${library%/*} $root/usr/bin/cosign "\$@"
TEXT
  chmod 755 "$1/cosign"
}

# client_cosign VERSION ARGUMENT...: in the folder of the lab's cosign client, where its keys are.
client_cosign() {
  local tool output home=$LAB_DIR/clients/cosign
  tool=$(cosign_tool "$1")
  shift
  mkdir -p "$home"
  output=$(cd "$home" && timeout 120 env -i PATH=/usr/bin:/bin HOME="$home" DOCKER_CONFIG="$LAB_DIR/clients/owner" \
    COSIGN_PASSWORD="$COSIGN_PASSWORD_OF_LAB" "$tool" "$@" 2>&1 </dev/null) || die "cosign $* failed: $(tail -n 1 <<<"$output")"
  printf '%s\n' "$output"
}
