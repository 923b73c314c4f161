import LinearAlgebra

/// The semidefinite program of a ``GainChain``: minimise ρ subject to inequalities F(V) ⪰ 0 that are linear in matrix variables V.
///
/// Every F is a sum of terms c · ½ (L′VR + R′VL) with matrices L and R of weights, zeros and ones, so that the solver sees the structure of
/// its derivatives and the checker re-evaluates F from the very same data with error bounds.
public struct GainProgram: Sendable {
  /// What a variable is.
  public enum Variable: Sendable, Equatable {
    /// A symmetric matrix of this order; its values are the upper triangle, row by row.
    case symmetric(Int)
    /// A diagonal matrix of this order; its values are the diagonal.
    case diagonal(Int)
    /// A multiple of the identity of this order; its one value is the factor.
    case multiple(Int)

    /// The number of values.
    public var count: Int {
      switch self {
      case .symmetric(let n): n * (n + 1) / 2
      case .diagonal(let n): n
      case .multiple: 1
      }
    }

    /// The order of the matrix.
    public var order: Int {
      switch self {
      case .symmetric(let n), .diagonal(let n), .multiple(let n): n
      }
    }

    /// The matrix with these values.
    ///
    /// - Precondition: there are ``count`` of them.
    public func matrix<Values: RandomAccessCollection<Double>>(_ values: Values) -> Matrix<Double> where Values.Index == Int {
      let n = order
      let start = values.startIndex
      var result = Matrix<Double>(rows: n, columns: n)
      switch self {
      case .symmetric:
        var k = start
        for i in 0..<n {
          for j in i..<n {
            result[i, j] = values[k]
            result[j, i] = values[k]
            k += 1
          }
        }
      case .diagonal: for i in 0..<n { result[i, i] = values[start + i] }
      case .multiple: for i in 0..<n { result[i, i] = values[start] }
      }
      return result
    }
  }

  /// Linear functionals of an inequality's coordinates: rows that are zero outside of a range of columns.
  public struct Form: Sendable {
    /// Where the range begins.
    public var column: Int
    /// The number of functionals.
    public var count: Int
    /// Their coefficients in the range; `nil` for the identity.
    public var matrix: Matrix<Double>?

    /// The coordinates `column ..< column + count`.
    public init(column: Int, count: Int) {
      (self.column, self.count, matrix) = (column, count, nil)
    }

    /// The rows of a matrix, beginning at a coordinate.
    public init(column: Int, _ matrix: Matrix<Double>) {
      (self.column, count, self.matrix) = (column, matrix.rows, matrix)
    }

    /// The number of columns in the range.
    public var width: Int { matrix?.columns ?? count }
    /// The coefficients in the range.
    public var coefficients: Matrix<Double> { matrix ?? .identity(count) }

    /// The functionals with these indices.
    func rows(_ indices: [Int]) -> Form {
      if indices.count == count, indices.elementsEqual(0..<count) { return self }
      if matrix == nil, let first = indices.first, indices.elementsEqual(first..<first + indices.count) {
        return Form(column: column + first, count: indices.count)
      }
      let own = coefficients
      return Form(
        column: column, Matrix(rows: indices.count, columns: width, elements: indices.flatMap { own.row($0) }))
    }
  }

  /// A term c · ½ (L′VR + R′VL).
  public struct Term: Sendable {
    /// The variable of V, or `nil` for the identity.
    public var variable: Int?
    /// c: meant exactly.
    public var coefficient: Double
    /// For diagonal variables factors of the elements, each within three roundings of what it stands for; `nil` for ones.
    public var weights: [Double]?
    /// L.
    public var left: Form
    /// R; `nil` when it is L.
    public var right: Form?
  }

  /// F(V) ⪰ 0.
  public struct Inequality: Sendable {
    /// Which layer it belongs to, for messages.
    public var name: String
    /// The number of coordinates.
    public var order: Int
    /// The terms.
    public var terms: [Term]
    /// How a first feasible point is found: which coordinates to eliminate, and with which variable, in this order.
    public var eliminations: [Elimination] = []
  }

  /// A variable and the coordinates that its term makes positive: a hint for solvers.
  public enum Elimination: Sendable {
    /// The multipliers of units, with their slopes.
    case units(variable: Int, columns: Range<Int>, UnitSectors)
    /// The storage of partial sums: blocks of channels from the first coordinate on.
    case partialSums(variable: Int, blocks: Int, channels: Int)
    /// The storage of past inputs: for each block its coordinates and the places among those of the present that they are of.
    case pastInputs(variable: Int, columns: Range<Int>, blocks: [[Int]])
    /// The storage of a state, x⁺ = Ax + Bu.
    case state(variable: Int, a: Matrix<Double>)
  }

  /// The inequalities of one layer, or of several that are treated together.
  public struct Stage: Sendable {
    /// The variables of the gain it takes its input with.
    public var inputs: [Int]
    /// The variables of the gain it gives its output with; none for the last.
    public var outputs: [Int] = []
    /// The variables of its own.
    public var interior: [Int] = []
    /// Its inequalities.
    public var inequalities: Range<Int> = 0..<0
  }

  /// The variables; ρ is the first.
  public internal(set) var variables: [Variable] = []
  /// The inequalities.
  public internal(set) var inequalities: [Inequality] = []
  /// Inequalities that the others imply for solvers but that proofs ask for: gains and storage functions are not negative.
  public internal(set) var sideConditions: [Inequality] = []
  /// The stages in order.
  public internal(set) var stages: [Stage] = []

  mutating func add(_ variable: Variable) -> Int {
    variables.append(variable)
    return variables.count - 1
  }
}
