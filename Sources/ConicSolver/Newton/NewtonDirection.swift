import ConicPrograms
import LinearAlgebra

/// Solves the Newton equations (σ A′DA + κI + μI) d = −g.
struct NewtonDirection {
  /// How a direction was found, for the choice of the next one and for figures.
  struct Counts: Sendable, Equatable {
    /// Factorisations of explicit matrices.
    var factorisations = 0
    /// Products with the Hessian.
    var products = 0
  }

  private var newton: NewtonMatrix
  /// What happened so far.
  private(set) var counts = Counts()
  /// Products that the last solves by conjugate gradients took.
  private var expectedProducts = 30.0

  /// The largest number of variables for which the matrix is formed.
  private static var explicitLimit: Int { 6000 }
  /// The residual at which a direction that conjugate gradients could not improve at an affordable cost is still used.
  private static var sufficientAccuracy: Double { 0.3 }
  /// Products with sparse A and conversions run at a fraction of the speed of those with dense matrices.
  private static var sparseCost: Double { 8 }

  /// Prepares for a program.
  init(_ program: ConicProgram) {
    newton = NewtonMatrix(program)
  }

  /// The direction at a value of the augmented Lagrangian.
  ///
  /// - Parameter accuracy: the residual |(H + μI) d + g| / |g| that conjugate gradients stop at.
  mutating func direction(
    _ lagrangian: AugmentedLagrangian, at value: AugmentedLagrangian.Value, μ: Double, accuracy: Double
  ) throws(LinearAlgebraError) -> [Double] {
    let m = Double(lagrangian.program.variableCount)
    let explicit = newton.cost(of: value.derivatives) + m * m * m / 3
    let product = productCost(lagrangian.program, value.derivatives)
    let affordable = lagrangian.program.variableCount > Self.explicitLimit ? 2000 : min(2000, Int(explicit / product))
    if Double(affordable) > expectedProducts {
      let (direction, products, error) = try conjugateGradients(lagrangian, at: value, μ: μ, accuracy: accuracy, limit: affordable)
      counts.products += products
      let converged = error <= max(accuracy, Self.sufficientAccuracy)
      expectedProducts = (expectedProducts + 2 * Double(products) * (converged ? 1 : 2)) / 3
      if converged || lagrangian.program.variableCount > Self.explicitLimit { return direction }
    } else {
      // Try again some day: early matrices say little about late ones.
      expectedProducts *= 0.95
    }
    return try factored(lagrangian, at: value, μ: μ)
  }

  /// Multiply-adds of one product with the Hessian.
  private func productCost(_ program: ConicProgram, _ derivatives: [ProjectionDerivative]) -> Double {
    derivatives.reduce(Self.sparseCost * Double(2 * program.coefficients.values.count + program.rowCount)) { sum, derivative in
      guard case .spectral(let spectrum) = derivative else { return sum }
      return sum + 4 * Double(spectrum.order * spectrum.order * spectrum.pairs.count)
    }
  }

  /// The direction by a Cholesky factor of the explicit matrix; μ grows until it exists.
  mutating func factored(
    _ lagrangian: AugmentedLagrangian, at value: AugmentedLagrangian.Value, μ: Double
  ) throws(LinearAlgebraError) -> [Double] {
    counts.factorisations += 1
    var matrix = try newton.matrix(value)
    let m = matrix.rows
    var trace = 0.0
    for i in 0..<m { trace += matrix[i, i] }
    matrix.scale(by: lagrangian.σ)
    // Rounding of the sums leaves eigenvalues of this size undetermined.
    var shift = μ + lagrangian.κ + 1e-14 * lagrangian.σ * trace / Double(max(1, m)) + .leastNormalMagnitude
    for attempt in 0... {
      var shifted = matrix
      for i in 0..<m { shifted[i, i] += shift }
      do {
        let factor = try shifted.cholesky()
        let negative = value.gradient.map { -$0 }
        return try factor.solvedTriangular(.lower, transposing: true, try factor.solvedTriangular(.lower, negative))
      } catch {
        guard case .notPositiveDefinite = error, attempt < 12 else { throw error }
        shift *= 10
      }
    }
    return []
  }

  /// The direction by conjugate gradients; columns of A have norm 1, so that the diagonal needs no scaling.
  private func conjugateGradients(
    _ lagrangian: AugmentedLagrangian, at value: AugmentedLagrangian.Value, μ: Double, accuracy: Double, limit: Int
  ) throws(LinearAlgebraError) -> (direction: [Double], products: Int, error: Double) {
    var residual = value.gradient.map { -$0 }
    var direction = [Double](repeating: 0, count: residual.count)
    var search = residual
    var square = VectorKernels.dot(residual, residual)
    let target = accuracy * accuracy * square
    for products in 1...max(1, limit) {
      var image = try lagrangian.multiplyHessian(at: value, search)
      var curvature = 0.0
      for i in search.indices {
        image[i] += μ * search[i]
        curvature += image[i] * search[i]
      }
      guard curvature > 0 else { return (direction, products, 1) }
      let step = square / curvature
      var next = 0.0
      for i in search.indices {
        direction[i] += step * search[i]
        residual[i] -= step * image[i]
        next += residual[i] * residual[i]
      }
      if next <= target { return (direction, products, accuracy) }
      let ratio = next / square
      square = next
      for i in search.indices { search[i] = residual[i] + ratio * search[i] }
    }
    return (direction, limit, accuracy * (square / target).squareRoot())
  }
}
