import Foundation

/// The binary files of CIFAR-10 and CIFAR-100, and others of their kind: records of one or two bytes of labels and the bytes of an image,
/// all red, then all green, then all blue.
///
/// Format: Krizhevsky, Learning multiple layers of features from tiny images, "binary version". Files may be compressed with gzip.
public enum CIFARFile {
  /// What a record holds.
  public struct Record: Hashable, Sendable {
    /// Bytes before the image: 1 class, or 2 for a coarse and a fine class.
    public let labelBytes: Int
    /// Rows and columns of the image.
    public let side: Int

    /// A record of this form.
    public init(labelBytes: Int, side: Int) {
      self.labelBytes = labelBytes
      self.side = side
    }

    /// 1 + 3 · 32 · 32 bytes.
    public static let cifar10 = Record(labelBytes: 1, side: 32)
    /// 2 + 3 · 32 · 32 bytes.
    public static let cifar100 = Record(labelBytes: 2, side: 32)
    /// 1 + 3 · 16 · 16 bytes: images of half the size.
    public static let halfSize = Record(labelBytes: 1, side: 16)

    /// The bytes of a record.
    public var size: Int { labelBytes + 3 * side * side }

    /// The least number that no label byte reaches: 10 classes, or 20 coarse and 100 fine ones.
    var classCounts: [Int] { labelBytes == 1 ? [10] : [20, 100] }
  }

  /// The contents of a file.
  public struct Contents: Sendable {
    /// What the records hold.
    public let record: Record
    /// The images: samples × 3 × side × side.
    public let images: NumPyArray
    /// The class of each; the fine one of CIFAR-100.
    public let labels: [UInt8]
    /// The coarse class of each in CIFAR-100.
    public let coarseLabels: [UInt8]?
  }

  /// Reads the file at `path`.
  ///
  /// - Throws: ``FormatError`` that names the file, as when it ends within a record or a label is no class.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> Contents {
    let data = try PossiblyCompressedFile.read(path: path, limit: options.maximumFileSize)
    return try FormatError.naming(path) { try read(data) }
  }

  /// Reads the bytes of a file that is not compressed.
  ///
  /// The form of the records is the one that divides the length and whose labels are classes.
  ///
  /// - Throws: ``FormatError``.
  public static func read(_ data: Data) throws -> Contents {
    let forms = [Record.cifar10, .cifar100, .halfSize]
    let sizes = forms.map { "\($0.size)" }.joined(separator: ", ")
    let dividing = forms.filter { !data.isEmpty && data.count % $0.size == 0 }
    guard let first = dividing.first else {
      throw FormatError(.malformed, reason: "\(data.count) bytes are no whole number of CIFAR's records of \(sizes) bytes; is it cut off?")
    }
    let bytes = [UInt8](data)
    var complaint: FormatError?
    for record in dividing {
      do {
        return try read(bytes, record)
      } catch let error as FormatError { complaint = complaint ?? error }
    }
    throw complaint ?? FormatError(.malformed, reason: "no records of \(first.size) bytes")
  }

  private static func read(_ bytes: [UInt8], _ record: Record) throws -> Contents {
    let count = bytes.count / record.size
    let length = record.size - record.labelBytes
    var labels = [[UInt8]](repeating: [], count: record.labelBytes)
    var images: [UInt8] = []
    images.reserveCapacity(count * length)
    for start in stride(from: 0, to: bytes.count, by: record.size) {
      for (place, limit) in record.classCounts.enumerated() {
        let label = bytes[start + place]
        guard Int(label) < limit else {
          throw FormatError(
            .malformed, place: .byte(start + place),
            reason: "label \(label) of record \(start / record.size), of \(record.size) bytes, is not one of \(limit) classes")
        }
        labels[place].append(label)
      }
      images += bytes[start + record.labelBytes..<start + record.size]
    }
    return Contents(
      record: record, images: NumPyArray(dimensions: [count, 3, record.side, record.side], elements: .uint8(images)),
      labels: labels[record.labelBytes - 1], coarseLabels: record.labelBytes == 2 ? labels[0] : nil)
  }
}
