import LinearAlgebra

/// A quadratic form x′Gx of a tensor's channels, linear in variables of a ``GainProgram``.
struct Gain {
  /// c · x[left]′ V x[right], V = I for no variable.
  struct Part {
    var variable: Int?
    var coefficient: Double
    var left: [Int]
    var right: [Int]
  }

  /// The number of channels.
  var count: Int
  var parts: [Part]

  /// The gain that a variable is.
  init(variable: Int?, count: Int) {
    self.count = count
    parts = [Part(variable: variable, coefficient: 1, left: Array(0..<count), right: Array(0..<count))]
  }

  /// For groups of consecutive channels ⊕ (λ_j I + γ_j 11′).
  init(groups: Int, size: Int, identity: Int, ones: Int) {
    count = groups * size
    let members = (0..<size).map { member in (0..<groups).map { $0 * size + member } }
    parts = members.map { Part(variable: identity, coefficient: 1, left: $0, right: $0) }
    for a in members { for b in members { parts.append(Part(variable: ones, coefficient: 1, left: a, right: b)) } }
  }

  /// At most the gain over μ: what is left after a layer of squared norm μ.
  func divided(by factor: Double) -> Gain {
    var result = self
    for k in parts.indices { result.parts[k].coefficient = max(0, ErrorBounds.divideDown(parts[k].coefficient, factor)) }
    return result
  }

  /// I ⊗ G: the gain of `copies` pixels one after the other.
  func repeated(_ copies: Int) -> Gain {
    var result = self
    result.count = count * copies
    result.parts = (0..<copies).flatMap { pixel in
      parts.map { part in
        var part = part
        part.left = part.left.map { $0 + pixel * count }
        part.right = part.right.map { $0 + pixel * count }
        return part
      }
    }
    return result
  }

  /// ± z′Gz for functionals z.
  func terms(on form: GainProgram.Form, sign: Double) -> [GainProgram.Term] {
    parts.map { part in
      GainProgram.Term(
        variable: part.variable, coefficient: sign * part.coefficient, weights: nil, left: form.rows(part.left),
        right: part.left == part.right ? nil : form.rows(part.right))
    }
  }
}
