import ArgumentParser
import Certificates
import CommandLineSupport
import Foundation
import NetworkFormats

/// The inputs that a bound is about.
struct RegionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Bound over a ball around this input only: a .npy file, or numbers separated by commas.", valueName: "file|v1,v2,..."),
    completion: .file(extensions: ["npy"]))
  var center: String?

  @Option(help: ArgumentHelp("The radius of the ball, in the l2 norm.", valueName: "r"))
  var radius: Double?

  /// Whether a region was asked for.
  var isGiven: Bool { center != nil || radius != nil }

  func validate() throws {
    guard (center == nil) == (radius == nil) else { throw ValidationError("a ball takes both --center and --radius") }
    if let radius, !(radius > 0 && radius.isFinite) { throw ValidationError("--radius must be positive") }
  }

  /// The region.
  ///
  /// - Throws: ``CommandError`` or `FormatError` that names the file.
  func region() throws -> Region {
    guard let center, let radius else { return .global }
    let fields = center.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    if numbers.count == fields.count {
      guard numbers.allSatisfy(\.isFinite) else { throw CommandError(.usage, "--center: '\(center)' has a number that is not finite") }
      return .ball(center: numbers, radius: radius)
    }
    try InputFile.require(center)
    guard let values = try NumPyArray.read(path: center).doubles else { throw CommandError(.usage, "\(center): holds no numbers") }
    guard values.allSatisfy(\.isFinite) else { throw CommandError(.usage, "\(center): holds a number that is not finite") }
    return .ball(center: values, radius: radius)
  }
}
