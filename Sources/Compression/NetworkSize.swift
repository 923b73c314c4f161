import LinearAlgebra
import Networks

/// How large a network is, and how much of it is zero.
public struct NetworkSize: Sendable, Equatable, Codable {
  /// One dense layer or convolution.
  public struct Layer: Sendable, Equatable, Codable {
    /// What kind of layer it is.
    public enum Kind: String, Sendable, Codable {
      /// A matrix on a vector.
      case dense
      /// A convolution, grouped or not.
      case convolution
    }

    /// The node's name.
    public var name: String
    /// What it is.
    public var kind: Kind
    /// Filters × input channels of a group × kernel lengths, or outputs × inputs.
    public var weightShape: [Int]
    /// The weights and the biases.
    public var parameters: Int
    /// The weights, and those that are zero.
    public var weights, zeroWeights: Int
    /// The input channels (a dense layer's inputs), and those of which no filter takes anything.
    public var inputChannels, zeroInputChannels: Int
    /// The filters (a dense layer's outputs), and those that are zero.
    public var filters, zeroFilters: Int
    /// Products of a weight and an element of the input for one input of the network; products with padded zeros count.
    public var multiplications: Int
    /// Those of weights that are not zero.
    public var nonZeroMultiplications: Int
  }

  /// The layers with weights, in order.
  public var layers: [Layer]
  /// The numbers that are trained: weights, biases, scales and shifts of batch normalisation, slopes of parametric ReLUs.
  public var parameters: Int
  /// Those that are not zero.
  public var nonZeroParameters: Int
  /// The numbers that are not trained: means and variances of batch normalisation, constants that are added, multiplied or divided by.
  public var constants: Int
  /// The elements of all nodes that are not mere views: what a forward pass writes for one input of the network.
  public var activations: Int

  /// Counts a network's numbers.
  public init(_ network: Network) {
    layers = []
    (parameters, nonZeroParameters, constants, activations) = (0, 0, 0, 0)
    for node in network.nodes {
      let count = node.operation.numbers
      parameters += count.trained.reduce(0) { $0 + $1.count }
      nonZeroParameters += count.trained.reduce(0) { $0 + $1.count { $0 != 0 } }
      constants += count.constant
      switch node.operation {
      case .input, .reshape: break
      case .dense(let weight, let bias):
        layers.append(
          Layer(
            node.name, .dense, weight, shape: [weight.rows, weight.columns], groups: 1, bias: bias,
            positions: node.shape.count / max(1, weight.rows)))
        activations += node.shape.count
      case .convolution(let convolution):
        let (weight, kernel) = (convolution.weight, convolution.kernel)
        layers.append(
          Layer(
            node.name, .convolution, weight, shape: [weight.rows, weight.columns / max(1, kernel.reduce(1, *))] + kernel,
            groups: convolution.groups, bias: convolution.bias, positions: node.shape.count / max(1, weight.rows)))
        activations += node.shape.count
      default: activations += node.shape.count
      }
    }
  }

  /// All weights, without biases and normalisation.
  public var weights: Int { layers.total(\.weights) }
  /// The weights that are zero.
  public var zeroWeights: Int { layers.total(\.zeroWeights) }
  /// Products of a weight and an input for one input of the network.
  public var multiplications: Int { layers.total(\.multiplications) }
  /// Those of weights that are not zero.
  public var nonZeroMultiplications: Int { layers.total(\.nonZeroMultiplications) }
  /// The share of weights that are zero.
  public var weightShare: Double { layers.share(\.zeroWeights, of: \.weights) }
  /// The share of input channels of which nothing is taken: channel sparsity.
  public var channelShare: Double { layers.share(\.zeroInputChannels, of: \.inputChannels) }
  /// The share of filters that are zero.
  public var filterShare: Double { layers.share(\.zeroFilters, of: \.filters) }
  /// Bytes of all numbers as float32, zeros stored as any other.
  public var bytes: Int { 4 * (parameters + constants) }
}

extension NetworkSize.Layer {
  /// Counts one layer's weights; every weight is used at each of `positions`.
  init(_ name: String, _ kind: Kind, _ weight: Matrix<Double>, shape: [Int], groups: Int, bias: [Double]?, positions: Int) {
    (self.name, self.kind, weightShape) = (name, kind, shape)
    let (rows, columns, kernel) = (weight.rows, weight.columns, shape.dropFirst(2).reduce(1, *))
    let filtersOfGroup = max(1, rows / max(1, groups))
    var isRead = [Bool](repeating: false, count: shape[1] * groups)
    var isFilter = [Bool](repeating: false, count: rows)
    var nonZero = 0
    for row in 0..<rows {
      let firstChannel = row / filtersOfGroup * shape[1]
      for column in 0..<columns where weight.elements[row * columns + column] != 0 {
        nonZero += 1
        isFilter[row] = true
        isRead[firstChannel + column / kernel] = true
      }
    }
    weights = rows * columns
    zeroWeights = weights - nonZero
    parameters = weights + (bias?.count ?? 0)
    (inputChannels, zeroInputChannels) = (isRead.count, isRead.count { !$0 })
    (filters, zeroFilters) = (rows, isFilter.count { !$0 })
    multiplications = positions * weights
    nonZeroMultiplications = positions * nonZero
  }
}

extension Operation {
  /// The numbers that were trained, and how many there are beside them.
  fileprivate var numbers: (trained: [[Double]], constant: Int) {
    switch self {
    case .dense(let weight, let bias): ([weight.elements, bias ?? []], 0)
    case .convolution(let convolution): ([convolution.weight.elements, convolution.bias ?? []], 0)
    case .batchNormalization(let values): ([values.scale, values.shift], values.mean.count + values.variance.count)
    case .parametricReLU(let slopes): ([slopes.values], 0)
    case .addConstant(let constant, _), .multiplyConstant(let constant), .divideConstant(let constant): ([], constant.values.count)
    default: ([], 0)
    }
  }
}
