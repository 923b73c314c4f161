import Networks

/// Evaluates nodes whose result does not depend on the network's input: shape arithmetic, and constants made from constants.
///
/// Integers are exact (an overflow is an error); reals are computed in double precision.
struct ONNXFolder {
  typealias Rule = @Sendable (ONNXFolder, inout ONNXCall) throws -> [ONNXConstant]

  /// The greatest number of elements of a constant that is made here.
  let limit: Int

  /// Operators understood on constants only.
  static let operatorsOnShapes: Set<String> = ["Constant", "ConstantOfShape", "Shape", "Size", "Range"]

  private static let rules: [String: Rule] = [sourceRules, arithmeticRules, rearrangingRules].reduce(into: [:]) {
    $0.merge($1) { first, _ in first }
  }

  /// The folder for an import.
  init(importer: ONNXImporter) { limit = min(importer.options.maximumTensorElements, 1 << 24) }

  /// The results of `call`, or `nil` when they depend on the network's input or there is no rule for the operator.
  func fold(_ call: inout ONNXCall, importer: ONNXImporter) throws -> [ONNXConstant]? {
    if call.operatorName == "Shape" || call.operatorName == "Size", case .variable(let node) = try call.value(0) {
      return [try shapeOrSize(importer.shape(node).dimensions, &call)]
    }
    let areConstant = call.inputs.allSatisfy { if case .variable = $0 { false } else { true } }
    guard areConstant, let rule = Self.rules[call.operatorName] else { return nil }
    return try rule(self, &call)
  }

  // MARK: - Sources

  private static let sourceRules: [String: Rule] = [
    "Constant": { try [$0.stored(&$1)] },
    "ConstantOfShape": { folder, call in
      let dimensions = try call.integers(0)
      let value = try call.attributes.tensor("value") ?? ONNXConstant([1], reals: [0])
      guard value.count == 1 else { throw call.failure(.malformed, "attribute 'value' must hold one number") }
      return [value.picking(Array(repeating: 0, count: try folder.count(dimensions, call)), dimensions: dimensions)]
    },
    "Shape": { try [$0.shapeOrSize($1.constant(0).dimensions, &$1)] },
    "Size": { try [$0.shapeOrSize($1.constant(0).dimensions, &$1)] },
    "Range": { folder, call in
      let bounds = try (0..<3).map { try call.constant($0) }
      if let integers = bounds.compactMap(\.integers) as [[Int]]?, integers.count == 3, integers.allSatisfy({ $0.count == 1 }) {
        let (start, end, step) = (integers[0][0], integers[1][0], integers[2][0])
        guard step != 0, integers.allSatisfy({ -1 << 53...1 << 53 ~= $0[0] }),
          abs(Double(end) - Double(start)) / abs(Double(step)) < Double(folder.limit)
        else {
          throw call.failure(.tooLarge, "from \(start) to \(end) in steps of \(step)")
        }
        let values = Array(stride(from: start, to: end, by: step))
        return [ONNXConstant([values.count], integers: values)]
      }
      throw call.failure(.unsupported, "only ranges of integers are supported")
    },
  ]

  private func stored(_ call: inout ONNXCall) throws -> ONNXConstant {
    if let tensor = try call.attributes.tensor("value") { return tensor }
    if let value = try call.attributes.real("value_float") { return ONNXConstant([], reals: [value]) }
    if let value = try call.attributes.integer("value_int") { return ONNXConstant([], integers: [value]) }
    if let values = try call.attributes.reals("value_floats") { return ONNXConstant([values.count], reals: values) }
    if let values = try call.attributes.integers("value_ints") { return ONNXConstant([values.count], integers: values) }
    throw call.failure(.unsupported, "only tensors and lists of numbers are supported")
  }

  private func shapeOrSize(_ dimensions: [Int], _ call: inout ONNXCall) throws -> ONNXConstant {
    if call.operatorName == "Size" { return ONNXConstant([], integers: [dimensions.reduce(1, *)]) }
    let rank = dimensions.count
    func clamped(_ position: Int) -> Int { max(0, min(rank, position < 0 ? position + rank : position)) }
    let start = clamped(try call.attributes.integer("start") ?? 0)
    let end = clamped(try call.attributes.integer("end") ?? rank)
    let part = start < end ? Array(dimensions[start..<end]) : []
    return ONNXConstant([part.count], integers: part)
  }

  // MARK: - Limits

  /// The number of elements, checked against the limit.
  func count(_ dimensions: [Int], _ call: ONNXCall) throws -> Int {
    guard let count = ONNXConstant.count(dimensions, limit: limit) else {
      throw call.failure(.tooLarge, "a constant of shape \(dimensions) is impossible or exceeds the limit of \(limit) elements")
    }
    return count
  }
}
