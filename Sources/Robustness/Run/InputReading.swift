import Foundation
import LinearAlgebra
import NetworkFormats
import Networks

/// How the numbers of a file become inputs of a network.
public struct InputReading: Sendable, Equatable {
  /// Every number is multiplied by the first and divided by the second: (1, 255) for the bytes of images.
  public var scale: (multiplier: Double, divisor: Double) = (1, 1)
  /// Subtracted after scaling: one number, or one for each channel.
  public var mean: [Double] = []
  /// Divided by after that: one number, or one for each channel.
  public var deviation: [Double] = []
  /// Whether the file has height × width × channels where the network takes channels × height × width.
  public var isChannelsLast = false
  /// Limits against hostile files.
  public var limits = ReadOptions()

  private static let inputNames = ["inputs", "x", "X", "images", "data", "in0"]
  private static let labelNames = ["labels", "y", "Y", "targets"]

  /// Numbers as they are.
  public init() {}

  /// Whether two ways are the same.
  public static func == (a: InputReading, b: InputReading) -> Bool {
    a.scale == b.scale && a.mean == b.mean && a.deviation == b.deviation && a.isChannelsLast == b.isChannelsLast
  }

  /// Reads inputs and, if there are any, labels.
  ///
  /// Files are `.npy`, `.npz` (`FILE.npz:NAME` picks an array), IDX, CIFAR or numbers as text, each also with gzip. Without a file of
  /// labels they are an array of the inputs' archive called `labels` or `y`, or the first column of a table that has one column more than
  /// the network has inputs.
  ///
  /// - Throws: `FormatError` that names the file: a shape that does not fit the network, a number that is not finite, a label that is no class.
  public func read(inputs path: String, labels labelPath: String?, for network: Network) throws -> LabelledInputs {
    let width = network.inputCount
    let arrays = try Self.arrays(path, limits)
    var (values, array) = try Self.numbers(arrays, preferring: Self.inputNames)
    func failure(_ reason: String) -> FormatError { FormatError(.malformed, file: arrays.file, reason: reason) }

    var labels: [Int]?
    var count: Int
    var dimensions = array.dimensions
    if dimensions.count == 2, dimensions[1] == width + 1 {
      count = dimensions[0]
      if labelPath == nil { labels = try (0..<count).map { try Self.label(values[$0 * (width + 1)], row: $0, file: arrays.file) } }
      values = (0..<count).flatMap { values[$0 * (width + 1) + 1..<($0 + 1) * (width + 1)] }
    } else if let first = dimensions.first, values.count == first * width {
      count = first
    } else if values.count == width {
      count = 1
      dimensions = [1] + dimensions
    } else {
      let found = dimensions.map(String.init).joined(separator: "x")
      throw failure("\(dimensions.isEmpty ? "one number" : "an array of \(found) numbers"), but an input of the network has \(width)")
    }
    guard count > 0 else { throw failure("there are no inputs") }

    if let labelPath {
      labels = try Self.readLabels(labelPath, limits)
    } else if labels == nil, arrays.arrays.count > 1,
      let name = Self.labelNames.first(where: { name in arrays.arrays.contains { $0.name == name } })
    {
      labels = try Self.labels(arrays, name: name)
    }
    if let labels {
      guard labels.count == count else {
        throw FormatError(.malformed, file: labelPath ?? path, reason: "\(labels.count) labels for \(count) inputs")
      }
      let classes = max(2, network.outputCount)
      if let row = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
        throw FormatError(
          .malformed, file: labelPath ?? path, reason: "the label of input \(row) is \(labels[row]), not one of \(classes) classes from 0")
      }
    }

    let shape = Self.inputShape(network)
    if isChannelsLast { values = try channelsFirst(values, count: count, shape: shape, failure: failure) }
    try normalise(&values, shape: shape, failure: failure)
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw failure("input \(bad / width) has \(values[bad]) at coordinate \(bad % width)")
    }
    return LabelledInputs(inputs: Matrix(rows: count, columns: width, elements: values), labels: labels, shape: shape)
  }

  /// The shape of an input without the batch axis; one axis for networks with several inputs.
  static func inputShape(_ network: Network) -> [Int] {
    guard network.inputs.count == 1 else { return [network.inputCount] }
    let shape = network.nodes[network.inputs[0]].shape.dimensions
    return shape.first == 1 && shape.count > 1 ? Array(shape.dropFirst()) : shape
  }

  // MARK: - Arrays of a file

  private struct Arrays {
    var file: String
    var name: String?
    var arrays: [(name: String, array: NumPyArray)]
  }

  private static func arrays(_ path: String, _ limits: ReadOptions) throws -> Arrays {
    if !FileManager.default.fileExists(atPath: path), let colon = path.lastIndex(of: ":") {
      let file = String(path[..<colon])
      if FileManager.default.fileExists(atPath: file) {
        return Arrays(file: file, name: String(path[path.index(after: colon)...]), arrays: try DataFile.read(path: file, options: limits))
      }
    }
    return Arrays(file: path, arrays: try DataFile.read(path: path, options: limits))
  }

  private static func numbers(_ source: Arrays, preferring names: [String]) throws -> (values: [Double], array: NumPyArray) {
    let known = source.arrays.map(\.name)
    let chosen = source.name ?? (known.count == 1 ? known[0] : names.first(where: known.contains))
    guard let array = source.arrays.first(where: { $0.name == chosen })?.array else {
      let list = known.filter { !$0.isEmpty }.joined(separator: ", ")
      throw FormatError(
        .malformed, file: source.file,
        reason: source.name.map { "there is no array '\($0)'; there are \(list)" } ?? "which array? FILE:NAME picks one of \(list)")
    }
    guard let values = array.doubles else { throw FormatError(.unsupported, file: source.file, reason: "an array of text, not of numbers") }
    return (values, array)
  }

  // MARK: - Labels

  private static func readLabels(_ path: String, _ limits: ReadOptions) throws -> [Int] {
    let source = try arrays(path, limits)
    let known = source.arrays.map(\.name)
    return try labels(source, name: source.name ?? (known.count == 1 ? known[0] : labelNames.first(where: known.contains)))
  }

  private static func labels(_ source: Arrays, name: String?) throws -> [Int] {
    var source = source
    source.name = name
    let (values, array) = try numbers(source, preferring: labelNames)
    guard array.dimensions.count == 1 || values.count == array.dimensions.max() ?? 0 else {
      throw FormatError(.malformed, file: source.file, reason: "labels are one number for each input, not an array of \(array.dimensions)")
    }
    return try values.enumerated().map { try label($1, row: $0, file: source.file) }
  }

  private static func label(_ value: Double, row: Int, file: String) throws -> Int {
    guard let label = Int(exactly: value) else {
      throw FormatError(.malformed, file: file, reason: "the label of input \(row) is \(value), which is no class")
    }
    return label
  }

  // MARK: - Values

  private func channelsFirst(_ values: [Double], count: Int, shape: [Int], failure: (String) -> FormatError) throws -> [Double] {
    guard shape.count == 3 else { throw failure("channels come last in images, but the network does not take channels x height x width") }
    let (channels, pixels) = (shape[0], shape[1] * shape[2])
    var result = values
    for image in 0..<count {
      let start = image * channels * pixels
      for pixel in 0..<pixels { for c in 0..<channels { result[start + c * pixels + pixel] = values[start + pixel * channels + c] } }
    }
    return result
  }

  private func normalise(_ values: inout [Double], shape: [Int], failure: (String) -> FormatError) throws {
    let width = shape.reduce(1, *)
    let channels = max(1, mean.count, deviation.count)
    guard channels == 1 || shape.first == channels, [0, 1, channels].contains(mean.count), [0, 1, channels].contains(deviation.count) else {
      throw failure("\(channels) means or deviations, but an input is \(shape.map(String.init).joined(separator: "x"))")
    }
    guard scale != (1, 1) || !mean.isEmpty || !deviation.isEmpty else { return }
    let size = width / channels
    let (multiplier, divisor) = scale
    for c in 0..<channels {
      let shift = mean.isEmpty ? 0 : mean[mean.count == 1 ? 0 : c]
      let spread = deviation.isEmpty ? 1 : deviation[deviation.count == 1 ? 0 : c]
      for start in stride(from: c * size, to: values.count, by: width) {
        for i in start..<start + size { values[i] = (values[i] * multiplier / divisor - shift) / spread }
      }
    }
  }
}
