import Foundation

extension ONNXConstant {
  /// Decodes a stored tensor.
  ///
  /// The number of elements the shape announces is compared with the bytes that are there before anything is allocated.
  ///
  /// - Throws: ``FormatError`` that names the tensor.
  init(_ tensor: ONNXTensor, name: String) throws {
    func failure(_ kind: FormatError.Kind, _ reason: String) -> FormatError {
      FormatError(kind, place: .array(name), reason: reason)
    }
    guard tensor.dataLocation == 0, tensor.externalData.isEmpty else {
      throw failure(.unsupported, "its elements are in another file (external data), which is not supported")
    }
    guard !tensor.hasSegment else { throw failure(.unsupported, "a tensor in pieces (segment) is not supported") }
    guard let type = ONNXElementType(rawValue: tensor.dataType) else {
      throw failure(.unsupported, "element type \(tensor.dataType) is not supported")
    }
    guard tensor.stringData.isEmpty, tensor.uint64Data.isEmpty else {
      throw failure(.unsupported, "string and unsigned 64-bit elements are not supported")
    }
    let dimensions = tensor.dims.map(Int.init)
    guard let count = Self.count(dimensions, limit: 1 << 40) else { throw failure(.malformed, "impossible shape \(dimensions)") }
    func check(_ present: Int) throws {
      guard present == count else { throw failure(.malformed, "shape \(dimensions) needs \(count) elements, but there are \(present)") }
    }
    if tensor.hasRawData, !tensor.rawData.isEmpty || count == 0 {
      guard tensor.rawData.count.isMultiple(of: type.byteCount) else {
        throw failure(.malformed, "\(tensor.rawData.count) bytes are not whole elements of \(type.byteCount) bytes")
      }
      try check(tensor.rawData.count / type.byteCount)
      self.init(dimensions, type: type, bytes: tensor.rawData, count: count)
      return
    }
    switch type {
    case .float:
      try check(tensor.floatData.count)
      self.init(dimensions, reals: tensor.floatData.map(Double.init))
    case .double:
      try check(tensor.doubleData.count)
      self.init(dimensions, reals: tensor.doubleData)
    case .float16:
      try check(tensor.int32Data.count)
      self.init(dimensions, reals: tensor.int32Data.map { Self.halfPrecision(UInt16(truncatingIfNeeded: $0)) })
    case .bfloat16:
      try check(tensor.int32Data.count)
      self.init(dimensions, reals: tensor.int32Data.map { Self.brainPrecision(UInt16(truncatingIfNeeded: $0)) })
    case .int64:
      try check(tensor.int64Data.count)
      self.init(dimensions, integers: tensor.int64Data.map(Int.init))
    case .int32, .int16, .int8, .uint16, .uint8, .bool:
      try check(tensor.int32Data.count)
      self.init(dimensions, integers: tensor.int32Data.map(Int.init))
    case .uint32, .uint64:
      throw failure(.unsupported, "element type \(type) is not supported outside raw data")
    }
  }

  /// Converts little-endian elements.
  ///
  /// - Precondition: `bytes` holds exactly `count` elements of `type`.
  private init(_ dimensions: [Int], type: ONNXElementType, bytes: Data, count: Int) {
    func integers<Stored: FixedWidthInteger>(_: Stored.Type) -> ONNXConstant {
      ONNXConstant(dimensions, integers: Self.convert(bytes, count) { Int(truncatingIfNeeded: Stored(littleEndian: $0)) })
    }
    switch type {
    case .float:
      self.init(dimensions, reals: Self.convert(bytes, count) { Double(Float(bitPattern: UInt32(littleEndian: $0))) })
    case .double:
      self.init(dimensions, reals: Self.convert(bytes, count) { Double(bitPattern: UInt64(littleEndian: $0)) })
    case .float16:
      self.init(dimensions, reals: Self.convert(bytes, count) { Self.halfPrecision(UInt16(littleEndian: $0)) })
    case .bfloat16:
      self.init(dimensions, reals: Self.convert(bytes, count) { Self.brainPrecision(UInt16(littleEndian: $0)) })
    case .int64: self = integers(Int64.self)
    case .int32: self = integers(Int32.self)
    case .int16: self = integers(Int16.self)
    case .int8: self = integers(Int8.self)
    case .uint64: self = integers(UInt64.self)
    case .uint32: self = integers(UInt32.self)
    case .uint16: self = integers(UInt16.self)
    case .uint8, .bool: self = integers(UInt8.self)
    }
  }

  @inline(__always)
  private static func convert<Stored, Value>(_ bytes: Data, _ count: Int, _ transform: (Stored) -> Value) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { target, initialised in
      bytes.withUnsafeBytes { source in
        let size = MemoryLayout<Stored>.size
        for i in 0..<count {
          (target.baseAddress.unsafelyUnwrapped + i).initialize(
            to: transform(source.loadUnaligned(fromByteOffset: i &* size, as: Stored.self)))
        }
      }
      initialised = count
    }
  }

  /// An IEEE half-precision number.
  static func halfPrecision(_ bits: UInt16) -> Double {
    let exponent = Int(bits >> 10 & 31)
    let fraction = Double(bits & 1023) / 1024
    let magnitude: Double =
      switch exponent {
      case 0: fraction * 0x1p-14
      case 31: fraction == 0 ? .infinity : .nan
      default: Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
      }
    return bits >> 15 == 0 ? magnitude : -magnitude
  }

  /// A bfloat16 number: the upper half of a single-precision number.
  static func brainPrecision(_ bits: UInt16) -> Double {
    Double(Float(bitPattern: UInt32(bits) << 16))
  }
}
