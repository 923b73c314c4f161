import LinearAlgebra

/// Eigenvalues of symmetric matrices: all of them, or the largest.
enum EigenBenchmarks {
  static let topic = Topic(
    id: "eigen", title: "Symmetric eigenvalues (Gram matrices of normal ones, Double)",
    note: "Speed against the full decomposition of the same matrix; difference of the largest eigenvalue from it, relative.",
    columns: ["order", "routine", "best", "median", "n", "full / this", "difference"],
    cases: [200, 500, 1000].map { order in
      Topic.Case(name: "order \(order)", isSlow: order == 1000) { try rows(order, $0) }
    })

  private static func rows(_ order: Int, _ harness: Harness) throws -> [[Cell]] {
    var random = SplitMix64(seed: 1)
    let factor: Matrix<Double> = random.gaussianMatrix(rows: order, columns: order)
    let matrix = factor.gram()
    var full: (time: Double, largest: Double)?
    func row(_ routine: String, _ largest: () throws -> Double) throws -> [Cell] {
      var value = 0.0
      let time = try harness.measure(5) { value = try largest() }
      let reference = full ?? (time.best, value)
      full = reference
      let difference = (value / reference.largest - 1).magnitude
      guard difference < 1e-6 else { throw BenchmarkError("\(routine) finds \(value) instead of \(reference.largest)") }
      return [
        .count(order), .text(routine), .seconds(time.best), .seconds(time.median), .count(time.count), .ratio(reference.time / time.best),
        .small(difference),
      ]
    }
    return [
      try row("symmetricEigen") { try matrix.symmetricEigen().values[order - 1] },
      try row("symmetricEigenvalues") { try matrix.symmetricEigenvalues()[order - 1] },
      try row("largestSymmetricEigenpair") { try matrix.largestSymmetricEigenpair().value },
      try row("Lanczos, 1e-8") {
        try Lanczos().largestEigenpairs(order: order) { matrix.multiplied(by: $0) }.first?.value ?? .nan
      },
    ]
  }
}
