extension Property {
  /// The property as it was understood, line by line: sizes first, then what is unsafe.
  ///
  /// - Parameter limit: the greatest number of disjuncts, and of constraints in each, that are written out.
  public func words(limit: Int = 10) -> [String] {
    var lines = [
      "VNN-LIB \(version): \(inputCount) inputs\(Self.list(inputs)), \(outputCount) outputs\(Self.list(outputs)), "
        + "\(disjuncts.count) disjunct\(disjuncts.count == 1 ? "" : "s")"
    ]
    let widths = disjuncts.prefix(10_000).flatMap { zip($0.box.lower, $0.box.upper).lazy.map { $1 - $0 }.filter { $0 > 1e-12 } }
    if let least = widths.min(), let greatest = widths.max() {
      let free = disjuncts.prefix(10_000).map { zip($0.box.lower, $0.box.upper).reduce(0) { $0 + ($1.1 - $1.0 > 1e-12 ? 1 : 0) } }
      lines.append("\(free.max() ?? 0) inputs are free, over widths from \(Self.short(least)) to \(Self.short(greatest))")
    } else if !disjuncts.isEmpty {
      lines.append("all inputs are fixed")
    }
    if disjuncts.isEmpty { lines.append("never unsafe: no point satisfies the assertions") }
    for (index, disjunct) in disjuncts.prefix(limit).enumerated() {
      let constraints = disjunct.constraints.prefix(limit).map(words)
      let more = disjunct.constraints.count > limit ? ["\(disjunct.constraints.count - limit) more constraints"] : []
      lines.append(
        (index == 0 ? "unsafe if " : "       or ") + (constraints + more).joined(separator: " and ")
          + (constraints.isEmpty ? "in the box" : ""))
    }
    if disjuncts.count > limit { lines.append("       or one of \(disjuncts.count - limit) more disjuncts") }
    return lines
  }

  private static func list(_ variables: [Variable]) -> String {
    variables.allSatisfy { $0.shape == nil }
      ? ""
      : " ("
        + variables.map { "\($0.name) \($0.elementType) [\(($0.shape ?? []).map(String.init).joined(separator: ","))]" }.joined(
          separator: " ")
        + ")"
  }

  /// The name of an element, as the language writes it.
  public func name(of index: Int, isInput: Bool) -> String {
    var offset = index
    for variable in isInput ? inputs : outputs {
      if offset >= variable.count {
        offset -= variable.count
        continue
      }
      guard let shape = variable.shape else { return "\(variable.name)_\(offset)" }
      if shape.isEmpty { return variable.name }
      var places: [Int] = []
      for length in shape.reversed() {
        places.append(offset % length)
        offset /= length
      }
      return "\(variable.name)[\(places.reversed().map(String.init).joined(separator: ","))]"
    }
    return "?"
  }

  private func words(_ constraint: LinearConstraint) -> String {
    let terms =
      constraint.inputs.map { (name(of: $0.index, isInput: true), $0.coefficient.lower) }
      + constraint.outputs.map { (name(of: $0.index, isInput: false), $0.coefficient.lower) }
    let constant = constraint.constant.lower
    func term(_ part: (String, Double)) -> String { part.1.magnitude == 1 ? part.0 : "\(Self.short(part.1.magnitude))·\(part.0)" }
    var left = terms.filter { $0.1 > 0 }.map(term)
    var right = terms.filter { $0.1 < 0 }.map(term)
    if constant > 0, right.isEmpty || !left.isEmpty {
      if left.isEmpty || right.isEmpty { right.append(Self.short(-constant)) } else { left.append(Self.short(constant)) }
    } else if constant != 0 {
      if right.isEmpty || !left.isEmpty { right.append(Self.short(-constant)) } else { left.append(Self.short(constant)) }
    }
    let sign = constraint.isStrict ? "<" : "<="
    return "\(left.isEmpty ? "0" : left.joined(separator: " + ")) \(sign) \(right.isEmpty ? "0" : right.joined(separator: " + "))"
  }

  private static func short(_ value: Double) -> String {
    let text = "\(value)"
    guard text.count > 12 else { return text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
    let scale = 1e6
    return value.magnitude > 1e-3 && value.magnitude < 1e6 ? "\((value * scale).rounded() / scale)" : text
  }
}
