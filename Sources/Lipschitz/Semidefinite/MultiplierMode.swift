/// Which multipliers the semidefinite program of LipSDP may choose.
public enum MultiplierMode: String, Sendable, CaseIterable, Codable {
  /// One multiplier for each activation unit: LipSDP-Neuron.
  case neuron
  /// One multiplier for each activation node, shared by its units: LipSDP-Layer, with fewer variables and a larger optimum.
  case layer

  /// The mode with this name.
  ///
  /// - Throws: ``MultiplierModeError``; for the published mode `network` with the reason why it is refused.
  public init(named name: String) throws(MultiplierModeError) {
    if name == "network" { throw .unsound }
    guard let mode = MultiplierMode(rawValue: name) else { throw .unknown(name) }
    self = mode
  }
}

/// Why a mode of multipliers is not available.
public enum MultiplierModeError: Error, Equatable, CustomStringConvertible {
  /// The published mode `network`, which couples pairs of neurons.
  case unsound
  /// No mode has this name.
  case unknown(String)

  /// One line for people.
  public var description: String {
    switch self {
    case .unsound:
      """
      the mode 'network' of LipSDP is unsound and therefore not offered: its multipliers couple pairs of neurons as if the increments of two \
      neurons were increments of one and the same neuron, which (φ(s) − φ(s′)) − (φ(t) − φ(t′)) against (s − s′) − (t − t′) does not obey; \
      values below the true Lipschitz constant follow (Pauli et al., IEEE Control Systems Letters 2022). Use 'neuron' or 'layer'
      """
    case .unknown(let name):
      "unknown mode '\(name)'; choose from \(MultiplierMode.allCases.map(\.rawValue).joined(separator: ", "))"
    }
  }
}
