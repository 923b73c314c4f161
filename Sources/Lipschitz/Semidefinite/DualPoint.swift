import Certificates
import LinearAlgebra
import Networks

/// A feasible point of the dual of a ``LipschitzInequality``: a vector of increments for every node of the network.
///
/// A dual matrix Y = V V′ is feasible exactly when every unit's vector lies on its sphere, |h − cp| = d |p| (in the mode `layer`: every node's
/// matrix, in the Frobenius norm), and the inputs' vectors have the size that the objective prescribes. A solver's Y obeys this up to its
/// residual; one forward pass that keeps the directions of h − cp and corrects their lengths makes it exact, so the value is a lower bound on
/// the optimum whatever the residual was; see <doc:LiftedSolver>.
struct DualPoint {
  /// The increments of every node, one row for each direction.
  let values: [Matrix<Double>]
  /// A lower bound on the optimum of the program, that is on the least squared bound it can give, but for rounding.
  let squaredBound: Double

  /// Rounds a dual matrix to a feasible point.
  ///
  /// - Parameters:
  ///   - y: the dual matrix in scaled form; symmetric, positive semidefinite up to its error.
  ///   - inequality: the inequality it belongs to.
  ///   - network: the network of the inequality.
  ///   - sectors: the sectors of the inequality.
  /// - Throws: `LinearAlgebraError` when the eigenvalue iteration fails.
  /// - Complexity: 9 n³ for the eigenvectors, and one pass of the network for each eigenvalue that matters.
  init(_ y: Matrix<Double>, of inequality: LipschitzInequality, network: LoweredNetwork, sectors: [UnitSectors]) throws {
    let factor = try Self.factor(y)
    let (forms, scales) = (inequality.forms, inequality.coordinateScales)
    let rank = factor.rows
    // In true coordinates, and for an objective that is the squared bound itself.
    let whole = inequality.squaredBoundScale.squareRoot()
    func column(_ coordinate: Int) -> [Double] { (0..<rank).map { factor[$0, coordinate] * (scales[coordinate] * whole) } }

    var input = Matrix<Double>(rows: rank, columns: network.inputCount)
    for (k, i) in forms.inputs.enumerated() {
      for (row, value) in column(k).enumerated() { input[row, i] = value }
    }
    Self.normalise(&input, norm: inequality.inputNorm)
    var firsts: [Int: Int] = [:]
    for (k, unit) in forms.units.enumerated() where firsts[unit.position] == nil { firsts[unit.position] = k }

    var values: [Matrix<Double>] = []
    var position = 0
    for node in network.nodes {
      switch node.kind {
      case .input: values.append(input)
      case .affine(let terms, _):
        var sum = Matrix<Double>(rows: rank, columns: node.count)
        for term in terms {
          if let map = term.map {
            map.apply(values[term.source], to: &sum, accumulating: true)
          } else {
            for i in sum.elements.indices { sum.elements[i] += values[term.source].elements[i] }
          }
        }
        values.append(sum)
      case .activation(let source, _):
        // Units that are no coordinates move along βp: exact for linear ones, without consequence for the others.
        let p = values[source]
        var h = p
        for i in 0..<node.count { for row in 0..<rank { h[row, i] *= sectors[position].upper[i] } }
        var own: [(index: Int, centre: Double, width: Double, direction: [Double])] = []
        if let first = firsts[position] {
          for (k, unit) in forms.units[first...].enumerated() {
            guard unit.position == position else { break }
            let centre = 0.5 * (unit.lower + unit.upper)
            let asked = column(forms.inputs.count + first + k)
            let direction = (0..<rank).map { asked[$0] - centre * p[$0, unit.index] }
            own.append((unit.index, centre, 0.5 * (unit.upper - unit.lower), direction))
          }
        }
        Self.place(own, p: p, sharing: inequality.mode == .layer, into: &h)
        values.append(h)
        position += 1
      }
    }
    self.values = values
    squaredBound = values.last?.elements.reduce(0) { $0 + $1 * $1 } ?? 0
  }

  /// V with Y = V′V, one row for each eigenvalue that is not negligible; at least one row.
  private static func factor(_ y: Matrix<Double>) throws -> Matrix<Double> {
    let eigen = try y.symmetricEigen()
    let largest = eigen.values.last ?? 0
    let first = eigen.values.firstIndex { $0 > 1e-12 * largest && $0 > 0 } ?? max(0, eigen.values.count - 1)
    var elements: [Double] = []
    for k in first..<eigen.values.count {
      let root = max(0, eigen.values[k]).squareRoot()
      elements += eigen.vectors.row(k).map { root * $0 }
    }
    return Matrix(rows: eigen.values.count - first, columns: y.columns, elements: elements)
  }

  /// |V₀|_F = 1 for the l₂ norm, every input's vector of length 1 for the l_∞ norm.
  private static func normalise(_ input: inout Matrix<Double>, norm: InputNorm) {
    switch norm {
    case .l2, .l1:
      let size = input.frobeniusNorm
      guard size > 0 else { return }
      for i in input.elements.indices { input.elements[i] /= size }
    case .lInfinity:
      for (i, size) in input.columnNorms().enumerated() {
        for row in 0..<input.rows { input[row, i] = size > 0 ? input[row, i] / size : (row == 0 ? 1 : 0) }
      }
    }
  }

  /// h = cp + d |p| · direction / |direction|, unit by unit or with one length for the whole node; along p where there is no direction.
  private static func place(
    _ units: [(index: Int, centre: Double, width: Double, direction: [Double])], p: Matrix<Double>, sharing: Bool,
    into h: inout Matrix<Double>
  ) {
    let norms = p.columnNorms()
    func length(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var (wanted, given) = (0.0, 0.0)
    for unit in units {
      wanted += (unit.width * norms[unit.index]) * (unit.width * norms[unit.index])
      given += unit.direction.reduce(0) { $0 + $1 * $1 }
    }
    let common = given > 0 ? (wanted / given).squareRoot() : 0
    for unit in units {
      let size = sharing ? given.squareRoot() : length(unit.direction)
      let factor = sharing ? common : size > 0 ? unit.width * norms[unit.index] / size : 0
      for row in 0..<p.rows {
        let along = size > 0 ? factor * unit.direction[row] : unit.width * p[row, unit.index]
        h[row, unit.index] = unit.centre * p[row, unit.index] + along
      }
    }
  }
}
