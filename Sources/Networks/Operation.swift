import LinearAlgebra

/// What a node of a ``Network`` computes.
///
/// Weights and constants are held in `Double`; float32 models convert exactly, so the certified network is the stored one.
public enum Operation: Sendable {
  /// A network input.
  case input
  /// y = x Wᵀ + b along the last axis; W is outputs × inputs, b has one value for each output.
  case dense(weight: Matrix<Double>, bias: [Double]?)
  /// Cross-correlation in NC(H)W layout; weight row o holds output channel o's (channel in group, kernel row, kernel column) coefficients.
  case convolution(Convolution)
  /// y = scale ⊙ (x − mean) / √(variance + ε) + shift, one value of each for every channel (axis 1).
  case batchNormalization(BatchNormalization)
  /// y = x ± constant or constant − x: `sign` multiplies x; the constant broadcasts to x's shape or x to the constant's.
  case addConstant(Constant, sign: Double)
  /// y = x ⊙ constant, with broadcasting.
  case multiplyConstant(Constant)
  /// y = x / constant, with broadcasting.
  case divideConstant(Constant)
  /// The sum of the inputs, each with its coefficient (+1 or −1), with broadcasting.
  case sum(signs: [Double])
  /// Concatenation along an axis.
  case concatenation(axis: Int)
  /// The part from `starts` to `ends` (exclusive, already clamped; possibly with negative steps) along each axis.
  case slice(starts: [Int], ends: [Int], steps: [Int])
  /// The same elements under another shape.
  case reshape(Shape)
  /// Axes permuted: output axis i is input axis `permutation[i]`.
  case transpose(permutation: [Int])
  /// Zero (or constant) padding, `before` and `after` for each axis; negative values crop.
  case pad(before: [Int], after: [Int], value: Double)
  /// The elements at `indices` along an axis; `keepsAxis` is false for a scalar index, which removes the axis.
  case gather(axis: Int, indices: [Int], keepsAxis: Bool)
  /// The sum (or mean) over axes.
  case reduction(axes: [Int], keepsAxes: Bool, isMean: Bool)
  /// The mean over windows.
  case averagePool(Pooling)
  /// The mean over all spatial axes, which are kept with length 1.
  case globalAveragePool
  /// The maximum over windows.
  case maxPool(Pooling)
  /// An activation function applied to every element.
  case activation(Activation)
  /// x for x ≥ 0 and slope · x below; the slopes broadcast to x's shape.
  case parametricReLU(slopes: Constant)
  /// The element-wise maximum of two inputs of the same shape.
  case maximum
  /// The element-wise minimum of two inputs of the same shape.
  case minimum
  /// Elements sorted in ascending order within consecutive groups of `size` along an axis. MaxMin is size 2, up to order.
  case groupSort(size: Int, axis: Int)

  /// A constant tensor.
  public struct Constant: Sendable, Equatable {
    /// Its shape.
    public let shape: Shape
    /// Its elements, row-major.
    public let values: [Double]

    /// A constant of the given shape.
    ///
    /// - Precondition: `values.count == shape.count`.
    public init(shape: Shape, values: [Double]) {
      precondition(values.count == shape.count, "a constant has as many values as its shape")
      self.shape = shape
      self.values = values
    }
  }

  /// A convolution's weights and geometry.
  public struct Convolution: Sendable {
    /// outputChannels × (inputChannels / groups · kernel elements).
    public let weight: Matrix<Double>
    /// One value for each output channel.
    public let bias: [Double]?
    /// Kernel lengths, one for each spatial axis (one or two).
    public let kernel: [Int]
    /// Strides, one for each spatial axis.
    public let strides: [Int]
    /// Dilations, one for each spatial axis.
    public let dilations: [Int]
    /// Zeros added before each spatial axis.
    public let padBefore: [Int]
    /// Zeros added after each spatial axis.
    public let padAfter: [Int]
    /// The number of groups.
    public let groups: Int

    /// Collects the parts; strides and dilations default to one, padding to zero.
    public init(
      weight: Matrix<Double>, bias: [Double]? = nil, kernel: [Int], strides: [Int]? = nil, dilations: [Int]? = nil,
      padBefore: [Int]? = nil, padAfter: [Int]? = nil, groups: Int = 1
    ) {
      self.weight = weight
      self.bias = bias
      self.kernel = kernel
      self.strides = strides ?? kernel.map { _ in 1 }
      self.dilations = dilations ?? kernel.map { _ in 1 }
      self.padBefore = padBefore ?? kernel.map { _ in 0 }
      self.padAfter = padAfter ?? kernel.map { _ in 0 }
      self.groups = groups
    }
  }

  /// Inference-time batch normalisation, one value of each for every channel.
  public struct BatchNormalization: Sendable {
    /// γ.
    public let scale: [Double]
    /// β.
    public let shift: [Double]
    /// The running mean.
    public let mean: [Double]
    /// The running variance.
    public let variance: [Double]
    /// ε > 0 (or ≥ 0 when every variance is positive).
    public let epsilon: Double

    /// Collects the parts.
    public init(scale: [Double], shift: [Double], mean: [Double], variance: [Double], epsilon: Double) {
      self.scale = scale
      self.shift = shift
      self.mean = mean
      self.variance = variance
      self.epsilon = epsilon
    }
  }

  /// A pooling window in NC(H)W layout.
  public struct Pooling: Sendable, Equatable {
    /// Window lengths, one for each spatial axis (one or two).
    public let kernel: [Int]
    /// Strides.
    public let strides: [Int]
    /// Padding before each spatial axis (zeros for averages, −∞ for maxima).
    public let padBefore: [Int]
    /// Padding after each spatial axis.
    public let padAfter: [Int]
    /// Dilations.
    public let dilations: [Int]
    /// Whether padded zeros count in an average's denominator.
    public let countsPadding: Bool
    /// Whether the output length is rounded up.
    public let ceilMode: Bool

    /// Collects the parts.
    public init(
      kernel: [Int], strides: [Int]? = nil, padBefore: [Int]? = nil, padAfter: [Int]? = nil, dilations: [Int]? = nil,
      countsPadding: Bool = false, ceilMode: Bool = false
    ) {
      self.kernel = kernel
      self.strides = strides ?? kernel.map { _ in 1 }
      self.padBefore = padBefore ?? kernel.map { _ in 0 }
      self.padAfter = padAfter ?? kernel.map { _ in 0 }
      self.dilations = dilations ?? kernel.map { _ in 1 }
      self.countsPadding = countsPadding
      self.ceilMode = ceilMode
    }
  }
}
