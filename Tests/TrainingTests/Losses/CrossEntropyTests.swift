import LinearAlgebra
import Testing

@testable import Training

@Suite struct CrossEntropyTests {
  private let logits = Tensor<Double>(shape: .vector(3), elements: [2, 1.2, 0.5, -0.3, 0.7, 0.1])
  private let attacked = Tensor<Double>(shape: .vector(3), elements: [1, 1.5, -0.5, 0.3, 0.2, 0.6])

  /// PyTorch: `cross_entropy(z, [0, 2], label_smoothing=0.1)`.
  @Test func smoothedLabelsAreThoseOfPyTorch() {
    #expect(abs(CrossEntropy.evaluate(logits, labels: [0, 2], smoothing: 0.1) - 0.9174476874226358) < 1e-12)
  }

  /// PyTorch: `cross_entropy(z, y) + 6 * kl_div(log_softmax(z2, 1), softmax(z, 1), reduction="batchmean")`.
  @Test func tradesIsThatOfPyTorch() {
    let value = Trades.evaluate(
      natural: logits, adversarial: attacked, labels: [0, 2], weight: 6, naturalGradient: Tensor(capacity: 2, shape: .vector(3)),
      adversarialGradient: Tensor(capacity: 2, shape: .vector(3)))
    #expect(abs(value.crossEntropy + 6 * value.divergence - 1.8527580050086665) < 1e-12)
  }

  @Test(arguments: [0, 0.2]) func gradientsAgreeWithDifferences(smoothing: Double) {
    for seed in 0..<5 {
      let sample = LossSample(seed: UInt64(seed))
      let gradient = Tensor<Double>(capacity: 5, shape: .vector(4))
      _ = CrossEntropy.evaluate(sample.logits, labels: sample.labels, gradient: gradient, weight: 3, smoothing: smoothing)
      checkGradient(gradient.elements, at: sample.logits.elements) {
        3 * CrossEntropy.evaluate(sample.tensor($0), labels: sample.labels, smoothing: smoothing)
      }
    }
  }

  @Test func gradientsOfTradesAgreeWithDifferences() {
    for seed in 0..<5 {
      let sample = LossSample(seed: UInt64(seed))
      func tensor() -> Tensor<Double> { Tensor(capacity: 5, shape: .vector(4)) }
      func loss(_ natural: Tensor<Double>, _ adversarial: Tensor<Double>) -> (Double, Tensor<Double>, Tensor<Double>) {
        let (first, second) = (tensor(), tensor())
        let value = Trades.evaluate(
          natural: natural, adversarial: adversarial, labels: sample.labels, weight: 2.5, naturalGradient: first,
          adversarialGradient: second)
        return (value.crossEntropy + 2.5 * value.divergence, first, second)
      }
      let (_, first, second) = loss(sample.logits, sample.other)
      checkGradient(first.elements, at: sample.logits.elements) { loss(sample.tensor($0), sample.other).0 }
      checkGradient(second.elements, at: sample.other.elements) { loss(sample.logits, sample.tensor($0)).0 }
    }
  }

  /// Logits far beyond the range of exponentials still have finite losses.
  @Test func largeLogitsDoNotOverflow() {
    let large = Tensor<Float>(shape: .vector(2), elements: [3e30, -3e30])
    let gradient = Tensor<Float>(capacity: 1, shape: .vector(2))
    #expect(CrossEntropy.evaluate(large, labels: [0], gradient: gradient) == 0)
    #expect(gradient.elements == [0, 0])
    #expect(CrossEntropy.evaluate(large, labels: [1]).isFinite)
  }
}
