import LinearAlgebra
import Networks

@testable import Training

/// max(x, 0) with noise of its own and a running mean of its input, so that tests of the trainer see random numbers and statistics.
struct NoisyRectifier<Element: Scalar>: Layer {
  let name: String
  let count: Int
  var deviation = 0.0

  var statistics: [ParameterDeclaration] {
    [ParameterDeclaration(name: "mean", shape: [count], role: .statistic, initialiser: .constant(0))]
  }

  func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard inputs == [.vector(count)] else { throw .shape(layer: name, detail: "it takes one vector of \(count) elements") }
    return inputs[0]
  }

  func forward(_ pass: ForwardPass<Element>) {
    var generator = pass.random.generator
    for (index, x) in pass.inputs[0].buffer.enumerated() {
      let noise = pass.mode.isNoisy ? deviation * generator.nextGaussian() : 0
      pass.output.base[index] = max(x, 0) + Element(noise)
      if pass.mode.updatesStatistics {
        let mean = pass.statistics + index % count
        mean.pointee += (x - mean.pointee) / 100
      }
    }
  }

  func backward(_ pass: BackwardPass<Element>) {
    guard let target = pass.inputGradients[0] else { return }
    for (index, x) in pass.inputs[0].buffer.enumerated() {
      let gradient = x > 0 ? pass.outputGradient.base[index] : 0
      target.tensor.base[index] = target.isAccumulating ? target.tensor.base[index] + gradient : gradient
    }
  }

  func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    try export.network.add(.activation(.relu), name: name, to: inputs)
  }
}
