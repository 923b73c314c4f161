import ConicPrograms

/// What the interior point takes on a program.
struct InteriorPointCost {
  /// Bytes of its matrices.
  let bytes: Double
  /// Multiplications of an iteration, roughly.
  let multiplications: Double

  /// Counts for a program without second-order cones.
  init(_ program: ConicProgram) {
    let m = Double(program.variableCount)
    var (bytes, multiplications) = (4 * 8 * m * m, m * m * m / 6)
    var equations = 0.0
    for cone in program.cones {
      switch cone {
      case .zero(let count): equations += Double(count)
      case .nonnegative, .secondOrder: break
      case .semidefinite(let order):
        let n = Double(order)
        bytes += 20 * 8 * n * n
        multiplications += 8 * n * n * n
      }
    }
    bytes += 3 * 8 * equations * m
    multiplications += equations * m * (m + equations)
    self.bytes = bytes
    self.multiplications = multiplications
  }
}
