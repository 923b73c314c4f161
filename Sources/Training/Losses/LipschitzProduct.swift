import LinearAlgebra

/// An estimate of the Lipschitz constant (l₂) of all layers of a chain but the last, for margin losses: the product of the layers' spectral norms.
///
/// Spectral norms come from a few steps of power iteration a time, which go on from the vectors of the time before: ‖W x‖ for a unit vector x
/// that approaches the leading singular one. That is a **lower** estimate of a norm, so the product bounds nothing: it is good enough to
/// train with, and certificates have to compute norms of their own.
///
/// Miyato, Kataoka, Koyama, Yoshida: Spectral normalization for generative adversarial networks, ICLR 2018, algorithm 1; Leino and others,
/// section 4.
public struct LipschitzProduct<Element: Scalar> {
  /// The last layer's matrix within the model's parameters, classes × width.
  public let head: Range<Int>
  /// The product of the last evaluation.
  public private(set) var value = 1.0
  private let factors: [Factor]
  /// The product of the gains that do not change.
  private let fixed: Double
  /// For every factor a unit vector, near the leading right singular one.
  private var vectors: [[Element]]
  /// For every factor its norm and W x.
  private var images: [(norm: Double, vector: [Element])] = []

  private struct Factor {
    let probe: LinearProbe<Element>
    let range: Range<Int>
  }

  /// The product of a model.
  ///
  /// - Parameters:
  ///   - model: a chain of dense layers, convolutions, average pools and layers with a ``FixedGain``, a dense layer last.
  ///   - random: the first vectors.
  /// - Throws: ``TrainingError/shape(layer:detail:)`` when a layer is of another kind.
  public init(_ model: Model<Element>, random: RandomStream) throws(TrainingError) {
    let last = model.nodes.count - 1
    guard let layer = model.nodes[last].layer as? DenseLayer<Element>, model.nodes[last].inputs == [last - 1] else {
      throw .shape(layer: model.nodes[last].layer?.name ?? "input", detail: "a margin loss wants a dense layer last")
    }
    let start = model.nodes[last].parameters.lowerBound
    head = start..<start + layer.outputCount * layer.inputCount
    var (factors, vectors, fixed) = ([Factor](), [[Element]](), 1.0)
    for (index, node) in model.nodes.enumerated().dropFirst().dropLast() {
      guard let layer = node.layer else { continue }
      guard node.inputs == [index - 1] else {
        throw .shape(layer: layer.name, detail: "a margin loss wants a chain of layers, each with the one before as its only input")
      }
      let shape = model.nodes[index - 1].shape
      if let layer = layer as? any FixedGain {
        fixed *= layer.gain(on: shape)
        continue
      }
      guard layer is DenseLayer<Element> || layer is ConvolutionLayer<Element> || layer is AveragePoolLayer<Element> else {
        throw .shape(layer: layer.name, detail: "its Lipschitz constant is not known; a margin loss wants layers for which it is")
      }
      factors.append(Factor(probe: LinearProbe(layer, input: shape, output: node.shape), range: node.parameters))
      var generator = random.stream(index).generator
      vectors.append(Self.normalised(generator.gaussianVector(shape.count)).vector)
    }
    self.factors = factors
    self.vectors = vectors
    self.fixed = fixed
  }

  /// The vectors, which a run has to keep to go on bit for bit.
  public var memory: [[Element]] {
    get { vectors }
    set {
      precondition(newValue.map(\.count) == vectors.map(\.count), "vectors of this model")
      vectors = newValue
    }
  }

  /// The spectral norms' estimates of the last evaluation, in the order of the layers.
  public var norms: [Double] { images.map(\.norm) }

  /// Estimates the product.
  ///
  /// - Parameters:
  ///   - parameters: all parameters of the model.
  ///   - steps: the steps of power iteration; each costs a forward and a backward pass of one sample.
  /// - Returns: ``value``.
  public mutating func evaluate(_ parameters: [Element], steps: Int) -> Double {
    images = []
    value = fixed
    for (index, factor) in factors.enumerated() {
      factor.probe.load(parameters[factor.range])
      for _ in 0..<steps {
        let image = factor.probe.apply(vectors[index])
        let (norm, next) = Self.normalised(factor.probe.applyTransposed(image))
        // A vector that is mapped to zero says nothing about the next one.
        if norm > 0, norm.isFinite { vectors[index] = next }
      }
      let image = factor.probe.apply(vectors[index])
      let (norm, direction) = Self.normalised(image)
      images.append((norm, direction))
      value *= norm
    }
    return value
  }

  /// Adds weight · ∂K/∂parameters at the point of the last evaluation, with the vectors held fixed: ∂‖W x‖/∂W = (W x / ‖W x‖) xᵀ.
  public func addGradient(weight: Double, to gradient: inout [Element]) {
    for (index, factor) in factors.enumerated() where !factor.range.isEmpty && images[index].norm > 0 {
      factor.probe.addGradient(
        vectors[index], images[index].vector, weight: Element(weight * value / images[index].norm), to: &gradient[factor.range])
    }
  }

  private static func normalised(_ vector: [Element]) -> (norm: Double, vector: [Element]) {
    let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    return norm > 0 ? (norm, vector.map { Element(Double($0) / norm) }) : (0, vector)
  }
}
