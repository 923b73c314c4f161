// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "lipcert-examples",
  // Named, so that the name of the checkout's folder does not matter.
  dependencies: [.package(name: "lipcert", path: "..")],
  targets: [
    .executableTarget(
      name: "certify-network",
      dependencies: [
        .product(name: "Certificates", package: "lipcert"),
        .product(name: "Lipschitz", package: "lipcert"),
        .product(name: "NetworkFormats", package: "lipcert"),
        .product(name: "Networks", package: "lipcert"),
      ],
      path: "Sources/CertifyNetwork"),
    .executableTarget(
      name: "robust-radius",
      dependencies: [
        .product(name: "Certificates", package: "lipcert"),
        .product(name: "LinearAlgebra", package: "lipcert"),
        .product(name: "NetworkFormats", package: "lipcert"),
        .product(name: "Networks", package: "lipcert"),
        .product(name: "Robustness", package: "lipcert"),
      ],
      path: "Sources/RobustRadius"),
    .executableTarget(
      name: "train-and-certify",
      dependencies: [
        .product(name: "NetworkFormats", package: "lipcert"),
        .product(name: "Robustness", package: "lipcert"),
        .product(name: "Training", package: "lipcert"),
      ],
      path: "Sources/TrainAndCertify"),
  ],
  swiftLanguageModes: [.v6]
)
