import Foundation

extension NumPyArray {
  /// Reads the `.npy` file at `path`.
  ///
  /// - Throws: ``FormatError`` that names the file.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> NumPyArray {
    try FormatError.naming(path) { try NumPyArray(npy: FileBytes.read(path: path, limit: options.maximumFileSize)) }
  }

  /// Writes a `.npy` file in one step.
  ///
  /// - Throws: ``FormatError`` that names the file.
  public func write(path: String) throws {
    try FileBytes.write(npyData(), path: path)
  }

  /// Reads the bytes of a `.npy` file.
  ///
  /// The shape is compared with the bytes that are there before anything is allocated. Little-endian numbers, booleans and text are
  /// understood; big-endian numbers, Python objects and records are refused.
  ///
  /// - Throws: ``FormatError`` that names the byte where that is known.
  public init(npy data: Data) throws {
    let header = try NumPyHeader(data)
    guard let size = Self.elementSize(header.type) else {
      throw FormatError(
        .unsupported,
        reason: "element type '\(header.type)' is not supported; supported are <f8, <f4, <f2, <i8, <i4, |u1, |i1, |b1 and <U")
    }
    guard let count = ONNXConstant.count(header.dimensions, limit: 1 << 40) else {
      throw FormatError(.malformed, reason: "impossible shape \(header.dimensions)")
    }
    let body = data.dropFirst(header.length)
    guard count.multipliedReportingOverflow(by: max(size, 1)) == (body.count, false) || (size == 0 && body.isEmpty && count <= 1 << 20)
    else {
      throw FormatError(
        .malformed, place: .byte(header.length),
        reason: "shape \(header.dimensions) needs \(count) elements of \(size) bytes, but \(body.count) bytes follow")
    }
    var elements = try Self.decode(Data(body), type: header.type, size: size, count: count)
    if header.isFortranOrder, header.dimensions.count > 1 { elements = Self.rowMajor(elements, dimensions: header.dimensions) }
    self.init(dimensions: header.dimensions, elements: elements)
  }

  private static func elementSize(_ type: String) -> Int? {
    switch type {
    case "<f8", "<i8": return 8
    case "<f4", "<i4": return 4
    case "<f2": return 2
    case "|u1", "|i1", "|b1": return 1
    default:
      guard type.hasPrefix("<U"), let length = Int(type.dropFirst(2)), 0...1 << 20 ~= length else { return nil }
      return 4 * length
    }
  }

  private static func decode(_ bytes: Data, type: String, size: Int, count: Int) throws -> Elements {
    func values<Stored: FixedWidthInteger, Value>(_ transform: (Stored) -> Value) -> [Value] {
      bytes.withUnsafeBytes { source in
        [Value](unsafeUninitializedCapacity: count) { target, initialised in
          let stride = MemoryLayout<Stored>.size
          for i in 0..<count {
            (target.baseAddress.unsafelyUnwrapped + i).initialize(
              to: transform(Stored(littleEndian: source.loadUnaligned(fromByteOffset: i &* stride, as: Stored.self))))
          }
          initialised = count
        }
      }
    }
    switch type {
    case "<f8": return .double(values { Double(bitPattern: $0) })
    case "<f4": return .float(values { Float(bitPattern: $0) })
    case "<f2": return .float(values { Float(ONNXConstant.halfPrecision($0)) })
    case "<i8": return .int64(values { $0 as Int64 })
    case "<i4": return .int32(values { $0 as Int32 })
    case "|u1": return .uint8(values { $0 as UInt8 })
    case "|i1": return .int32(values { (value: Int8) in Int32(value) })
    case "|b1": return .bool(values { (value: UInt8) in value != 0 })
    default:
      let length = size / 4
      let points: [UInt32] = bytes.withUnsafeBytes { source in
        (0..<count * length).map { UInt32(littleEndian: source.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
      }
      return .text(
        try (0..<count).map { index in
          var text = String.UnicodeScalarView()
          for point in points[index * length..<(index + 1) * length] where point != 0 {
            guard let scalar = Unicode.Scalar(point) else {
              throw FormatError(.malformed, reason: "text holds \(point), which is no character")
            }
            text.append(scalar)
          }
          return String(text)
        })
    }
  }

  /// Elements in which the first axis varies fastest, put in row-major order.
  private static func rowMajor(_ elements: Elements, dimensions: [Int]) -> Elements {
    var sources = [0]
    var step = 1
    for length in dimensions {
      let current = step
      sources = sources.flatMap { start in (0..<length).lazy.map { start + $0 * current } }
      step *= length
    }
    func pick<Value>(_ values: [Value]) -> [Value] { sources.map { values[$0] } }
    return switch elements {
    case .double(let values): .double(pick(values))
    case .float(let values): .float(pick(values))
    case .int64(let values): .int64(pick(values))
    case .int32(let values): .int32(pick(values))
    case .uint8(let values): .uint8(pick(values))
    case .bool(let values): .bool(pick(values))
    case .text(let values): .text(pick(values))
    }
  }

  /// The bytes of a `.npy` file, version 1.
  public func npyData() -> Data {
    var body = Data()
    let type: String
    switch elements {
    case .double(let values):
      type = "<f8"
      for value in values { body.appendLittleEndian(value.bitPattern) }
    case .float(let values):
      type = "<f4"
      for value in values { body.appendLittleEndian(value.bitPattern) }
    case .int64(let values):
      type = "<i8"
      for value in values { body.appendLittleEndian(value) }
    case .int32(let values):
      type = "<i4"
      for value in values { body.appendLittleEndian(value) }
    case .uint8(let values):
      type = "|u1"
      body.append(contentsOf: values)
    case .bool(let values):
      type = "|b1"
      body.append(contentsOf: values.map { $0 ? 1 : 0 })
    case .text(let values):
      let length = values.map(\.unicodeScalars.count).max() ?? 1
      type = "<U\(length)"
      for value in values {
        for scalar in value.unicodeScalars { body.appendLittleEndian(scalar.value) }
        for _ in value.unicodeScalars.count..<length { body.appendLittleEndian(UInt32(0)) }
      }
    }
    let shape = dimensions.count == 1 ? "(\(dimensions[0]),)" : "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    // Elements start at a multiple of 64 bytes.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    data.appendLittleEndian(UInt16(header.utf8.count))
    data.append(contentsOf: header.utf8)
    data.append(body)
    return data
  }
}
