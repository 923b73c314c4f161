import ConicPrograms

/// What an iteration of a first-order engine costs on a set of cliques, in units of the n³ of a large projection.
///
/// A projection onto the cone of order n takes about n³ + 75 n² + 1200 n units of half a nanosecond: a full eigendecomposition and the
/// product of the positive part, fitted to measured times from order 2 to 800. The lower powers, which are missing in the literature's
/// plain cubes, say that LAPACK is far from its peak for small matrices. An overlap variable takes its share of the vectors and of the
/// linear system, a row and a column more, for which 50 units are a rough value.
struct CliqueCost: Sendable, Equatable {
  /// Units for the projection of a clique of this size.
  static func projection(_ size: Int) -> Double {
    let n = Double(size)
    return size <= 1 ? n : n * (n * (n + 75) + 1200)
  }

  /// Units for each overlap variable.
  static let overlap = 50.0

  /// Units for the overlap variables of one separator.
  static func separator(_ size: Int) -> Double { overlap * Double(SymmetricVector.dimension(order: size)) }

  /// What merging two cliques saves; with the plain cubes for costs it is the edge weight of Garstka, Cannon, Goulart: "A clique graph
  /// based merging strategy for decomposable SDPs", IFAC 2020.
  static func saving(_ first: Int, _ second: Int, union: Int, shared: Int) -> Double {
    projection(first) + projection(second) - projection(union) + separator(shared)
  }
}

extension CliqueTree {
  /// Units of ``CliqueCost`` for some of the cliques (all of a tree's).
  func cost(_ range: Range<Int>) -> Double {
    range.reduce(0) { $0 + CliqueCost.projection(cliques[$1].count) + CliqueCost.separator(separators[$1].count) }
  }

  /// Units of ``CliqueCost`` for all cliques.
  var cost: Double { cost(cliques.indices) }
}
