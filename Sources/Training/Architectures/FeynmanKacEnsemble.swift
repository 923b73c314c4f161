import LinearAlgebra

/// Noise and members: what makes a Feynman-Kac ensemble of a residual network.
///
/// Noise of standard deviation c · std(x) follows every residual block, and the mean of the members' logits is trained with one loss. No noise and
/// one member is the residual network itself. Wang, Yuan, Shi, Osher: ResNets ensemble via the Feynman-Kac formalism, arXiv 1811.10745,
/// sections 2.2 and 3.
public struct FeynmanKacEnsemble: Hashable, Sendable {
  /// The number of members.
  public var members: Int
  /// c: the noise's standard deviation as a share of its block's.
  public var noise: Double

  /// Collects the parts.
  public init(members: Int = 1, noise: Double = 0) {
    self.members = members
    self.noise = noise
  }

  /// Adds the members, each made by `member` with a prefix for its names, and the mean of their outputs.
  func build<Element: Scalar>(
    _ model: inout Model<Element>, member: (inout Model<Element>, String) throws(TrainingError) -> Int
  ) throws(TrainingError) {
    guard members > 0 else { throw .setting(key: "members", detail: "an ensemble has at least one member") }
    if members == 1 {
      _ = try member(&model, "")
      return
    }
    var outputs: [Int] = []
    for index in 1...members { outputs.append(try member(&model, "member\(index).")) }
    try model.add(MeanLayer("mean", count: members), to: outputs)
  }

  /// Adds the noise after a block, where there is any.
  func addNoise<Element: Scalar>(_ model: inout Model<Element>, name: String, after node: Int) throws(TrainingError) -> Int {
    noise == 0 ? node : try model.add(FeynmanKacNoiseLayer("\(name).noise", coefficient: noise), to: [node])
  }
}
