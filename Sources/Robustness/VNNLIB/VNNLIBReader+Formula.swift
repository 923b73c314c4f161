/// Formulas and linear expressions.
extension VNNLIBReader {
  /// `(and …)`, `(or …)` or a comparison of two terms.
  mutating func readFormula(depth: Int) throws -> Formula {
    let open = try scanner.take(.open, "'(' of a formula")
    guard depth < limits.depth else {
      throw scanner.failure(.tooLarge, at: open, "expressions are nested deeper than \(limits.depth) levels")
    }
    let keyword = try scanner.take(.word, "'and', 'or' or a comparison")
    if scanner.isWord(keyword, "and") || scanner.isWord(keyword, "or") {
      var parts: [Formula] = []
      while scanner.next.kind != .close { parts.append(try readFormula(depth: depth + 1)) }
      _ = try scanner.take()
      return scanner.isWord(keyword, "and") ? .all(parts) : .any(parts)
    }
    guard let comparison = Comparison(rawValue: scanner.text(of: keyword)) else {
      let word = scanner.text(of: keyword)
      let isKnown = ["not", "=>", "xor", "let", "ite", "forall", "exists", "distinct"].contains(word)
      throw scanner.failure(
        isKnown ? .unsupported : .malformed, at: keyword,
        "'\(VNNLIBScanner.shortened(word))' is not supported; formulas are built with and, or, <=, >=, <, >, ==, !=")
    }
    let left = try readExpression(depth: depth + 1)
    let right = try readExpression(depth: depth + 1)
    _ = try scanner.take(.close, "')' after the two sides of a comparison")
    return comparison.formula(left, right)
  }

  private enum Comparison: String {
    case atMost = "<="
    case atLeast = ">="
    case below = "<"
    case above = ">"
    case equal = "=="
    case equals = "="
    case different = "!="

    func formula(_ left: LinearExpression, _ right: LinearExpression) -> Formula {
      func difference(_ a: LinearExpression, _ b: LinearExpression, isStrict: Bool) -> Formula {
        var result = a
        result.add(b, sign: -1)
        return .comparison(result.nonPositive(isStrict: isStrict))
      }
      switch self {
      case .atMost: return difference(left, right, isStrict: false)
      case .atLeast: return difference(right, left, isStrict: false)
      case .below: return difference(left, right, isStrict: true)
      case .above: return difference(right, left, isStrict: true)
      case .equal, .equals: return .all([difference(left, right, isStrict: false), difference(right, left, isStrict: false)])
      case .different: return .any([difference(left, right, isStrict: true), difference(right, left, isStrict: true)])
      }
    }
  }

  /// A number, a variable, or `+`, `-`, `*` of terms.
  private mutating func readExpression(depth: Int) throws -> LinearExpression {
    guard depth < limits.depth else {
      throw scanner.failure(.tooLarge, at: scanner.next, "expressions are nested deeper than \(limits.depth) levels")
    }
    switch scanner.next.kind {
    case .word:
      let token = try scanner.take()
      if let first = scanner.bytes(of: token).first, Self.beginsNumber(first) {
        guard let value = Enclosure(decimal: scanner.bytes(of: token)) else {
          throw scanner.failure(at: token, "'\(VNNLIBScanner.shortened(scanner.text(of: token)))' is no number, or too large a one")
        }
        return LinearExpression(constant: value)
      }
      return LinearExpression(terms: [(try variable(token), Enclosure(1))])
    case .open:
      _ = try scanner.take()
      let sign = try scanner.take(.word, "'+', '-' or '*'")
      var operands: [LinearExpression] = []
      var places: [VNNLIBScanner.Token] = []
      while scanner.next.kind != .close {
        places.append(scanner.next)
        operands.append(try readExpression(depth: depth + 1))
      }
      _ = try scanner.take()
      guard var result = operands.first else { throw scanner.failure(at: sign, "an operation without operands") }
      switch scanner.text(of: sign) {
      case "+": for operand in operands.dropFirst() { result.add(operand, sign: 1) }
      case "-" where operands.count == 1: result = result.scaled(by: Enclosure(-1))
      case "-": for operand in operands.dropFirst() { result.add(operand, sign: -1) }
      case "*":
        for (operand, place) in zip(operands, places).dropFirst() {
          if operand.isConstant {
            result = result.scaled(by: operand.constant)
          } else if result.isConstant {
            result = operand.scaled(by: result.constant)
          } else {
            throw scanner.failure(.unsupported, at: place, "a product of two variables: only linear constraints are supported")
          }
        }
      case let other:
        throw scanner.failure(
          .unsupported, at: sign, "'\(VNNLIBScanner.shortened(other))' is not supported in terms; +, - and * are")
      }
      return result
    default: throw scanner.unexpected(scanner.next, instead: "a number, a variable or '('")
    }
  }

  private static func beginsNumber(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
      || byte == UInt8(ascii: ".")
  }
}
