import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import NetworkFormats
import Networks

/// Networks out of archives of weights, as their sources' notes say they are to be read.
struct Readings {
  /// The folder with one folder for each source.
  let folder: URL

  /// An archive's arrays W0, W1, … with their dimensions.
  func arrays(_ file: String, prefix: String = "W", from first: Int = 0) throws -> [(dimensions: [Int], values: [Double])] {
    let archive = try NumPyArchive.read(path: folder.appendingPathComponent(file).path)
    var result: [(dimensions: [Int], values: [Double])] = []
    while let array = archive["\(prefix)\(first + result.count)"], let values = array.doubles {
      result.append((array.dimensions, values))
    }
    return result
  }

  /// The matrices of a fully connected network.
  func matrices(_ file: String, prefix: String = "W", from first: Int = 0) throws -> [Matrix<Double>] {
    try arrays(file, prefix: prefix, from: first).map { Matrix(rows: $0.dimensions[0], columns: $0.dimensions[1], elements: $0.values) }
  }

  /// Matrices with an activation between each two, as a network in normal form.
  static func chain(_ weights: [Matrix<Double>], activation: Activation = .relu) -> LoweredNetwork {
    var nodes = [LoweredNetwork.Node(name: "input", kind: .input, count: weights.first?.columns ?? 0)]
    for (layer, weight) in weights.enumerated() {
      if layer > 0 {
        nodes.append(
          .init(name: "activation\(layer)", kind: .activation(source: nodes.count - 1, units: .uniform(activation)), count: weight.columns))
      }
      let term = LoweredNetwork.Term(source: nodes.count - 1, map: DenseMap(weight: weight))
      nodes.append(.init(name: "matrix\(layer)", kind: .affine(terms: [term], bias: nil), count: weight.rows))
    }
    return LoweredNetwork(nodes: nodes)
  }

  /// A chain of all matrices of a file.
  func chain(_ file: String, activation: Activation = .relu) throws -> LipschitzProblem {
    try LipschitzProblem(lowered: Self.chain(matrices(file), activation: activation))
  }

  /// A chain with one row of the last matrix.
  func chain(_ file: String, row: Int) throws -> LipschitzProblem {
    var weights = try matrices(file)
    let last = weights.removeLast()
    weights.append(Matrix(rows: 1, columns: last.columns, elements: last.row(row)))
    return try LipschitzProblem(lowered: Self.chain(weights))
  }

  /// The chain of the transposes of W1 … W_depth.
  func transposedChain(_ file: String, depth: Int) throws -> LipschitzProblem {
    try LipschitzProblem(lowered: Self.chain(Array(try matrices(file)[1...depth].map(\.transposed))))
  }

  // MARK: - Graphs

  /// Convolutions 3 × 3 with padding 1 and ReLU, then a dense layer of which one output counts: the classifiers of 8 × 8 digits.
  func digitConvolutions(_ file: String, row: Int) throws -> LipschitzProblem {
    let arrays = try arrays(file)
    let graph = Graph(input: [1, 1, 8, 8])
    for array in arrays.dropLast() { try graph.convolution(array, padding: 1).activation() }
    if let last = arrays.last { try graph.dense(last) }
    return try LipschitzProblem(graph.finished(), output: .output(row))
  }

  /// The convolutions W1 … W_depth alone, stride 1, padding 1, ReLU between them, on an image of the given size.
  func convolutionStack(_ file: String, depth: Int, size: Int) throws -> LipschitzProblem {
    let arrays = try arrays(file)[1...depth]
    guard let first = arrays.first else { throw ReadingError.missing(file) }
    let graph = Graph(input: [1, first.dimensions[1], size, size])
    for (layer, array) in arrays.enumerated() {
      if layer > 0 { try graph.activation() }
      try graph.convolution(array, padding: 1)
    }
    return try LipschitzProblem(graph.finished())
  }

  /// LeNet-5 with ReLU and averages.
  func leNet(_ file: String, channels: Int, size: Int, padding: Int) throws -> LipschitzProblem {
    let arrays = try arrays(file)
    let graph = Graph(input: [1, channels, size, size])
    try graph.convolution(arrays[0], padding: padding).activation().averagePool().convolution(arrays[1]).activation().averagePool()
    for (layer, array) in arrays[2...].enumerated() {
      if layer > 0 { try graph.activation() }
      try graph.dense(array)
    }
    return try LipschitzProblem(graph.finished())
  }

  /// Two convolutions 4 × 4 of stride 2 and two dense layers.
  func twoConvolutions(_ file: String) throws -> LipschitzProblem {
    let arrays = try arrays(file)
    let graph = Graph(input: [1, 1, 28, 28])
    for array in arrays[0..<2] { try graph.convolution(array, stride: 2, padding: 1).activation() }
    try graph.dense(arrays[2]).activation().dense(arrays[3])
    return try LipschitzProblem(graph.finished())
  }

  /// 784-64, eight blocks x + W ReLU(W x), 64-10; the trained network has a ReLU after each sum, the published inequality none.
  func residualPerceptron(_ file: String, hasFinalReLU: Bool) throws -> LipschitzProblem {
    let arrays = try arrays(file)
    let graph = Graph(input: [1, 784])
    try graph.dense(arrays[0]).activation()
    for block in stride(from: 1, to: arrays.count - 1, by: 2) {
      try graph.residual { try $0.dense(arrays[block]).activation().dense(arrays[block + 1]) }
      if hasFinalReLU { try graph.activation() }
    }
    try graph.dense(arrays[arrays.count - 1])
    return try LipschitzProblem(graph.finished())
  }

  /// Convolution 7 × 7, maximum, eight residual blocks of two convolutions, average, dense; see ``residualPerceptron(_:hasFinalReLU:)``.
  func residualConvolutions(_ file: String, hasFinalReLU: Bool) throws -> LipschitzProblem {
    let arrays = try arrays(file)
    let graph = Graph(input: [1, 1, 28, 28])
    try graph.convolution(arrays[0], padding: 3).activation().maxPool()
    for block in stride(from: 1, to: arrays.count - 1, by: 2) {
      try graph.residual { try $0.convolution(arrays[block], padding: 1).activation().convolution(arrays[block + 1], padding: 1) }
      if hasFinalReLU { try graph.activation() }
    }
    try graph.averagePool().dense(arrays[arrays.count - 1])
    return try LipschitzProblem(graph.finished())
  }

  /// Matrices with MaxMin between them; the inner ones as blocks x + MaxMin(W x) when `isResidual`.
  func maxMin(_ file: String, isResidual: Bool) throws -> LipschitzProblem {
    let arrays = try arrays(file)
    let graph = Graph(input: [1, arrays[0].dimensions[1]])
    for (layer, array) in arrays.enumerated() {
      if isResidual, layer > 0, layer < arrays.count - 1 {
        try graph.residual { try $0.dense(array).maxMin() }
      } else {
        try graph.dense(array)
        if !isResidual, layer < arrays.count - 1 { try graph.maxMin() }
      }
    }
    return try LipschitzProblem(graph.finished())
  }
}

/// Why a network could not be read.
enum ReadingError: Error, CustomStringConvertible {
  /// A file lacks arrays.
  case missing(String)

  var description: String {
    switch self {
    case .missing(let file): "\(file): arrays are missing"
    }
  }
}
