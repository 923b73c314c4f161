import Certificates
import ConicPrograms
import LinearAlgebra

extension LipschitzInequality {
  /// A diagonal block of the dual matrix with a bound on its trace.
  public struct TraceBound: Sendable, Equatable {
    /// The coordinates of the block: the inputs, or the units of an activation node.
    public var range: Range<Int>
    /// At least tr Y over these coordinates, for every feasible Y of the dual in scaled form.
    public var bound: Double
  }

  /// A-priori bounds on the traces of the dual matrix's diagonal blocks, rounded up.
  ///
  /// The dual of multipliers says that the increments of node k, as vectors, obey |h − Cp| = |Dp| with C, D the sectors' centres and half
  /// widths (unit by unit, or for the node as a whole), so √tr Y_kk ≤ (max |c| + max d) Σⱼ ‖P_kj‖ √tr Y_jj with P_kj the node's
  /// pre-activations over block j: products of norms. The blocks of the inputs have the trace that the objective prescribes.
  ///
  /// They hold for the exact inequality of the forms, which are affine nodes multiplied out in floating point. The entries of ``inequality``
  /// are rounded products of these forms and the sectors, exact where α + β is a power of two and αβ = 0, as for ReLU. For other sectors
  /// the bounds hold for the entries as stored only up to that rounding, so a proof that takes them for granted is conditional on it.
  public func traceBounds() -> [TraceBound] {
    let inputCount = forms.inputs.count
    var blocks = [TraceBound(range: 0..<inputCount, bound: inputTrace)]
    var start = 0
    while start < forms.units.count {
      let position = forms.units[start].position
      let end = forms.units[start...].firstIndex { $0.position != position } ?? forms.units.count
      let root = rootOfTrace(of: start..<end, before: blocks)
      blocks.append(TraceBound(range: inputCount + start..<inputCount + end, bound: ErrorBounds.multiplyUp(root, root)))
      start = end
    }
    return blocks
  }

  /// At least tr Y for every feasible Y of the dual in scaled form, rounded up, with the reservations of ``traceBounds()``: what
  /// `SemidefiniteProver` takes as the trace bound of the inequality's only block. Its bounds list it among their assumptions.
  public func dualTraceBound() -> Double { traceBounds().reduce(0) { ErrorBounds.addUp($0, $1.bound) } }

  /// Every feasible Y has ⟨F, Y⟩ = c for the inputs' variables, whose F is the identity on their coordinates.
  private var inputTrace: Double {
    inputNorm.hasOneWeight ? 1 : inequality.objective.prefix(forms.inputs.count).reduce(0) { ErrorBounds.addUp($0, $1) }
  }

  private func rootOfTrace(of units: Range<Int>, before blocks: [TraceBound]) -> Double {
    var (centre, width) = (0.0, 0.0)
    for unit in forms.units[units] {
      centre = max(centre, (0.5 * (unit.lower + unit.upper)).magnitude.nextUp)
      width = max(width, (0.5 * (unit.upper - unit.lower)).nextUp)
    }
    var sum = 0.0
    for block in blocks {
      var map = Matrix<Double>(rows: units.count, columns: block.range.count)
      for (row, k) in units.enumerated() {
        // Quotients of powers of two: exact.
        let own = 1 / coordinateScales[forms.inputs.count + k]
        let p = forms.units[k].preactivation
        for (column, value) in zip(p.columns, p.values) where block.range.contains(column) {
          map[row, column - block.range.lowerBound] = value * (coordinateScales[column] * own)
        }
      }
      guard map.elements.contains(where: { $0 != 0 }) else { continue }
      let norm = VerifiedNorm.upperBound(of: DenseMap(weight: map))
      sum = ErrorBounds.addUp(sum, ErrorBounds.multiplyUp(norm, ErrorBounds.sqrtUp(block.bound)))
    }
    return ErrorBounds.multiplyUp(ErrorBounds.addUp(centre, width), sum)
  }

  /// A bound on the squared Lipschitz constant from any variables, feasible or not: c′x plus the penalty B · λ_max⁺(−D X(x) D), in the units
  /// of the true squared bound.
  ///
  /// For the optimal Y of the dual, weak duality gives optimum ≤ c′x − ⟨X(x), Y⟩, and ⟨−DXD, D⁻¹YD⁻¹⟩ ≤ λ_max⁺ · tr D⁻¹YD⁻¹ ≤ λ_max⁺ · B where D
  /// is √τ on each of the B blocks with trace bounds τ (Jansson's bound with traces). Evaluated in floating point with one eigenvalue; what is
  /// printed as certified rests on the recursion instead.
  ///
  /// - Throws: `LinearAlgebraError` when the eigenvalue iteration fails.
  public func penaltyBound(_ x: [Double], traceBounds blocks: [TraceBound]) throws -> Double {
    var scaled = matrix(x)
    let n = scaled.rows
    var root = [Double](repeating: 0, count: n)
    for block in blocks { for i in block.range { root[i] = block.bound.squareRoot() } }
    for i in 0..<n { for j in 0..<n { scaled[i, j] *= root[i] * root[j] } }
    let least = n > 0 ? try scaled.symmetricEigen(in: 0..<1).values[0] : 0
    let value = zip(inequality.objective, x).reduce(0) { $0 + $1.0 * $1.1 }
    return squaredBoundScale * (value + Double(blocks.count) * max(0, -least))
  }
}
