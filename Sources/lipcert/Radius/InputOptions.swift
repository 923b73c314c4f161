import ArgumentParser
import CommandLineSupport
import Foundation
import NetworkFormats
import Networks
import Robustness
import Studies
import Training

/// The inputs of a run, their labels, and how their numbers become inputs of the network.
struct InputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The inputs: .npy, .npz (FILE.npz:NAME picks an array), IDX, CIFAR (.bin) or a table of numbers (.csv), each also with gzip.",
      discussion: "Also a folder such as MNIST's or CIFAR's, or glyphs-N: their test images, scaled to 0..1, with their labels.",
      valueName: "file"),
    completion: .file())
  var inputs: String?

  @Option(
    help: ArgumentHelp(
      "The labels, in any of these formats.",
      discussion: """
        Default: the array 'labels' or 'y' of the inputs' archive, or the first column of a table that has one more than the network has \
        inputs; else the network's own answers.
        """, valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(
    help: ArgumentHelp("Multiply every number by this, such as 1/255 for the bytes of images.", valueName: "a/b"), transform: Fraction.parse
  )
  var scale = Fraction(numerator: 1, denominator: 1)

  @Option(
    help: ArgumentHelp("Subtract this after scaling: one number, or one for each channel.", valueName: "m,.."), transform: Self.numbers)
  var mean: [Double] = []

  @Option(help: ArgumentHelp("Divide by this after that: one number, or one for each channel.", valueName: "s,.."), transform: Self.numbers)
  var deviation: [Double] = []

  @Flag(help: "The file has height x width x channels where the network takes channels x height x width.")
  var channelsLast = false

  @Option(help: ArgumentHelp("Only the inputs A to B-1, counted from 0.", valueName: "A..B"), transform: Self.range)
  var range: Range<Int>?

  @Option(help: ArgumentHelp("Only the first N inputs (of the range).", valueName: "N"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    guard deviation.allSatisfy({ $0 != 0 }), scale.value != 0 else { throw ValidationError("--deviation and --scale must not be zero") }
  }

  /// Reads the inputs.
  ///
  /// - Throws: ``CommandError`` or `FormatError` that names the file.
  func read(for network: Network) throws -> LabelledInputs {
    guard let inputs else { throw CommandError(.usage, "--inputs is missing") }
    if let named = try NamedData.read(inputs, .test) { return try read(named, for: network) }
    var reading = InputReading()
    reading.scale = (scale.numerator, scale.denominator)
    reading.mean = mean
    reading.deviation = deviation
    reading.isChannelsLast = channelsLast
    return try reading.read(inputs: inputs, labels: labels, for: network)
  }

  private func read(_ data: Dataset, for network: Network) throws -> LabelledInputs {
    for (isGiven, option) in [(labels != nil, "labels"), (scale.value != 1, "scale"), (channelsLast, "channels-last")] where isGiven {
      throw CommandError(.usage, "--\(option) goes with a file of inputs, not with a folder or glyphs-N")
    }
    guard data.shape.count == network.inputCount else {
      throw CommandError(.usage, "\(data.name): samples are \(data.shape), but an input of the network has \(network.inputCount)")
    }
    for list in [mean, deviation] where list.count > 1 && list.count != data.shape.channels {
      let channels = Quantity.counted(data.shape.channels, "channel")
      throw CommandError(.usage, "\(data.name): one number for each of \(channels), not \(list.count)")
    }
    let values = data.samples.enumerated().map { index, value -> Float in
      func own(_ list: [Double], _ otherwise: Double) -> Double {
        list.isEmpty ? otherwise : list[list.count == 1 ? 0 : index % data.shape.channels]
      }
      return Float((Double(value) - own(mean, 0)) / own(deviation, 1))
    }
    return try LabelledInputs(
      Dataset(name: data.name, shape: data.shape, samples: values, labels: data.labels, classCount: data.classCount))
  }

  /// The inputs that were asked for, of `count`.
  ///
  /// - Throws: ``CommandError`` when there are none.
  func selection(of count: Int) throws -> [Int] {
    let chosen = (range ?? 0..<count).clamped(to: 0..<count)
    guard !chosen.isEmpty else { throw CommandError(.usage, "--range selects none of the \(Quantity.counted(count, "input"))") }
    return Array(chosen.prefix(limit ?? count))
  }

  static func numbers(_ text: String) throws -> [Double] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { try Fraction.parse(String($0)).value }
  }

  private static func range(_ text: String) throws -> Range<Int> {
    let ends = text.components(separatedBy: "..").map { Int($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], 0 <= first, first < last else {
      throw ValidationError("'\(text)' is not a range; 100..200 is the hundred inputs from 100 on")
    }
    return first..<last
  }
}

/// A number, perhaps written as a quotient, as in 8/255.
struct Fraction {
  var numerator: Double
  var denominator: Double

  /// The number.
  var value: Double { numerator / denominator }

  /// Reads "0.3" or "8/255".
  static func parse(_ text: String) throws -> Fraction {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0.trimmingPrefix(" ")) }
    guard (1...2).contains(parts.count), let first = parts[0], let second = parts.count == 1 ? 1 : parts[1], first.isFinite,
      second.isFinite, second != 0
    else { throw ValidationError("'\(text)' is not a number or a quotient such as 8/255") }
    return Fraction(numerator: first, denominator: second)
  }
}
