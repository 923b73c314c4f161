import Networks

/// The norm in which inputs are measured.
public enum InputNorm: String, Codable, Sendable, CaseIterable {
  /// The Euclidean norm.
  case l2
  /// The largest magnitude.
  case lInfinity = "linf"
  /// The sum of magnitudes.
  case l1

  /// Whether one weight ρ stands for all inputs in a certificate; for l_∞ each has its own.
  public var hasOneWeight: Bool { self != .lInfinity }
}

/// Which function of the network's outputs a bound is about.
public enum OutputSelection: Codable, Sendable, Equatable, CustomStringConvertible {
  /// All outputs, in the Euclidean norm.
  case all
  /// One output.
  case output(Int)
  /// One output minus another: the margin between two classes.
  case difference(Int, Int)

  /// One line for people.
  public var description: String {
    switch self {
    case .all: "all outputs"
    case .output(let i): "output \(i)"
    case .difference(let i, let j): "output \(i) − output \(j)"
    }
  }

  /// Whether the selected outputs exist in a network with `count` outputs.
  public func isValid(outputCount count: Int) -> Bool {
    switch self {
    case .all: true
    case .output(let i): (0..<count).contains(i)
    case .difference(let i, let j): (0..<count).contains(i) && (0..<count).contains(j) && i != j
    }
  }
}

/// What a certificate proves: |g(x) − g(x′)|₂ ≤ bound · |x − x′| for all x, x′ of a region, in real arithmetic with the stored weights.
public struct Statement: Codable, Sendable, Equatable {
  /// The norm of x − x′.
  public var inputNorm: InputNorm
  /// g: the network's selected outputs.
  public var output: OutputSelection
  /// The inputs considered.
  public var region: Region
  /// The Lipschitz bound.
  public var bound: Double

  /// A statement about all inputs, or those of a region.
  public init(inputNorm: InputNorm, output: OutputSelection, region: Region = .global, bound: Double) {
    self.inputNorm = inputNorm
    self.output = output
    self.region = region
    self.bound = bound
  }
}
