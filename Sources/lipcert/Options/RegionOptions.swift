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

  /// The region, for a network with so many inputs.
  ///
  /// - Throws: ``CommandError`` or `FormatError` that names the option or the file.
  func region(inputCount: Int) throws -> Region {
    guard let center, let radius else { return .global }
    let values = try point(center)
    guard values.count == inputCount else {
      throw CommandError(.usage, "--center has \(Quantity.counted(values.count, "number")), but the network has \(inputCount) inputs")
    }
    let region = Region.ball(center: values, radius: radius)
    guard region.fits(inputCount: inputCount) else {
      throw CommandError(.usage, "--center or --radius: numbers as large as this are not supported")
    }
    return region
  }

  private func point(_ center: String) throws -> [Double] {
    let fields = center.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    if numbers.count == fields.count {
      guard numbers.allSatisfy(\.isFinite) else { throw CommandError(.usage, "--center: '\(center)' has a number that is not finite") }
      return numbers
    }
    if center.contains(","), !FileManager.default.fileExists(atPath: center) {
      throw CommandError(.usage, "--center: '\(center)' is neither a file nor numbers separated by commas")
    }
    try InputFile.require(center)
    guard let values = try NumPyArray.read(path: center).doubles else { throw CommandError(.usage, "\(center): holds no numbers") }
    guard values.allSatisfy(\.isFinite) else { throw CommandError(.usage, "\(center): holds a number that is not finite") }
    return values
  }
}
