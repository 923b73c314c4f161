import Foundation
import LinearAlgebra
import Testing

@testable import Training

@Suite struct MarginLossTests {
  private static let head = [1, 0, 0, 1, 0.6, 0.8]
  private static let kinds: [MarginLoss] = [.addedMargin, .bottomLogit, .bottomLogitTrades(weight: 1.7), .efficientMargin]

  private func logits() -> Tensor<Double> { Tensor(shape: .vector(3), elements: [2, 1.2, 0.5]) }

  /// The worked example of the GloRo and EMMA losses: y = (2, 1.2, 0.5), rows (1, 0), (0, 1), (0.6, 0.8), K = 1.5, ε = 0.2. The numbers were
  /// computed independently with NumPy.
  @Test func theWorkedExampleComesOut() {
    let distances = HeadDistances(Self.head, classes: 3).values
    #expect(abs(distances[1] - 1.414214) < 1e-6 && abs(distances[2] - 0.894427) < 1e-6)
    func loss(_ kind: MarginLoss) -> Double {
      kind.evaluate(logits(), labels: [0], constant: 1.5, distances: distances, radius: 0.2).loss
    }
    // Logits (0, −0.375736, −1.231672).
    #expect(abs(loss(.efficientMargin) - 0.682383) < 1e-6)
    // The bottom logit is 1.624264.
    let whole = [2, 1.2, 0.5, 1.624264].reduce(0) { $0 + exp($1) }
    #expect(abs(loss(.bottomLogit) - (log(whole) - 2)) < 1e-6)
    let part = [2, 1.2, 0.5].reduce(0) { $0 + exp($1) }
    #expect(abs(loss(.bottomLogitTrades(weight: 3)) - (log(part) - 2 + 3 * (log(whole) - log(part)))) < 1e-6)
    let added = [2, 1.2 + 0.3 * 1.414214, 0.5 + 0.3 * 0.894427].reduce(0) { $0 + exp($1) }
    #expect(abs(loss(.addedMargin) - (log(added) - 2)) < 1e-6)
  }

  @Test(arguments: kinds) func withoutRadiusEveryLossIsTheCrossEntropyOfItsLogits(_ kind: MarginLoss) {
    let sample = LossSample(seed: 3)
    let distances = HeadDistances([Double](repeating: 1, count: 4) + [2, 3, 4, 5], classes: 4).values
    let loss = kind.evaluate(sample.logits, labels: sample.labels, constant: 2, distances: distances, radius: 0).loss
    let crossEntropy = CrossEntropy.evaluate(sample.logits, labels: sample.labels)
    switch kind {
    case .addedMargin, .efficientMargin: #expect(abs(loss - crossEntropy) < 1e-12)
    // The runner-up enters once more.
    case .bottomLogit, .bottomLogitTrades: #expect(loss > crossEntropy)
    }
  }

  /// Against differences with respect to logits, K and distances. EMMA's share is held fixed in its gradient, so there the function that is
  /// differentiated has the shares of the point.
  @Test(arguments: kinds) func gradientsAgreeWithDifferences(_ kind: MarginLoss) {
    for seed in 0..<6 {
      let sample = LossSample(seed: UInt64(10 + seed))
      let distances = pairDistances(seed)
      let (constant, radius) = (1.3, 0.7)
      func value(_ logits: [Double], _ constant: Double, _ distances: [Double]) -> Double {
        guard kind == .efficientMargin else {
          return kind.evaluate(sample.tensor(logits), labels: sample.labels, constant: constant, distances: distances, radius: radius).loss
        }
        return fixedShares(sample, logits, constant, distances, at: (1.3, radius), distancesAtPoint: pairDistances(seed))
      }
      let gradient = Tensor<Double>(capacity: 5, shape: .vector(4))
      let result = kind.evaluate(
        sample.logits, labels: sample.labels, constant: constant, distances: distances, radius: radius, gradient: gradient)
      #expect(abs(result.loss - value(sample.logits.elements, constant, distances)) < 1e-12)
      checkGradient(gradient.elements, at: sample.logits.elements) { value($0, constant, distances) }
      checkGradient([result.constantGradient], at: [constant]) { value(sample.logits.elements, $0[0], distances) }
      checkGradient(result.distanceGradient, at: distances) { value(sample.logits.elements, constant, $0) }
    }
  }

  private func pairDistances(_ seed: Int) -> [Double] {
    var generator = SplitMix64(seed: UInt64(seed))
    return (0..<16).map { $0 % 5 == 0 ? 0 : 0.5 + generator.nextUniform() }
  }

  /// EMMA with the shares of a point, written down once more.
  private func fixedShares(
    _ sample: LossSample, _ logits: [Double], _ constant: Double, _ distances: [Double], at point: (constant: Double, radius: Double),
    distancesAtPoint: [Double]
  ) -> Double {
    var total = 0.0
    for (index, y) in sample.labels.enumerated() {
      let (row, base) = (Array(logits[4 * index..<4 * index + 4]), Array(sample.logits.sample(index)))
      let shifted = (0..<4).map { i -> Double in
        guard i != y else { return 0 }
        let share = min(1, max(0.01, -(base[i] - base[y]) / (point.radius * point.constant * distancesAtPoint[4 * y + i])))
        return row[i] - row[y] + share * point.radius * constant * distances[4 * y + i]
      }
      total += log(shifted.reduce(0) { $0 + exp($1) }) - shifted[y]
    }
    return total / Double(sample.labels.count)
  }

  @Test func headDistancesHaveTheirGradient() {
    var generator = SplitMix64(seed: 8)
    let matrix: [Double] = generator.gaussianVector(12)
    let weights: [Double] = generator.gaussianVector(16)
    var gradient = [Double](repeating: 0, count: 12)[...]
    HeadDistances(matrix, classes: 4).addGradient(weights, of: matrix, to: &gradient)
    checkGradient(Array(gradient), at: matrix) { matrix in
      zip(HeadDistances(matrix, classes: 4).values, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}
