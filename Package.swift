// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "lipcert",
  products: [
    .executable(name: "lipcert", targets: ["lipcert"]),
    .library(name: "LinearAlgebra", targets: ["LinearAlgebra"]),
    .library(name: "ConicPrograms", targets: ["ConicPrograms"]),
    .library(name: "ConicSolver", targets: ["ConicSolver"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "NetworkFormats", targets: ["NetworkFormats"]),
    .library(name: "Certificates", targets: ["Certificates"]),
    .library(name: "Lipschitz", targets: ["Lipschitz"]),
    .library(name: "LinearProgramming", targets: ["LinearProgramming"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Compression", targets: ["Compression"]),
    .library(name: "Robustness", targets: ["Robustness"]),
    .library(name: "Reports", targets: ["Reports"]),
    .library(name: "Studies", targets: ["Studies"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: - System libraries and C kernels
    .systemLibrary(name: "CLAPACK", providers: [.apt(["libopenblas-dev", "liblapack-dev"])]),
    .systemLibrary(name: "CGLPK", providers: [.apt(["libglpk-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CKernels"),
    .target(name: "CGLPKSupport", dependencies: ["CGLPK"], linkerSettings: [.linkedLibrary("glpk")]),

    // MARK: - Libraries, lowest layer first
    .target(name: "FileSupport", swiftSettings: strict),
    .target(name: "LinearAlgebra", dependencies: ["CLAPACK", "CKernels"], swiftSettings: strict),
    .target(name: "ConicPrograms", dependencies: ["FileSupport", "LinearAlgebra"], swiftSettings: strict),
    .target(name: "ConicSolver", dependencies: ["ConicPrograms"], swiftSettings: strict),
    .target(name: "Networks", dependencies: ["LinearAlgebra"], swiftSettings: strict),
    .target(
      name: "NetworkFormats",
      dependencies: ["FileSupport", "Networks", "CZlib", "Yams", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx-subset.proto"],
      swiftSettings: strict),
    .target(
      name: "Certificates",
      dependencies: ["ConicPrograms", "FileSupport", "Networks", "CKernels", .product(name: "BigInt", package: "BigInt")],
      swiftSettings: strict),
    .target(name: "Lipschitz", dependencies: ["Certificates", "ConicSolver"], swiftSettings: strict),
    .target(name: "LinearProgramming", dependencies: ["CGLPKSupport", "FileSupport", "LinearAlgebra"], swiftSettings: strict),

    .target(
      name: "Training",
      dependencies: ["Certificates", "CKernels", "CZlib", "FileSupport", "LinearAlgebra", "NetworkFormats", "Networks"],
      swiftSettings: strict),
    .target(name: "Compression", dependencies: ["LinearAlgebra", "Networks", "Training"], swiftSettings: strict),
    .target(name: "Robustness", dependencies: ["FileSupport", "Lipschitz", "LinearProgramming", "NetworkFormats"], swiftSettings: strict),

    // MARK: - Command line
    .target(
      name: "CommandLineSupport",
      dependencies: ["Certificates", "FileSupport", "NetworkFormats", .product(name: "BigInt", package: "BigInt")],
      swiftSettings: strict),
    .target(
      name: "Reports", dependencies: ["CommandLineSupport", "Compression", "FileSupport", "Lipschitz", "Robustness", "Training"],
      swiftSettings: strict),
    .target(
      name: "Studies",
      dependencies: [
        "Certificates", "CommandLineSupport", "Compression", "FileSupport", "Lipschitz", "NetworkFormats", "Networks", "Reports",
        "Robustness", "Training",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "lipcert",
      dependencies: [
        "CommandLineSupport", "Compression", "ConicPrograms", "ConicSolver", "FileSupport", "LinearProgramming", "Lipschitz",
        "NetworkFormats", "Reports", "Robustness", "Studies", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    // MARK: - Examples: a package of their own, in Examples, and built here for the tests
    .executableTarget(
      name: "certify-network", dependencies: ["Certificates", "Lipschitz", "NetworkFormats", "Networks"],
      path: "Examples/Sources/CertifyNetwork", swiftSettings: strict),
    .executableTarget(
      name: "robust-radius", dependencies: ["Certificates", "LinearAlgebra", "NetworkFormats", "Networks", "Robustness"],
      path: "Examples/Sources/RobustRadius", swiftSettings: strict),
    .executableTarget(
      name: "train-and-certify", dependencies: ["NetworkFormats", "Robustness", "Training"],
      path: "Examples/Sources/TrainAndCertify", swiftSettings: strict),

    // MARK: - Tests
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra"], swiftSettings: strict),
    .testTarget(name: "ConicProgramsTests", dependencies: ["ConicPrograms", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "ConicSolverTests", dependencies: ["ConicSolver", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "NetworksTests", dependencies: ["Networks"], swiftSettings: strict),
    .testTarget(name: "NetworkFormatsTests", dependencies: ["NetworkFormats", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "CertificatesTests", dependencies: ["Certificates", "ConicPrograms", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "LipschitzTests", dependencies: ["Lipschitz", "ConicPrograms", "NetworkFormats", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "LinearProgrammingTests", dependencies: ["LinearProgramming", "CGLPKSupport", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "CKernels", "Networks", "NetworkFormats", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CompressionTests", dependencies: ["Compression", "LinearAlgebra", "NetworkFormats", "Networks", "TestSupport", "Training"],
      swiftSettings: strict),
    .testTarget(
      name: "RobustnessTests", dependencies: ["Robustness", "Certificates", "LinearAlgebra", "NetworkFormats", "Networks", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "ReportsTests", dependencies: ["Reports"], swiftSettings: strict),
    .testTarget(
      name: "StudiesTests",
      dependencies: [
        "Studies", "CommandLineSupport", "Compression", "FileSupport", "LinearAlgebra", "NetworkFormats", "Networks", "Reports", "Training",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "lipcert", "certify-network", "robust-radius", "train-and-certify", "CommandLineSupport", "Certificates", "ConicPrograms",
        "FileSupport", "LinearAlgebra", "NetworkFormats", "Networks", "Training", .product(name: "BigInt", package: "BigInt"),
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
