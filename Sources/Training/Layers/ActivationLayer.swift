import LinearAlgebra
import Networks

/// y = φ(x) for every element.
public struct ActivationLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// φ.
  public let activation: Activation

  /// A layer that applies φ.
  public init(_ name: String, _ activation: Activation = .relu) {
    self.name = name
    self.activation = activation
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape { try single(inputs) }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, kernels, pieces) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared, pieces)
    ElementLoop.run(y.count) { range in
      let (from, to) = (x.base + range.lowerBound, y.base + range.lowerBound)
      switch pieces {
      case .leak(let slope): kernels.leak(range.count, slope, from, to)
      case .clip(let lower, let upper): kernels.clip(range.count, lower, upper, from, to)
      case nil: apply(range.count, from, to)
      }
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (x, gradient, kernels, pieces) = (pass.inputs[0], pass.outputGradient, LayerKernels<Element>.shared, pieces)
    let (target, accumulates) = (input.tensor, input.accumulates)
    ElementLoop.run(gradient.count) { range in
      let start = range.lowerBound
      let (from, with, to) = (x.base + start, gradient.base + start, target.base + start)
      switch pieces {
      case .leak(let slope): kernels.leakGradient(range.count, slope, from, with, to, accumulates)
      case .clip(let lower, let upper): kernels.clipGradient(range.count, lower, upper, from, with, to, accumulates)
      case nil: differentiate(range.count, from, with, to, isAccumulating: accumulates == 1)
      }
    }
  }

  /// A function of two or three straight pieces, which has a fast kernel.
  private enum Pieces: Sendable {
    /// x, or slope · x below zero.
    case leak(slope: Element)
    /// x between two bounds.
    case clip(lower: Element, upper: Element)
  }

  private var pieces: Pieces? {
    switch activation {
    case .relu: .clip(lower: 0, upper: .infinity)
    case .leakyReLU(let slope): .leak(slope: Element(slope))
    case .absoluteValue: .leak(slope: -1)
    case .clip(let lower, let upper): .clip(lower: Element(lower), upper: Element(upper))
    case .tanh, .sigmoid, .elu, .softplus, .hardSigmoid, .gelu, .geluTanh, .silu, .mish, .hardSwish: nil
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func apply(_ count: Int, _ x: UnsafePointer<Element>, _ y: UnsafeMutablePointer<Element>) {
    for i in 0..<count { y[i] = Element(activation.value(Double(x[i]))) }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func differentiate(
    _ count: Int, _ x: UnsafePointer<Element>, _ gradient: UnsafePointer<Element>, _ y: UnsafeMutablePointer<Element>,
    isAccumulating: Bool
  ) {
    for i in 0..<count {
      let product = gradient[i] * Element(activation.derivative(Double(x[i])))
      y[i] = isAccumulating ? y[i] + product : product
    }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    try export.network.add(.activation(exact), name: name, to: inputs)
  }

  /// φ with the constants that were trained with, which are numbers of this precision.
  private var exact: Activation {
    switch activation {
    case .leakyReLU(let slope): .leakyReLU(slope: Double(Element(slope)))
    case .clip(let lower, let upper): .clip(lower: Double(Element(lower)), upper: Double(Element(upper)))
    default: activation
    }
  }
}
