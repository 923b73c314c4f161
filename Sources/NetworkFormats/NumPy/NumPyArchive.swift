import Foundation

/// A `.npz` file: a zip archive of named arrays.
public struct NumPyArchive: Sendable {
  /// The names in the archive's order.
  public private(set) var names: [String] = []
  private var arrays: [String: NumPyArray] = [:]

  /// An empty archive.
  public init() {}

  /// The array called `name`.
  public subscript(name: String) -> NumPyArray? { arrays[name] }

  /// Adds an array, or replaces the one of the same name.
  public mutating func set(_ array: NumPyArray, for name: String) {
    if arrays.updateValue(array, forKey: name) == nil { names.append(name) }
  }

  /// The array called `name`.
  ///
  /// - Throws: ``FormatError`` that lists the names there are.
  public func array(_ name: String) throws -> NumPyArray {
    guard let array = arrays[name] else {
      throw FormatError(.malformed, place: .array(name), reason: "there is no such array; there are \(names.joined(separator: ", "))")
    }
    return array
  }

  /// Reads the archive at `path`.
  ///
  /// - Throws: ``FormatError`` that names the file and the array.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> NumPyArchive {
    try FormatError.naming(path) {
      try NumPyArchive(npz: FileBytes.read(path: path, limit: options.maximumFileSize), limit: options.maximumFileSize)
    }
  }

  /// Reads the bytes of an archive; all arrays together may expand to at most `limit` bytes.
  ///
  /// - Throws: ``FormatError`` that names the array, or the byte at which the archive is damaged.
  public init(npz data: Data, limit: Int = 2 << 30) throws {
    var remaining = limit
    for member in try ZipDirectory(data).members {
      guard member.name.hasSuffix(".npy") else {
        throw FormatError(.unsupported, place: .array(member.name), reason: "the archive holds something other than arrays")
      }
      let name = String(member.name.dropLast(4))
      guard arrays[name] == nil else { throw FormatError(.malformed, place: .array(name), reason: "occurs twice") }
      do {
        let bytes = try member.contents(of: data, limit: remaining)
        remaining -= bytes.count
        set(try NumPyArray(npy: bytes), for: name)
      } catch let error as FormatError {
        throw FormatError(error.kind, place: .array(name), reason: error.description)
      }
    }
  }

  /// Writes the archive in one step.
  ///
  /// - Throws: ``FormatError`` that names the file.
  public func write(path: String) throws {
    try FileBytes.write(npzData(), path: path)
  }

  /// The bytes of the archive, members compressed. The same arrays give the same bytes.
  ///
  /// - Throws: ``FormatError`` when the archive would need more than 4 GB.
  public func npzData() throws -> Data {
    var writer = ZipWriter()
    for name in names {
      if let array = arrays[name] { try writer.add(name: name + ".npy", contents: array.npyData()) }
    }
    return writer.finished()
  }
}
