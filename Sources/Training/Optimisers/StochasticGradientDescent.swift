/// Stochastic gradient descent with heavy-ball or Nesterov momentum, as PyTorch writes it.
///
/// With g the gradient plus λ w: b ← μ b + (1 − d) g, which begins as b = g; w ← w − η b, or with Nesterov's momentum w ← w − η (g + μ b).
/// The learning rate stands outside the buffer, so that a change of the rate acts at once.
///
/// Sutskever, Martens, Dahl, Hinton: On the importance of initialization and momentum in deep learning, ICML 2013.
public struct StochasticGradientDescent: Optimiser {
  /// μ.
  public let momentum: Double
  /// d.
  public let dampening: Double
  /// Whether the step looks ahead along the buffer.
  public let isNesterov: Bool
  /// The buffer b, if there is a momentum.
  public var memory: TrainingMemory

  /// The rule for `count` parameters, before its first step.
  public init(count: Int, momentum: Double = 0, dampening: Double = 0, isNesterov: Bool = false) {
    self.momentum = momentum
    self.dampening = dampening
    self.isNesterov = isNesterov
    memory = TrainingMemory(vectors: momentum == 0 ? [] : [[Float](repeating: 0, count: count)])
  }

  /// Moves the parameters one step.
  public mutating func step(_ parameters: inout [Float], gradient: [Float], rate: Double, decay: [WeightDecay.Share]) {
    let (μ, η) = (Float(momentum), Float(rate))
    // The first gradient enters whole, whatever the dampening.
    let keep = memory.steps == 0 ? 1 : Float(1 - dampening)
    let isNesterov = isNesterov
    let ranges = WeightDecay.cover(decay, count: parameters.count)
    parameters.withUnsafeMutableBufferPointer { w in
      gradient.withUnsafeBufferPointer { gradient in
        guard !memory.vectors.isEmpty else {
          for (range, λ) in ranges {
            for i in range { w[i] -= η * (gradient[i] + λ * w[i]) }
          }
          return
        }
        memory.vectors[0].withUnsafeMutableBufferPointer { buffer in
          for (range, λ) in ranges {
            if isNesterov {
              for i in range {
                let g = gradient[i] + λ * w[i]
                let b = μ * buffer[i] + keep * g
                buffer[i] = b
                w[i] -= η * (g + μ * b)
              }
            } else {
              for i in range {
                let b = μ * buffer[i] + keep * (gradient[i] + λ * w[i])
                buffer[i] = b
                w[i] -= η * b
              }
            }
          }
        }
      }
    }
    memory.steps += 1
  }
}
