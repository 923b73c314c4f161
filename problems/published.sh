#!/usr/bin/env bash
# The networks of the literature by every method, beside what is reported for them: usage published.sh OUTDIR [options of the program].
# The networks are looked for in LIPCERT_SHARED_DATA, else in ../shared/data beside the repository. Interrupt and repeat at will: what was
# measured is kept in OUTDIR/measurements.csv. Options: --time-limit SECONDS, --tolerance GAP, --methods a,b, --only TEXT,
# --threads N, --memory-limit GIB.
set -euo pipefail

if [ $# -lt 1 ]; then
  echo "usage: $0 OUTDIR [--time-limit SECONDS] [--tolerance GAP] [--methods a,b] [--only TEXT] [--threads N] [--memory-limit GIB]" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
data=${LIPCERT_SHARED_DATA:-$root/../shared/data}/lipschitz

if [ ! -d "$data" ]; then
  echo "published: skipped: there is no $data; set LIPCERT_SHARED_DATA to the folder that has it"
  exit 0
fi
mkdir -p "$1"
out=$(realpath "$1")
shift
swift run -c release --package-path "$root/Benchmarks" published "$(realpath "$data")" "$out" "$@"
