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
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: file(Figure.folder), isDirectory: &isFolder), !isFolder.boolValue {
      throw ReportError(description: "\(file(Figure.folder)): stands where the folder of figures is to be, and is none")
    }
  }

  /// Writes index.html, report.md, results.json, results.csv and the figures; each file is the old one or the whole new one. What an earlier
  /// run left and what is not about this one, such as a certificate or another figure, is removed.
  ///
  /// - Throws: As ``prepare()``.
  public func write(_ report: some Report) throws {
    try prepare()
    let files = [
      ("results.json", report.json.formatted + "\n"), ("results.csv", report.csv), ("report.md", report.markdown),
      ("index.html", report.html),
    ]
    for name in report.staleFiles { try? FileManager.default.removeItem(atPath: file(name)) }
    // The figures first: what is linked is there before the link.
    try write(report.figures)
    for (name, text) in files { try AtomicFile.write(Data(text.utf8), path: file(name)) }
  }

  private func write(_ figures: [Figure]) throws {
    let folder = file(Figure.folder)
    if !figures.isEmpty { try Folder.make(path: folder) }
    for figure in figures { try AtomicFile.write(Data(figure.svg.utf8), path: file(figure.path)) }
    // Whatever else a person keeps there is none of ours.
    let current = Set(figures.map { "\($0.name).svg" })
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".svg") && !current.contains(name)
    {
      let path = "\(folder)/\(name)"
      if Self.isFigure(path) { try? FileManager.default.removeItem(atPath: path) }
    }
    if (try? FileManager.default.contentsOfDirectory(atPath: folder))?.isEmpty ?? false {
      try? FileManager.default.removeItem(atPath: folder)
    }
  }

  /// Whether a file is a figure that this program wrote.
  private static func isFigure(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    let head = (try? file.read(upToCount: 200)) ?? Data()
    return String(decoding: head, as: UTF8.self).contains(Figure.mark)
  }
}

/// Why a report could not be written.
public struct ReportError: Error, Equatable, CustomStringConvertible {
  /// The folder and the reason in one line.
  public let description: String
}
