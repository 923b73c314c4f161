import LinearAlgebra

/// A layer of a ``GainChain``. Sectors, where given, are those of an activation that follows, one for each output channel.
public enum GainLayer: Sendable {
  /// v = φ(Wu + b).
  case dense(weight: Matrix<Double>, sectors: UnitSectors?)
  /// v = φ(K ∗ u + b).
  case convolution(GainConvolution, sectors: UnitSectors?)
  /// A map that treats all channels alike, of squared norm at most this: averages, and multiples.
  case averagePool(squaredNorm: Double)
  /// Maxima over windows; every pixel lies in at most `overlap` windows: the product over axes of ⌈window / stride⌉.
  case maxPool(overlap: Int)
  /// Pixels of channels become one vector, channels first, of `pixels` pixels.
  case flatten(pixels: Int)
  /// v = φ(Su + Mψ(Nu)) with S = I when `skip` is `nil`: a residual block with the activation after its sum.
  case residual(skip: Matrix<Double>?, inner: Matrix<Double>, innerSectors: UnitSectors, outer: Matrix<Double>, sectors: UnitSectors?)
  /// v = φ(Σ of the outputs of parallel series); an empty series is the identity. Each takes the same channels and gives the same.
  case sum(branches: [[GainLayer]], sectors: UnitSectors?)
  /// Channels sorted within consecutive groups of this size.
  case groupSort(size: Int)
  /// x⁺ = Ax + Bu, v = φ(Cx + Du), over sequences, from rest.
  case stateSpace(a: Matrix<Double>, b: Matrix<Double>, c: Matrix<Double>, d: Matrix<Double>, sectors: UnitSectors?)

  /// The channels of the output for a number of channels of the input, or `nil` when the layer does not take them.
  public func outputChannels(_ channels: Int) -> Int? {
    func fits(_ sectors: UnitSectors?, _ count: Int) -> Bool { sectors.map { $0.fits(count: count) } ?? true }
    switch self {
    case .dense(let weight, let sectors):
      return weight.columns == channels && weight.rows > 0 && fits(sectors, weight.rows) ? weight.rows : nil
    case .convolution(let convolution, let sectors):
      return convolution.isValid && convolution.inputChannels == channels && fits(sectors, convolution.outputChannels)
        ? convolution.outputChannels : nil
    case .averagePool(let squaredNorm): return squaredNorm >= 0 && squaredNorm.isFinite ? channels : nil
    case .maxPool(let overlap): return overlap > 0 ? channels : nil
    case .flatten(let pixels): return pixels > 0 ? channels * pixels : nil
    case .residual(let skip, let inner, let innerSectors, let outer, let sectors):
      guard inner.columns == channels, outer.columns == inner.rows, innerSectors.fits(count: inner.rows), fits(sectors, outer.rows) else {
        return nil
      }
      return (skip?.rows ?? channels) == outer.rows && (skip?.columns ?? channels) == channels ? outer.rows : nil
    case .sum(let branches, let sectors):
      let counts = branches.map { branch in
        branch.reduce(Optional(channels)) { count, layer in count.flatMap { layer.outputChannels($0) } }
      }
      guard let first = counts.first, let count = first, counts.allSatisfy({ $0 == count }), fits(sectors, count) else { return nil }
      return count
    case .groupSort(let size): return size > 0 && channels.isMultiple(of: size) ? channels : nil
    case .stateSpace(let a, let b, let c, let d, let sectors):
      return a.rows == a.columns && b.rows == a.rows && c.columns == a.rows && b.columns == channels && d.columns == channels
        && c.rows == d.rows && c.rows > 0 && fits(sectors, c.rows) ? c.rows : nil
    }
  }
}
