#!/bin/sh
# Regenerates Sources/NetworkFormats/ONNX/onnx-subset.pb.swift from onnx-subset.proto.
#
# Needs protoc (protobuf-compiler) and the plug-in of the swift-protobuf release that the package uses:
#   swift build -c release --product protoc-gen-swift     in a checkout of swift-protobuf
#   PROTOC_GEN_SWIFT=<that checkout>/.build/release/protoc-gen-swift Scripts/generate-onnx.sh
set -eu
cd "$(dirname "$0")/../Sources/NetworkFormats/ONNX"
plugin="${PROTOC_GEN_SWIFT:-$(command -v protoc-gen-swift)}"
protoc --plugin=protoc-gen-swift="$plugin" --swift_opt=Visibility=Internal --swift_out=. onnx-subset.proto
