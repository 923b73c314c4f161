import LinearAlgebra

/// A dense layer applied to small batches: what the lifted solver does most.
enum DenseBenchmarks {
  static let topic = Topic(
    id: "dense", title: "Dense map 1000x1000 on small batches",
    note: "Operations: 2 · batch · 1000 · 1000.",
    columns: ["precision", "direction", "batch", "best", "median", "n", "GF/s", "median GF/s"],
    cases: [
      .init(name: "Float") { rows(Float.self, $0) },
      .init(name: "Double") { rows(Double.self, $0) },
    ])

  private static func rows<Element: Scalar>(_ type: Element.Type, _ harness: Harness) -> [[Cell]] {
    let order = 1000
    var random = SplitMix64(seed: 1)
    let map = DenseMap<Element>(weight: random.gaussianMatrix(rows: order, columns: order))
    return [false, true].flatMap { isAdjoint in
      [8, 16, 32].map { batch in
        let input: Matrix<Element> = random.gaussianMatrix(rows: batch, columns: order)
        var output = Matrix<Element>(rows: batch, columns: order)
        let time = harness.measure(200) {
          if isAdjoint { map.adjoint(input, to: &output, accumulating: false) } else { map.apply(input, to: &output, accumulating: false) }
        }
        let operations = 2e-9 * Double(batch * order * order)
        return [
          .text("\(Element.self)"), .text(isAdjoint ? "adjoint" : "apply"), .count(batch), .seconds(time.best), .seconds(time.median),
          .count(time.count), .rate(operations / time.best), .rate(operations / time.median),
        ]
      }
    }
  }
}
