# shellcheck shell=bash
# cosign and notation of newer Debian suites: the packages with the C library they are linked to, unpacked into a folder of the cache (half
# a minute, once). Nothing is installed, and apt verifies what comes with this machine's keyring, as for the roots.

# VERSION of cosign, as its first number: the suite that has it.
declare -rA COSIGN_SUITES=([2]=trixie [3]=forky)

# The suite that has notation 1.3.
readonly NOTATION_SUITE=forky

readonly COSIGN_PASSWORD_OF_LAB=lab-cosign-passphrase

# Prints the path of cosign VERSION, and unpacks it before when it is not there.
cosign_tool() {
  local suite=${COSIGN_SUITES[$1]-}
  [[ -n $suite ]] || die "there is no cosign $1; known are: ${!COSIGN_SUITES[*]}"
  signers_tool cosign "$suite" "$LAB_CACHE/signers-$suite"
}

# The same of notation.
notation_tool() {
  signers_tool notation "$NOTATION_SUITE" "$LAB_CACHE/signers-$NOTATION_SUITE-notation"
}

# TOOL SUITE FOLDER
signers_tool() {
  local lock
  mkdir -p "$LAB_CACHE"
  exec {lock}<"$LAB_CACHE"
  # Several labs may want it at once; one makes it, the others wait.
  flock -w 1800 "$lock" || die "another lab.sh has been busy in $LAB_CACHE for half an hour"
  if [[ ! -x $3/$1 ]]; then signers_build "$@"; fi
  exec {lock}<&-
  echo "$3/$1"
}

signers_build() {
  local tool=$1 suite=$2 folder=$3 new log package apt mirror
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
    LC_ALL=C apt-get "${apt[@]}" update && LC_ALL=C apt-get "${apt[@]}" --download-only install "$tool"
  } >"$log" 2>&1 || die "$tool of Debian $suite cannot be fetched: $(grep -E '^[EW]: ' "$log" | tail -n 1); see $log"
  for package in "$new"/apt/debs/*.deb; do
    dpkg-deb -x "$package" "$new/root" >>"$log" 2>&1 || die "$package cannot be unpacked; see $log"
  done
  rm -rf "$new/apt"
  signers_write_tool "$tool" "$new" "$folder"
  chmod 755 "$new"
  mv -T "$new" "$folder"
}

# Run by its own loader and library, wherever it is.
signers_write_tool() {
  local root=$3/root loader library
  loader=$(cd "$2/root" && find . -name ld-linux-x86-64.so.2 -print -quit)
  library=$(cd "$2/root" && find . -name libc.so.6 -print -quit)
  cat >"$2/$1" <<TEXT
#!/bin/sh
exec $root/$loader --argv0 $1 --library-path $root/${library%/*} $root/usr/bin/$1 "\$@"
TEXT
  chmod 755 "$2/$1"
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

# client_notation ARGUMENT...: with the keys, the trust store and the policy of the lab's notation client.
client_notation() {
  local tool output home=$LAB_DIR/clients/notation
  tool=$(notation_tool)
  mkdir -p "$home"
  output=$(cd "$home" && timeout 120 env -i PATH=/usr/bin:/bin HOME="$home" XDG_CONFIG_HOME="$home" XDG_CACHE_HOME="$home/cache" \
    DOCKER_CONFIG="$LAB_DIR/clients/owner" "$tool" "$@" 2>&1 </dev/null) || die "notation $* failed: $(tail -n 1 <<<"$output")"
  printf '%s\n' "$output"
}
