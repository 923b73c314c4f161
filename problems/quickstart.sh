#!/usr/bin/env bash
# A random network, its Lipschitz bounds by every method, a certificate and its independent check; then a small network that is trained to be
# robust, certified radii of its test images, and the same network with half of its channels, side by side: usage quickstart.sh LIPCERT OUTDIR.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: $0 LIPCERT OUTDIR" >&2
  exit 2
fi
lipcert=$(realpath "$1")
problems=$(realpath "$(dirname "$0")")
mkdir -p "$2"
out=$(realpath "$2")
cd "$out"

echo "1. a random network: 784 inputs, two hidden layers of 100 ReLU units, 10 outputs"
"$lipcert" generate network.onnx --widths 784,100,100,10 --seed 1
echo
echo "2. its Lipschitz constant by every method, and a certificate of the best bound"
"$lipcert" bound network.onnx --method all --certificate network.lipcert --report report | tee table.txt
"$lipcert" bound network.onnx --method all --json > results.json
echo
echo "3. the independent check: it knows nothing of the solver"
"$lipcert" check network.lipcert network.onnx
echo
echo "4. the semidefinite program behind lipsdp as a file for any solver, and what this project's solver makes of it"
"$lipcert" export-sdp network.onnx network.dat-s --scaled
"$lipcert" solve network.dat-s
echo
echo "5. a small convolutional network, adversarially trained on images of ten glyphs that the program makes itself"
"$lipcert" train "$problems/robust-glyphs.yaml" --out trained
"$lipcert" evaluate trained/network.onnx --data glyphs-14 --limit 200 --norm l2 --epsilon 0.5 --attack pgd20,nearest
echo
echo "6. how far its first twenty test images can move before the answer changes: proofs from below, an attack from above"
"$lipcert" radius trained/network.onnx --inputs glyphs-14 --limit 20 --method global,crown,local --independent --overwrite --report radii --certificates proofs
echo
echo "7. the independent check of one radius"
"$lipcert" check "$(ls proofs/*input-0* | head -1)" trained/network.onnx
echo
echo "8. the same network trained again with half of its channels, which are then removed"
"$lipcert" prune "$problems/pruned-glyphs.yaml" --out pruned
echo
echo "9. dense against sparse: size, accuracy, certified bounds and radii, speed, and how far their outputs can be apart"
"$lipcert" compare trained/network.onnx pruned/network.onnx --names dense,pruned --data glyphs-14 --limit 500 --norm l2 --epsilon 0.5 --attack ifgsm20 --out comparison
echo
echo "Everything is in $out:"
echo "  network.onnx     the network"
echo "  table.txt        the table above"
echo "  results.json     the same for machines"
echo "  network.lipcert  the certificate"
echo "  network.dat-s    the semidefinite program; its optimum is the squared bound, scaled as its head says"
echo "  trained/         the trained network, its record and the report of its training: trained/index.html"
echo "  proofs/          certificates of the radii and of the constants that they rest on"
echo "  radii/           the report on radii: radii/index.html"
echo "  pruned/          the network with half of the channels"
echo "  comparison/      the report on the two: comparison/index.html"
echo "  report/          the report with figures; open it in a browser:"
echo "$out/report/index.html"
