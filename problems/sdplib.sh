#!/usr/bin/env bash
# SDPLIB and the LMIs of LipSDP by the conic solver, beside other solvers' results: usage sdplib.sh LIPCERT OUTDIR.
# The problems are looked for in LIPCERT_SHARED_DATA, else in ../shared/data beside the repository.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: $0 LIPCERT OUTDIR" >&2
  exit 2
fi
lipcert=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
data=${LIPCERT_SHARED_DATA:-$root/../shared/data}

if ! ls "$data"/sdplib/*.dat-s >/dev/null 2>&1; then
  echo "sdplib: skipped: there is no $data/sdplib with .dat-s files; set LIPCERT_SHARED_DATA to the folder that has it"
  exit 0
fi
mkdir -p "$2"
out=$(realpath "$2")
cd "$data"
problems=(sdplib/*.dat-s)
peers=()
for folder in sdplib lipsdp-lmi; do
  if [ -f "$folder/peers.csv" ]; then peers+=(--peers "$folder/peers.csv"); fi
done
if [ -d lipsdp-lmi ]; then problems+=(lipsdp-lmi/*.dat-s); fi

# 1 and 3 say that some problems are infeasible or open, which is a result.
status=0
"$lipcert" solve "${problems[@]}" "${peers[@]}" --lifted --prove --time-limit 120 --report "$out" || status=$?
case $status in 0 | 1 | 3) exit 0 ;; *) exit "$status" ;; esac
