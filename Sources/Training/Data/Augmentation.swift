import LinearAlgebra

/// Random shifts, mirror images and holes, which make more of the images that there are.
///
/// Each image of a batch is changed on its own: what happens to it depends on the random stream and its place in the batch only.
public struct Augmentation: BatchAugmentation, Hashable, Sendable, Codable {
  /// The most pixels by which an image is shifted along each axis: a crop at random from the image with that much of ``fill`` around it.
  public var padding: Int
  /// Whether every other image, at random, is mirrored left to right.
  public var flips: Bool
  /// The side of the square that is covered with ``fill``, at a random place that may reach over the edge; 0 covers nothing.
  ///
  /// DeVries, Taylor: Improved regularization of convolutional neural networks with cutout, arXiv 1708.04552.
  public var cutout: Int
  /// The value where an image has none.
  public var fill: Float

  /// Collects the parts.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when a length is negative.
  public init(padding: Int = 0, flips: Bool = false, cutout: Int = 0, fill: Float = 0) throws(TrainingError) {
    guard 0...1024 ~= padding else { throw .setting(key: "crop", detail: "a padding has from 0 to 1024 pixels, not \(padding)") }
    guard 0...1024 ~= cutout else { throw .setting(key: "cutout", detail: "a hole has from 0 to 1024 pixels a side, not \(cutout)") }
    guard fill.isFinite else { throw .setting(key: "fill", detail: "\(fill) is no value of a pixel") }
    self.padding = padding
    self.flips = flips
    self.cutout = cutout
    self.fill = fill
  }

  /// Changes the images of a batch in place.
  public func augment(_ batch: Tensor<Float>, random: RandomStream) {
    guard padding > 0 || flips || cutout > 0 else { return }
    let (shape, base) = (batch.shape, SharedBuffer(base: batch.base))
    ParallelFor.runRanges(batch.batch, minimumChunk: max(1, (1 << 14) / shape.count)) { range in
      for index in range {
        let image = UnsafeMutableBufferPointer(start: base.base + index * shape.count, count: shape.count)
        var generator = random.stream(index).generator
        augment(image, shape, &generator)
      }
    }
  }

  /// Fills a tensor with augmented samples of a data set.
  ///
  /// - Precondition: the tensor has the data's shape and room for the samples.
  public func fill(_ tensor: Tensor<Float>, from data: Dataset, indices: [Int], random: RandomStream) {
    data.copy(indices, into: tensor)
    augment(tensor, random: random)
  }

  private func augment(_ image: UnsafeMutableBufferPointer<Float>, _ shape: FeatureShape, _ generator: inout SplitMix64) {
    let (height, width, channels) = (shape.height, shape.width, shape.channels)
    // The numbers are drawn whatever is made of them, so that one setting does not change what another one does.
    let (down, right) = (draw(-padding...padding, &generator), draw(-padding...padding, &generator))
    let isMirrored = flips && generator.next() & 1 == 1
    let (row, column) = (draw(0...height - 1, &generator), draw(0...width - 1, &generator))
    if down != 0 || right != 0 || isMirrored {
      let original = Array(image)
      for y in 0..<height {
        for x in 0..<width {
          let (fromY, fromX) = (y + down, (isMirrored ? width - 1 - x : x) + right)
          let isInside = 0..<height ~= fromY && 0..<width ~= fromX
          for c in 0..<channels {
            image[(y * width + x) * channels + c] = isInside ? original[(fromY * width + fromX) * channels + c] : fill
          }
        }
      }
    }
    guard cutout > 0 else { return }
    let (top, left) = (row - cutout / 2, column - cutout / 2)
    for y in max(0, top)..<min(height, top + cutout) {
      for x in max(0, left)..<min(width, left + cutout) {
        for c in 0..<channels { image[(y * width + x) * channels + c] = fill }
      }
    }
  }

  private func draw(_ range: ClosedRange<Int>, _ generator: inout SplitMix64) -> Int { Int.random(in: range, using: &generator) }
}

extension Dataset {
  /// Copies samples into a tensor, whose batch is set.
  ///
  /// - Precondition: the tensor has the data's shape and room for the samples.
  public func copy<Element: Scalar>(_ indices: some Collection<Int>, into tensor: Tensor<Element>) {
    precondition(tensor.shape == shape, "a tensor of the samples' shape")
    tensor.batch = indices.count
    let size = shape.count
    let floats = tensor as? Tensor<Float>
    samples.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      for (place, index) in indices.enumerated() {
        precondition(0..<count ~= index, "a sample of the data")
        let sample = source + index * size
        if let floats {
          (floats.base + place * size).update(from: sample, count: size)
        } else {
          for k in 0..<size { tensor.base[place * size + k] = Element(sample[k]) }
        }
      }
    }
  }
}
