#!/usr/bin/env bash
# Installs the Debian packages that Lipcert builds on, those that are missing.
set -euo pipefail

packages=(libopenblas-dev liblapack-dev libglpk-dev zlib1g-dev)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "set-up: every Debian package is there (${packages[*]})"
else
  echo "set-up: installing ${missing[*]}"
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

command -v swift >/dev/null || { echo "set-up: a Swift 6.1 or newer toolchain is needed (swift.org/install)" >&2; exit 1; }
echo "set-up: $(swift --version 2>/dev/null | head -n 1)"
