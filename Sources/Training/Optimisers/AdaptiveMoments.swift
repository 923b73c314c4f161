import Foundation

/// Optimisers that divide a running mean of the gradient by the root of a running mean of its square, as PyTorch writes them.
///
/// With g the gradient: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², and w ← w − η m̂ / (√v̂ + ε), where the hats remove the bias of
/// starting from zero.
///
/// Kingma, Ba: Adam, ICLR 2015. Loshchilov, Hutter: Decoupled weight decay regularization, ICLR 2019. Dozat: Incorporating Nesterov
/// momentum into Adam, ICLR workshop 2016.
public struct AdaptiveMoments: Optimiser {
  /// Which of the kin.
  public enum Variant: String, Hashable, Sendable, Codable, CaseIterable {
    /// Adam; weight decay λ w is a part of the gradient.
    case adam
    /// Adam; weight decay multiplies weights with 1 − η λ beside the step.
    case adamW
    /// Adam with Nesterov's momentum, whose coefficient grows as μₜ = β₁ (1 − 0.96^(0.004 t) / 2); weight decay is a part of the gradient.
    case nadam
    /// The same; weight decay multiplies weights with 1 − η λ beside the step.
    case nadamW

    var isNesterov: Bool { self == .nadam || self == .nadamW }
    var isDecoupled: Bool { self == .adamW || self == .nadamW }
  }

  /// Which of the kin.
  public let variant: Variant
  /// β₁.
  public let firstDecay: Double
  /// β₂.
  public let secondDecay: Double
  /// ε.
  public let stabiliser: Double
  /// The moments.
  public var memory: TrainingMemory

  /// The rule for `count` parameters, before its first step.
  public init(
    _ variant: Variant = .adam, count: Int, firstDecay: Double = 0.9, secondDecay: Double = 0.999, stabiliser: Double = 1e-8
  ) {
    self.variant = variant
    self.firstDecay = firstDecay
    self.secondDecay = secondDecay
    self.stabiliser = stabiliser
    let zeros = [Float](repeating: 0, count: count)
    memory = TrainingMemory(numbers: variant.isNesterov ? [1] : [], vectors: [zeros, zeros])
  }

  /// Moves the parameters one step.
  public mutating func step(_ parameters: inout [Float], gradient: [Float], rate: Double, decay: [WeightDecay.Share]) {
    memory.steps += 1
    let t = Double(memory.steps)
    // What the gradient and the mean are multiplied with.
    let (gradientRate, meanRate): (Double, Double)
    if variant.isNesterov {
      let (now, next) = (nesterov(t), nesterov(t + 1))
      memory.numbers[0] *= now
      gradientRate = rate * (1 - now) / (1 - memory.numbers[0])
      meanRate = rate * next / (1 - memory.numbers[0] * next)
    } else {
      gradientRate = 0
      meanRate = rate / (1 - pow(firstDecay, t))
    }
    let (α, γ) = (Float(gradientRate), Float(meanRate))
    let (β1, β2, ε) = (Float(firstDecay), Float(secondDecay), Float(stabiliser))
    let (rest1, rest2) = (Float(1 - firstDecay), Float(1 - secondDecay))
    let correction = Float((1 - pow(secondDecay, t)).squareRoot())
    let isDecoupled = variant.isDecoupled
    var (mean, square) = (memory.vectors[0], memory.vectors[1])
    memory.vectors = []
    let ranges = WeightDecay.cover(decay, count: parameters.count)
    parameters.withUnsafeMutableBufferPointer { w in
      gradient.withUnsafeBufferPointer { gradient in
        mean.withUnsafeMutableBufferPointer { m in
          square.withUnsafeMutableBufferPointer { v in
            for (range, decay) in ranges {
              let λ = isDecoupled ? 0 : decay
              let shrinkage = isDecoupled ? 1 - Float(rate) * decay : 1
              for i in range {
                let g = gradient[i] + λ * w[i]
                m[i] = β1 * m[i] + rest1 * g
                v[i] = β2 * v[i] + rest2 * g * g
                w[i] = shrinkage * w[i] - (α * g + γ * m[i]) / (v[i].squareRoot() / correction + ε)
              }
            }
          }
        }
      }
    }
    memory.vectors = [mean, square]
  }

  private func nesterov(_ t: Double) -> Double { firstDecay * (1 - 0.5 * pow(0.96, 0.004 * t)) }
}
