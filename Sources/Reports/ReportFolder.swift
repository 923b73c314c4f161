import CommandLineSupport
import FileSupport
import Foundation

/// The folder a report goes to.
public struct ReportFolder: Sendable {
  /// The folder as the person named it.
  public let path: String

  /// A folder that may not exist yet.
  public init(path: String) { self.path = path }

  /// The page to open.
  public var index: String { file("index.html") }

  /// The certificate.
  public var certificate: String { file(BoundReport.certificateName) }

  /// A file of the folder.
  public func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

  /// Creates the folder, so that obstacles are known before the work starts.
  ///
  /// - Throws: `FileWriteError` when it cannot be had or nothing can be written to it.
  public func prepare() throws {
    try Folder.make(path: path)
    if let obstacle = AtomicFile.obstacle(path: index) { throw obstacle }
  }

  /// Writes index.html, report.md, results.json and results.csv; each file is the old one or the whole new one. What an earlier run left
  /// and what is not about this one, such as a certificate, is removed.
  ///
  /// - Throws: As ``prepare()``.
  public func write(_ report: some Report) throws {
    try prepare()
    let files = [
      ("results.json", report.json.formatted + "\n"), ("results.csv", report.csv), ("report.md", report.markdown),
      ("index.html", report.html),
    ]
    for name in report.staleFiles { try? FileManager.default.removeItem(atPath: file(name)) }
    for (name, text) in files { try AtomicFile.write(Data(text.utf8), path: file(name)) }
  }
}

/// Why a report could not be written.
public struct ReportError: Error, Equatable, CustomStringConvertible {
  /// The folder and the reason in one line.
  public let description: String
}
