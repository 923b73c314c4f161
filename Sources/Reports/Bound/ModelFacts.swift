import CommandLineSupport
import Foundation
import Networks

/// The model a report is about.
public struct ModelFacts: Sendable, Equatable {
  /// Where the file was read.
  public var path: String
  /// SHA-256 of the file.
  public var sha256: String
  /// Input coordinates.
  public var inputs: Int
  /// Outputs.
  public var outputs: Int
  /// Activation units.
  public var units: Int
  /// Activation nodes.
  public var activationNodes: Int
  /// Stored parameters, when the model itself is known.
  public var parameters: Int?

  /// Options that say how the file is to be read, such as `--activation tanh`.
  public var arguments: [String] = []

  /// A model's facts.
  public init(path: String, sha256: String, lowered: LoweredNetwork, network: Network?) {
    (self.path, self.sha256) = (path, sha256)
    (inputs, outputs, units) = (lowered.inputCount, lowered.outputCount, lowered.unitCount)
    activationNodes = lowered.activationNodes.count
    parameters = network.map { network in network.nodes.reduce(0) { $0 + OperationSummary($1).parameters } }
  }

  /// The file's name without its folders.
  var name: String { URL(fileURLWithPath: path).lastPathComponent }

  /// The name and the options as words of a command line.
  var commandWords: String { ([name] + arguments).map(Self.quoted).joined(separator: " ") }

  /// A word that a shell takes as it stands.
  static func quoted(_ word: String) -> String {
    let plain = "0123456789._-/:=,+".unicodeScalars
    let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || plain.contains($0)) }
    return isPlain ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }

  /// "3 inputs, 2 outputs, 40 units".
  var sizes: String {
    [(inputs, "input"), (outputs, "output"), (units, "unit")].map { Quantity.counted($0, $1) }.joined(separator: ", ")
  }
}
