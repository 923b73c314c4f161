import CommandLineSupport
import Foundation
import NetworkFormats

/// A network that a step of a pipeline is about.
enum ModelReference: Sendable, Hashable {
  /// Of an earlier step.
  case step(String)
  /// In a file.
  case file(String)

  /// What a step must wait for.
  var needs: [StepNeed] {
    guard case .step(let step) = self else { return [] }
    return [StepNeed(step: step, files: .named(NetworkFile.name))]
  }

  /// The name in reports and plans.
  var words: String {
    switch self {
    case .step(let step): step
    case .file(let path): URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
  }

  /// What tells it apart from others; the content of a step's network is told by its digest.
  ///
  /// - Throws: `FormatError` when the file cannot be read.
  func identity() throws -> String {
    switch self {
    case .step(let step): "step \(step)"
    case .file(let path): "file \(try FileDigest.sha256(path: path))"
    }
  }

  /// The file.
  func path(_ context: StepContext) -> String {
    switch self {
    case .step(let step): context.path(NetworkFile.name, of: step)
    case .file(let path): path
    }
  }

  /// The path as reports tell it, the same wherever the study's folder is.
  func place(_ context: StepContext) -> String {
    switch self {
    case .step(let step): context.place(NetworkFile.name, of: step)
    case .file(let path): URL(fileURLWithPath: path).lastPathComponent
    }
  }

  /// Reads the network.
  ///
  /// - Throws: `FormatError` that names the file.
  func load(_ context: StepContext) throws -> ComparedModel { try ComparedModel(path: path(context), name: words) }
}
