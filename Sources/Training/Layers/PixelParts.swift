import LinearAlgebra

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
