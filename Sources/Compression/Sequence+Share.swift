extension Sequence {
  /// The sum of a count over all elements.
  func total(_ count: KeyPath<Element, Int>) -> Int { reduce(0) { $0 + $1[keyPath: count] } }

  /// What a count is of another one, over all elements together; 0 of nothing.
  func share(_ part: KeyPath<Element, Int>, of whole: KeyPath<Element, Int>) -> Double {
    let all = total(whole)
    return all == 0 ? 0 : Double(total(part)) / Double(all)
  }
}
