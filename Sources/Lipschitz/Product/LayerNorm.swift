/// A proved bound on a linear map's spectral norm, and the proof it has.
struct LayerNorm {
  /// How a norm is bounded.
  enum Variant: Int, Comparable, CaseIterable {
    /// By an elimination of the whole matrix: within rounding errors of the norm.
    case matrix
    /// By a formula that is exact for the map: diagonals, index maps.
    case formula
    /// By the frequencies of a torus that holds the image.
    case torus
    /// By the frequencies of the infinite plane.
    case plane
    /// By powers of the kernel's Gram matrix on the plane.
    case gramIteration
    /// By √(‖A‖₁ ‖A‖_∞) or the Frobenius norm.
    case entries

    static func < (a: Variant, b: Variant) -> Bool { a.rawValue < b.rawValue }

    /// What a note says of layers bounded so; `nil` for norms that are tight.
    var words: String? {
      switch self {
      case .matrix, .formula: nil
      case .torus: "on a torus around the image"
      case .plane: "on the infinite plane"
      case .gramIteration: "by Gram iteration"
      case .entries: "by sums of entries"
      }
    }
  }

  /// The bound, rounded up.
  var bound: Double
  /// Its proof.
  var variant: Variant

  /// The lesser of two bounds.
  static func least(_ a: LayerNorm, _ b: LayerNorm) -> LayerNorm { b.bound < a.bound || a.bound.isNaN ? b : a }
}
