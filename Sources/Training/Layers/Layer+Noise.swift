import LinearAlgebra

extension Layer {
  /// Adds normal numbers, each sample's from a stream of its own, to the only input.
  func addNoise(_ pass: ForwardPass<Element>, deviation: Element) {
    let (x, y, kernels, random) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared, pass.random)
    let size = y.shape.count
    ElementLoop.samples(y.batch, size: size) { samples in
      for sample in samples {
        kernels.addNoise(size, random.key(sample), deviation, x.base + sample * size, y.base + sample * size)
      }
    }
  }
}

extension RandomStream {
  /// The key of a sample's numbers.
  func key(_ sample: Int) -> UInt64 {
    var generator = stream(sample).generator
    return generator.next()
  }
}
