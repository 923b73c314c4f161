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
  ///   - smoothing: the share s of the target that is spread evenly over all classes: the loss is Σ_i −t_i log p_i with
  ///     t = (1 − s) e_y + s / classes. Szegedy and others: Rethinking the Inception architecture, CVPR 2016, section 7.
  /// - Returns: the mean loss, not weighted.
  /// - Precondition: as many labels as samples, each a class.
  public static func evaluate<Element: Scalar>(
    _ logits: Tensor<Element>, labels: [Int], gradient: Tensor<Element>? = nil, weight: Double = 1, smoothing: Double = 0
  ) -> Double {
    precondition(labels.count == logits.batch, "one label for each sample")
    gradient?.batch = logits.batch
    var total = 0.0
    let scale = weight / Double(logits.batch)
    let even = smoothing / Double(logits.shape.count)
    for (index, label) in labels.enumerated() {
      let row = logits.sample(index)
      // Subtracting the largest logit keeps every exponential within [0, 1].
      let largest = Double(row.max() ?? 0)
      let sum = row.reduce(0) { $0 + exp(Double($1) - largest) }
      let normaliser = log(sum) + largest
      total += (1 - smoothing) * (normaliser - Double(row[label]))
      if smoothing != 0 { total += even * row.reduce(0) { $0 + normaliser - Double($1) } }
      guard let target = gradient?.sample(index) else { continue }
      for i in row.indices {
        target[i] = Element(scale * (exp(Double(row[i]) - largest) / sum - even - (i == label ? 1 - smoothing : 0)))
      }
    }
    return total / Double(logits.batch)
  }
}
