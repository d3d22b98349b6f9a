# shellcheck shell=bash
# What all parts of the lab share: errors, the lab's folder, its processes, waiting.

# Every process of a lab carries this variable, set to DIR:PART. It finds them even when a pid file is lost or stale.
readonly MARK=LAB_OWNS_PROCESS
readonly ALL_PARTS=(engine-namespace engine registry login-registry notary-server notary)

# What `up` makes in DIR, and so what may be removed again. Nothing else there is ever touched.
readonly MADE=(env docker.sock plugins bin etc log run home ca certs.d clients data rootfs)
readonly MARKER=.content-trust-lab

# DIR/plugins/content-trust.sock is the longest socket path, and the kernel takes 107 bytes.
readonly LONGEST_DIR=80

die() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

need_root() {
  ((EUID == 0)) || die "the lab starts an engine and needs root; try again with sudo"
}

# Sets LAB_DIR for any lab folder, up or down.
lab_folder() {
  LAB_DIR=$(realpath -m -- "$1")
  [[ -e $LAB_DIR/$MARKER ]] || die "$LAB_DIR is not a lab folder; lab.sh up makes one"
}

lab_folder_for_up() {
  LAB_DIR=$(realpath -m -- "$1")
  # These characters need no quoting in a shell, in JSON, in YAML and in mount options.
  [[ $LAB_DIR =~ ^/[A-Za-z0-9/._@+-]+$ ]] || die "the folder's name may hold only A-Z a-z 0-9 / . _ @ + and -: $LAB_DIR"
  ((${#LAB_DIR} <= LONGEST_DIR)) ||
    die "the folder's name has ${#LAB_DIR} characters and at most $LONGEST_DIR leave room for Unix sockets; use a shorter one"
  if [[ -d $LAB_DIR && ! -e $LAB_DIR/$MARKER && -n $(ls -A -- "$LAB_DIR") ]]; then
    die "$LAB_DIR is not empty and not a lab; name a new or empty folder"
  fi
  mkdir -p -- "$LAB_DIR"
  touch "$LAB_DIR/$MARKER"
}

# Removes what an earlier lab left in the folder, so that `up` always begins from nothing.
lab_clear() {
  [[ -z $(marked_pids "${ALL_PARTS[@]}") ]] || die "a lab is already up in $LAB_DIR; lab.sh down stops it"
  (cd "$LAB_DIR" && rm -rf --one-file-system -- "${MADE[@]}")
}

lab_purge() {
  lab_clear
  rm -f -- "$LAB_DIR/$MARKER"
  rmdir --ignore-fail-on-non-empty -- "$LAB_DIR"
}

# One change at a time in one lab. The lock is on the folder itself, so no lock file stays behind.
lab_lock() {
  exec 9<"$LAB_DIR"
  flock -w 120 9 || die "another lab.sh has been busy in $LAB_DIR for two minutes"
}

# For the subcommands that need a running lab: reads DIR/env.
lab_open() {
  need_root
  lab_folder "$1"
  [[ -r $LAB_DIR/env ]] || die "the lab in $LAB_DIR is not up; lab.sh up starts it"
  # shellcheck disable=SC1091
  . "$LAB_DIR/env"
  engine_use "$LAB_ENGINE"
}

# Prints the process ids of the given parts of this lab.
marked_pids() {
  local part patterns=()
  for part in "$@"; do
    patterns+=(-e "$MARK=$LAB_DIR:$part")
  done
  # grep complains about processes that end while it looks, and finds nothing in a lab that is down: both are fine.
  { grep -lsFxz "${patterns[@]}" /proc/[0-9]*/environ || true; } | cut -d/ -f3
}

# Prints the id of the process noted in run/FILE.pid, if it is still this lab's: pid_from FILE [PART]. A number that now belongs to
# somebody else does not pass, and neither does a zombie: it has no environment any more.
pid_from() {
  local pid
  { read -r pid <"$LAB_DIR/run/$1.pid"; } 2>/dev/null || return 1
  grep -qsFxz "$MARK=$LAB_DIR:${2-$1}" "/proc/$pid/environ" || return 1
  echo "$pid"
}

gone() {
  ! pid_from "$@" >/dev/null
}

# Ends parts at once. Processes may fork while we look, so it looks again until there is none.
kill_parts() {
  local round pids
  for ((round = 0; round < 100; round++)); do
    mapfile -t pids < <(marked_pids "$@")
    ((${#pids[@]} > 0)) || return 0
    kill -KILL "${pids[@]}" 2>/dev/null || true
    sleep 0.05
  done
  die "processes of the lab in $LAB_DIR do not end: ${pids[*]}"
}

# Starts PART in the background with a clean environment: nothing of the caller's Docker or proxy settings gets in.
spawn() {
  local part=$1 pid
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$LAB_DIR/home" TMPDIR="$LAB_DIR/run" "$MARK=$LAB_DIR:$part" \
    setsid "$@" </dev/null >>"$LAB_DIR/log/$part.log" 2>&1 9<&- &
  pid=$!
  disown
  echo "$pid" >"$LAB_DIR/run/$part.pid"
  # From here on it must be recognisable as ours, or have ended already.
  while gone "$part" && kill -0 "$pid" 2>/dev/null; do
    sleep 0.01
  done
}

# Waits until a function succeeds: wait_until SECONDS FUNCTION ARGUMENT...
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# Runs a command whose output is of interest only when it fails: run WHAT COMMAND... prints its standard output.
run() {
  local what=$1 output status=0 errors
  shift
  errors=$(mktemp "$LAB_DIR/run/errors.XXXXXX")
  output=$("$@" 2>"$errors") || status=$?
  if ((status == 0)); then
    rm -f "$errors"
    printf '%s\n' "$output"
  else
    output=$({ printf '%s\n' "$output"; cat "$errors"; } | grep -v '^[[:space:]]*$' | tail -n 1) || true
    rm -f "$errors"
    die "$what failed: ${output:-exit code $status}"
  fi
}
