import Training

/// How the strength of a penalty grows: nothing at first, then linearly to all of it.
public struct StrengthSchedule: Hashable, Sendable, Codable {
  /// The epochs before the strength is more than zero.
  public var startEpoch: Int
  /// The share of all epochs in which it grows, from ``startEpoch`` on; 0 switches it on at once.
  public var rampShare: Double

  /// A beginning and a ramp; the whole strength from the first step on unless told otherwise.
  public init(startEpoch: Int = 0, rampShare: Double = 0) {
    self.startEpoch = startEpoch
    self.rampShare = rampShare
  }

  /// The share of the strength before the first step.
  public var initialFactor: Double { startEpoch > 0 || rampShare > 0 ? 0 : 1 }

  /// The share of the strength at a step, from 0 to 1.
  public func factor(at position: TrainingPosition) -> Double {
    let grown = position.progress - Double(startEpoch)
    let ramp = rampShare * Double(position.epochs)
    if grown < 0 { return 0 }
    return ramp > 0 ? min(1, grown / ramp) : 1
  }

  /// Checks the numbers.
  ///
  /// - Parameters:
  ///   - key: what errors name.
  ///   - epochs: the epochs of the run; the strength is reached within them.
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check(_ key: String, epochs: Int) throws(CompressionError) {
    guard startEpoch >= 0 else { throw .setting(key: key, detail: "there is no epoch \(startEpoch) to start at") }
    guard 0...1 ~= rampShare else { throw .setting(key: key, detail: "a ramp over \(rampShare) of all epochs is not one between 0 and 1") }
    guard startEpoch < epochs, Double(startEpoch) + rampShare * Double(epochs) <= Double(epochs) else {
      throw .setting(
        key: key,
        detail: "a start at epoch \(startEpoch) and a ramp over \(rampShare) of \(epochs) epochs never reach the whole strength")
    }
  }
}
