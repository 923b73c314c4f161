import Foundation
import LinearAlgebra

/// The cross-entropy of softmax probabilities, −log p_y, as the mean over a batch.
public enum CrossEntropy {
  /// The loss and its gradient with respect to the logits.
  ///
  /// - Parameters:
  ///   - logits: one vector a sample.
  ///   - labels: the class of each sample.
  ///   - gradient: where weight · ∂loss/∂logits goes, if wanted; its batch is set.
  ///   - weight: what the gradient is multiplied with.
  /// - Returns: the mean loss, not weighted.
  /// - Precondition: as many labels as samples, each a class.
  public static func evaluate<Element: Scalar>(
    _ logits: Tensor<Element>, labels: [Int], gradient: Tensor<Element>? = nil, weight: Double = 1
  ) -> Double {
    precondition(labels.count == logits.batch, "one label for each sample")
    gradient?.batch = logits.batch
    var total = 0.0
    let scale = weight / Double(logits.batch)
    for (index, label) in labels.enumerated() {
      let row = logits.sample(index)
      // Subtracting the largest logit keeps every exponential within [0, 1].
      let largest = Double(row.max() ?? 0)
      let sum = row.reduce(0) { $0 + exp(Double($1) - largest) }
      total += log(sum) + largest - Double(row[label])
      guard let target = gradient?.sample(index) else { continue }
      for i in row.indices { target[i] = Element(scale * (exp(Double(row[i]) - largest) / sum - (i == label ? 1 : 0))) }
    }
    return total / Double(logits.batch)
  }
}
