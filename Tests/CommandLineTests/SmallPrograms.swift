/// Small semidefinite programs whose solutions are known by hand, in SDPA's format.
enum SmallPrograms {
  /// min x₁ + x₂ with [[x₁, 1], [1, x₂]] ⪰ 0: value 2 at x = (1, 1), Y = [[1, -1], [-1, 1]].
  static let corner = "\"a corner\n2\n1\n2\n1 1\n0 1 1 2 -1\n1 1 1 1 1\n2 1 2 2 1\n"
  /// min 2x₁ + 4x₂ with the same block and x₁ ≥ 2: value 6 at x = (2, 1/2).
  static let mixed = "2 = m\n2 = blocks\n(2, -1)\n{2, 4}\n0 1 1 2 -1\n0 2 1 1 2\n1 1 1 1 1\n1 2 1 1 1\n2 1 2 2 1\n"
  /// x ≥ 1 and -x ≥ 0.
  static let empty = "1\n1\n-2\n1\n0 1 1 1 1\n1 1 1 1 1\n1 1 2 2 -1\n"
  /// min x with -x ≥ 0.
  static let unbounded = "1\n1\n1\n1\n1 1 1 1 -1\n"
  /// A linear program with value 1.5.
  static let linear = "NAME\nROWS\n N cost\n G r\nCOLUMNS\n x cost 1 r 2\nRHS\n b r 3\nENDATA\n"

  /// The bound of a random dense graph's greatest cut: n variables, one dense block of order n.
  static func cut(order: Int) -> String {
    var text = "\(order)\n1\n\(order)\n" + Array(repeating: "1", count: order).joined(separator: " ") + "\n"
    var state: UInt64 = 7
    for i in 1...order {
      for j in i...order {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += "0 1 \(i) \(j) \(Double(state >> 40) / Double(1 << 24) - 0.5)\n"
      }
    }
    for i in 1...order { text += "\(i) 1 \(i) \(i) 1\n" }
    return text
  }
}
