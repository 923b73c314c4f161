import Certificates
import LinearAlgebra
import Networks

/// The kernels of a proof: plain inner products, as the theorems about their rounding need them.
enum ProofBenchmarks {
  static let topic = Topic(
    id: "proof", title: "Proof kernels",
    note: """
      One multiplication and its addition count as two operations. Kernel and yardstick run in turn. BLAS has one thread: dpotrf is one call, \
      while the project splits matrix products over its threads. Last column: GF/s of the yardstick over those of the kernel.
      """,
    columns: ["kernel", "threads", "order", "best", "median", "n", "GF/s", "yardstick", "its best", "its GF/s", "yardstick / kernel"],
    cases: [
      .init(name: "gain proof 100-2000-2000-10", isSlow: true) { [try gainProof(width: 2000, $0)] },
      .init(name: "gain proof 100-500-500-10") { [try gainProof(width: 500, $0)] },
      .init(name: "elimination 2000", isSlow: true) { try elimination(order: 2000, $0) },
      .init(name: "elimination 500") { try elimination(order: 500, $0) },
    ])

  private static func gainProof(width n: Int, _ harness: Harness) throws -> [Cell] {
    let (inputs, outputs) = (100, 10)
    let network = try NetworkBuilders.multilayerPerceptron(widths: [inputs, n, n, outputs], seed: 1).lowered()
    let sectors = network.globalSectors
    // t = 2 λ_max(Q_hh) for every unit is feasible: it leaves diag(t) − Q_hh ≥ t/2.
    let multipliers = try GainProof(network: network, sectors: sectors) { _, stage in
      let units = stage.units
      let largest = try Lanczos(tolerance: 1e-2).largestEigenpairs(order: units.rows) { units.multiplied(by: $0) }
      return Array(repeating: 2 * (largest.first?.value ?? 1), count: units.rows)
    }.multipliers
    // Multiplications, counted by hand. An affine map of b outputs and a inputs replaces Q by A′QA: a b b in full, and half of a a b. The
    // elimination of n units against as many preactivations that occur only through their own unit factors n³/6, solves a triangle n³/6 and
    // updates half a product of triangles n³/6.
    func substitution(_ b: Int, _ a: Int) -> Double { Double(a) * Double(b) * (Double(b) + Double(a) / 2) }
    let eliminations = 2 * Double(n) * Double(n) * Double(n) / 2
    let multiplications = substitution(outputs, n) + substitution(n, n) + substitution(n, inputs) + eliminations

    var random = SplitMix64(seed: 2)
    let (a, b): (Matrix<Double>, Matrix<Double>) = (random.gaussianMatrix(rows: n, columns: n), random.gaussianMatrix(rows: n, columns: n))
    var c = Matrix<Double>(rows: n, columns: n)
    let (time, product) = try harness.compare(5) {
      _ = try GainProof(network: network, sectors: sectors, multipliers: multipliers)
    } _: {
      Matrix.multiply(a, b, into: &c)
    }
    let productRate = 2 * Double(n) * Double(n) * Double(n) / product.best * 1e-9
    let rate = 2 * multiplications / time.best * 1e-9
    return [
      .text("GainProof \(inputs)-\(n)-\(n)-\(outputs)"), .count(Threads.count), .count(2 * n), .seconds(time.best), .seconds(time.median),
      .count(time.count), .rate(rate), .text("Matrix.multiply \(n)"), .seconds(product.best), .rate(productRate),
      .ratio(productRate / rate),
    ]
  }

  /// diag(d) − W′W > 0, by the checker's elimination and by dpotrf.
  private static func elimination(order n: Int, _ harness: Harness) throws -> [[Cell]] {
    var random = SplitMix64(seed: 3)
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 10, columns: n, deviation: 1 / Double(n).squareRoot())
    let network = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: n),
      .init(name: "matrix", kind: .affine(terms: [.init(source: 0, map: DenseMap(weight: weight))], bias: nil), count: 10),
    ])
    let proof = try GainProof(network: network, sectors: [], multipliers: [])
    let weights = [Double](repeating: 4, count: n)
    var matrix = Matrix<Double>.diagonal(weights)
    for i in matrix.elements.indices { matrix.elements[i] -= proof.inputGain.elements[i] }
    let operations = Double(n) * Double(n) * Double(n) / 3

    let all = Threads.count
    defer { Threads.count = all }
    return try (all == 1 ? [1] : [1, all]).map { threads in
      Threads.count = threads
      let (time, cholesky) = try harness.compare {
        try proof.prove(inputWeights: weights)
      } _: {
        _ = try matrix.cholesky()
      }
      return [
        .text("verified elimination"), .count(threads), .count(n), .seconds(time.best), .seconds(time.median), .count(time.count),
        .rate(operations / time.best * 1e-9), .text("dpotrf, 1 thread"), .seconds(cholesky.best),
        .rate(operations / cholesky.best * 1e-9), .ratio(time.best / cholesky.best),
      ]
    }
  }
}
