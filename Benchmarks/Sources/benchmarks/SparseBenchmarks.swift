import LinearAlgebra

/// Products with matrices that have zeros: where entry by entry becomes faster than dense.
enum SparseBenchmarks {
  static let topic = Topic(
    id: "sparse", title: "Sparse against dense maps",
    note: "A ratio above 1: the sparse product is faster. `policy` is what SparsePolicy says of the matrix.",
    columns: ["map", "precision", "batch", "zeros", "dense", "sparse", "ratio", "policy"],
    cases: [
      .init(name: "dense Float") { dense(Float.self, $0) },
      .init(name: "dense Double") { dense(Double.self, $0) },
      .init(name: "convolution Float") { convolution(Float.self, $0) },
      .init(name: "convolution Double") { convolution(Double.self, $0) },
    ])

  private static let zeros = [0.5, 0.7, 0.8, 0.9, 0.95, 0.98]

  private static func thinned<Element: Scalar>(_ rows: Int, _ columns: Int, zeros: Double, _ random: inout SplitMix64) -> Matrix<Element> {
    var weight: Matrix<Element> = random.gaussianMatrix(rows: rows, columns: columns)
    for i in weight.elements.indices where random.nextUniform() < zeros { weight.elements[i] = 0 }
    return weight
  }

  private static func dense<Element: Scalar>(_ type: Element.Type, _ harness: Harness) -> [[Cell]] {
    var random = SplitMix64(seed: 1)
    var rows: [[Cell]] = []
    for (m, n) in [(10, 400), (100, 784), (400, 400), (400, 784), (1000, 1000)] {
      for share in zeros {
        let map = DenseMap<Element>(weight: thinned(m, n, zeros: share, &random))
        let isSparse = map.fastest() is SparseProductMap<Element>
        for batch in [1, 8, 32, 128] {
          rows += row("\(m)x\(n)", map, batch, share, isSparse ? "sparse" : "dense", harness, &random)
        }
      }
    }
    return rows
  }

  private static func convolution<Element: Scalar>(_ type: Element.Type, _ harness: Harness) -> [[Cell]] {
    var random = SplitMix64(seed: 2)
    var rows: [[Cell]] = []
    for channels in [16, 32, 64] {
      let geometry = ConvolutionGeometry(
        inputChannels: channels, outputChannels: channels, inputHeight: 8, inputWidth: 8, kernelHeight: 3, kernelWidth: 3, padTop: 1,
        padLeft: 1, padBottom: 1, padRight: 1)
      for share in zeros {
        let map = ConvolutionMap<Element>(geometry: geometry, weight: thinned(channels, channels * 9, zeros: share, &random))
        for batch in [1, 8, 32] { rows += row("3x3, \(channels) channels, 8x8", map, batch, share, "dense", harness, &random) }
      }
    }
    return rows
  }

  private static func row<Element: Scalar>(
    _ name: String, _ map: some LinearMap<Element>, _ batch: Int, _ zeros: Double, _ policy: String, _ harness: Harness,
    _ random: inout SplitMix64
  ) -> [[Cell]] {
    guard let sparse = SparseProductMap(map.sparseRows()) else { return [] }
    let x: Matrix<Element> = random.gaussianMatrix(rows: batch, columns: map.inputCount)
    var (y, z) = (Matrix<Element>(rows: batch, columns: map.outputCount), Matrix<Element>(rows: batch, columns: map.outputCount))
    let (first, second) = harness.compare(
      100, { map.apply(x, to: &y, accumulating: false) }, { sparse.apply(x, to: &z, accumulating: false) })
    return [
      [
        .text(name), .text("\(Element.self)"), .count(batch), .rate(zeros), .seconds(first.best), .seconds(second.best),
        .ratio(first.best / second.best), .text(policy),
      ]
    ]
  }
}
