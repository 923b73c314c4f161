import CommandLineSupport
import NetworkFormats
import Networks
import Training

extension ModelArchitecture {
  /// Reads `model:` of a recipe, such as `{residual: {depth: 8, channels: [8, 16, 32]}}`.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ value: YAMLEntry) throws {
    if value.value.text == "lenet5" {
      self = .leNet5
      return
    }
    let kinds = ["perceptron", "convolutional", "residual", "residual-perceptron", "lenet5"]
    let mapping = try value.mapping(kinds)
    guard mapping.keys.count == 1, let kind = mapping.keys.first, let entry = mapping[kind] else {
      throw value.failure("needs one of \(kinds.joined(separator: ", "))")
    }
    switch kind {
    case "perceptron":
      let mapping = try entry.mapping(["widths", "activation"])
      self = .perceptron(
        PerceptronArchitecture(
          widths: try Self.widths(mapping.required("widths")), nonlinearity: try Self.nonlinearity(mapping["activation"])))
    case "convolutional":
      let mapping = try entry.mapping(["convolutions", "widths", "activation", "normalized"])
      self = .convolutional(
        ConvolutionalArchitecture(
          convolutions: try mapping.required("convolutions").list().map(Self.convolution),
          widths: try mapping["widths"].map(Self.widths) ?? [],
          nonlinearity: try Self.nonlinearity(mapping["activation"]), isNormalized: try mapping["normalized"]?.boolean() ?? false))
    case "residual":
      let mapping = try entry.mapping(["depth", "channels", "members", "noise"])
      do {
        self = .residual(
          try ResidualArchitecture(
            depth: try mapping.required("depth").integer(in: 8...1202),
            channels: try mapping["channels"]?.list().map { try $0.integer(in: 1...4096) } ?? [16, 32, 64],
            ensemble: try Self.ensemble(mapping)))
      } catch let error as TrainingError {
        throw entry.failure(error.description)
      }
    case "residual-perceptron":
      let mapping = try entry.mapping(["width", "blocks", "members", "noise"])
      self = .residualPerceptron(
        ResidualPerceptronArchitecture(
          width: try mapping.required("width").integer(in: 1...8192), blocks: try mapping.required("blocks").integer(in: 1...200),
          ensemble: try Self.ensemble(mapping)))
    default: self = .leNet5
    }
  }

  private static func ensemble(_ mapping: YAMLMapping) throws -> FeynmanKacEnsemble {
    FeynmanKacEnsemble(
      members: try mapping["members"]?.integer(in: 1...64) ?? 1, noise: try mapping["noise"]?.real(in: 0...10) ?? 0)
  }

  private static func widths(_ value: YAMLEntry) throws -> [Int] {
    guard let widths = WidthList.widths(try value.parts().map { try $0.text() }) ?? Self.single(value) else {
      throw value.failure("expected widths such as [64, 64] or [64x3]")
    }
    return widths
  }

  /// One width alone, which is no list of widths of a whole network.
  private static func single(_ value: YAMLEntry) -> [Int]? {
    guard value.parts().count == 1, let width = value.parts()[0].value.text.flatMap({ Int($0) }), 1...1_000_000 ~= width else { return nil }
    return [width]
  }

  private static func nonlinearity(_ value: YAMLEntry?) throws -> HiddenNonlinearity {
    guard let value else { return .scalar(.relu) }
    if value.value.text == "maxmin" { return .groupSort(size: 2) }
    switch NonlinearityName.parse(try value.text()) {
    case .activation(let activation): return .scalar(activation)
    case .groupSort(let size): return .groupSort(size: size)
    case nil:
      throw value.failure(
        "unknown activation\(value.found); choose from \((NonlinearityName.choices + ["maxmin"]).joined(separator: ", "))")
    }
  }

  private static func convolution(_ value: YAMLEntry) throws -> ConvolutionalArchitecture.Convolution {
    let mapping = try value.mapping(["channels", "kernel", "stride", "padding"])
    let kernel = try mapping["kernel"]?.integer(in: 1...64) ?? 3
    return .init(
      channels: try mapping.required("channels").integer(in: 1...8192), kernel: kernel,
      stride: try mapping["stride"]?.integer(in: 1...64) ?? 1, padding: try mapping["padding"]?.integer(in: 0...63) ?? kernel / 2)
  }
}
