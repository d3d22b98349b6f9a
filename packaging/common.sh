# shellcheck shell=bash disable=SC2154
# What the package builders share: arguments, version, date, and the tree of files that every package installs.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
umask 022
export LC_ALL=C TZ=UTC

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Sets arch, out and program (a folder that build-program.sh made before; empty: build now).
read_arguments() {
  arch=amd64 out=$ROOT/artifacts program=''
  while (($# > 0)); do
    case $1 in
      -h | --help) usage && exit ;;
      --arch | --out | --program)
        (($# >= 2)) || die "$1 needs a value; see --help"
        case $1 in --arch) arch=$2 ;; --out) out=$2 ;; --program) program=$2 ;; esac
        shift 2
        ;;
      *) die "unknown argument $1; see --help" ;;
    esac
  done
  [[ $arch == amd64 || $arch == arm64 ]] || die "unknown architecture $arch; it is amd64 or arm64"
  mkdir -p -- "$out"
  out=$(cd "$out" && pwd)
}

version() {
  sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' "$ROOT/Directory.Build.props"
}

# All files get the date of the commit. SOURCE_DATE_EPOCH (reproducible-builds.org) says it where there is no repository.
set_date() {
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$ROOT" log -1 --format=%ct 2>/dev/null)} ||
    die 'there is no git repository to take the date from; set SOURCE_DATE_EPOCH (seconds since 1970)'
  export SOURCE_DATE_EPOCH
}

make_work_folder() {
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf -- '$work'" EXIT
}

# How every builder of a package begins: begin PRODUCT ARGUMENT... sets arch, out, work and program, and the date.
begin() {
  product=$1
  shift
  usage() { package_usage; }
  read_arguments "$@"
  set_date
  make_work_folder
  need_program
}

package_usage() {
  cat <<TEXT
usage: $(basename "$0") [--arch amd64|arm64] [--out DIR] [--program DIR]
  --out DIR       where the $product goes (default artifacts/)
  --program DIR   what build-program.sh made for this architecture; without it the program is built now
Prints the $product's path. The version is that of Directory.Build.props.
TEXT
}

need_program() {
  if [[ -z $program ]]; then
    program=$work/program
    "$ROOT/packaging/build-program.sh" --arch "$arch" --out "$program"
  fi
  [[ -x $program/content-trust ]] || die "there is no content-trust in $program; packaging/build-program.sh makes one"
}

# Every file that a package installs, at its place under the folder $1.
stage_tree() {
  local tree=$1 page
  install -D -m 755 "$program/content-trust" "$tree/usr/lib/content-trust/content-trust"
  mkdir -p "$tree/usr/bin"
  ln -s ../lib/content-trust/content-trust "$tree/usr/bin/content-trust"
  install -D -m 644 -t "$tree/usr/lib/systemd/system" "$ROOT"/systemd/*.service "$ROOT"/systemd/*.socket
  install -D -m 644 -t "$tree/usr/lib/systemd/system/docker.service.d" "$ROOT"/systemd/docker.service.d/*.conf
  install -D -m 644 -t "$tree/etc/content-trust" "$ROOT/config/settings.json"
  install -D -m 644 "$ROOT/packaging/completion/content-trust.bash" "$tree/usr/share/bash-completion/completions/content-trust"
  install -D -m 644 -t "$tree/usr/share/content-trust/prometheus" "$ROOT/packaging/prometheus/content-trust.rules.yml"
  install -D -m 644 -t "$tree/usr/share/content-trust/grafana" "$ROOT/packaging/grafana/content-trust.json"
  "$ROOT/packaging/man-pages.pl" "$work/man"
  for page in "$work"/man/*; do
    install -D -m 644 -t "$tree/usr/share/man/man${page##*.}" "$page"
  done
  gzip -9n "$tree"/usr/share/man/man*/*
  stage_documents "$tree/usr/share/doc/content-trust"
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

stage_documents() {
  install -D -m 644 -t "$1" "$ROOT"/{README,SECURITY,CHANGELOG}.md "$ROOT"/docs/*.{md,svg} "$ROOT/docs/audit.schema.json"
  install -D -m 644 -t "$1/adr" "$ROOT"/docs/adr/*.md
  # Here the pages lie beside each other.
  sed -i -E 's#\]\((docs|\.\.)/#](#g' "$1"/*.md
  install -D -m 644 -t "$1/examples" "$ROOT/daemon.json.example"
  install -m 644 "$ROOT/packaging/deb/copyright" "$1/copyright"
  # The program contains the .NET runtime, whose licences ask to be handed on.
  install -D -m 644 -t "$1/dotnet" "$program"/notices/*
}
