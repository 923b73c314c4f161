import Certificates
import ConicPrograms
import LinearAlgebra
import Networks

/// The linear matrix inequality of LipSDP for a lowered network (Fazlyab et al., arXiv 1906.04893), without the unsound pair multipliers.
///
/// With increments v = (Δx, Δh) of the inputs and of the units that are not linear, multipliers λ ≥ 0 and sectors [α, β],
///
///     ρ |Δx|² − |Δy|² + Σ 2 λᵢ (Δhᵢ − αᵢ Δpᵢ)(Δhᵢ − βᵢ Δpᵢ) ≥ 0 for all v   ⟹   |Δy|² ≤ ρ |Δx|²,
///
/// where Δy and Δp are linear in v. ρ is minimised; for the l_∞ norm Σ dⱼ Δxⱼ² takes the place of ρ |Δx|² and Σ dⱼ is minimised. The l₁ norm has
/// one program for each input (`ColumnSearch`); here it stands for the l₂ program, whose bound holds for it, too. λ ≥ 0 follows
/// from the inequality. A plain ReLU chain gives the block tridiagonal diag(ρI, 2Λ₁, …, 2Λ_l − W′W) with −Λ_k W_k beside the diagonal.
///
/// The inequality is held in scaled form, a congruence with powers of two (so exact) that brings variables and entries near one where a good
/// ``LipschitzScale`` is known: without it nets of 32 layers are beyond any solver's tolerance. ``multipliers(_:)`` and
/// `inputWeights(_:)` lead back.
public struct LipschitzInequality: Sendable {
  /// The meaning of a variable.
  public enum Variable: Sendable, Equatable {
    /// ρ, the squared bound.
    case squaredBound
    /// d of an input, counted from 0.
    case inputWeight(Int)
    /// λ of a unit: its activation node's place among the activation nodes, and its place in the node.
    case unit(node: Int, index: Int)
    /// λ of all units of an activation node.
    case node(Int)
  }

  /// The inequality in scaled variables: one symmetric block over the coordinates.
  public let inequality: LinearMatrixInequality
  /// The squared bound is this power of two times the optimum of ``inequality``.
  public let squaredBoundScale: Double
  /// What each variable is.
  public let variables: [Variable]
  /// The true variable is this power of two (times a half where the sector's constraint is written without its 2) times the scaled one.
  public let variableScales: [Double]
  /// The increment of coordinate i is this power of two times the scaled coordinate.
  public let coordinateScales: [Double]
  /// The norm of the inputs.
  public let inputNorm: InputNorm
  /// Which units share multipliers.
  public let mode: MultiplierMode

  let forms: IncrementForms
  /// The number of units of every activation node.
  let unitCounts: [Int]
  /// The variable of every unit that is a coordinate.
  let variableOfUnit: [Int]

  /// The inequality of a network.
  ///
  /// - Parameters:
  ///   - network: the network, with the outputs of interest.
  ///   - sectors: for each activation node, in order, its units' slope sectors.
  ///   - inputNorm: the norm of the inputs.
  ///   - mode: which units share multipliers.
  ///   - scale: what the multipliers are about, or `nil` for the unscaled form.
  /// - Throws: `ConicProgramError` when an entry is not finite.
  /// - Complexity: O(entries): one for each weight, and for sectors with αβ ≠ 0 half the square of each unit's number of weights.
  public init(
    _ network: LoweredNetwork, sectors: [UnitSectors], inputNorm: InputNorm = .l2, mode: MultiplierMode = .neuron,
    scale: LipschitzScale? = nil
  ) throws {
    let forms = IncrementForms(network, sectors: sectors, keepsAllInputs: inputNorm.hasOneWeight)
    try self.init(
      forms, unitCounts: network.activationNodes.map { network.nodes[$0].count }, inputNorm: inputNorm, mode: mode, scale: scale)
  }

  /// The inequality of a problem: of its network as stored, selected outputs only.
  ///
  /// - Throws: As ``init(_:sectors:inputNorm:mode:scale:)``.
  public init(_ problem: LipschitzProblem, mode: MultiplierMode = .neuron, scale: LipschitzScale? = nil) throws {
    try self.init(problem.selected, sectors: problem.sectors, inputNorm: problem.inputNorm, mode: mode, scale: scale)
  }

  init(
    _ forms: IncrementForms, unitCounts: [Int], inputNorm: InputNorm, mode: MultiplierMode, scale: LipschitzScale?
  ) throws {
    self.forms = forms
    self.unitCounts = unitCounts
    self.inputNorm = inputNorm
    self.mode = mode
    let places = LipschitzPlaces(forms, inputNorm: inputNorm, mode: mode, scale: scale)
    variables = places.variables
    variableScales = places.variableScales
    coordinateScales = places.coordinateScales
    variableOfUnit = places.variableOfUnit
    squaredBoundScale = places.squaredBoundScale
    let assembly = LipschitzAssembly(forms, places: places)
    inequality = try LinearMatrixInequality(
      blocks: [.symmetric(forms.coordinateCount)], objective: places.objective, constant: assembly.constant,
      coefficients: assembly.coefficients)
  }

  // MARK: - The way back

  /// The multipliers of the certificate's constraints t (Δh − αΔp)(βΔp − Δh) ≥ 0, t = 2λ, one list for each activation node.
  ///
  /// Zero for units that are no coordinates: linear ones need none, and the others are told by ``isCoordinate``.
  ///
  /// - Precondition: `x` has one element for each variable.
  public func multipliers(_ x: [Double]) -> [[Double]] {
    var result = unitCounts.map { [Double](repeating: 0, count: $0) }
    for (unit, variable) in zip(forms.units, variableOfUnit) {
      result[unit.position][unit.index] = max(0, 2 * variableScales[variable] * x[variable])
    }
    return result
  }

  /// The weights d of all inputs of the network, or for the l₂ norm [ρ].
  ///
  /// - Precondition: `x` has one element for each variable; `inputCount` is the network's.
  public func inputWeights(_ x: [Double], inputCount: Int) -> [Double] {
    if inputNorm.hasOneWeight { return [variableScales[0] * x[0]] }
    var result = [Double](repeating: 0, count: inputCount)
    for (k, input) in forms.inputs.enumerated() { result[input] = max(0, variableScales[k] * x[k]) }
    return result
  }

  /// The variables for given multipliers t and input weights, the inverse of ``multipliers(_:)`` and ``inputWeights(_:inputCount:)``.
  ///
  /// Units that share a variable give it their mean.
  public func variables(multipliers: [[Double]], inputWeights: [Double]) -> [Double] {
    var x = [Double](repeating: 0, count: variables.count)
    var counts = x
    if inputNorm.hasOneWeight {
      x[0] = (inputWeights.first ?? 0) / variableScales[0]
      counts[0] = 1
    } else {
      for (k, input) in forms.inputs.enumerated() {
        x[k] = inputWeights[input] / variableScales[k]
        counts[k] = 1
      }
    }
    for (unit, variable) in zip(forms.units, variableOfUnit) {
      x[variable] += multipliers[unit.position][unit.index] / (2 * variableScales[variable])
      counts[variable] += 1
    }
    return zip(x, counts).map { $1 > 0 ? $0 / $1 : $0 }
  }

  /// Whether a unit is a coordinate: not linear, moved by the inputs, and seen by the outputs.
  public var isCoordinate: [[Bool]] {
    var result = unitCounts.map { [Bool](repeating: false, count: $0) }
    for unit in forms.units { result[unit.position][unit.index] = true }
    return result
  }

  /// X(x) as a full matrix.
  public func matrix(_ x: [Double]) -> Matrix<Double> {
    let n = forms.coordinateCount
    var result = Matrix<Double>(rows: n, columns: n)
    func add(_ entries: [LinearMatrixInequality.Entry], _ factor: Double) {
      for entry in entries {
        result[entry.row, entry.column] += factor * entry.value
        if entry.row != entry.column { result[entry.column, entry.row] += factor * entry.value }
      }
    }
    add(inequality.constant, -1)
    for (value, entries) in zip(x, inequality.coefficients) { add(entries, value) }
    return result
  }
}
