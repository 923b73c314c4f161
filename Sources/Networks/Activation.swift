/// A scalar activation function with bounded slope.
public enum Activation: Hashable, Sendable {
  /// max(x, 0).
  case relu
  /// x for x ≥ 0, slope · x below.
  case leakyReLU(slope: Double)
  /// tanh x.
  case tanh
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// x for x ≥ 0, α (eˣ − 1) below.
  case elu(alpha: Double)
  /// log(1 + eˣ).
  case softplus
  /// x clamped to [lower, upper]; hard tanh is clip(−1, 1), ReLU6 is clip(0, 6).
  case clip(lower: Double, upper: Double)
  /// max(0, min(1, slope · x + offset)).
  case hardSigmoid(slope: Double, offset: Double)
  /// x Φ(x), with Φ the normal distribution function.
  case gelu
  /// The tanh approximation of GELU: ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).
  case geluTanh
  /// x · sigmoid(x).
  case silu
  /// x · tanh(softplus x).
  case mish
  /// x · max(0, min(1, x/6 + ½)).
  case hardSwish
  /// |x|.
  case absoluteValue
}
