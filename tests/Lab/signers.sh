# shellcheck shell=bash
# cosign of newer Debian suites: the packages with the C library they are linked to, unpacked into a folder of the cache (half a minute,
# once). Nothing is installed, and apt verifies what comes with this machine's keyring, as for the roots.

# VERSION of cosign, as its first number: the suite that has it.
declare -rA COSIGN_SUITES=([2]=trixie [3]=forky)

readonly COSIGN_PASSWORD_OF_LAB=lab-cosign-passphrase

signers_of() {
  printf '%s/signers-%s' "$LAB_CACHE" "$1"
}

# signer_ready SUITE: several labs may want it at once; one makes it, the others wait.
signer_ready() {
  local lock
  mkdir -p "$LAB_CACHE"
  exec {lock}<"$LAB_CACHE"
  flock -w 1800 "$lock" || die "another lab.sh has been making a root in $LAB_CACHE for half an hour"
  if [[ ! -d $(signers_of "$1") ]]; then signers_build "$1"; fi
  exec {lock}<&-
}

signers_build() {
  local suite=$1 new package apt mirror
  mirror=$(apt_mirror)
  rm -rf --one-file-system -- "$(signers_of "$suite")".new.*
  new=$(mktemp -d "$(signers_of "$suite").new.XXXXXX")
  mkdir -p "$new"/apt/{lists/partial,cache,debs/partial} "$new/root"
  echo "deb [signed-by=$KEYRING] $mirror $suite main" >"$new/apt/sources.list"
  : >"$new/apt/status"
  apt=(-q -y --no-install-recommends -o "Dir::Etc::sourcelist=$new/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$new/apt/lists" -o "Dir::State::status=$new/apt/status" -o "Dir::Cache=$new/apt/cache"
    -o "Dir::Cache::archives=$new/apt/debs" -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Languages=none)
  run "reading the package lists of Debian $suite" env LC_ALL=C apt-get "${apt[@]}" update >/dev/null
  run "fetching cosign of Debian $suite" env LC_ALL=C apt-get "${apt[@]}" --download-only install cosign >/dev/null
  for package in "$new"/apt/debs/*.deb; do
    run "unpacking $package" dpkg-deb -x "$package" "$new/root"
  done
  rm -rf "$new/apt"
  chmod 755 "$new"
  mv -T "$new" "$(signers_of "$suite")"
}

# cosign_run VERSION ARGUMENT...: the tool with its own loader and library, in the folder of the lab's cosign client.
cosign_run() {
  local suite=${COSIGN_SUITES[$1]-} root loader home=$LAB_DIR/clients/cosign
  [[ -n $suite ]] || die "there is no cosign $1; known are: ${!COSIGN_SUITES[*]}"
  shift
  signer_ready "$suite"
  root=$(signers_of "$suite")/root
  loader=$(find "$root" -name ld-linux-x86-64.so.2 -print -quit)
  mkdir -p "$home"
  (
    cd "$home"
    timeout 120 env -i PATH=/usr/bin:/bin HOME="$home" DOCKER_CONFIG="$LAB_DIR/clients/owner" COSIGN_PASSWORD="$COSIGN_PASSWORD_OF_LAB" \
      "$loader" --argv0 cosign --library-path "$(dirname "$(find "$root" -name libc.so.6 -print -quit)")" "$root/usr/bin/cosign" "$@"
  )
}

client_cosign() {
  local output
  output=$(cosign_run "$@" 2>&1 </dev/null) || die "cosign $* failed: $(tail -n 1 <<<"$output")"
  printf '%s\n' "$output"
}
