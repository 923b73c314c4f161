/// The pull of parameters towards zero, λ ‖w‖² / 2.
public struct WeightDecay: Hashable, Sendable, Codable {
  /// Which parameters are pulled.
  public enum Scope: String, Hashable, Sendable, Codable, CaseIterable {
    /// All of them, as PyTorch does unless told otherwise.
    case all
    /// The weights of dense and convolution layers only: neither biases nor the scales of normalisation.
    case weights
  }

  /// λ.
  public var coefficient: Double
  /// Which parameters are pulled.
  public var scope: Scope

  /// Pulls the parameters of a scope; 0 pulls none.
  public init(_ coefficient: Double = 0, scope: Scope = .all) {
    self.coefficient = coefficient
    self.scope = scope
  }

  /// Neighbouring parameters with the same λ.
  public struct Share: Hashable, Sendable {
    /// The parameters.
    public let range: Range<Int>
    /// λ.
    public let coefficient: Double

    /// Parameters with a λ.
    public init(range: Range<Int>, coefficient: Double) {
      self.range = range
      self.coefficient = coefficient
    }
  }

  /// The ranges of a model's parameters that are pulled, in order.
  public func shares<Element>(of model: Model<Element>) -> [Share] {
    guard coefficient != 0 else { return [] }
    return model.parameters.filter { parameter in
      switch (scope, parameter.declaration.role) {
      case (.all, _), (.weights, .denseWeight), (.weights, .convolutionWeight): true
      case (.weights, _): false
      }
    }.map { Share(range: $0.range, coefficient: coefficient) }
  }

  /// All of `0 ..< count` in disjoint ranges, each with its λ or 0.
  static func cover(_ shares: [Share], count: Int) -> [(range: Range<Int>, coefficient: Float)] {
    var result: [(range: Range<Int>, coefficient: Float)] = []
    var end = 0
    for share in shares.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where !share.range.isEmpty {
      precondition(share.range.lowerBound >= end && share.range.upperBound <= count, "disjoint ranges of parameters")
      if share.range.lowerBound > end { result.append((end..<share.range.lowerBound, 0)) }
      result.append((share.range, Float(share.coefficient)))
      end = share.range.upperBound
    }
    if end < count { result.append((end..<count, 0)) }
    return result
  }
}
