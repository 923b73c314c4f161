import Certificates
import Networks

/// How large the semidefinite program of LipSDP is.
public struct InequalitySize: Sendable, Equatable {
  /// The order of the matrix.
  public let order: Int
  /// The number of variables.
  public let variables: Int
  /// The number of entries of the variables' matrices and, at most, of F₀.
  public let entries: Double

  /// At least the order for a network, without forming anything.
  static func largestOrder(_ network: LoweredNetwork, sectors: [UnitSectors]) -> Int {
    network.inputCount + sectors.reduce(0) { sum, sector in sum + zip(sector.lower, sector.upper).reduce(0) { $0 + ($1.0 < $1.1 ? 1 : 0) } }
  }

  /// The size for a problem's network as stored.
  public init(_ problem: LipschitzProblem, mode: MultiplierMode = .neuron) {
    let forms = IncrementForms(problem.selected, sectors: problem.sectors, keepsAllInputs: problem.inputNorm.hasOneWeight)
    self.init(forms, inputNorm: problem.inputNorm, mode: mode)
  }

  init(_ forms: IncrementForms, inputNorm: InputNorm, mode: MultiplierMode) {
    order = forms.coordinateCount
    variables =
      (inputNorm.hasOneWeight ? 1 : forms.inputs.count) + (mode == .neuron ? forms.units.count : Set(forms.units.map(\.position)).count)
    let seen = Double(forms.outputs.reduce(into: Set<Int>()) { $0.formUnion($1.columns) }.count)
    entries =
      Double(forms.inputs.count) + seen * (seen + 1) / 2
      + forms.units.reduce(0) { sum, unit in
        let count = Double(unit.preactivation.columns.count)
        return sum + 1 + count + (unit.lower * unit.upper != 0 ? count * (count + 1) / 2 : 0)
      }
  }

  /// Bytes that a solver takes, about: some twenty matrices of this order and three of the order of the number of variables.
  public var bytes: Double { 8 * (20 * Double(order) * Double(order) + 3 * Double(variables) * Double(variables)) + 64 * entries }
}
