import Foundation

/// A node's attributes, each of which has to be asked for: what nobody asked for is refused at the end, never ignored.
struct ONNXAttributes {
  private let node: String
  private var remaining: [String: ONNXAttribute] = [:]

  /// The numbers of the attribute types in the format.
  private enum Kind: Int32 {
    case real = 1
    case integer, string, tensor
    case reals = 6
    case integers
  }

  /// Collects the attributes of the node called `node`.
  init(_ attributes: [ONNXAttribute], node: String) throws {
    self.node = node
    for attribute in attributes {
      guard remaining.updateValue(attribute, forKey: attribute.name) == nil else {
        throw failure(.malformed, "attribute '\(attribute.name)' occurs twice")
      }
      guard attribute.refAttrName.isEmpty else {
        throw failure(.unsupported, "attribute '\(attribute.name)' refers to a function's parameter, which is not supported")
      }
      guard !attribute.hasG, attribute.graphs.isEmpty else {
        throw failure(.unsupported, "attribute '\(attribute.name)' is a subgraph, which is not supported")
      }
    }
  }

  private func failure(_ kind: FormatError.Kind, _ reason: String) -> FormatError {
    FormatError(kind, place: .node(node), reason: reason)
  }

  private mutating func take(_ name: String, _ kind: Kind, isPresent: (ONNXAttribute) -> Bool) throws -> ONNXAttribute? {
    guard let attribute = remaining.removeValue(forKey: name) else { return nil }
    // Early files leave the type out; then the value itself has to be there.
    guard attribute.type == kind.rawValue || (attribute.type == 0 && isPresent(attribute)) else {
      throw failure(.malformed, "attribute '\(name)' has type \(attribute.type) instead of \(kind.rawValue)")
    }
    return attribute
  }

  /// Whether there is an attribute of that name that nobody asked for yet.
  func contains(_ name: String) -> Bool { remaining[name] != nil }

  /// An integer.
  mutating func integer(_ name: String) throws -> Int? {
    try take(name, .integer, isPresent: \.hasI).map { Int($0.i) }
  }

  /// An integer that is 0 or 1.
  mutating func flag(_ name: String, default value: Bool) throws -> Bool {
    guard let number = try integer(name) else { return value }
    guard number == 0 || number == 1 else { throw failure(.malformed, "attribute '\(name)' is \(number), not 0 or 1") }
    return number == 1
  }

  /// A real number.
  mutating func real(_ name: String) throws -> Double? {
    try take(name, .real, isPresent: \.hasF).map { Double($0.f) }
  }

  /// A string.
  mutating func string(_ name: String) throws -> String? {
    guard let attribute = try take(name, .string, isPresent: \.hasS) else { return nil }
    guard let text = String(data: attribute.s, encoding: .utf8) else { throw failure(.malformed, "attribute '\(name)' is not UTF-8") }
    return text
  }

  /// A list of integers.
  mutating func integers(_ name: String) throws -> [Int]? {
    try take(name, .integers, isPresent: { !$0.ints.isEmpty }).map { $0.ints.map(Int.init) }
  }

  /// A list of real numbers.
  mutating func reals(_ name: String) throws -> [Double]? {
    try take(name, .reals, isPresent: { !$0.floats.isEmpty }).map { $0.floats.map(Double.init) }
  }

  /// A constant tensor.
  mutating func tensor(_ name: String) throws -> ONNXConstant? {
    try take(name, .tensor, isPresent: \.hasT).map { try ONNXConstant($0.t, name: "\(node).\(name)") }
  }

  /// Takes an attribute that has no influence on the result, of whatever value.
  mutating func ignore(_ name: String) { remaining[name] = nil }

  /// Throws when an attribute is left that nobody asked for.
  func finish() throws {
    if let name = remaining.keys.min() {
      throw failure(.unsupported, "attribute '\(name)' is not supported")
    }
  }
}
