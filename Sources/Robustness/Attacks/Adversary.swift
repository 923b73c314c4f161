/// An input with another answer.
public struct Adversary: Sendable {
  /// The attack's id.
  public var attack: String
  /// The input.
  public var input: [Double]
  /// Its distance from the attacked one in the problem's norm, rounded up.
  public var distance: Double
  /// The class that is at least level with the label there.
  public var rival: Int
  /// Seconds of this thread.
  public var seconds: Double

  /// Collects the parts.
  public init(attack: String, input: [Double], distance: Double, rival: Int, seconds: Double) {
    self.attack = attack
    self.input = input
    self.distance = distance
    self.rival = rival
    self.seconds = seconds
  }
}
