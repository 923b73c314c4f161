import LinearAlgebra
import Training

/// The rule behind pruning by magnitude and by norm: a share of the groups goes, those with the smallest norms.
///
/// Of n groups round(share · n) go, in each layer or in all layers together; of equal ones those that stand first are kept. In each layer
/// at least one group stays, since a share below one never asks for all; over all layers together that is not so, see ``PruningMask/check(_:)``.
/// Groups of different layers differ in size, so there ‖w‖₁ / n and ‖w‖₂ / √n of groups of n weights are compared.
///
/// What it leaves is the projection on the set of weights with so many groups that are not zero, in the l₂ norm: the distance is the l₂ norm
/// of what goes.
struct SmallestGroups: Sendable {
  /// The groups.
  let groups: WeightGroups
  /// The share that goes, from 0 to below 1.
  let share: Double
  /// How they are measured.
  let norm: WeightGroups.Norm
  /// Whether they are compared across layers.
  let isGlobal: Bool

  /// What is kept. Groups that are pruned already count first; O(n log n).
  func mask(_ parameters: [Float], after earlier: PruningMask?) -> PruningMask {
    var mask = PruningMask(count: parameters.count)
    let scores = groups.layers.map { self.scores(parameters, of: $0, after: earlier) }
    if isGlobal {
      let owners = scores.enumerated().flatMap { layer, scores in scores.indices.map { (layer: layer, group: $0) } }
      let all = Array(scores.joined())
      for index in Self.smallest((share * Double(all.count)).roundedCount, of: all) {
        mask.remove(owners[index].group, of: groups.layers[owners[index].layer])
      }
    } else {
      for (layer, scores) in zip(groups.layers, scores) {
        let count = min((share * Double(scores.count)).roundedCount, scores.count - 1)
        for group in Self.smallest(count, of: scores) { mask.remove(group, of: layer) }
      }
    }
    if let earlier { mask.formIntersection(earlier) }
    return mask
  }

  private func scores(_ parameters: [Float], of layer: WeightGroups.Layer, after earlier: PruningMask?) -> [Double] {
    let size = Double(layer.groupSize)
    let unit = !isGlobal ? 1 : norm == .l1 ? size : size.squareRoot()
    var scores = layer.norms(parameters, norm).map { $0 / unit }
    if let earlier {
      for group in scores.indices where layer.members(group).allSatisfy({ !earlier.isKept[$0] }) { scores[group] = -1 }
    }
    return scores
  }

  /// The indices of the smallest numbers; of equal ones those that stand last.
  static func smallest(_ count: Int, of scores: [Double]) -> some Sequence<Int> {
    let order = scores.indices.sorted { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) }
    return order.prefix(max(0, count))
  }
}

extension Double {
  /// The nearest integer, halves away from zero.
  var roundedCount: Int { Int(rounded()) }
}

extension PruningMask {
  /// Checks that something is left of every layer.
  ///
  /// - Throws: ``CompressionError/emptyLayer(_:)``.
  func check(_ groups: WeightGroups) throws(CompressionError) {
    for layer in groups.layers where !layer.range.contains(where: { isKept[$0] }) { throw .emptyLayer(layer.name) }
  }
}
