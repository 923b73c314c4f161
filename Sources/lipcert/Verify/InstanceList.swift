import FileSupport
import Foundation

/// A competition's list of instances: lines `model,property,seconds` without a header, paths relative to the list.
struct InstanceList {
  /// One line.
  struct Instance: Equatable {
    /// As written, without a leading `./`.
    let model: String
    let property: String
    let timeout: Double
    /// The line's number, counted from one.
    let line: Int
  }

  /// The list's folder.
  let folder: URL
  /// The name of the folder: the category.
  let category: String
  let instances: [Instance]

  /// Reads a list.
  ///
  /// - Throws: ``CommandError`` that names file and line.
  init(path: String) throws {
    let data: Data
    do { data = try FileContents.read(path: path) } catch { throw CommandError(.usage, "\(error)") }
    guard let text = String(data: data, encoding: .utf8) else { throw CommandError(.usage, "\(path): is not UTF-8 text") }
    let url = URL(fileURLWithPath: path)
    folder = url.deletingLastPathComponent()
    category = folder.lastPathComponent
    var instances: [Instance] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      guard !line.allSatisfy(\.isWhitespace) else { continue }
      let fields = Self.fields(line)
      guard fields.count == 3, let timeout = Double(fields[2]), timeout > 0 else {
        throw CommandError(.usage, "\(path): line \(index + 1): a line is model,property,seconds")
      }
      guard !fields[0].hasPrefix("[") else {
        throw CommandError(.usage, "\(path): line \(index + 1): instances of several networks are not supported")
      }
      instances.append(Instance(model: Self.relative(fields[0]), property: Self.relative(fields[1]), timeout: timeout, line: index + 1))
    }
    guard !instances.isEmpty else { throw CommandError(.usage, "\(path): there are no instances") }
    self.instances = instances
  }

  /// The file that a path of the list names, itself or the same with `.gz`; relative to the list's folder unless it begins with a slash.
  func file(_ path: String) -> String {
    let plain = path.hasPrefix("/") ? path : folder.appendingPathComponent(path).path
    let compressed = plain + ".gz"
    return !FileManager.default.fileExists(atPath: plain) && FileManager.default.fileExists(atPath: compressed) ? compressed : plain
  }

  private static func relative(_ path: String) -> String { path.hasPrefix("./") ? String(path.dropFirst(2)) : path }

  /// The fields of a line, which may be in double quotes.
  static func fields(_ line: some StringProtocol) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
