import LinearAlgebra

/// How the work on a tensor is spread over threads.
enum ElementLoop {
  /// The elements worth a task of their own; a task's share then stays in the second-level cache from one sweep to the next.
  static let grain = 1 << 14

  /// Ranges that cover `0 ..< count`, for work on single elements, where their borders do not change the result.
  static func run(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    ParallelFor.runRanges(count, minimumChunk: grain, body)
  }

  /// Ranges of samples that have `size` elements each, likewise.
  static func samples(_ batch: Int, size: Int, _ body: @Sendable (Range<Int>) -> Void) {
    ParallelFor.runRanges(batch, minimumChunk: max(1, grain / max(1, size)), body)
  }
}

/// Pixels of a batch in parts for sums: the parts depend on the shape alone, so that sums do not depend on the number of threads.
struct PixelParts: Sendable {
  /// The number of channels.
  let channels: Int
  /// The pixels in all but the last part.
  let length: Int

  /// Parts of about ``ElementLoop/grain`` elements.
  init(channels: Int) {
    self.channels = channels
    length = max(1, ElementLoop.grain / max(1, channels))
  }

  /// The number of parts of so many pixels.
  func count(_ pixels: Int) -> Int { (pixels + length - 1) / length }

  /// Calls `body` with every part's index, first element and number of pixels.
  ///
  /// A second sweep that goes backwards finds what the first one read last still in the caches.
  func run(_ pixels: Int, isReversed: Bool = false, _ body: @Sendable (_ part: Int, _ element: Int, _ pixels: Int) -> Void) {
    let parts = count(pixels)
    ParallelFor.run(parts) { index in
      let part = isReversed ? parts - 1 - index : index
      body(part, part * length * channels, min(length, pixels - part * length))
    }
  }

  /// The means and sums of squared distances of all pixels from those of the parts, which lie behind each other in `partial` as means,
  /// squares, means, squares and so on; they are left in the first part's place.
  ///
  /// Chan, Golub, LeVeque: "Algorithms for computing the sample variance", The American Statistician 37 (1983).
  func combineMoments(_ partial: UnsafeMutablePointer<Double>, pixels: Int) {
    let parts = count(pixels)
    for channel in 0..<channels {
      let first = partial + channel
      var mean = 0.0
      for part in 0..<parts { mean += Double(min(length, pixels - part * length)) * first[2 * channels * part] }
      mean /= Double(pixels)
      var squares = 0.0
      for part in 0..<parts {
        let distance = first[2 * channels * part] - mean
        squares += first[2 * channels * part + channels] + Double(min(length, pixels - part * length)) * distance * distance
      }
      first[0] = mean
      first[channels] = squares
    }
  }

  /// Adds the pairs of sums of all parts, which lie behind each other in `partial`, up in the first part's place.
  func combineSums(_ partial: UnsafeMutablePointer<Double>, pixels: Int) {
    for part in 1..<max(1, count(pixels)) {
      let from = partial + 2 * channels * part
      for index in 0..<2 * channels { partial[index] += from[index] }
    }
  }
}

extension LayerMemory {
  /// Room for double-precision numbers, then for elements.
  convenience init(doubles: Int, elements: Int = 0, indices: Int = 0) {
    // Element is half as long as Double, or as long.
    self.init(reals: doubles * (MemoryLayout<Double>.stride / MemoryLayout<Element>.stride) + elements, indices: indices)
  }

  /// The double-precision numbers at the beginning of ``reals``.
  func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(reals.baseAddress.unsafelyUnwrapped).bindMemory(to: Double.self, capacity: count)
  }

  /// The elements behind so many double-precision numbers.
  func elements(after doubles: Int) -> UnsafeMutablePointer<Element> {
    reals.baseAddress.unsafelyUnwrapped + doubles * (MemoryLayout<Double>.stride / MemoryLayout<Element>.stride)
  }
}

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
