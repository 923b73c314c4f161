import LinearAlgebra

/// Maxima, minima, tournaments and sorting networks as absolute-value units: max, min = (a + b ± |a − b|) / 2, all factors exact.
extension Lowering {
  /// The element-wise maximum (`sign` 1) or minimum (−1) of two values.
  mutating func extremum(_ a: Value, _ b: Value, sign: Double, name: String) -> Value {
    if a == b { return a }
    let h = absoluteDifference(a, b, name: name)
    let half = DiagonalMap<Double>(scale: Array(repeating: sign / 2, count: a.count))
    let terms = [combination([(a, 0.5), (b, 0.5)]), [LoweredNetwork.Term(source: h, map: half)]].joined()
    return append(name, .affine(terms: Array(terms), bias: nil), count: a.count)
  }

  /// The node of |a − b|, shared by all uses of the pair in either order.
  private mutating func absoluteDifference(_ a: Value, _ b: Value, name: String) -> Int {
    if let node = pairs[[a, b]] ?? pairs[[b, a]] { return node }
    let p = append(name + "/difference", .affine(terms: combination([(a, 1), (b, -1)]), bias: nil), count: a.count)
    let h = append(name + "/absolute", .activation(source: p.source, units: .uniform(.absoluteValue)), count: a.count)
    pairs[[a, b]] = h.source
    return h.source
  }

  /// The terms of a sum of two values with coefficients; one term when both come from the same node.
  private func combination(_ parts: [(value: Value, factor: Double)]) -> [LoweredNetwork.Term] {
    let sources = Set(parts.map(\.value.source)).sorted()
    return sources.map { source in
      let own = parts.filter { $0.value.source == source }
      if own.count == 1, own[0].value.indices == nil {
        if own[0].factor == 1 { return .init(source: source, map: nil) }
        return .init(source: source, map: DiagonalMap(scale: Array(repeating: own[0].factor, count: own[0].value.count)))
      }
      let rows = (0..<own[0].value.count).map { place in own.map { (element(place, of: $0.value), $0.factor) } }
      return .init(source: source, map: sparse(inputCount: nodes[source].count, rows))
    }
  }

  private func element(_ place: Int, of value: Value) -> Int { value.indices?[place] ?? place }

  /// A sparse map from rows of (element or −1, factor); entries for the same element add up, which is exact for the factors here.
  private func sparse(inputCount: Int, _ rows: [[(Int, Double)]]) -> SparseMap<Double> {
    SparseMap(
      inputCount: inputCount,
      rows: rows.map { row in
        var entries: [(column: Int, value: Double)] = []
        for (column, value) in row where column >= 0 {
          if let place = entries.firstIndex(where: { $0.column == column }) {
            entries[place].value += value
          } else {
            entries.append((column, value))
          }
        }
        return entries.filter { $0.value != 0 }
      })
  }

  private func sparse(on value: Value, _ rows: [[(Int, Double)]]) -> LoweredNetwork.Term {
    let mapped = rows.map { row in row.map { (element($0.0, of: value), $0.1) } }
    return .init(source: value.source, map: sparse(inputCount: nodes[value.source].count, mapped))
  }

  /// The greatest element of each window, by rounds of pairwise maxima; a pair two windows share is computed once.
  mutating func tournament(_ input: Value, _ sets: IndexSets, name: String) -> Value {
    struct Pair: Hashable {
      let low, high: Int
    }
    var state = input
    var windows = (0..<sets.count).map { Array(sets[$0]) }
    var round = 0
    while windows.contains(where: { $0.count > 1 }) {
      round += 1
      var slots: [Pair: Int] = [:]
      var contents: [Pair] = []
      windows = windows.map { window in
        var next: [Int] = []
        for place in stride(from: 0, to: window.count, by: 2) {
          let a = window[place]
          let b = place + 1 < window.count ? window[place + 1] : a
          let pair = Pair(low: min(a, b), high: max(a, b))
          let slot = slots[pair] ?? contents.count
          if slot == contents.count {
            slots[pair] = slot
            contents.append(pair)
          }
          if !next.contains(slot) { next.append(slot) }
        }
        return next
      }
      let matches = contents.filter { $0.low != $0.high }
      let p = append(
        "\(name)/difference \(round)",
        .affine(terms: [sparse(on: state, matches.map { [($0.low, 1), ($0.high, -1)] })], bias: nil), count: matches.count)
      let h = append("\(name)/absolute \(round)", .activation(source: p.source, units: .uniform(.absoluteValue)), count: matches.count)
      var unit = -1
      let shares = contents.map { pair -> [(Int, Double)] in
        if pair.low == pair.high { return [] }
        unit += 1
        return [(unit, 0.5)]
      }
      let means = contents.map { [($0.low, 0.5), ($0.high, 0.5)] }
      state = append(
        "\(name)/maximum \(round)", .affine(terms: [sparse(on: state, means), sparse(on: h, shares)], bias: nil), count: contents.count)
    }
    let last = windows.map { $0[0] }
    if state.indices == nil, last.elementsEqual(0..<state.count) { return state }
    return Value(source: state.source, indices: Self.compose(last, after: state.indices), count: last.count)
  }

  /// Each set sorted in ascending order, by Batcher's odd-even merging network; sizes other than powers of two leave comparators out.
  mutating func sort(_ input: Value, _ groups: IndexSets, size: Int, name: String) -> Value {
    var state = input
    var round = 0
    for comparators in Self.sortingRounds(size) where !comparators.isEmpty {
      round += 1
      let pairs = (0..<groups.count).flatMap { group in
        let places = groups[group]
        return comparators.map { (low: places[places.startIndex + $0.0], high: places[places.startIndex + $0.1]) }
      }
      let p = append(
        "\(name)/difference \(round)",
        .affine(terms: [sparse(on: state, pairs.map { [($0.low, 1), ($0.high, -1)] })], bias: nil), count: pairs.count)
      let h = append("\(name)/absolute \(round)", .activation(source: p.source, units: .uniform(.absoluteValue)), count: pairs.count)
      var means = (0..<input.count).map { [($0, 1.0)] }
      var shares = Array(repeating: [(Int, Double)](), count: input.count)
      for (unit, pair) in pairs.enumerated() {
        means[pair.low] = [(pair.low, 0.5), (pair.high, 0.5)]
        means[pair.high] = means[pair.low]
        shares[pair.low] = [(unit, -0.5)]
        shares[pair.high] = [(unit, 0.5)]
      }
      state = append(
        "\(name)/sorted \(round)", .affine(terms: [sparse(on: state, means), sparse(on: h, shares)], bias: nil), count: input.count)
    }
    return state
  }

  /// Batcher's rounds of disjoint comparators for `size` elements: the smaller goes to the first place.
  static func sortingRounds(_ size: Int) -> [[(Int, Int)]] {
    var rounds: [[(Int, Int)]] = []
    var p = 1
    while p < size {
      var k = p
      while k >= 1 {
        var round: [(Int, Int)] = []
        for j in stride(from: k % p, to: size - k, by: 2 * k) {
          for i in 0..<min(k, size - j - k) where (i + j) / (2 * p) == (i + j + k) / (2 * p) { round.append((i + j, i + j + k)) }
        }
        rounds.append(round)
        k /= 2
      }
      p *= 2
    }
    return rounds
  }
}
