import LinearAlgebra
import Networks

/// y = W x + b on vectors; W is outputs × inputs.
public struct DenseLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// The length of the input.
  public let inputCount: Int
  /// The length of the output.
  public let outputCount: Int
  /// Whether b is there.
  public let hasBias: Bool
  /// How W begins.
  public let initialiser: Initialiser

  /// A dense layer; W begins as He's normal numbers by the length of the input unless told otherwise, b as zero.
  public init(_ name: String, inputs: Int, outputs: Int, hasBias: Bool = true, initialiser: Initialiser? = nil) {
    self.name = name
    inputCount = inputs
    outputCount = outputs
    self.hasBias = hasBias
    self.initialiser = initialiser ?? .he(fan: inputs)
  }

  /// `weight`, and `bias` where there is one.
  public var parameters: [ParameterDeclaration] {
    let weight = ParameterDeclaration(name: "weight", shape: [outputCount, inputCount], role: .denseWeight, initialiser: initialiser)
    return hasBias ? [weight, ParameterDeclaration(name: "bias", shape: [outputCount], role: .bias, initialiser: .constant(0))] : [weight]
  }

  /// A vector of ``outputCount`` elements from one of ``inputCount``.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard inputs == [.vector(inputCount)] else {
      throw .shape(
        layer: name, detail: "it takes one vector of \(inputCount) elements, not \(inputs.map(\.description).joined(separator: ", "))")
    }
    return .vector(outputCount)
  }

  /// Y = X Wᵀ + b, the samples being rows.
  public func forward(_ pass: ForwardPass<Element>) {
    let output = pass.output
    if hasBias {
      let bias = pass.parameters + outputCount * inputCount
      for sample in 0..<output.batch { (output.base + sample * outputCount).update(from: bias, count: outputCount) }
    }
    Gemm<Element>(m: output.batch, n: outputCount, k: inputCount, transposingRight: true, accumulating: hasBias)
      .run(pass.inputs[0].base, pass.parameters, output.base)
  }

  /// ∂W = ∂Yᵀ X, ∂b = the sum of the rows of ∂Y, ∂X = ∂Y W.
  public func backward(_ pass: BackwardPass<Element>) {
    let batch = pass.outputGradient.batch
    if let gradient = pass.parameterGradient {
      Gemm<Element>(m: outputCount, n: inputCount, k: batch, transposingLeft: true, accumulating: true)
        .run(pass.outputGradient.base, pass.inputs[0].base, gradient)
      if hasBias {
        let bias = gradient + outputCount * inputCount
        for sample in 0..<batch {
          let row = pass.outputGradient.base + sample * outputCount
          for i in 0..<outputCount { bias[i] += row[i] }
        }
      }
    }
    if let input = pass.inputGradients[0] {
      Gemm<Element>(m: batch, n: inputCount, k: outputCount, accumulating: input.isAccumulating)
        .run(pass.outputGradient.base, pass.parameters, input.tensor.base)
    }
  }

  /// `Operation.dense`.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let input = try export.vector(inputs[0], name: name)
    let weight = Matrix(rows: outputCount, columns: inputCount, elements: values.parameters[0])
    return try export.network.add(.dense(weight: weight, bias: hasBias ? values.parameters[1] : nil), name: name, to: [input])
  }
}
