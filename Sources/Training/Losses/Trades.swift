import Foundation
import LinearAlgebra

/// The loss of TRADES: CE(f(x), y) + β KL(softmax f(x) ‖ softmax f(x′)), the means over a batch.
///
/// Zhang and others: Theoretically principled trade-off between robustness and accuracy, ICML 2019, equation 5. Gradients flow through both
/// arguments of the divergence.
public enum Trades {
  /// The two parts of the loss.
  public struct Value: Hashable, Sendable {
    /// The cross-entropy of the natural samples.
    public let crossEntropy: Double
    /// The divergence, not weighted.
    public let divergence: Double
  }

  /// The loss and its gradients with respect to both logits.
  ///
  /// - Parameters:
  ///   - natural: f(x), one vector a sample.
  ///   - adversarial: f(x′), likewise.
  ///   - labels: the class of each sample.
  ///   - weight: β.
  ///   - naturalGradient: where ∂loss/∂f(x) goes; its batch is set.
  ///   - adversarialGradient: where ∂loss/∂f(x′) goes; its batch is set.
  /// - Precondition: as many samples of both kinds as labels, each a class.
  public static func evaluate<Element: Scalar>(
    natural: Tensor<Element>, adversarial: Tensor<Element>, labels: [Int], weight: Double, naturalGradient: Tensor<Element>,
    adversarialGradient: Tensor<Element>
  ) -> Value {
    precondition(labels.count == natural.batch && labels.count == adversarial.batch, "one label for each sample")
    naturalGradient.batch = natural.batch
    adversarialGradient.batch = natural.batch
    let scale = 1 / Double(labels.count)
    let classes = natural.shape.count
    var (crossEntropy, divergence) = (0.0, 0.0)
    var (p, q) = ([Double](repeating: 0, count: classes), [Double](repeating: 0, count: classes))
    for (index, label) in labels.enumerated() {
      LogSoftmax.write(natural.sample(index), to: &p)
      LogSoftmax.write(adversarial.sample(index), to: &q)
      crossEntropy -= p[label]
      let own = (0..<classes).reduce(0) { $0 + exp(p[$1]) * (p[$1] - q[$1]) }
      divergence += own
      let (naturalRow, adversarialRow) = (naturalGradient.sample(index), adversarialGradient.sample(index))
      for i in 0..<classes {
        let (pᵢ, qᵢ) = (exp(p[i]), exp(q[i]))
        naturalRow[i] = Element(scale * (pᵢ - (i == label ? 1 : 0) + weight * pᵢ * (p[i] - q[i] - own)))
        adversarialRow[i] = Element(scale * weight * (qᵢ - pᵢ))
      }
    }
    return Value(crossEntropy: scale * crossEntropy, divergence: scale * divergence)
  }
}
