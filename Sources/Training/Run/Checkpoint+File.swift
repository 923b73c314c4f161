import CZlib
import FileSupport
import Foundation
import LinearAlgebra

extension Checkpoint {
  private static let magic = Array("LIPCKPT\n".utf8)
  private static let version: UInt64 = 1

  /// Writes the file; it is the old one or the whole new one whatever happens.
  ///
  /// It is made of 64-bit little-endian words: the magic, the version, the CRC-32 of what follows and its bytes; then the fields in order, arrays
  /// preceded by their length.
  ///
  /// - Throws: `FileWriteError`.
  public func write(path: String) throws {
    let content = encoded
    var header = BinaryWriter()
    header.bytes = Self.magic
    header.append(Self.version)
    header.append(UInt64(Self.checksum(content)))
    header.append(content.count)
    try AtomicFile.write(path: path) { append in
      try header.bytes.withUnsafeBytes { try append($0) }
      try content.withUnsafeBytes { try append($0) }
    }
  }

  /// Reads a file.
  ///
  /// - Throws: ``TrainingError/checkpoint(path:detail:)`` when it cannot be read, is no checkpoint, is of a later version or is damaged.
  public init(path: String) throws(TrainingError) {
    let data: Data
    do { data = try FileContents.read(path: path) } catch { throw .checkpoint(path: path, detail: error.reason) }
    do { self = try Self(bytes: Array(data)) } catch { throw .checkpoint(path: path, detail: error.detail) }
  }

  /// Reads what ``write(path:)`` writes.
  init(bytes: [UInt8]) throws(BinaryReader.Failure) {
    guard bytes.starts(with: Self.magic) else { throw .init(detail: "it is not a checkpoint") }
    var reader = BinaryReader(bytes: bytes, offset: Self.magic.count)
    let version = try reader.word()
    guard version == Self.version else { throw .init(detail: "it is of version \(version), this program knows \(Self.version)") }
    let checksum = try reader.word()
    let count = try reader.count(of: 1)
    guard count == reader.remaining else { throw .init(detail: "it goes on after its end") }
    guard checksum == UInt64(Self.checksum(Array(bytes.suffix(count)))) else { throw .init(detail: "its checksum is wrong: it is damaged") }
    try self.init(&reader)
    guard reader.remaining == 0 else { throw .init(detail: "it goes on after its end") }
  }

  /// The CRC-32 of bytes.
  static func checksum(_ bytes: [UInt8], continuing start: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { checksum($0, continuing: start) }
  }

  /// The CRC-32 of bytes.
  static func checksum(_ bytes: UnsafeRawBufferPointer, continuing start: UInt32 = 0) -> UInt32 {
    var sum = UInt(start)
    var rest = bytes.bindMemory(to: UInt8.self)[...]
    while !rest.isEmpty {
      let part = UnsafeBufferPointer(rebasing: rest.prefix(1 << 30))
      sum = crc32(sum, part.baseAddress, UInt32(part.count))
      rest = rest.dropFirst(part.count)
    }
    return UInt32(truncatingIfNeeded: sum)
  }

  // MARK: - Fields

  private var encoded: [UInt8] {
    var writer = BinaryWriter()
    for part in [identity.settings, identity.model, identity.data, identity.beginning] { writer.append(UInt64(part)) }
    writer.append(epoch)
    writer.append(step)
    writer.append(state)
    writer.append(optimiser)
    writer.append(hooks.count)
    for memory in hooks { writer.append(memory) }
    writer.append(loss)
    for count in [sums.samples, sums.correct, sums.steps] { writer.append(count) }
    writer.append(sums.loss)
    writer.append(sums.penalty)
    writer.append(best == nil ? 0 : 1)
    if let best {
      writer.append(best.epoch)
      writer.append(best.state)
    }
    writer.append(curve.count)
    for record in curve { writer.append(record) }
    writer.append(seconds)
    return writer.bytes
  }

  private init(_ reader: inout BinaryReader) throws(BinaryReader.Failure) {
    identity = Identity(
      settings: UInt32(truncatingIfNeeded: try reader.word()), model: UInt32(truncatingIfNeeded: try reader.word()),
      data: UInt32(truncatingIfNeeded: try reader.word()), beginning: UInt32(truncatingIfNeeded: try reader.word()))
    epoch = try reader.integer()
    step = try reader.integer()
    state = try reader.state()
    optimiser = try reader.memory()
    hooks = []
    // A memory has at least three words.
    for _ in 0..<(try reader.count(of: 24)) { hooks.append(try reader.memory()) }
    loss = try reader.memory()
    sums = EpochSums(samples: try reader.integer(), correct: try reader.integer(), steps: try reader.integer())
    sums.loss = try reader.number()
    sums.penalty = try reader.number()
    best = try reader.integer() == 0 ? nil : BestEpoch(epoch: try reader.integer(), state: try reader.state())
    curve = []
    for _ in 0..<(try reader.count(of: 64)) { curve.append(try reader.record()) }
    seconds = try reader.number()
  }
}

extension BinaryWriter {
  fileprivate mutating func append(_ state: ModelState<Float>) {
    append(state.parameters)
    append(state.statistics)
  }

  fileprivate mutating func append(_ memory: TrainingMemory) {
    append(memory.steps)
    append(memory.numbers.count)
    for number in memory.numbers { append(number) }
    append(memory.vectors.count)
    for vector in memory.vectors { append(vector) }
  }

  fileprivate mutating func append(_ record: EpochRecord) {
    append(record.epoch)
    for number in [record.rate, record.loss, record.penalty, record.accuracy] { append(number) }
    // What is not known is not a number.
    append(record.validationAccuracy ?? .nan)
    append(record.attackedAccuracy ?? .nan)
    append(record.seconds)
  }
}

extension BinaryReader {
  fileprivate mutating func state() throws(Failure) -> ModelState<Float> {
    ModelState(parameters: try floats(), statistics: try floats())
  }

  fileprivate mutating func memory() throws(Failure) -> TrainingMemory {
    var memory = TrainingMemory(steps: try integer())
    for _ in 0..<(try count(of: 8)) { memory.numbers.append(try number()) }
    for _ in 0..<(try count(of: 8)) { memory.vectors.append(try floats()) }
    return memory
  }

  fileprivate mutating func record() throws(Failure) -> EpochRecord {
    let epoch = try integer()
    var numbers: [Double] = []
    for _ in 0..<7 { numbers.append(try number()) }
    return EpochRecord(
      epoch: epoch, rate: numbers[0], loss: numbers[1], penalty: numbers[2], accuracy: numbers[3],
      validationAccuracy: numbers[4].isNaN ? nil : numbers[4], attackedAccuracy: numbers[5].isNaN ? nil : numbers[5], seconds: numbers[6])
  }
}
