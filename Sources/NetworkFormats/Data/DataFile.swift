import Foundation

/// Arrays of inputs and labels in files of every format, told apart by name and content.
public enum DataFile {
  /// The named arrays of a file; formats that hold one array have one without name.
  ///
  /// Files called `.bin` or `.bin.gz` are CIFAR's, with arrays `images` and `labels`, and `coarse-labels` where there are some.
  ///
  /// - Throws: ``FormatError`` that names the file.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> [(name: String, array: NumPyArray)] {
    try FormatError.naming(path) {
      var data = try FileBytes.read(path: path, limit: options.maximumFileSize)
      if data.starts(with: [0x1F, 0x8B]) { data = try Zlib.inflate(data, wrapping: .gzip, limit: options.maximumFileSize) }
      if data.starts(with: [0x50, 0x4B]) {
        let archive = try NumPyArchive(npz: data, limit: options.maximumFileSize)
        return archive.names.compactMap { name in archive[name].map { (name, $0) } }
      }
      if data.starts(with: [0x93] + Array("NUMPY".utf8)) { return [("", try NumPyArray(npy: data))] }
      if path.hasSuffix(".bin") || path.hasSuffix(".bin.gz") {
        let file = try CIFARFile.read(data)
        func array(_ labels: [UInt8]) -> NumPyArray { NumPyArray(dimensions: [labels.count], elements: .uint8(labels)) }
        return [("images", file.images), ("labels", array(file.labels))] + (file.coarseLabels.map { [("coarse-labels", array($0))] } ?? [])
      }
      if IDXFile.isLikely(data) || path.contains("-ubyte") { return [("", try IDXFile.read(data))] }
      guard !data.prefix(1 << 12).contains(0) else {
        throw FormatError(.unsupported, reason: "neither .npy, .npz, IDX, CIFAR (.bin) nor numbers as text")
      }
      return [("", try NumberTable.read(data))]
    }
  }
}
