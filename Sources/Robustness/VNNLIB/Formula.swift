/// A property's formula: comparisons under `and` and `or`.
enum Formula {
  case comparison(LinearConstraint)
  case all([Formula])
  case any([Formula])
}

extension Formula {
  /// The formula as a union of conjunctions.
  ///
  /// What all conjunctions have in common is kept apart, so that a box of thousands of inputs with ten alternatives is not copied ten times.
  struct Alternatives {
    /// Comparisons that always hold.
    var common: [LinearConstraint] = []
    /// The alternatives; one empty alternative says that nothing more is asked.
    var choices: [[LinearConstraint]] = [[]]
  }

  /// The formula multiplied out.
  ///
  /// - Parameter limit: the greatest number of comparisons in all alternatives together, and of alternatives.
  /// - Returns: `nil` when the limit is exceeded.
  func alternatives(limit: Int) -> Alternatives? {
    switch self {
    case .comparison(let constraint): return Alternatives(common: [constraint])
    case .all(let parts):
      var result = Alternatives()
      for part in parts {
        guard let next = part.alternatives(limit: limit), result.multiply(next, limit: limit) else { return nil }
      }
      return result
    case .any(let parts):
      var result = Alternatives(choices: [])
      var size = 0
      for part in parts {
        guard let next = part.alternatives(limit: limit) else { return nil }
        let choices = next.choices.count == 1 && next.choices[0].isEmpty ? [next.common] : next.choices.map { next.common + $0 }
        size += choices.reduce(choices.count) { $0 + $1.count }
        guard size <= limit else { return nil }
        result.choices += choices
      }
      return result
    }
  }
}

extension Formula.Alternatives {
  /// Both this and the other; false when the result would be too large.
  fileprivate mutating func multiply(_ other: Self, limit: Int) -> Bool {
    common += other.common
    if other.choices.count == 1, other.choices[0].isEmpty { return true }
    if choices.count == 1, choices[0].isEmpty {
      choices = other.choices
      return true
    }
    let (mine, theirs) = (choices.reduce(0) { $0 + $1.count }, other.choices.reduce(0) { $0 + $1.count })
    let (a, first) = mine.multipliedReportingOverflow(by: other.choices.count)
    let (b, second) = theirs.multipliedReportingOverflow(by: choices.count)
    let (count, third) = choices.count.multipliedReportingOverflow(by: other.choices.count)
    guard !first, !second, !third, a <= limit, b <= limit, count <= limit, a + b <= limit else { return false }
    choices = choices.flatMap { mine in other.choices.map { mine + $0 } }
    return true
  }
}
