# shellcheck shell=bash
# What the benchmark scripts share: the published programs and the runner, built before they start.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# quietly COMMAND...: its output is shown only when it fails.
quietly() {
  "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2 && die "$1 $2 failed; see above"; }
}

# Sets work (a folder that goes away), product, floor and runner. PROGRAM names a program that packaging/build-program.sh made before.
prepare() {
  command -v dotnet >/dev/null || die 'there is no dotnet on the PATH; install the .NET SDK'
  case $(uname -m) in x86_64) rid=linux-x64 ;; aarch64) rid=linux-arm64 ;; *) die "there is no build for $(uname -m)" ;; esac
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  # What a run writes goes away with it.
  export TMPDIR=$work
  local arch=amd64
  [[ $rid == linux-x64 ]] || arch=arm64
  product=${PROGRAM:-$work/program/content-trust}
  if [[ -z ${PROGRAM-} ]]; then
    echo "building the program as it is shipped" >&2
    quietly "$ROOT/packaging/build-program.sh" --arch "$arch" --out "$work/program"
  fi
  [[ -x $product ]] || die "there is no program at $product"
  echo "building its floor, published the same way, and the runner" >&2
  quietly dotnet publish "$ROOT/benchmarks/Floor" -c Release -r "$rid" --nologo -v quiet --disable-build-servers \
    -p:DirectoryBuildPropsPath="$ROOT/benchmarks/floor.props" -p:RestoreLockedMode=true --artifacts-path "$work/build" -o "$work/floor"
  floor=$work/floor/floor
  quietly dotnet restore "$ROOT/benchmarks/AuthzPlugin.Benchmarks" --locked-mode --nologo
  quietly dotnet build "$ROOT/benchmarks/AuthzPlugin.Benchmarks" -c Release --no-restore --nologo -v quiet
  runner=$ROOT/benchmarks/AuthzPlugin.Benchmarks/bin/Release/net10.0/benchmarks
}

# The machine, in one line: figures without it say little.
machine() {
  local memory
  memory=$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
  echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs, $memory GiB, Linux $(uname -r), load $(cut -d ' ' -f 1 /proc/loadavg) at the start"
}
