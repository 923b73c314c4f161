import LinearAlgebra

/// A linear layer as a matrix that is only applied: W x, Wᵀ y and the gradient of ⟨y, W x⟩ by W, without the bias.
final class LinearProbe<Element: Scalar> {
  private let layer: any Layer<Element>
  private let input: Tensor<Element>
  private let output: Tensor<Element>
  private let outputGradient: Tensor<Element>
  private let inputGradient: Tensor<Element>
  private let layerMemory: LayerMemory<Element>
  /// The layer's parameters with the bias zero, and room for their gradient.
  private var parameters: [Element]
  private var gradient: [Element]
  /// The places of weights among them.
  private let weights: [Range<Int>]

  /// - Precondition: the layer has one input, and is linear in it beside the bias.
  init(_ layer: any Layer<Element>, input shape: FeatureShape, output outputShape: FeatureShape) {
    self.layer = layer
    input = Tensor(capacity: 1, shape: shape)
    inputGradient = Tensor(capacity: 1, shape: shape)
    output = Tensor(capacity: 1, shape: outputShape)
    outputGradient = Tensor(capacity: 1, shape: outputShape)
    layerMemory = layer.memory(capacity: 1, inputs: [shape])
    var (end, weights) = (0, [Range<Int>]())
    for declaration in layer.parameters {
      if declaration.role != .bias { weights.append(end..<end + declaration.count) }
      end += declaration.count
    }
    self.weights = weights
    // Layers without parameters get a place that they do not read.
    parameters = [Element](repeating: 0, count: max(1, end))
    gradient = parameters
  }

  /// Takes over the weights.
  func load(_ own: ArraySlice<Element>) {
    for range in weights {
      for i in range { parameters[i] = own[own.startIndex + i] }
    }
  }

  /// W x.
  func apply(_ x: [Element]) -> [Element] {
    input.elements = x
    forward()
    return output.elements
  }

  /// Wᵀ y.
  func applyTransposed(_ y: [Element]) -> [Element] {
    outputGradient.elements = y
    backward(ofParameters: false)
    return inputGradient.elements
  }

  /// Adds weight · ∂⟨y, W x⟩/∂W to the gradient of the layer's parameters.
  func addGradient(_ x: [Element], _ y: [Element], weight: Element, to result: inout ArraySlice<Element>) {
    input.elements = x
    forward()
    outputGradient.elements = y
    for i in gradient.indices { gradient[i] = 0 }
    backward(ofParameters: true)
    for range in weights {
      for i in range { result[result.startIndex + i] += weight * gradient[i] }
    }
  }

  private func forward() {
    parameters.withUnsafeBufferPointer { parameters in
      guard let place = parameters.baseAddress else { return }
      layer.forward(
        ForwardPass(
          inputs: [input], output: output, parameters: place, statistics: input.base, memory: layerMemory, mode: .evaluation,
          random: RandomStream(seed: 0)))
    }
  }

  private func backward(ofParameters: Bool) {
    parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let place = parameters.baseAddress else { return }
        layer.backward(
          BackwardPass(
            inputs: [input], output: output, outputGradient: outputGradient,
            inputGradients: [ofParameters ? nil : .init(tensor: inputGradient, isAccumulating: false)], parameters: place,
            parameterGradient: ofParameters ? gradient.baseAddress : nil, statistics: input.base, memory: layerMemory, mode: .evaluation,
            random: RandomStream(seed: 0)))
      }
    }
  }
}
