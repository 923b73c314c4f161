#!/usr/bin/env bash
# Builds every library's documentation with the toolchain's docc; a dead link or a missing parameter fails. Usage: docs.sh [OUTDIR]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-.build/docs}
swift package dump-symbol-graph --minimum-access-level public > /dev/null
graphs=$(find .build -maxdepth 2 -name symbolgraph -type d | head -n 1)
mkdir -p "$out"
for module in LinearAlgebra ConicPrograms ConicSolver Networks NetworkFormats Certificates Lipschitz LinearProgramming Training Compression Robustness Reports Studies; do
  [ -f "$graphs/$module.symbols.json" ] || continue
  own=$(mktemp -d)
  cp "$graphs/$module".symbols.json "$graphs/$module"@*.symbols.json "$own" 2> /dev/null || cp "$graphs/$module.symbols.json" "$own"
  catalog=Sources/$module/$module.docc
  [ -d "$catalog" ] || { catalog=$own/$module.docc; mkdir -p "$catalog"; }
  echo "docs: $module"
  docc convert "$catalog" --additional-symbol-graph-dir "$own" --fallback-display-name "$module" \
    --fallback-bundle-identifier "lipcert.$module" --output-dir "$out/$module" --transform-for-static-hosting --warnings-as-errors
  rm -rf "$own"
done
echo "docs: in $out"
