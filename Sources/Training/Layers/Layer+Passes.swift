import LinearAlgebra

extension BackwardPass.InputGradient {
  /// ``isAccumulating`` as kernels take it.
  var accumulates: Int32 { isAccumulating ? 1 : 0 }
}

extension Layer {
  /// The only shape, whatever it is.
  func single(_ inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard inputs.count == 1, let shape = inputs.first, shape.height > 0, shape.width > 0, shape.channels > 0 else {
      throw .shape(layer: name, detail: "it takes one input that is not empty, not \(inputs.map(\.description))")
    }
    return shape
  }

  /// Copies the only input to the output.
  func copy(_ pass: ForwardPass<Element>) {
    let (x, y) = (pass.inputs[0], pass.output)
    ElementLoop.run(y.count) { range in (y.base + range.lowerBound).update(from: x.base + range.lowerBound, count: range.count) }
  }

  /// Passes the output's gradient, times a factor, on to one input.
  func pass(_ pass: BackwardPass<Element>, to index: Int = 0, factor: Element = 1) {
    guard let input = pass.inputGradients[index] else { return }
    let (gradient, target, accumulates) = (pass.outputGradient, input.tensor, input.accumulates)
    let kernels = LayerKernels<Element>.shared
    ElementLoop.run(gradient.count) { range in
      kernels.multiply(range.count, factor, gradient.base + range.lowerBound, target.base + range.lowerBound, accumulates)
    }
  }
}
