import LinearAlgebra
import Networks

extension ONNXImporter {
  /// Matrix products and batch normalisation.
  static let linearOperators: [String: Handler] = [
    "Gemm": { try $0.gemm(&$1) },
    "MatMul": { try $0.matMul(&$1) },
    "BatchNormalization": { try $0.batchNormalization(&$1) },
  ]

  /// α A' B' + β C with A' and B' possibly transposed.
  private mutating func gemm(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let alpha = try call.attributes.real("alpha") ?? 1
    let beta = try call.attributes.real("beta") ?? 1
    let transposesA = try call.attributes.flag("transA", default: false)
    let transposesB = try call.attributes.flag("transB", default: false)
    guard alpha.isFinite, beta.isFinite else { throw call.failure(.malformed, "alpha or beta is not finite") }

    let isWeightRight: Bool
    let weight: Matrix<Double>
    var x: Int
    switch (try call.value(0), try call.value(1)) {
    case (.variable(let node), .constant(let b)):
      isWeightRight = true
      weight = try matrix(b, isTransposed: !transposesB, scale: alpha, call)
      x = transposesA ? try transposed(node, call, part: "A") : node
    case (.constant(let a), .variable(let node)):
      // A B = (Bᵀ Aᵀ)ᵀ
      isWeightRight = false
      weight = try matrix(a, isTransposed: transposesA, scale: alpha, call)
      x = transposesB ? node : try transposed(node, call, part: "B")
    default:
      throw call.failure(.unsupported, "the product of two tensors that depend on the input has no bounded slope")
    }
    guard shape(x).rank == 2 else { throw call.failure(.malformed, "takes matrices, not a tensor of shape \(shape(x))") }

    var bias: [Double]?
    var addend: ONNXValue?
    if call.has(2), beta != 0 {
      addend = try call.value(2)
      if case .constant(let c) = addend, isWeightRight {
        let values = try networkConstant(c, call).values.map { $0 * beta }
        if c.count == 1, c.dimensions.count <= 2 {
          bias = Array(repeating: values[0], count: weight.rows)
          addend = nil
        } else if c.count == weight.rows, c.dimensions.last == weight.rows, c.dimensions.count <= 2 {
          bias = values
          addend = nil
        }
      }
    }
    x = try add(.dense(weight: weight, bias: bias), call, to: [x], part: addend == nil && isWeightRight ? nil : "product")
    if !isWeightRight { x = try transposed(x, call, part: addend == nil ? nil : "transposed") }
    switch addend {
    case nil: return [.variable(x)]
    case .constant(let c):
      let held = try networkConstant(c, call)
      guard Shape.broadcast(shape(x), held.shape) == shape(x) else {
        throw call.failure(.malformed, "C of shape \(held.shape) does not broadcast to \(shape(x))")
      }
      return try [.variable(add(.addConstant(.init(shape: held.shape, values: held.values.map { $0 * beta }), sign: 1), call, to: [x]))]
    case .variable(var c):
      guard Shape.broadcast(shape(x), shape(c)) == shape(x) else {
        throw call.failure(.malformed, "C of shape \(shape(c)) does not broadcast to \(shape(x))")
      }
      if beta != 1 { c = try add(.multiplyConstant(.init(shape: [], values: [beta])), call, to: [c], part: "beta") }
      return try [.variable(add(.sum(signs: [1, 1]), call, to: [x, c]))]
    }
  }

  /// The matrix product of a tensor with a weight on either side.
  private mutating func matMul(_ call: inout ONNXCall) throws -> [ONNXValue] {
    guard call.inputs.count == 2 else { throw call.failure(.malformed, "takes two inputs, not \(call.inputs.count)") }
    switch (try call.value(0), try call.value(1)) {
    case (.variable(let x), .constant(let weight)):
      let (flat, leading) = try withoutBatch(weight, call)
      let isVector = flat.dimensions.count == 1
      let map = try matrix(isVector ? flat.reshaped([flat.count, 1]) : flat, isTransposed: true, scale: 1, call)
      let needsReshape = isVector || leading + 2 > max(shape(x).rank, 2)
      var y = try add(.dense(weight: map, bias: nil), call, to: [x], part: needsReshape ? "product" : nil)
      if isVector {
        y = try add(.reshape(Shape(shape(y).dimensions.dropLast())), call, to: [y])
      } else if needsReshape {
        let dimensions = shape(x).rank == 1 ? [1, shape(y).count] : shape(y).dimensions
        let batch = Array(repeating: 1, count: leading + 2 - dimensions.count)
        let result = shape(x).rank == 1 ? Array(dimensions.dropFirst()) : dimensions
        y = try add(.reshape(Shape(batch + result)), call, to: [y])
      }
      return [.variable(y)]
    case (.constant(let weight), .variable(let x)):
      let (flat, leading) = try withoutBatch(weight, call)
      let isVector = flat.dimensions.count == 1
      let map = try matrix(isVector ? flat.reshaped([1, flat.count]) : flat, isTransposed: false, scale: 1, call)
      let rank = shape(x).rank
      if rank == 1 {
        let y = try add(.dense(weight: map, bias: nil), call, to: [x], part: "product")
        let dimensions = Array(repeating: 1, count: leading) + (isVector ? [] : [map.rows])
        return try [.variable(add(.reshape(Shape(dimensions)), call, to: [y]))]
      }
      // W X = (Xᵀ Wᵀ)ᵀ, on the last two axes.
      let right = try transposed(x, call, part: "transposed")
      let product = try add(.dense(weight: map, bias: nil), call, to: [right], part: "product")
      if !isVector, leading + 2 <= rank { return [.variable(try transposed(product, call, part: nil))] }
      let back = try transposed(product, call, part: "back")
      var dimensions = shape(back).dimensions
      if isVector { dimensions.remove(at: dimensions.count - 2) }
      dimensions = Array(repeating: 1, count: max(0, leading + 2 - rank)) + dimensions
      return try [.variable(add(.reshape(Shape(dimensions)), call, to: [back]))]
    default:
      throw call.failure(.unsupported, "the product of two tensors that depend on the input has no bounded slope")
    }
  }

  /// A weight without leading axes of length 1, and how many there were.
  private func withoutBatch(_ weight: ONNXConstant, _ call: ONNXCall) throws -> (ONNXConstant, leading: Int) {
    let leading = max(0, weight.dimensions.count - 2)
    guard !weight.dimensions.isEmpty, weight.dimensions.prefix(leading).allSatisfy({ $0 == 1 }) else {
      throw call.failure(.unsupported, "a weight of shape \(weight.dimensions) differs along the batch")
    }
    return (weight.reshaped(Array(weight.dimensions.dropFirst(leading))), leading)
  }

  /// A constant matrix, possibly transposed and scaled.
  private func matrix(_ constant: ONNXConstant, isTransposed: Bool, scale: Double, _ call: ONNXCall) throws -> Matrix<Double> {
    guard constant.dimensions.count == 2, constant.count > 0 else {
      throw call.failure(.malformed, "a weight of shape \(constant.dimensions) is not a matrix")
    }
    var result = Matrix(rows: constant.dimensions[0], columns: constant.dimensions[1], elements: constant.reals)
    if isTransposed { result = result.transposed }
    if scale != 1 { result = Matrix(rows: result.rows, columns: result.columns, elements: result.elements.map { $0 * scale }) }
    return result
  }

  /// The last two axes exchanged.
  private mutating func transposed(_ x: Int, _ call: ONNXCall, part: String?) throws -> Int {
    let rank = shape(x).rank
    guard rank >= 2 else { throw call.failure(.malformed, "takes a matrix, not a tensor of shape \(shape(x))") }
    return try add(.transpose(permutation: Array(0..<rank - 2) + [rank - 1, rank - 2]), call, to: [x], part: part)
  }

  private mutating func batchNormalization(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let epsilon = try call.attributes.real("epsilon") ?? Double(Float(1e-5))
    call.attributes.ignore("momentum")
    if call.version < 9, try call.attributes.integer("spatial") ?? 1 != 1 {
      throw call.failure(.unsupported, "statistics for every position (spatial 0)")
    }
    let isTraining = call.version >= 14 ? try call.attributes.flag("training_mode", default: false) : false
    guard !isTraining, call.outputCount == 1 else {
      throw call.failure(.unsupported, "training mode is not supported")
    }
    var parameters: [[Double]] = []
    for index in 1...4 {
      let constant = try call.constant(index)
      guard constant.dimensions.count == 1 else { throw call.failure(.malformed, "input \(index) has shape \(constant.dimensions)") }
      parameters.append(constant.reals)
    }
    let operation = Operation.BatchNormalization(
      scale: parameters[0], shift: parameters[1], mean: parameters[2], variance: parameters[3], epsilon: epsilon)
    guard operation.variance.allSatisfy({ $0 >= 0 }) else { throw call.failure(.malformed, "a variance is negative") }
    return try [.variable(add(.batchNormalization(operation), call, to: [call.variable(0)]))]
  }
}
