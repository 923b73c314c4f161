import LinearAlgebra
import Networks

/// The sum of several inputs, each times a coefficient: residual connections.
public struct SumLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// One coefficient for each input.
  public let coefficients: [Element]

  /// The sum of `count` inputs.
  public init(_ name: String, count: Int = 2) {
    self.init(name, coefficients: [Element](repeating: 1, count: count))
  }

  /// A sum with a coefficient for each input.
  public init(_ name: String, coefficients: [Element]) {
    self.name = name
    self.coefficients = coefficients
  }

  /// The first input, where its coefficient is one.
  public var passesGradientTo: Int? { coefficients.first == 1 ? 0 : nil }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard let shape = inputs.first, inputs.count == coefficients.count, inputs.count >= 2, inputs.allSatisfy({ $0 == shape }) else {
      throw .shape(
        layer: name,
        detail:
          "it adds \(coefficients.count) inputs, at least two, of the same shape, not \(inputs.map(\.description).joined(separator: ", "))")
    }
    guard coefficients.allSatisfy(\.isFinite) else { throw .setting(key: name, detail: "a coefficient is not a finite number") }
    return shape
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (inputs, y, kernels, coefficients) = (pass.inputs, pass.output, LayerKernels<Element>.shared, coefficients)
    ElementLoop.run(y.count) { range in
      let start = range.lowerBound
      kernels.combine(
        range.count, coefficients[0], inputs[0].base + start, coefficients[1], inputs[1].base + start, y.base + start)
      for index in inputs.indices.dropFirst(2) {
        kernels.combine(range.count, 1, y.base + start, coefficients[index], inputs[index].base + start, y.base + start)
      }
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    for (index, coefficient) in coefficients.enumerated() { self.pass(pass, to: index, factor: coefficient) }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    var terms: [Int] = []
    var signs: [Double] = []
    for (index, coefficient) in coefficients.map(Double.init).enumerated() {
      let isSign = coefficient.magnitude == 1
      terms.append(try isSign ? inputs[index] : export.multiply(inputs[index], by: coefficient, name: "\(name).term\(index)"))
      signs.append(isSign ? coefficient : 1)
    }
    terms = try export.aligned(terms, name: name)
    return try export.network.add(.sum(signs: signs), name: name, to: terms)
  }
}
