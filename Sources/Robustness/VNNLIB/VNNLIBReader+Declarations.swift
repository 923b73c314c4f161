extension VNNLIBReader {
  /// The rest of `(declare-const X_3 Real)` or `(declare-fun X_3 () Real)`.
  mutating func declareScalar(isFunction: Bool) throws {
    let name = try scanner.take(.word, "a variable")
    guard let scalar = Self.scalar(scanner.bytes(of: name)) else {
      throw scanner.failure(
        .unsupported, at: name, "variables are X_0, X_1, … and Y_0, Y_1, …, not '\(VNNLIBScanner.shortened(scanner.text(of: name)))'")
    }
    if isFunction {
      _ = try scanner.take(.open, "'()'")
      _ = try scanner.take(.close, "')'")
    }
    let type = try scanner.take(.word, "the type Real")
    guard scanner.isWord(type, "Real") else { throw scanner.failure(.unsupported, at: type, "variables have the type Real") }
    let isNew: Bool
    switch scalar {
    case .input(let i):
      guard i < limits.variables else { throw scanner.failure(.tooLarge, at: name, "too many inputs") }
      isNew = declarations.scalars.inputs.insert(i).inserted
    case .output(let j):
      guard j < limits.variables else { throw scanner.failure(.tooLarge, at: name, "too many outputs") }
      isNew = declarations.scalars.outputs.insert(j).inserted
    }
    guard isNew else { throw scanner.failure(at: name, "\(scanner.text(of: name)) is declared twice") }
  }

  /// The rest of `(vnnlib-version <2.0>)`.
  mutating func readVersion(_ keyword: VNNLIBScanner.Token, isFirst: Bool) throws {
    let token = try scanner.take(.word, "a version such as <2.0>")
    let text = scanner.text(of: token)
    guard isFirst, declarations.version == nil, declarations.scalars.inputs.isEmpty, declarations.scalars.outputs.isEmpty else {
      throw scanner.failure(at: keyword, "the version comes first, and once")
    }
    guard text.hasPrefix("<"), text.hasSuffix(">"), text.count > 2 else {
      throw scanner.unexpected(token, instead: "a version such as <2.0>")
    }
    let version = String(text.dropFirst().dropLast())
    guard version == "2.0" || version == "2.1" else {
      throw scanner.failure(.unsupported, at: token, "version '\(VNNLIBScanner.shortened(version))' is not supported; 1.0, 2.0 and 2.1 are")
    }
    declarations.version = version
  }

  /// The rest of `(declare-network f (declare-input X float32 [1,2]) … )`.
  mutating func declareNetwork(_ keyword: VNNLIBScanner.Token) throws {
    guard !declarations.hasNetwork else {
      throw scanner.failure(.unsupported, at: keyword, "properties of several networks are not supported")
    }
    declarations.hasNetwork = true
    _ = try name("a network's name")
    while scanner.next.kind == .open {
      _ = try scanner.take()
      let part = try scanner.take(.word, "a declaration")
      switch scanner.text(of: part) {
      case "declare-input":
        guard declarations.outputs.isEmpty else { throw scanner.failure(at: part, "inputs are declared before outputs") }
        try declareTensor(isInput: true)
      case "declare-output": try declareTensor(isInput: false)
      case "declare-hidden": throw scanner.failure(.unsupported, at: part, "properties of hidden nodes are not supported")
      case "equal-to", "isomorphic-to":
        throw scanner.failure(.unsupported, at: part, "properties of several networks are not supported")
      case let other:
        throw scanner.failure(at: part, "'\(VNNLIBScanner.shortened(other))' is no declaration in a network")
      }
      _ = try scanner.take(.close, "')' after a declaration")
    }
  }

  private mutating func name(_ what: String) throws -> VNNLIBScanner.Token {
    let token = try scanner.take(.word, what)
    let bytes = scanner.bytes(of: token)
    let isName =
      bytes.first.map(Self.isLetter) == true && bytes.allSatisfy { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "_") }
    guard isName else { throw scanner.unexpected(token, instead: "\(what): a letter, then letters, digits and _,") }
    return token
  }

  private mutating func declareTensor(isInput: Bool) throws {
    let token = try name("a variable's name")
    let text = scanner.text(of: token)
    guard declarations.tensors[text] == nil else {
      throw scanner.failure(at: token, "'\(VNNLIBScanner.shortened(text))' is declared twice")
    }
    let type = try scanner.take(.word, "an element type")
    let elementType = scanner.text(of: type).lowercased()
    guard ["real", "float16", "float32", "float64", "bfloat16"].contains(elementType) else {
      throw scanner.failure(
        .unsupported, at: type, "the element type '\(VNNLIBScanner.shortened(scanner.text(of: type)))' is not supported")
    }
    let place = scanner.next
    let shape = try integers("a length")
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, length > 0, product <= limits.variables else {
        throw scanner.failure(length > 0 ? .tooLarge : .malformed, at: place, "the shape is empty or too large")
      }
      count = product
    }
    if isInput, scanner.isWord(scanner.next, "initialized") {
      guard declarations.version == "2.1" else { throw scanner.failure(at: scanner.next, "'initialized' belongs to version 2.1") }
      _ = try scanner.take()
    }
    let offset = (isInput ? declarations.inputs : declarations.outputs).reduce(0) { $0 + $1.count }
    guard offset + count <= limits.variables else { throw scanner.failure(.tooLarge, at: place, "too many variables") }
    declarations.tensors[text] = (isInput, offset, shape)
    let variable = Property.Variable(name: text, elementType: elementType, shape: shape, count: count)
    if isInput { declarations.inputs.append(variable) } else { declarations.outputs.append(variable) }
  }

  /// `[1,3,32]`, or `[]`.
  private mutating func integers(_ what: String) throws -> [Int] {
    _ = try scanner.take(.openBracket, "'['")
    var result: [Int] = []
    while scanner.next.kind != .closeBracket {
      if !result.isEmpty { _ = try scanner.take(.comma, "',' or ']'") }
      let token = try scanner.take(.word, what)
      guard scanner.bytes(of: token).allSatisfy(Self.isDigit), let value = Int(scanner.text(of: token)) else {
        throw scanner.unexpected(token, instead: "\(what), a whole number,")
      }
      guard result.count < 64 else { throw scanner.failure(.tooLarge, at: token, "more than 64 axes") }
      result.append(value)
    }
    _ = try scanner.take()
    return result
  }

  /// The variable that a word, with an index in brackets after it in version 2.0, stands for.
  mutating func variable(_ token: VNNLIBScanner.Token) throws -> LinearExpression.Variable {
    func undeclared() -> VNNLIBError {
      scanner.failure(at: token, "'\(VNNLIBScanner.shortened(scanner.text(of: token)))' is not declared")
    }
    guard declarations.version != nil else {
      guard let scalar = Self.scalar(scanner.bytes(of: token)) else { throw undeclared() }
      switch scalar {
      case .input(let i): guard declarations.scalars.inputs.contains(i) else { throw undeclared() }
      case .output(let j): guard declarations.scalars.outputs.contains(j) else { throw undeclared() }
      }
      return scalar
    }
    guard let tensor = declarations.tensors[scanner.text(of: token)] else { throw undeclared() }
    let place = scanner.next
    let index = scanner.next.kind == .openBracket ? try integers("an index") : []
    guard index.count == tensor.shape.count else {
      throw scanner.failure(
        at: place, "'\(VNNLIBScanner.shortened(scanner.text(of: token)))' has \(tensor.shape.count) axes, but the index has \(index.count)")
    }
    var flat = 0
    for (i, length) in zip(index, tensor.shape) {
      guard i < length else { throw scanner.failure(at: place, "the index \(i) is beyond an axis of length \(length)") }
      flat = flat * length + i
    }
    return tensor.isInput ? .input(tensor.offset + flat) : .output(tensor.offset + flat)
  }

  /// `X_12` or `Y_0`.
  private static func scalar(_ bytes: ArraySlice<UInt8>) -> LinearExpression.Variable? {
    guard bytes.count > 2, bytes[bytes.startIndex + 1] == UInt8(ascii: "_"), bytes.count < 12 else { return nil }
    var number = 0
    for byte in bytes.dropFirst(2) {
      guard isDigit(byte) else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    switch bytes[bytes.startIndex] {
    case UInt8(ascii: "X"): return .input(number)
    case UInt8(ascii: "Y"): return .output(number)
    default: return nil
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
