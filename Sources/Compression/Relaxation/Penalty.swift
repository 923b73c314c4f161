/// A penalty of one number that favours zero, by which weights are pruned.
///
/// On a group of weights the penalty acts on the group's l₂ norm: l₁ becomes the group lasso, l₀ and transformed l₁ their versions for groups.
///
/// - l₀, hard thresholding: Blumensath, Davies: Iterative thresholding for sparse approximations, 2008.
/// - l₁, soft thresholding: Daubechies, Defrise, De Mol: An iterative thresholding algorithm for linear inverse problems with a sparsity
///   constraint, 2004.
/// - Group lasso: Yuan, Lin: Model selection and estimation in regression with grouped variables, 2006.
/// - Transformed l₁ and its thresholding: Zhang, Xin: Minimization of transformed l₁ penalty: closed form representation and iterative
///   thresholding algorithms, 2017.
public enum Penalty: Hashable, Sendable, Codable {
  /// 1 for everything that is not zero.
  case l0
  /// |w|.
  case l1
  /// ρₐ(w) = (a + 1) |w| / (a + |w|) with a > 0: near l₀ for small a, near l₁ for large a.
  case transformedL1(a: Double = 1)

  /// The penalty of a number, or of a group whose norm it is.
  public func value(_ w: Double) -> Double {
    switch self {
    case .l0: w == 0 ? 0 : 1
    case .l1: abs(w)
    case .transformedL1(let a): (a + 1) * abs(w) / (a + abs(w))
    }
  }

  /// The largest |w| that ``proximal(_:weight:)`` maps to zero.
  ///
  /// - Parameter μ: the penalty's weight, not negative.
  public func threshold(weight μ: Double) -> Double {
    switch self {
    case .l0: return (2 * μ).squareRoot()
    case .l1: return μ
    case .transformedL1(let a):
      // Up to the critical weight the map is continuous; above it, it jumps.
      let isContinuous = μ <= a * a / (2 * (a + 1))
      return isContinuous ? μ * (a + 1) / a : (2 * μ * (a + 1)).squareRoot() - a / 2
    }
  }

  /// The u that makes μ P(u) + (u − w)² / 2 least; of two, the one that is zero.
  ///
  /// - Parameters:
  ///   - w: a number, or the norm of a group.
  ///   - μ: the penalty's weight, not negative.
  public func proximal(_ w: Double, weight μ: Double) -> Double { ProximalMap(self, weight: μ)(w) }

  /// Checks the penalty's constant.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) {
    guard case .transformedL1(let a) = self else { return }
    guard a > 0, a.isFinite else { throw .setting(key: "a", detail: "\(a) is not a positive number") }
  }
}
