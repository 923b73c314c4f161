import LinearAlgebra
import Networks

/// Small networks put together at random from all operations: branches, windows of every kind, values read twice, coefficients that cancel.
struct RandomNetworks {
  private var network = Network()
  private var random: SplitMix64
  /// The images so far, and functions of them.
  private var images: [Int] = []

  /// Whether all coefficients are exact and all functions made of straight lines.
  private let isPiecewiseLinear: Bool

  /// A network that depends on the seed only.
  static func network(seed: UInt64, isPiecewiseLinear: Bool = false) throws -> Network {
    var builder = RandomNetworks(random: SplitMix64(seed: seed), isPiecewiseLinear: isPiecewiseLinear)
    let size = [builder.below(3) + 1, builder.below(4) + 3, builder.below(4) + 3]
    builder.images = [builder.network.addInput(name: "input", shape: Shape([1] + size))]
    let count = 5 + builder.below(9)
    for _ in 0..<count { builder.extend() }
    try builder.finish()
    return builder.network
  }

  private init(random: SplitMix64, isPiecewiseLinear: Bool) {
    self.random = random
    self.isPiecewiseLinear = isPiecewiseLinear
  }

  private mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
  private mutating func isOne(in count: Int) -> Bool { below(count) == 0 }
  private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  private mutating func activation() -> Activation {
    pick(isPiecewiseLinear ? [.relu, .absoluteValue, .leakyReLU(slope: 0.125), .leakyReLU(slope: -0.5)] : TestNetworks.activations)
  }

  /// Sometimes none, sometimes of few bits so that sums cancel, sometimes rows that read nothing.
  private mutating func weights(_ rows: Int, _ columns: Int) -> Matrix<Double> {
    let (isShort, isThin, scale) = (isOne(in: 3), isOne(in: 3), 1.3 / Double(max(1, columns)).squareRoot())
    var result = Matrix<Double>(rows: rows, columns: columns)
    for i in 0..<rows {
      if isOne(in: 8) { continue }
      for j in 0..<columns {
        if isThin, isOne(in: 2) { continue }
        result[i, j] = isShort ? Double(below(5) - 2) / 2 : scale * random.nextGaussian()
      }
    }
    return result
  }

  private mutating func add(_ operation: Networks.Operation, _ inputs: [Int]) throws -> Int {
    try network.add(operation, name: "node \(network.nodes.count)", to: inputs)
  }

  /// Adds a random operation to a late image; what does not fit is left out.
  private mutating func extend() {
    let source = isOne(in: 3) ? pick(images) : images[images.count - 1]
    guard let fresh = try? operation(on: source), network.nodes[fresh].shape.count <= 160 else { return }
    images.append(fresh)
  }

  private mutating func operation(on source: Int) throws -> Int {
    let shape = network.nodes[source].shape
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    switch below(16) {
    case 0...2:
      let (outputs, kernel) = (1 + below(4), [1 + below(min(3, height)), 1 + below(min(3, width))])
      let groups = channels.isMultiple(of: 2) && outputs.isMultiple(of: 2) && isOne(in: 2) ? 2 : 1
      let convolution = Operation.Convolution(
        weight: weights(outputs, channels / groups * kernel[0] * kernel[1]), bias: isOne(in: 3) ? nil : random.gaussianVector(outputs),
        kernel: kernel, strides: [1 + below(2), 1 + below(2)], dilations: [1 + below(2), 1], padBefore: [below(2), below(2)],
        padAfter: [below(2), below(2)], groups: groups)
      return try add(.convolution(convolution), [source])
    case 3...6:
      let kernel = [1 + below(min(4, height)), 1 + below(min(4, width))]
      let pooling = Operation.Pooling(
        kernel: kernel, strides: [pick([1, 1, 1, 2, 3]), pick([1, 1, 2])], padBefore: kernel.map { below($0) },
        padAfter: kernel.map { below($0) },
        dilations: [1 + below(2), 1], countsPadding: isOne(in: 2), ceilMode: isOne(in: 2))
      return try add(isOne(in: 5) && !isPiecewiseLinear ? .averagePool(pooling) : .maxPool(pooling), [source])
    case 7, 8: return try add(.activation(isOne(in: 2) ? .relu : activation()), [source])
    case 9:
      let other = pick(images.filter { network.nodes[$0].shape == shape })
      return try add(.sum(signs: [pick([1, -1]), pick([1, -1])]), [source, other])
    case 10:
      let other = pick(
        images.filter { [network.nodes[$0].shape[2], network.nodes[$0].shape[3]] == [height, width] })
      return try add(.concatenation(axis: 1), [source, other])
    case 11:
      let steps = [1, 1, 1 + below(2), 1 + below(2)]
      return try add(.slice(starts: [0, below(channels), below(height), 0], ends: [1, channels, height, width], steps: steps), [source])
    case 12:
      let indices = (0..<1 + below(3)).map { _ in below(channels) }
      return try add(.gather(axis: 1, indices: indices, keepsAxis: true), [source])
    case 13:
      let padding = (0..<2).map { _ in [0, 0, below(2), below(2)] }
      return try add(.pad(before: padding[0], after: padding[1], value: pick([0, 0, -0.5])), [source])
    case 14:
      let other = pick(images.filter { network.nodes[$0].shape == shape })
      return try add(isOne(in: 2) ? .maximum : .minimum, [source, other])
    default:
      if isOne(in: 2) { return try add(.groupSort(size: pick([2, 3, 4].filter { channels.isMultiple(of: $0) } + [1]), axis: 1), [source]) }
      if isPiecewiseLinear { return try add(.activation(.relu), [source]) }
      let normalization = Operation.BatchNormalization(
        scale: random.gaussianVector(channels), shift: random.gaussianVector(channels), mean: random.gaussianVector(channels),
        variance: (0..<channels).map { _ in 0.2 + random.nextUniform() }, epsilon: 1e-5)
      return try add(.batchNormalization(normalization), [source])
    }
  }

  /// One or two images, flattened, then dense layers, or the flat vector itself.
  private mutating func finish() throws {
    var parts = [images[images.count - 1]]
    if isOne(in: 3) { parts.append(pick(images)) }
    parts = try parts.map { try add(.reshape([1, network.nodes[$0].shape.count]), [$0]) }
    var last = parts.count == 1 ? parts[0] : try add(.concatenation(axis: 1), parts)
    for _ in 0..<below(3) {
      let outputs = 1 + below(isOne(in: 4) ? 40 : 6)
      last = try add(.dense(weight: weights(outputs, network.nodes[last].shape.count), bias: random.gaussianVector(outputs)), [last])
      if isOne(in: 2) { last = try add(.activation(activation()), [last]) }
    }
    try network.setOutputs([last])
  }
}
