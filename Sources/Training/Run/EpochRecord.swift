/// What one epoch of training came to: a line of the learning curve.
public struct EpochRecord: Hashable, Sendable, Codable {
  /// The epoch, counted from 0.
  public var epoch: Int
  /// The learning rate of its last step.
  public var rate: Double
  /// The mean loss of its samples, each when its step was taken.
  public var loss: Double
  /// The mean of what hooks added to the loss.
  public var penalty: Double
  /// The share of samples classified correctly, each when its step was taken; of adversarial ones where the loss has them.
  public var accuracy: Double
  /// The share of validation samples classified correctly at its end, without noise.
  public var validationAccuracy: Double?
  /// The same under attack.
  public var attackedAccuracy: Double?
  /// Seconds of training from the beginning to the end of this epoch, pauses between sessions left out.
  public var seconds: Double

  /// The first line of a learning curve.
  public static let header = "epoch,rate,loss,penalty,accuracy,validation_accuracy,attacked_accuracy,seconds"

  /// The line of a learning curve; what is not known is empty.
  public var line: String {
    [
      "\(epoch)", "\(rate)", "\(loss)", "\(penalty)", "\(accuracy)", validationAccuracy.map { "\($0)" } ?? "",
      attackedAccuracy.map { "\($0)" } ?? "", "\((seconds * 1000).rounded() / 1000)",
    ].joined(separator: ",")
  }
}
