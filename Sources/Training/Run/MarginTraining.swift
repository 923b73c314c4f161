/// How a margin is trained.
public struct MarginTraining: Hashable, Sendable, Codable {
  /// The loss.
  public var loss: MarginLoss
  /// The radius ε from ``rampShare`` on; usually a little above the one that is to be certified.
  public var radius: Double
  /// The share of ``radius`` at the beginning, from which it grows linearly.
  public var start: Double
  /// The share of all epochs in which the radius grows.
  public var rampShare: Double
  /// The steps of power iteration before every step; see ``LipschitzProduct``.
  public var powerSteps: Int

  /// A loss and its radius.
  public init(_ loss: MarginLoss, radius: Double, start: Double = 0.1, rampShare: Double = 0.5, powerSteps: Int = 5) {
    self.loss = loss
    self.radius = radius
    self.start = start
    self.rampShare = rampShare
    self.powerSteps = powerSteps
  }

  /// The radius of a step.
  public func radius(at position: TrainingPosition) -> Double {
    let ramp = rampShare * Double(position.epochs)
    return radius * (ramp > 0 ? start + (1 - start) * min(1, position.progress / ramp) : 1)
  }

  func check() throws(TrainingError) {
    guard radius >= 0, radius.isFinite else { throw .setting(key: "radius", detail: "\(radius) is not a radius") }
    guard start >= 0, start.isFinite else { throw .setting(key: "start", detail: "\(start) is not a share") }
    guard 0...1 ~= rampShare else { throw .setting(key: "ramp", detail: "\(rampShare) is not between 0 and 1") }
    guard powerSteps > 0 else { throw .setting(key: "power steps", detail: "\(powerSteps) is not a positive number") }
    if case .bottomLogitTrades(let weight) = loss, !(weight >= 0 && weight.isFinite) {
      throw .setting(key: "weight", detail: "\(weight) is not a weight")
    }
  }
}
