import Networks

/// How model files are read: limits against hostile files, and what the file itself does not say.
public struct ReadOptions: Sendable {
  /// The greatest number of bytes a file may have, also after decompression.
  public var maximumFileSize = 2 << 30
  /// The greatest number of elements of a tensor of the network.
  public var maximumTensorElements = 1 << 26
  /// The non-linearity between the layers of a `.npz` network that has no architecture file.
  public var nonlinearity = NPZNonlinearity.activation(.relu)
  /// The architecture file of a `.npz` network; `nil` looks for `NAME.yaml` beside `NAME.npz`.
  public var architecturePath: String?
  /// Whether a `.nnet` network takes and gives physical units: its normalisation then becomes part of the network.
  public var usesPhysicalUnits = false

  /// The defaults.
  public init() {}
}
