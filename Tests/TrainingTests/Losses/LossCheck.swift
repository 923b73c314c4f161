import LinearAlgebra
import Testing

@testable import Training

/// Compares a gradient with central differences of step 10⁻⁵, whose error is of order 10⁻¹⁰ for functions of order one.
func checkGradient(
  _ gradient: [Double], at point: [Double], tolerance: Double = 1e-7, sourceLocation: SourceLocation = #_sourceLocation,
  _ function: ([Double]) -> Double
) {
  #expect(gradient.count == point.count, sourceLocation: sourceLocation)
  let differences = point.indices.map { index in
    var (up, down) = (point, point)
    up[index] += 1e-5
    down[index] -= 1e-5
    return (function(up) - function(down)) / 2e-5
  }
  let scale = max(1e-2, differences.map(abs).max() ?? 0)
  for (index, (value, difference)) in zip(gradient, differences).enumerated() where !(abs(value - difference) <= tolerance * scale) {
    Issue.record("element \(index): \(value) against \(difference)", sourceLocation: sourceLocation)
    return
  }
}

/// A batch of random logits and labels.
struct LossSample {
  var logits: Tensor<Double>
  let other: Tensor<Double>
  let labels: [Int]
  let classes: Int

  init(seed: UInt64, classes: Int = 4, batch: Int = 5) {
    var generator = SplitMix64(seed: seed)
    logits = Tensor(shape: .vector(classes), elements: generator.gaussianVector(classes * batch, deviation: 2))
    other = Tensor(shape: .vector(classes), elements: generator.gaussianVector(classes * batch, deviation: 2))
    labels = (0..<batch).map { _ in Int(generator.next() % UInt64(classes)) }
    self.classes = classes
  }

  func tensor(_ elements: [Double]) -> Tensor<Double> { Tensor(shape: .vector(classes), elements: elements) }
}
