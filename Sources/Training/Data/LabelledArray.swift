import Foundation
import NetworkFormats

/// The samples of one file as ``DatasetReading`` wants them, and their labels.
struct LabelledArray {
  /// The shape of a sample.
  let shape: FeatureShape
  /// The samples, scaled, each height × width × channels.
  let values: [Float]
  /// The labels.
  let labels: [Int]
  /// The number of classes where the format says it.
  let classCount: Int?

  private static let sampleNames = ["x", "X", "images", "inputs", "data"]
  private static let labelNames = ["y", "Y", "labels", "targets"]

  /// Reads a file.
  ///
  /// - Throws: `FormatError` that names the file.
  init(_ files: DatasetFiles, reading: DatasetReading, limit: Int?) throws {
    var options = ReadOptions()
    options.maximumFileSize = reading.maximumFileSize
    let path = files.samples
    let arrays = try DataFile.read(path: path, options: options)
    func failure(_ reason: String) -> FormatError { FormatError(.malformed, file: path, reason: reason) }

    var array = try Self.pick(arrays, Self.sampleNames, "samples", path)
    let stem = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    let isTable =
      array.dimensions.count == 2 && Self.isReal(array) && arrays.count == 1 && arrays[0].name.isEmpty && !stem.hasSuffix(".npy")
    let isDigits = isTable && (stem.hasSuffix(".tra") || stem.hasSuffix(".tes")) && array.dimensions[1] == 65
    let labelValues: [Double]
    let labelFile = files.labels ?? path
    if let own = files.labels {
      labelValues = try Self.numbers(Self.pick(DataFile.read(path: own, options: options), Self.labelNames, "labels", own), own)
    } else if isTable {
      let split = try Self.takeColumn(reading.labelColumn ?? (isDigits ? -1 : 0), of: array, failure)
      (array, labelValues) = (split.rest, split.column)
    } else {
      guard arrays.count > 1 else { throw failure("there are samples but no labels; name the file that has them") }
      labelValues = try Self.numbers(Self.pick(arrays, Self.labelNames, "labels", path), path)
    }
    guard let total = array.dimensions.first, total > 0, array.count > 0 else { throw failure("there are no samples") }
    guard labelValues.count == total else {
      throw FormatError(.malformed, file: labelFile, reason: "\(labelValues.count) labels for \(total) samples")
    }
    let count = min(limit ?? total, total)
    labels = try labelValues.prefix(count).enumerated().map { row, value in
      guard let label = Int(exactly: value) else {
        throw FormatError(.malformed, file: labelFile, reason: "the label of sample \(row) is \(value), which is no class")
      }
      return label
    }
    classCount = arrays.contains { $0.name == "coarse-labels" } ? 100 : stem.hasSuffix(".bin") ? 10 : nil

    let isBytes = if case .uint8 = array.elements { true } else { false }
    let scale = reading.scale ?? (isBytes ? 1.0 / 255 : isDigits ? 1.0 / 16 : 1)
    var values = try Self.scaled(array, count: count * (array.count / total), by: scale, path)
    let layout = try Self.layout(array.dimensions, reading, isDigits, failure)
    shape = layout.shape
    if layout.isChannelsFirst { values = Self.channelsLast(values, shape) }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw failure("sample \(index / shape.count) has a value that is not a finite number")
    }
    if reading.areImages, let index = values.firstIndex(where: { !(0...1 ~= $0) }) {
      let span = "they reach from \(values.min() ?? 0) to \(values.max() ?? 0)"
      throw failure(
        "sample \(index / shape.count) has the value \(values[index]) after scaling by \(scale), and images lie in [0, 1]; \(span)"
          + (scale == 1 ? ": is the scale 1/255 missing?" : ""))
    }
    self.values = values
  }

  private static func isReal(_ array: NumPyArray) -> Bool { if case .double = array.elements { true } else { false } }

  private static func pick(_ arrays: [(name: String, array: NumPyArray)], _ names: [String], _ what: String, _ file: String) throws
    -> NumPyArray
  {
    if arrays.count == 1 { return arrays[0].array }
    for name in names { if let found = arrays.first(where: { $0.name == name }) { return found.array } }
    throw FormatError(
      .malformed, file: file,
      reason: "no array of \(what): none of \(names.joined(separator: ", ")) is among \(arrays.map(\.name).joined(separator: ", "))")
  }

  private static func numbers(_ array: NumPyArray, _ file: String) throws -> [Double] {
    guard let values = array.doubles else { throw FormatError(.malformed, file: file, reason: "text where labels should be") }
    guard values.count == array.dimensions.max() ?? 0 else {
      throw FormatError(.malformed, file: file, reason: "labels are one number for each sample, not an array of \(array.dimensions)")
    }
    return values
  }

  private static func takeColumn(_ column: Int, of table: NumPyArray, _ failure: (String) -> FormatError) throws -> (
    rest: NumPyArray, column: [Double]
  ) {
    let (rows, width) = (table.dimensions[0], table.dimensions[1])
    let place = column < 0 ? width + column : column
    guard width > 1, 0..<width ~= place else { throw failure("the table has \(width) columns, so none for labels at \(column)") }
    guard let values = table.doubles else { throw failure("text where numbers should be") }
    var rest: [Double] = []
    rest.reserveCapacity(rows * (width - 1))
    for row in 0..<rows {
      rest += values[row * width..<row * width + place]
      rest += values[row * width + place + 1..<(row + 1) * width]
    }
    return (
      NumPyArray(dimensions: [rows, width - 1], elements: .double(rest)), (0..<rows).map { values[$0 * width + place] }
    )
  }

  private static func scaled(_ array: NumPyArray, count: Int, by scale: Double, _ file: String) throws -> [Float] {
    switch array.elements {
    case .uint8(let bytes):
      let table = (0...255).map { Float(Double($0) * scale) }
      return bytes.prefix(count).map { table[Int($0)] }
    case .float(let values) where scale == 1: return Array(values.prefix(count))
    default:
      guard let values = array.doubles else { throw FormatError(.malformed, file: file, reason: "text where numbers should be") }
      return values.prefix(count).map { Float($0 * scale) }
    }
  }

  private static func layout(
    _ dimensions: [Int], _ reading: DatasetReading, _ isDigits: Bool, _ failure: (String) -> FormatError
  ) throws -> (shape: FeatureShape, isChannelsFirst: Bool) {
    let axes = Array(dimensions.dropFirst())
    let own: FeatureShape? =
      switch axes.count {
      case 1: isDigits ? FeatureShape(height: 8, width: 8, channels: 1) : nil
      case 2: FeatureShape(height: axes[0], width: axes[1], channels: 1)
      case 3:
        reading.isChannelsLast
          ? FeatureShape(height: axes[0], width: axes[1], channels: axes[2])
          : FeatureShape(height: axes[1], width: axes[2], channels: axes[0])
      default: nil
      }
    if let own {
      if let wanted = reading.shape, wanted != own { throw failure("samples are \(own), not \(wanted)") }
      return (own, axes.count == 3 && !reading.isChannelsLast)
    }
    let count = axes.reduce(1, *)
    let shape = reading.shape ?? .vector(count)
    guard shape.count == count else { throw failure("samples have \(count) values, not the \(shape.count) of \(shape)") }
    return (shape, !reading.isChannelsLast)
  }

  private static func channelsLast(_ values: [Float], _ shape: FeatureShape) -> [Float] {
    let (pixels, channels) = (shape.pixels, shape.channels)
    guard pixels > 1, channels > 1 else { return values }
    var result = [Float](repeating: 0, count: values.count)
    for start in stride(from: 0, to: values.count, by: shape.count) {
      for c in 0..<channels { for p in 0..<pixels { result[start + p * channels + c] = values[start + c * pixels + p] } }
    }
    return result
  }
}
