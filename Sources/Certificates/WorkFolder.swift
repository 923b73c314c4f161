import FileSupport
import Foundation

/// A folder in which long proofs keep what they have reached, so that an interrupted one goes on from there.
///
/// A file holds lists of doubles, with the digest of what they belong to and a checksum: it is written whole or not at all, and read only
/// when both fit. The checksum finds accidents. It is no protection against forgery: a proof that goes on from a folder trusts it as it
/// trusts the machine's memory.
public struct WorkFolder: Sendable {
  /// Why a work file is not used.
  public struct Refusal: Error, Equatable, CustomStringConvertible {
    /// The file and the reason in one line.
    public let description: String
  }

  private static let magic: [UInt64] = [0x3157_4b52_5754_504c, 1]
  private static let keyWords = 8

  /// Where it is.
  public let path: String

  /// Opens a folder, and makes it if there is none.
  ///
  /// - Throws: ``Refusal`` when it cannot be made.
  public init(path: String) throws {
    self.path = path
    do {
      try Folder.make(path: path)
    } catch {
      throw Refusal(description: "\(error)")
    }
    if let obstacle = AtomicFile.obstacle(path: file("stage")) { throw Refusal(description: "\(obstacle)") }
  }

  private func file(_ name: String) -> String { (path as NSString).appendingPathComponent("\(name).work") }

  /// Stores lists under a name in place of what was there.
  ///
  /// - Parameters:
  ///   - lists: the numbers.
  ///   - name: of the file.
  ///   - key: the digest, 64 characters, of what they belong to.
  /// - Throws: `FileWriteError`, for instance on a full disk; the old file is kept then.
  public func save(_ lists: [[Double]], as name: String, key: String) throws {
    var sum = Checksum()
    try AtomicFile.write(path: file(name)) { append in
      func put(_ words: UnsafeRawBufferPointer) throws {
        sum.add(words)
        try append(words)
      }
      func put(_ words: [UInt64]) throws { try words.withUnsafeBytes { try put($0) } }
      try put(Self.magic + Self.words(of: key) + [UInt64(lists.count)])
      for list in lists {
        try put([UInt64(list.count)])
        try list.withUnsafeBytes { try put($0) }
      }
      try put([sum.value])
    }
  }

  /// Reads the lists stored under a name; `nil` when there are none.
  ///
  /// - Throws: ``Refusal`` when the file is damaged or belongs to something else.
  public func load(_ name: String, key: String) throws -> [[Double]]? {
    let path = file(name)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let damaged = Refusal(description: "\(path): the work file is damaged; delete it to start over")
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
      throw Refusal(description: "\(path): the work file cannot be read")
    }
    return try data.withUnsafeBytes { bytes throws -> [[Double]] in
      let head = Self.magic.count + Self.keyWords + 1
      guard bytes.count % 8 == 0, bytes.count / 8 > head else { throw damaged }
      let total = bytes.count / 8 - 1
      func word(_ index: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) }
      guard (0..<Self.magic.count).allSatisfy({ word($0) == Self.magic[$0] }) else { throw damaged }
      var sum = Checksum()
      sum.add(UnsafeRawBufferPointer(rebasing: bytes[..<(8 * total)]))
      guard sum.value == word(total) else { throw damaged }
      guard (0..<Self.keyWords).map({ word(Self.magic.count + $0) }) == Self.words(of: key) else {
        throw Refusal(description: "\(path): the work file belongs to another model, method or setting; give another folder or delete it")
      }
      var place = head
      var lists: [[Double]] = []
      for _ in 0..<word(head - 1) {
        guard place < total else { throw damaged }
        let count = word(place)
        place += 1
        guard count <= UInt64(total - place) else { throw damaged }
        let part = UnsafeRawBufferPointer(rebasing: bytes[8 * place..<8 * (place + Int(count))])
        lists.append(
          Array(unsafeUninitializedCapacity: Int(count)) { buffer, initialised in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: part)
            initialised = Int(count)
          })
        place += Int(count)
      }
      guard place == total else { throw damaged }
      return lists
    }
  }

  /// Deletes what is stored under a name.
  public func remove(_ name: String) { try? FileManager.default.removeItem(atPath: file(name)) }

  /// The first 64 characters of a key as eight words.
  private static func words(of key: String) -> [UInt64] {
    let bytes = Array(key.utf8.prefix(8 * keyWords)) + Array(repeating: 0, count: max(0, 8 * keyWords - key.utf8.count))
    return (0..<keyWords).map { index in (0..<8).reduce(0) { $0 | UInt64(bytes[8 * index + $1]) << UInt64(8 * $1) } }
  }

  /// A checksum over words, in four strands.
  private struct Checksum {
    private var strands: SIMD4<UInt64> = [1, 2, 3, 4]
    private var count = 0

    var value: UInt64 { (0..<4).reduce(UInt64(count)) { ($0 ^ strands[$1]) &* 0x9e37_79b9_7f4a_7c15 } }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      let words = bytes.count / 8
      var index = 0
      func next(_ lane: Int, _ index: Int) {
        let word = bytes.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self)
        let mixed = (strands[lane] ^ word) &* 0x9e37_79b9_7f4a_7c15
        strands[lane] = mixed ^ (mixed >> 29)
      }
      while index < words, count % 4 != 0 {
        next(count % 4, index)
        index += 1
        count += 1
      }
      while index &+ 4 <= words {
        let word = bytes.loadUnaligned(fromByteOffset: 8 &* index, as: SIMD4<UInt64>.self)
        let mixed = (strands ^ word) &* SIMD4(repeating: 0x9e37_79b9_7f4a_7c15)
        strands = mixed ^ (mixed &>> SIMD4(repeating: 29))
        index &+= 4
        count &+= 4
      }
      while index < words {
        next(count % 4, index)
        index += 1
        count += 1
      }
    }
  }
}
