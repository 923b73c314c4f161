import ConicPrograms

/// Which semidefinite cones of a program are decomposed, and into what cliques.
///
/// With ``ConicSettings/Decomposition/always``, every cone whose pattern has more than one clique after merging. With
/// ``ConicSettings/Decomposition/automatic``, each connected component of a pattern becomes a cone of its own, which costs nothing, and a
/// component is decomposed further where
/// - an iteration of the first-order engine becomes at least ``leastGain`` times cheaper by ``CliqueCost``. Iterations are not more in
///   number: on maximal cuts and LipSDP, cliques merged like this took between a fifth of and as many as the dense cone; and
/// - the other engines can still run, or could not have run anyway. Newton's method and the interior point form dense systems in all
///   variables, and overlap variables count among them: at most ``mostOverlap`` times the program's variables are allowed, unless the
///   first-order engine is the only one asked for or the component is larger than ``largestDense``. The linear matrix inequalities of
///   LipSDP have few multipliers and large overlaps; up to that order they stay dense by this rule.
struct DecompositionChoice {
  /// How many times cheaper an iteration has to become.
  static let leastGain = 2.0
  /// Overlap variables for each variable of the program.
  static let mostOverlap = 3
  /// The order from which on a single eigendecomposition takes seconds.
  static let largestDense = 1500

  /// For each cone its cliques and the number of maximal cliques before merging; nil for cones that stay as they are.
  var trees: [(tree: CliqueTree, maximalCliqueCount: Int)?]

  /// Decides for a program.
  init(_ program: ConicProgram, settings: ConicSettings) {
    guard settings.decomposition != .none else {
      trees = program.cones.map { _ in nil }
      return
    }
    let flags = program.rowsInUse
    trees = zip(program.cones, program.ranges).map { cone, range in
      guard case .semidefinite(let order) = cone, order > 1, !flags[range].allSatisfy({ $0 }) else { return nil }
      let maximal = CliqueTree(SparsityPattern(order: order, flags: flags[range]))
      guard maximal.cliques.count > 1 else { return nil }
      let merged = maximal.merged()
      let chosen =
        settings.decomposition == .always
        ? merged
        : merged.uniting { range in !Self.pays(merged, range, variableCount: program.variableCount, method: settings.method) }
      return chosen.cliques.count > 1 ? (chosen, maximal.cliques.count) : nil
    }
  }

  private static func pays(_ tree: CliqueTree, _ range: Range<Int>, variableCount: Int, method: ConicSettings.Method) -> Bool {
    let order = range.reduce(0) { $0 + tree.residuals[$1].count }
    guard tree.cost(range) * leastGain <= CliqueCost.projection(order) else { return false }
    let overlapCount = range.reduce(0) { $0 + SymmetricVector.dimension(order: tree.separators[$1].count) }
    return method == .firstOrder || order > largestDense || overlapCount <= mostOverlap * variableCount
  }
}
