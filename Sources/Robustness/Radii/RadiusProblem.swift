import Certificates
import LinearAlgebra
import Networks

/// One input whose answer is to be kept: how far can it move before the class may change?
public struct RadiusProblem: Sendable {
  /// The network.
  public let classifier: Classifier
  /// x₀.
  public let input: [Double]
  /// The class of x₀ that must not change; the network must give it.
  public let label: Int
  /// The norm of x − x₀: l₂ or l_∞.
  public let norm: InputNorm
  /// The values that an input can have at all, such as 0…1 for pixels; `nil` for any. It cuts l_∞ balls, and attacks stay inside.
  public let domain: ClosedRange<Double>?

  /// A problem.
  ///
  /// - Throws: ``RobustnessError`` when the input or the label does not fit, or the norm is l₁.
  public init(
    _ classifier: Classifier, input: [Double], label: Int, norm: InputNorm = .l2, domain: ClosedRange<Double>? = nil
  ) throws {
    let count = classifier.lowered.inputCount
    guard input.count == count else { throw RobustnessError.wrongInputLength(expected: count, found: input.count) }
    if let i = input.firstIndex(where: { !$0.isFinite || $0.magnitude > 0x1p100 }) {
      throw RobustnessError.invalidInput("coordinate \(i) is \(input[i])")
    }
    guard (0..<classifier.classCount).contains(label) else {
      throw RobustnessError.wrongLabel(label, classCount: classifier.classCount)
    }
    guard norm != .l1 else { throw RobustnessError.unsupportedNorm("l1") }
    self.classifier = classifier
    self.input = input
    self.label = label
    self.norm = norm
    self.domain = domain
  }

  /// The margins of the label over its rivals at x₀, in floating point.
  var margins: [Double] { classifier.margins(label, at: point).elements }

  /// x₀ as a batch of one.
  var point: Matrix<Double> { Matrix(rows: 1, columns: input.count, elements: input) }

  /// The inputs within `radius`.
  public func region(_ radius: Double) -> Region { .around(input, radius: radius, norm: norm, domain: domain) }

  /// |x − x₀| in the problem's norm, rounded up.
  public func distance(to x: [Double]) -> Double {
    let differences = zip(x, input).map { ($0 - $1).magnitude.nextUp }
    switch norm {
    case .l1, .lInfinity: return differences.max() ?? 0
    case .l2:
      let scale = differences.max() ?? 0
      guard scale > 0 else { return 0 }
      let sum = differences.reduce(0) { $0 + ($1 / scale) * ($1 / scale) }
      return scale * sum.squareRoot() * (1 + ErrorBounds.gamma(input.count + 8))
    }
  }
}
