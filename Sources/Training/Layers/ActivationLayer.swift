internal import CKernels
import LinearAlgebra
import Networks

/// y = φ(x) for every element.
///
/// Smooth functions are computed in single precision to about 10⁻⁷ of the larger of 1 and |x|, in double precision as `Activation` defines
/// them.
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
    let (x, y, kernels, form) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared, form)
    ElementLoop.run(y.count) { range in
      let (from, to) = (x.base + range.lowerBound, y.base + range.lowerBound)
      switch form {
      case .leak(let slope): kernels.leak(range.count, slope, from, to)
      case .clip(let lower, let upper): kernels.clip(range.count, lower, upper, from, to)
      case .smooth(let function, let p, let q):
        if let values = kernels.smoothValues { values(function, range.count, p, q, from, to) } else { apply(range.count, from, to) }
      }
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (x, gradient, kernels, form) = (pass.inputs[0], pass.outputGradient, LayerKernels<Element>.shared, form)
    let (target, accumulates) = (input.tensor, input.accumulates)
    ElementLoop.run(gradient.count) { range in
      let (start, count) = (range.lowerBound, range.count)
      let (from, with, to) = (x.base + start, gradient.base + start, target.base + start)
      switch form {
      case .leak(let slope): kernels.leakGradient(count, slope, from, with, to, accumulates)
      case .clip(let lower, let upper): kernels.clipGradient(count, lower, upper, from, with, to, accumulates)
      case .smooth(let function, let p, let q):
        if let kernel = kernels.smoothGradient {
          kernel(function, count, p, q, from, with, to, accumulates)
        } else {
          differentiate(count, from, with, to, isAccumulating: accumulates == 1)
        }
      }
    }
  }

  /// What computes φ.
  private enum Form: Sendable {
    /// x, or slope · x below zero.
    case leak(slope: Element)
    /// x between two bounds.
    case clip(lower: Element, upper: Element)
    /// A function of the kernels with its parameters.
    case smooth(lipcert_smooth, Element, Element)
  }

  private var form: Form {
    switch activation {
    case .relu: .clip(lower: 0, upper: .infinity)
    case .leakyReLU(let slope): .leak(slope: Element(slope))
    case .absoluteValue: .leak(slope: -1)
    case .clip(let lower, let upper): .clip(lower: Element(lower), upper: Element(upper))
    case .tanh: .smooth(LIPCERT_TANH, 0, 0)
    case .sigmoid: .smooth(LIPCERT_SIGMOID, 0, 0)
    case .elu(let alpha): .smooth(LIPCERT_ELU, Element(alpha), 0)
    case .softplus: .smooth(LIPCERT_SOFTPLUS, 0, 0)
    case .hardSigmoid(let slope, let offset): .smooth(LIPCERT_HARD_SIGMOID, Element(slope), Element(offset))
    case .gelu: .smooth(LIPCERT_GELU, 0, 0)
    case .geluTanh: .smooth(LIPCERT_GELU_TANH, 0, 0)
    case .silu: .smooth(LIPCERT_SILU, 0, 0)
    case .mish: .smooth(LIPCERT_MISH, 0, 0)
    case .hardSwish: .smooth(LIPCERT_HARD_SWISH, 0, 0)
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
    case .elu(let alpha): .elu(alpha: Double(Element(alpha)))
    case .hardSigmoid(let slope, let offset): .hardSigmoid(slope: Double(Element(slope)), offset: Double(Element(offset)))
    default: activation
    }
  }
}
