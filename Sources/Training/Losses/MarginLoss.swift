import Foundation
import LinearAlgebra

/// Losses that ask for a margin as wide as an l₂ ball of radius ε can close, by the Lipschitz constant of the layers before the last one.
///
/// With f(x) = H h(x) + b and K a Lipschitz constant of h, a perturbation of length ε changes f_i − f_y by at most ε K ‖H_y − H_i‖. A margin of
/// that size is a certificate when K is an upper bound; see ``LipschitzProduct`` for why it is none in training.
public enum MarginLoss: Hashable, Sendable, Codable {
  /// Cross-entropy of logits to which the whole margin is added: f_i + ε K ‖H_y − H_i‖.
  ///
  /// Tsuzuku, Sato, Sugiyama: Lipschitz-margin training, NeurIPS 2018, algorithm 1, with the distances of pairs of rows for √2 ‖H‖.
  case addedMargin
  /// Cross-entropy with one logit more, the best that another class than the predicted one, j, can reach: maxᵢ f_i + ε K ‖H_j − H_i‖.
  ///
  /// Leino, Wang, Fredrikson: Globally-robust neural networks, ICML 2021, section 3.
  case bottomLogit
  /// CE(f, y) + λ KL(softmax f ‖ softmax of f with that logit), which is CE(f, y) + λ (log Σ exp with it − log Σ exp without).
  ///
  /// The same, section 3.3.
  case bottomLogitTrades(weight: Double)
  /// Cross-entropy of f_i − f_y + r_i ε K ‖H_y − H_i‖, where r_i, which is held fixed, adds only as much margin as brings class i up to class y,
  /// within [0.01, 1].
  ///
  /// Hu, Zou, Wang, Leino, Fredrikson: Unlocking deterministic robustness certification on ImageNet, NeurIPS 2023, section 5.
  case efficientMargin

  /// A loss with its gradients beside that of the logits.
  public struct Value: Sendable {
    /// The mean over the batch.
    public var loss = 0.0
    /// ∂loss/∂K.
    public var constantGradient = 0.0
    /// ∂loss/∂‖H_y − H_i‖ at y · classes + i: a pair has two places, according to which of the two was the label or the prediction.
    public var distanceGradient: [Double]
  }

  /// The loss and its gradients.
  ///
  /// - Parameters:
  ///   - logits: f(x), one vector a sample.
  ///   - labels: the class of each sample.
  ///   - constant: K.
  ///   - distances: ‖H_y − H_i‖ at y · classes + i; see ``HeadDistances``.
  ///   - radius: ε.
  ///   - gradient: where ∂loss/∂f goes, if wanted; its batch is set.
  /// - Precondition: as many labels as samples, each a class; distances for all pairs.
  public func evaluate<Element: Scalar>(
    _ logits: Tensor<Element>, labels: [Int], constant: Double, distances: [Double], radius: Double, gradient: Tensor<Element>? = nil
  ) -> Value {
    let classes = logits.shape.count
    precondition(labels.count == logits.batch && distances.count == classes * classes, "one label for each sample, all distances")
    gradient?.batch = logits.batch
    var value = Value(distanceGradient: [Double](repeating: 0, count: classes * classes))
    var row = Row(logits: [Double](repeating: 0, count: classes), distances: distances, scale: radius * constant)
    for (index, label) in labels.enumerated() {
      for (i, logit) in logits.sample(index).enumerated() { row.logits[i] = Double(logit) }
      value.loss += evaluate(&row, label: label)
      if let target = gradient?.sample(index) {
        for i in 0..<classes { target[i] = Element(row.gradient[i] / Double(labels.count)) }
      }
    }
    value.loss /= Double(labels.count)
    // A margin is ε K times a distance.
    for i in distances.indices {
      value.constantGradient += radius * distances[i] * row.marginGradient[i] / Double(labels.count)
      value.distanceGradient[i] = radius * constant * row.marginGradient[i] / Double(labels.count)
    }
    return value
  }

  /// One sample.
  private struct Row {
    var logits: [Double]
    let distances: [Double]
    /// ε K.
    let scale: Double
    /// ∂loss/∂logits of this sample.
    var gradient: [Double]
    /// The sum of ∂loss/∂margin over all samples so far.
    var marginGradient: [Double]

    init(logits: [Double], distances: [Double], scale: Double) {
      self.logits = logits
      self.distances = distances
      self.scale = scale
      gradient = logits
      marginGradient = [Double](repeating: 0, count: distances.count)
    }

    /// The class with the largest logit, the first of several.
    var prediction: Int { logits.indices.max { logits[$0] < logits[$1] || (logits[$0] == logits[$1] && $0 > $1) } ?? 0 }

    /// The class that comes nearest to the prediction within the ball, and the logit it reaches.
    func bottom(_ prediction: Int) -> (runnerUp: Int, logit: Double) {
      var best = (runnerUp: prediction, logit: -Double.infinity)
      for i in logits.indices where i != prediction {
        let reached = logits[i] + scale * distances[prediction * logits.count + i]
        if reached > best.logit { best = (i, reached) }
      }
      return best
    }
  }

  private func evaluate(_ row: inout Row, label: Int) -> Double {
    let classes = row.logits.count
    switch self {
    case .addedMargin, .efficientMargin:
      var logs = row.logits
      var share = [Double](repeating: 1, count: classes)
      share[label] = 0
      for i in 0..<classes where i != label {
        let margin = row.scale * row.distances[label * classes + i]
        let gap = row.logits[label] - row.logits[i]
        // With no margin at all the share has no effect.
        if self == .efficientMargin { share[i] = margin > 0 ? min(1, max(0.01, gap / margin)) : 1 }
        logs[i] += share[i] * margin
      }
      LogSoftmax.normalise(&logs)
      for i in 0..<classes {
        let probability = exp(logs[i])
        row.gradient[i] = probability - (i == label ? 1 : 0)
        row.marginGradient[label * classes + i] += share[i] * probability
      }
      return -logs[label]

    case .bottomLogit, .bottomLogitTrades:
      let prediction = row.prediction
      let bottom = row.bottom(prediction)
      var logs = row.logits + [bottom.logit]
      let withBottom = LogSoftmax.normalise(&logs)
      var alone = row.logits
      let without = LogSoftmax.normalise(&alone)
      // The weights of the two cross-entropies' normalisers: log Σ exp with the bottom logit and without.
      let (whole, part): (Double, Double)
      if case .bottomLogitTrades(let weight) = self { (whole, part) = (weight, 1 - weight) } else { (whole, part) = (1, 0) }
      for i in 0..<classes { row.gradient[i] = whole * exp(logs[i]) + part * exp(alone[i]) - (i == label ? 1 : 0) }
      let pull = whole * exp(logs[classes])
      row.gradient[bottom.runnerUp] += pull
      row.marginGradient[prediction * classes + bottom.runnerUp] += pull
      return whole * withBottom + part * without - row.logits[label]
    }
  }
}
