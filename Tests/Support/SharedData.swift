import Foundation

/// The reference networks and data sets, which are not part of the repository.
///
/// They are looked for in `LIPCERT_SHARED_DATA`, else in `../shared/data` beside the package; tests that need them are skipped otherwise.
public enum SharedData {
  /// The folder, or `nil` when there is none.
  public static let folder: URL? = {
    let candidate: URL
    if let path = ProcessInfo.processInfo.environment["LIPCERT_SHARED_DATA"] {
      candidate = URL(fileURLWithPath: path)
    } else {
      let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      candidate = package.deletingLastPathComponent().appendingPathComponent("shared/data")
    }
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder) && isFolder.boolValue ? candidate : nil
  }()

  /// Whether it is there.
  public static var isPresent: Bool { folder != nil }

  /// What a skipped test says.
  public static let absence = "reference networks not found: set LIPCERT_SHARED_DATA to their folder"

  /// The path of a file in the folder.
  public static func path(_ name: String) -> String { folder.map { $0.appendingPathComponent(name).path } ?? name }

  /// The paths, relative to the folder, of the files under `subfolder` with the given extension, in order.
  public static func files(in subfolder: String, extension suffix: String) -> [String] {
    guard let folder, let enumerator = FileManager.default.enumerator(atPath: folder.appendingPathComponent(subfolder).path) else {
      return []
    }
    return enumerator.compactMap { $0 as? String }.filter { $0.hasSuffix("." + suffix) }.map { "\(subfolder)/\($0)" }.sorted()
  }
}
