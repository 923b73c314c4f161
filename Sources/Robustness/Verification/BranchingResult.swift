/// How a branch and bound search of a property ended.
enum BranchingResult: Sendable {
  case proved
  case found(Witness)
  case stopped
  /// Parts became too small to be split.
  case stuck
}

/// What branch and bound searches of a property did.
struct BranchingStatistics: Sendable {
  var boxes = 0
}
