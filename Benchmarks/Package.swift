// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "lipcert-benchmarks",
  // Named, so that the name of the checkout's folder does not matter.
  dependencies: [.package(name: "lipcert", path: "..")],
  targets: [
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        .product(name: "LinearAlgebra", package: "lipcert"),
        .product(name: "ConicPrograms", package: "lipcert"),
        .product(name: "ConicSolver", package: "lipcert"),
        .product(name: "LinearProgramming", package: "lipcert"),
        .product(name: "Networks", package: "lipcert"),
        .product(name: "NetworkFormats", package: "lipcert"),
        .product(name: "Certificates", package: "lipcert"),
        .product(name: "Lipschitz", package: "lipcert"),
        .product(name: "Training", package: "lipcert"),
        .product(name: "Compression", package: "lipcert"),
        .product(name: "Robustness", package: "lipcert"),
      ],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]),
    .executableTarget(
      name: "published",
      dependencies: [
        .product(name: "LinearAlgebra", package: "lipcert"),
        .product(name: "Networks", package: "lipcert"),
        .product(name: "NetworkFormats", package: "lipcert"),
        .product(name: "Certificates", package: "lipcert"),
        .product(name: "Lipschitz", package: "lipcert"),
        .product(name: "Reports", package: "lipcert"),
      ],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]),
  ],
  swiftLanguageModes: [.v6]
)
