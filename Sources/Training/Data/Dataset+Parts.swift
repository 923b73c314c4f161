import Certificates
import LinearAlgebra

extension Dataset {
  /// One sample's values.
  ///
  /// - Precondition: the index is below ``count``.
  public subscript(index: Int) -> ArraySlice<Float> { samples[index * shape.count..<(index + 1) * shape.count] }

  /// The samples at `indices`, in that order; the same indices again give the same samples again.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when there are none.
  /// - Precondition: the indices are below ``count``.
  public func selecting(_ indices: [Int]) throws(TrainingError) -> Dataset {
    var chosen: [Float] = []
    chosen.reserveCapacity(indices.count * shape.count)
    for index in indices { chosen += self[index] }
    return try Dataset(name: name, shape: shape, samples: chosen, labels: indices.map { labels[$0] }, classCount: classCount)
  }

  /// The first `limit` samples, or all.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when the limit is below 1.
  public func first(_ limit: Int?) throws(TrainingError) -> Dataset {
    guard let limit, limit < count else { return self }
    return try selecting(Array(0..<max(0, limit)))
  }

  /// Two parts: the second holds a share of the samples, chosen at random but always in the same way; each keeps the order.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when a part would be empty.
  public func split(secondShare: Double) throws(TrainingError) -> (first: Dataset, second: Dataset) {
    let size = Int((secondShare * Double(count)).rounded())
    guard 0 < size, size < count else {
      throw .data("\(name): a share of \(secondShare) leaves \(count - size) and \(size) of \(count) samples")
    }
    var generator = RandomStream(seed: 0).stream(.data).stream(count).generator
    var order = Array(0..<count)
    order.shuffle(using: &generator)
    return (try selecting(order[size...].sorted()), try selecting(order[..<size].sorted()))
  }

  /// The images with every `factor` × `factor` pixels replaced by their mean.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when height or width is not a multiple of `factor`.
  public func averagePooled(by factor: Int) throws(TrainingError) -> Dataset {
    guard factor != 1 else { return self }
    guard factor > 0, shape.height % factor == 0, shape.width % factor == 0 else {
      throw .data("\(name): \(shape) cannot be divided into squares of \(factor)x\(factor) pixels")
    }
    let small = FeatureShape(height: shape.height / factor, width: shape.width / factor, channels: shape.channels)
    var result = [Float](repeating: 0, count: count * small.count)
    let (row, channels, smallRow) = (shape.width * shape.channels, shape.channels, small.width * small.channels)
    let share = 1 / Float(factor * factor)
    samples.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        // Rows of all samples follow each other, and their number is divided by the factor.
        for y in 0..<count * shape.height {
          for x in 0..<shape.width {
            for c in 0..<channels {
              target[(y / factor) * smallRow + (x / factor) * channels + c] += share * source[y * row + x * channels + c]
            }
          }
        }
      }
    }
    return try Dataset(name: name, shape: small, samples: result, labels: labels, classCount: classCount)
  }

  /// The samples in the shape that a model takes: as vectors, channel by channel, where it takes vectors of as many values.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when the shapes do not fit.
  public func fitted(to wanted: FeatureShape) throws(TrainingError) -> Dataset {
    guard wanted != shape else { return self }
    guard wanted.isVector, wanted.count == shape.count else {
      throw .data("\(name): samples are \(shape), but the model takes \(wanted)")
    }
    return try Dataset(name: name, shape: wanted, samples: channelsFirst, labels: labels, classCount: classCount)
  }

  /// The samples as saved networks take them: one a row, channel by channel.
  public var networkInputs: Matrix<Double> {
    Matrix(rows: count, columns: shape.count, elements: channelsFirst.map(Double.init))
  }

  /// The values of all samples, channel by channel.
  private var channelsFirst: [Float] {
    guard shape.channels > 1 else { return samples }
    var values = samples
    for start in stride(from: 0, to: samples.count, by: shape.count) {
      for p in 0..<shape.pixels {
        for c in 0..<shape.channels { values[start + c * shape.pixels + p] = samples[start + p * shape.channels + c] }
      }
    }
    return values
  }

  /// SHA-256 of shape, labels and values: what a training record says about its data.
  public var digest: String {
    var sha = SHA256()
    for number in [shape.height, shape.width, shape.channels, classCount, count] + labels { sha.update(UInt64(number)) }
    #if _endian(little)
      samples.withUnsafeBytes { sha.update($0) }
    #else
      for value in samples { withUnsafeBytes(of: value.bitPattern.littleEndian) { sha.update($0) } }
    #endif
    return sha.finish()
  }
}
