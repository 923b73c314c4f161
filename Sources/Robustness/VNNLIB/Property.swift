/// A set of unsafe inputs and outputs of a network: a union of boxes over the inputs with linear constraints.
///
/// The question asked of a network is whether some input and its output lie in the set: `sat` when they do, `unsat` when none does.
public struct Property: Sendable {
  /// One tensor that the property speaks about.
  public struct Variable: Sendable, Equatable {
    /// The name; in version 1.0 `X` for all inputs and `Y` for all outputs.
    public var name: String
    /// The element type as written, in small letters: `real`, `float32`, …
    public var elementType: String
    /// The declared shape, or `nil` in version 1.0, where variables are numbered through.
    public var shape: [Int]?
    /// The number of elements.
    public var count: Int
  }

  /// The unsafe points of one alternative: those of the box that satisfy every constraint.
  public struct Disjunct: Sendable {
    /// Bounds of the inputs.
    public var box: Box
    /// What inputs and outputs satisfy besides; may be empty. Strict bounds of an input are here, too, where the box cannot tell whether any
    /// number satisfies them.
    public var constraints: [LinearConstraint]
  }

  /// Bounds of every input, as decimals allow them to be known.
  public struct Box: Sendable, Equatable {
    /// At most the lower bounds: rounded outwards.
    public var lower: [Double]
    /// At least the upper bounds: rounded outwards.
    public var upper: [Double]
    /// The least doubles that satisfy the lower bounds.
    public var innerLower: [Double]
    /// The greatest doubles that satisfy the upper bounds.
    public var innerUpper: [Double]
  }

  /// The version of the language, such as `1.0` or `2.0`.
  public var version: String
  /// The inputs in the network's order.
  public var inputs: [Variable]
  /// The outputs in the network's order.
  public var outputs: [Variable]
  /// The alternatives. None at all says that the set is empty.
  public var disjuncts: [Disjunct]

  /// The number of all inputs' elements.
  public var inputCount: Int { inputs.reduce(0) { $0 + $1.count } }
  /// The number of all outputs' elements.
  public var outputCount: Int { outputs.reduce(0) { $0 + $1.count } }
  /// Whether the variables are real numbers; otherwise the query is about floating-point arithmetic.
  public var isAboutReals: Bool { (inputs + outputs).allSatisfy { $0.elementType == "real" } }
}

extension Property.Box {
  /// No bounds at all.
  init(unbounded count: Int) {
    let (low, high) = ([Double](repeating: -.infinity, count: count), [Double](repeating: .infinity, count: count))
    self.init(lower: low, upper: high, innerLower: low, innerUpper: high)
  }

  /// Takes in a constraint on a single input; false when the constraint is about something else.
  mutating func absorb(_ constraint: LinearConstraint) -> Bool {
    guard constraint.outputs.isEmpty, constraint.inputs.count == 1, let term = constraint.inputs.first,
      let bound = -constraint.constant / term.coefficient
    else { return false }
    let i = term.index
    if term.coefficient.lower > 0 {
      upper[i] = min(upper[i], bound.upper)
      innerUpper[i] = min(innerUpper[i], constraint.isStrict ? Self.below(bound) : bound.lower)
    } else {
      lower[i] = max(lower[i], bound.lower)
      innerLower[i] = max(innerLower[i], constraint.isStrict ? -Self.below(-bound) : bound.upper)
    }
    return true
  }

  /// The greatest double that is surely below a number.
  private static func below(_ bound: Enclosure) -> Double { bound.isExact ? bound.lower.nextDown : bound.lower }

  /// Whether no double is known to satisfy the bounds of an input: they pin a decimal, or nothing at all.
  func isWithoutDoubles(_ index: Int) -> Bool { innerLower[index] > innerUpper[index] }

  /// Whether no input satisfies the bounds.
  public var isEmpty: Bool { !zip(lower, upper).allSatisfy { $0 <= $1 } }

  /// The first input without a bound on both sides.
  public var firstUnbounded: Int? { lower.indices.first { !lower[$0].isFinite || !upper[$0].isFinite } }
}
