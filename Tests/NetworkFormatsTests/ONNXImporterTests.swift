import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import NetworkFormats

/// Graphs built by hand: the forms operators take in different versions, and what must be refused.
struct ONNXImporterTests {
  /// A model in the making.
  struct Builder {
    var model = ONNXModel()

    init(version: Int64 = 13, input: [Int64] = [1, 4]) {
      model.irVersion = 8
      model.opsetImport = [make(ONNXOperatorSet()) { $0.version = version }]
      model.graph.input = [Self.info("x", input)]
      model.graph.output = [Self.info("y", [])]
    }

    static func info(_ name: String, _ dimensions: [Int64]) -> ONNXValueInfo {
      make(ONNXValueInfo()) {
        $0.name = name
        $0.type.tensorType.elemType = 1
        $0.type.tensorType.shape.dim = dimensions.map { length in make(ONNXDimension()) { $0.dimValue = length } }
      }
    }

    mutating func node(_ kind: String, _ inputs: [String], _ outputs: [String] = ["y"], _ attributes: [ONNXAttribute] = []) {
      model.graph.node.append(
        make(ONNXNode()) {
          $0.opType = kind
          $0.name = "\(kind) \(outputs.first ?? "")"
          $0.input = inputs
          $0.output = outputs
          $0.attribute = attributes
        })
    }

    mutating func reals(_ name: String, _ values: [Float], _ dimensions: [Int64]? = nil) {
      model.graph.initializer.append(
        make(ONNXTensor()) {
          $0.name = name
          $0.dataType = 1
          $0.dims = dimensions ?? [Int64(values.count)]
          $0.floatData = values
        })
    }

    mutating func integers(_ name: String, _ values: [Int64], _ dimensions: [Int64]? = nil) {
      model.graph.initializer.append(
        make(ONNXTensor()) {
          $0.name = name
          $0.dataType = 7
          $0.dims = dimensions ?? [Int64(values.count)]
          $0.int64Data = values
        })
    }

    func network() throws -> Network {
      try FormatError.naming("test") {
        var importer = try ONNXImporter(model, options: ReadOptions())
        return try importer.run()
      }
    }

    func failure(sourceLocation: SourceLocation = #_sourceLocation) -> String {
      let error = #expect(throws: FormatError.self, sourceLocation: sourceLocation) { try network() }
      return error?.description ?? ""
    }
  }

  static let x = [-1.5, -0.25, 0.5, 4]

  private func expect(_ builder: Builder, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let output = try builder.network().forward([Self.x])[0]
    #expect(output.count == expected.count, sourceLocation: sourceLocation)
    for (a, b) in zip(output, expected) { #expect(abs(a - b) < 1e-6 * max(1, abs(b)), "\(output)", sourceLocation: sourceLocation) }
  }

  // MARK: - Activations in pieces

  private func activation(_ builder: Builder) throws -> Activation? {
    let network = try builder.network()
    guard network.nodes.count == 2, case .activation(let activation) = network.nodes[1].operation else { return nil }
    return activation
  }

  @Test(arguments: [0, 1, 2])
  func geluInPieces(form: Int) throws {
    var builder = Builder()
    builder.reals("root", [Float(2).squareRoot()], [])
    builder.reals("reciprocal", [Float(0.5).squareRoot()], [])
    builder.reals("one", [1], [])
    builder.reals("half", [0.5], [])
    if form == 0 { builder.node("Div", ["x", "root"], ["a"]) } else { builder.node("Mul", ["reciprocal", "x"], ["a"]) }
    builder.node("Erf", ["a"], ["b"])
    builder.node("Add", ["b", "one"], ["c"])
    if form == 2 {
      builder.node("Mul", ["x", "half"], ["d"])
      builder.node("Mul", ["d", "c"])
    } else {
      builder.node("Mul", ["x", "c"], ["d"])
      builder.node("Mul", ["d", "half"])
    }
    #expect(try activation(builder) == .gelu)
  }

  @Test func otherActivationsInPieces() throws {
    var silu = Builder()
    silu.node("Sigmoid", ["x"], ["s"])
    silu.node("Mul", ["s", "x"])
    #expect(try activation(silu) == .silu)

    var mish = Builder()
    mish.node("Softplus", ["x"], ["s"])
    mish.node("Tanh", ["s"], ["t"])
    mish.node("Mul", ["x", "t"])
    #expect(try activation(mish) == .mish)

    var hardSwish = Builder(version: 9)
    hardSwish.node("HardSigmoid", ["x"], ["s"], [.real("alpha", 1.0 / 6), .real("beta", 0.5)])
    hardSwish.node("Mul", ["x", "s"])
    #expect(try activation(hardSwish) == .hardSwish)

    var cubic = Builder()
    for (name, value) in [("three", Float(3)), ("k", 0.044715), ("c", (2 / Float.pi).squareRoot()), ("one", 1), ("half", 0.5)] {
      cubic.reals(name, [value], [])
    }
    cubic.node("Pow", ["x", "three"], ["cube"])
    cubic.node("Mul", ["cube", "k"], ["scaled"])
    cubic.node("Add", ["x", "scaled"], ["sum"])
    cubic.node("Mul", ["sum", "c"], ["argument"])
    cubic.node("Tanh", ["argument"], ["tanh"])
    cubic.node("Add", ["tanh", "one"], ["plus"])
    cubic.node("Mul", ["x", "half"], ["halved"])
    cubic.node("Mul", ["halved", "plus"])
    #expect(try activation(cubic) == .geluTanh)
  }

  /// A gate with another coefficient, or of another tensor, is not that activation.
  @Test func nearMissesAreRefused() {
    var scaled = Builder()
    scaled.reals("slope", [1.702], [])
    scaled.node("Mul", ["x", "slope"], ["a"])
    scaled.node("Sigmoid", ["a"], ["s"])
    scaled.node("Mul", ["x", "s"])
    #expect(scaled.failure().contains("Mul y"))
    var square = Builder()
    square.node("Mul", ["x", "x"])
    #expect(square.failure().contains("product of two tensors"))
  }

  // MARK: - Versions

  @Test func versions() throws {
    var old = Builder(version: 9)
    old.node("Clip", ["x"], ["y"], [.real("min", -1), .real("max", 1)])
    try expect(old, [-1, -0.25, 0.5, 1])
    var new = Builder()
    new.reals("low", [-1], [])
    new.node("Clip", ["x", "low"])
    try expect(new, [-1, -0.25, 0.5, 4])
    var oldSlice = Builder(version: 9)
    oldSlice.node("Slice", ["x"], ["y"], [.integers("starts", [-3]), .integers("ends", [9]), .integers("axes", [1])])
    try expect(oldSlice, [-0.25, 0.5, 4])
    var slice = Builder()
    slice.integers("s", [-1])
    slice.integers("e", [.min])
    slice.integers("a", [1])
    slice.integers("t", [-2])
    slice.node("Slice", ["x", "s", "e", "a", "t"])
    try expect(slice, [4, -0.25])
    var split = Builder(version: 18)
    split.node("Split", ["x"], ["a", "b", "c"], [.integer("axis", 1), .integer("num_outputs", 3)])
    split.model.graph.output = [Builder.info("b", [])]
    #expect(split.failure().contains("4 in 3 parts"))
    var pad = Builder(version: 18)
    pad.integers("p", [1, -1])
    pad.integers("a", [-1])
    pad.node("Pad", ["x", "p", "", "a"])
    try expect(pad, [0, -1.5, -0.25, 0.5])
    var maximum = Builder()
    maximum.reals("c", [0, 1, 0, 5])
    maximum.node("Max", ["c", "x"])
    try expect(maximum, [0, 1, 0.5, 5])
  }

  @Test func matrixProducts() throws {
    var left = Builder(input: [4])
    left.reals("w", [1, 0, 0, 1, 0, 2, 0, 0], [2, 4])
    left.node("MatMul", ["w", "x"])
    try expect(left, [2.5, -0.5])
    var vector = Builder(input: [2, 2])
    vector.reals("w", [1, 10], [2])
    vector.node("MatMul", ["w", "x"])
    try expect(vector, [3.5, 39.75])
    var gemm = Builder(input: [2, 2])
    gemm.reals("w", [1, 2, 3, 4], [2, 2])
    gemm.reals("c", [1], [])
    gemm.node("Gemm", ["x", "w", "c"], ["y"], [.real("alpha", 2), .real("beta", 3), .integer("transA", 1), .integer("transB", 1)])
    try expect(gemm, [2, 1 * 2 * (-4.5 + 2) + 3 - 0, 2 * (-0.25 + 8) + 3, 2 * (-0.75 + 16) + 3])
  }

  // MARK: - Graphs

  @Test func unsortedSymbolicAndUnusedParts() throws {
    var builder = Builder()
    builder.model.graph.input[0].type.tensorType.shape.dim[0] = make(ONNXDimension()) { $0.dimParam = "batch" }
    builder.node("Add", ["r", "c"])
    builder.node("Relu", ["x"], ["r"])
    builder.node("Softmax", ["r"], ["unused"])
    builder.node(
      "Constant", [], ["c"],
      [
        make(ONNXAttribute()) {
          $0.name = "value_float"; $0.type = 1; $0.f = 2
        }
      ])
    // Old files list initialisers among the inputs.
    builder.reals("w", [1, 1, 1, 1])
    builder.model.graph.input.append(Builder.info("w", [4]))
    try expect(builder, [2, 2, 2.5, 6])
    #expect(try builder.network().inputs.count == 1)
  }

  @Test func shapeArithmetic() throws {
    var builder = Builder(input: [1, 2, 2])
    builder.integers("zero", [0], [])
    builder.integers("rest", [-1])
    builder.node("Shape", ["x"], ["shape"])
    builder.node("Gather", ["shape", "zero"], ["batch"])
    builder.integers("axes", [0])
    builder.node("Unsqueeze", ["batch", "axes"], ["list"])
    builder.node("Concat", ["list", "rest"], ["target"], [.integer("axis", 0)])
    builder.node("Reshape", ["x", "target"])
    try expect(builder, Self.x)
    #expect(try builder.network().nodes.last?.shape == [1, 4])
  }

  @Test func cyclesNameANode() {
    var builder = Builder()
    builder.node("Add", ["x", "b"], ["a"])
    builder.node("Relu", ["a"], ["b"])
    builder.node("Relu", ["b"])
    let text = builder.failure()
    #expect(text.contains("cycle") && (text.contains("Add a") || text.contains("Relu b")))
  }

  /// A chain far deeper than any stack.
  @Test func deepGraphs() throws {
    var builder = Builder()
    builder.node("Relu", ["x"], ["t0"])
    builder.model.graph.node += (1...20_000).map { index in
      make(ONNXNode()) {
        $0.opType = "Identity"
        $0.input = ["t\(index - 1)"]
        $0.output = ["t\(index)"]
      }
    }
    builder.model.graph.output = [Builder.info("t20000", [])]
    try expect(builder, [0, 0, 0.5, 4])
  }

  // MARK: - Refusals

  @Test func refusals() {
    func failure(_ version: Int64 = 13, _ change: (inout Builder) -> Void) -> String {
      var builder = Builder(version: version)
      change(&builder)
      return builder.failure()
    }
    let relu: (inout Builder) -> Void = { $0.node("Relu", ["x"]) }
    #expect(failure { $0.node("Relu", ["x"], ["y"], [.integer("inplace", 1)]) }.contains("attribute 'inplace'"))
    #expect(failure { $0.node("Softmax", ["x"]) }.contains("operator Softmax"))
    #expect(failure { $0.node("Relu", ["q"]) }.contains("'q' does not exist"))
    #expect(failure(6, relu).contains("operator set 6"))
    #expect(failure(22, relu).contains("operator set 22"))
    #expect(
      failure {
        relu(&$0); $0.model.opsetImport.append(make(ONNXOperatorSet()) { $0.version = 12 })
      }.contains("[12, 13]"))
    #expect(
      failure {
        relu(&$0); $0.model.functions = [Data()]
      }.contains("functions"))
    #expect(
      failure {
        relu(&$0); $0.model.graph.sparseInitializer = [Data()]
      }.contains("sparse"))
    #expect(
      failure {
        relu(&$0); $0.model.graph.node[0].domain = "com.microsoft"
      }.contains("com.microsoft.Relu"))
    #expect(
      failure {
        $0.node(
          "Relu", ["x"], ["y"],
          [
            make(ONNXAttribute()) {
              $0.name = "body"; $0.g = Data()
            }
          ])
      }.contains("subgraph"))
    #expect(
      failure {
        $0.reals("w", [.nan], []); $0.node("Mul", ["x", "w"])
      }.contains("NaN"))
    #expect(
      failure {
        $0.reals("w", [1, 2], [3]); $0.node("Mul", ["x", "w"])
      }.contains("3 elements"))
    #expect(
      failure {
        $0.reals("w", [1], []); $0.node("Mul", ["x", "w"]); $0.model.graph.initializer[0].dataLocation = 1
      }.contains("external"))
    #expect(
      failure {
        $0.node("Relu", ["x"]); $0.node("Tanh", ["x"])
      }.contains("given twice"))
    #expect(
      failure {
        $0.node("Dropout", ["x"], ["d", "m"]); $0.node("Relu", ["m"])
      }.contains("'m'"))
    #expect(failure { $0.node("Div", ["x", "x"]) }.contains("division by a tensor"))
    #expect(
      failure {
        $0.reals("w", [0], []); $0.node("Div", ["x", "w"])
      }.contains("Div y"))
    #expect(failure { $0.node("Cast", ["x"], ["y"], [.integer("to", 10)]) }.contains("float16"))
    #expect(
      failure {
        relu(&$0); $0.model.graph.input[0].type.tensorType.elemType = 7
      }.contains("not a real number"))
    let parameters: (inout Builder) -> Void = { builder in
      for name in ["s", "b", "m", "v"] { builder.reals(name, [1, 1, 1, 1]) }
      builder.node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], [.integer("training_mode", 1)])
    }
    #expect(failure(14, parameters).contains("training"))
  }
}

/// A value with changes.
private func make<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
  var result = value
  change(&result)
  return result
}
