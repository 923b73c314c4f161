import Foundation
import LinearAlgebra
import Networks

/// Reads the text format `.nnet` of the ACAS Xu networks: fully connected ReLU networks with the ranges of their inputs.
public enum NNetReader {
  /// Reads the network in the file at `path`.
  ///
  /// With `options.usesPhysicalUnits` the network takes and gives physical units: (x − mean) / range of every input comes first, output · range +
  /// mean last. The input bounds in the file are not applied.
  ///
  /// - Throws: ``FormatError`` that names the file and the line.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> Network {
    try read(FileBytes.read(path: path, limit: options.maximumFileSize), file: path, options: options)
  }

  /// Reads the network in `data`; `file` is for messages only.
  ///
  /// - Throws: ``FormatError`` that names the file and the line.
  public static func read(_ data: Data, file: String = "", options: ReadOptions = ReadOptions()) throws -> Network {
    try FormatError.naming(file) {
      var lines = NumberLines(data)
      let counts = try lines.integers(count: 4...)
      let (layers, inputs, outputs) = (counts[0], counts[1], counts[2])
      guard 1...100_000 ~= layers else { throw lines.failure("\(layers) layers") }
      let sizes = try lines.integers(count: (layers + 1)...)
      guard sizes[0] == inputs, sizes[layers] == outputs, sizes.prefix(layers + 1).allSatisfy({ 1...1 << 24 ~= $0 }) else {
        throw lines.failure("layer sizes \(sizes.prefix(layers + 1)) do not fit \(inputs) inputs and \(outputs) outputs")
      }
      // A flag that is no longer used, then the bounds of the inputs.
      _ = try lines.numbers(count: 1...)
      _ = try lines.numbers(count: inputs...)
      _ = try lines.numbers(count: inputs...)
      let means = try lines.numbers(count: (inputs + 1)...)
      let ranges = try lines.numbers(count: (inputs + 1)...)

      var network = Network()
      var node = network.addInput(name: "input", shape: [1, inputs])
      if options.usesPhysicalUnits {
        let shift = Networks.Operation.Constant(shape: [inputs], values: means.prefix(inputs).map { -$0 })
        let scale = Networks.Operation.Constant(shape: [inputs], values: Array(ranges.prefix(inputs)))
        node = try network.add(.addConstant(shift, sign: 1), name: "input mean", to: [node])
        node = try network.add(.divideConstant(scale), name: "input range", to: [node])
      }
      for layer in 1...layers {
        var elements: [Double] = []
        for _ in 0..<sizes[layer] { elements += try lines.numbers(count: sizes[layer - 1]...).prefix(sizes[layer - 1]) }
        var bias: [Double] = []
        for _ in 0..<sizes[layer] { bias.append(try lines.numbers(count: 1...)[0]) }
        let weight = Matrix(rows: sizes[layer], columns: sizes[layer - 1], elements: elements)
        node = try network.add(.dense(weight: weight, bias: bias), name: "layer\(layer)", to: [node])
        if layer < layers { node = try network.add(.activation(.relu), name: "relu\(layer)", to: [node]) }
      }
      try lines.finish()
      if options.usesPhysicalUnits {
        let scale = Networks.Operation.Constant(shape: [], values: [ranges[inputs]])
        let shift = Networks.Operation.Constant(shape: [], values: [means[inputs]])
        node = try network.add(.multiplyConstant(scale), name: "output range", to: [node])
        node = try network.add(.addConstant(shift, sign: 1), name: "output mean", to: [node])
      }
      try network.setOutputs([node], names: ["output"])
      return network
    }
  }
}

/// Lines of numbers separated by commas, after a header of comments.
private struct NumberLines {
  private let lines: [Substring.UTF8View.SubSequence]
  private var next = 0

  init(_ data: Data) {
    let text = String(decoding: data, as: UTF8.self)
    lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
  }

  func failure(_ reason: String) -> FormatError { FormatError(.malformed, place: .line(next), reason: reason) }

  private func isSkipped(_ line: Substring.UTF8View.SubSequence) -> Bool {
    line.starts(with: "//".utf8) || line.allSatisfy { $0 == 32 || $0 == 13 || $0 == 9 }
  }

  /// The numbers of the next line.
  mutating func numbers(count: PartialRangeFrom<Int>) throws -> [Double] {
    while next < lines.count, isSkipped(lines[next]) { next += 1 }
    guard next < lines.count else { throw failure("the file ends before the network does") }
    let line = lines[next]
    next += 1
    let values = try line.split(separator: UInt8(ascii: ",")).compactMap { field -> Double? in
      let text = Substring(field).trimmingCharacters(in: .whitespaces)
      if text.isEmpty || text == "\r" { return nil }
      guard let value = Double(text), value.isFinite else { throw failure("'\(text.prefix(40))' is not a finite number") }
      return value
    }
    guard count.contains(values.count) else { throw failure("\(values.count) numbers instead of \(count.lowerBound)") }
    return values
  }

  /// The integers of the next line.
  mutating func integers(count: PartialRangeFrom<Int>) throws -> [Int] {
    try numbers(count: count).map { value in
      guard let integer = Int(exactly: value) else { throw failure("\(value) is not an integer") }
      return integer
    }
  }

  /// Throws when anything but empty lines is left.
  mutating func finish() throws {
    while next < lines.count, isSkipped(lines[next]) { next += 1 }
    guard next == lines.count else {
      next += 1
      throw failure("the file goes on after the network")
    }
  }
}
