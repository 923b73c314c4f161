import CommandLineSupport
import Foundation
import NetworkFormats
import Networks

/// A model that is to be compared.
public struct ComparedModel: Sendable {
  /// What it is called in tables.
  public var name: String
  /// The file it was read from.
  public let path: String
  /// SHA-256 of the file.
  public let sha256: String
  /// Bytes of the file.
  public let bytes: Int
  /// The network.
  public let network: Network

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: what it is called in tables; the file's name when `nil`.
  ///   - options: what the file does not say about itself.
  /// - Throws: `FormatError` that names the file and the place in it.
  public init(path: String, name: String? = nil, options: ReadOptions = ReadOptions()) throws {
    network = try ModelFile.read(path: path, options: options)
    sha256 = try FileDigest.sha256(path: path)
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    bytes = (attributes?[.size] as? NSNumber)?.intValue ?? 0
    self.path = path
    self.name = name ?? URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
  }

  /// Names for models that have none: their files' names, with the folder before them where files share a name, and counted where that does not
  /// tell them apart either.
  public static func names(for paths: [String]) -> [String] {
    let urls = paths.map { URL(fileURLWithPath: $0).deletingPathExtension() }
    let short = urls.map(\.lastPathComponent)
    let long = urls.map { $0.deletingLastPathComponent().lastPathComponent }
    let isShared = Set(short).count < short.count
    // What files in folders of their own share, such as network.onnx, says nothing.
    let names = !isShared ? short : Set(short).count == 1 ? long : zip(long, short).map { "\($0)/\($1)" }
    if Set(names).count == names.count { return names }
    return names.enumerated().map { "\($0 + 1) \($1)" }
  }

  /// Runs `body`; an error about a node or the samples also names this model's file.
  func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as NetworkError {
      throw StudyError("\(path): \(error)")
    }
  }
}
