import LinearAlgebra

/// A random stream known by what it is for rather than by when it is asked: the same words give the same numbers, whatever ran before and on
/// whatever thread.
///
/// A stream is a seed and the words added to it: the purpose, the epoch, the step, the sample, the layer. Trainers can therefore resume
/// from a step's number alone, and samples can be treated in any order.
public struct RandomStream: Hashable, Sendable {
  private let state: UInt64

  /// The stream of a seed.
  public init(seed: UInt64) { state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15) }

  private init(state: UInt64) { self.state = state }

  /// The stream within this one that `word` names.
  public func stream(_ word: Int) -> RandomStream {
    RandomStream(state: Self.mix(state ^ Self.mix(UInt64(bitPattern: Int64(word)) &+ 0xD1B5_4A32_D192_ED03)))
  }

  /// The stream within this one for a purpose.
  public func stream(_ purpose: Purpose) -> RandomStream { stream(-1 - purpose.rawValue) }

  /// The generator of the stream's numbers.
  public var generator: SplitMix64 { SplitMix64(seed: state) }

  /// What random numbers are drawn for.
  public enum Purpose: Int, Sendable {
    /// The first values of parameters.
    case initialisation
    /// The order of samples in an epoch.
    case shuffling
    /// Crops, flips and cutouts.
    case augmentation
    /// Noise layers and dropout.
    case noise
    /// The first points of attacks.
    case attack
    /// Made data.
    case data
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
