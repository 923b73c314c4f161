import LinearAlgebra

/// What an attack makes large.
public enum AttackObjective: String, Hashable, Sendable, Codable, CaseIterable {
  /// The cross-entropy of softmax probabilities.
  case crossEntropy = "cross-entropy"
  /// The greatest other logit minus the label's: its gradient does not vanish where a network is sure.
  case margin

  /// Writes the gradient with respect to the logits of the sum over the batch.
  ///
  /// - Parameter targets: the classes whose logits the margin is about, or `nil` for the greatest others.
  func gradient<Element: Scalar>(of logits: Tensor<Element>, labels: [Int], targets: [Int]?, into gradient: Tensor<Element>) {
    switch self {
    case .crossEntropy: _ = CrossEntropy.evaluate(logits, labels: labels, gradient: gradient, weight: Double(logits.batch))
    case .margin:
      gradient.batch = logits.batch
      for (index, label) in labels.enumerated() {
        let (row, target) = (logits.sample(index), gradient.sample(index))
        for i in target.indices { target[i] = 0 }
        guard let rival = targets?[index] ?? Self.rival(row, of: label) else { continue }
        (target[rival], target[label]) = (1, -1)
      }
    }
  }

  /// The greatest logit's class other than the label.
  static func rival<Element: Scalar>(_ logits: UnsafeMutableBufferPointer<Element>, of label: Int) -> Int? {
    var best: Int?
    for i in logits.indices where i != label && logits[i] > best.map({ logits[$0] }) ?? -.infinity { best = i }
    return best
  }
}
