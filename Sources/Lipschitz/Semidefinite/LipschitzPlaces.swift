import Certificates
import Foundation

/// Where everything stands in a ``LipschitzInequality``, and its powers of two.
struct LipschitzPlaces {
  private(set) var variables: [LipschitzInequality.Variable] = []
  /// True variable over scaled one, of the constraint 2λ(h − αp)(h − βp).
  private(set) var variableScales: [Double] = []
  private(set) var coordinateScales: [Double] = []
  private(set) var objective: [Double] = []
  private(set) var variableOfUnit: [Int] = []
  private(set) var squaredBoundScale = 1.0

  init(_ forms: IncrementForms, inputNorm: InputNorm, mode: MultiplierMode, scale: LipschitzScale?) {
    placeInputs(forms, inputNorm: inputNorm, weights: scale?.inputWeights)
    placeUnits(forms, mode: mode, multipliers: scale?.multipliers)
  }

  /// s² d = 1 for every input, so that its diagonal entry is the scaled variable.
  private mutating func placeInputs(_ forms: IncrementForms, inputNorm: InputNorm, weights: [Double]?) {
    switch inputNorm {
    case .l2, .l1:
      let k = weights.map { LipschitzScale.exponent($0.first ?? 1) } ?? 0
      variables.append(.squaredBound)
      variableScales.append(LipschitzScale.power(2 * k))
      coordinateScales = forms.inputs.map { _ in LipschitzScale.power(-k) }
      objective.append(1)
      squaredBoundScale = LipschitzScale.power(2 * k)
    case .lInfinity:
      let largest = weights?.max() ?? 1
      let exponents = forms.inputs.map { input in weights.map { LipschitzScale.exponent(max($0[input], 1e-6 * largest)) } ?? 0 }
      let sum = exponents.reduce(0) { $0 + LipschitzScale.power(2 * $1) }
      let whole = weights == nil ? 0 : LipschitzScale.exponent(sum)
      variables = forms.inputs.map { .inputWeight($0) }
      variableScales = exponents.map { LipschitzScale.power(2 * $0) }
      coordinateScales = exponents.map { LipschitzScale.power(-$0) }
      objective = exponents.map { LipschitzScale.power(2 * ($0 - whole)) }
      squaredBoundScale = LipschitzScale.power(2 * whole)
    }
  }

  /// 2λ s² = 1 for every unit in scaled form; λ and s are 1 without a scale, as in the literature.
  private mutating func placeUnits(_ forms: IncrementForms, mode: MultiplierMode, multipliers: [[Double]]?) {
    let typical = Self.typicalExponents(forms, multipliers)
    var variableOfNode: [Int: Int] = [:]
    for unit in forms.units {
      var k = typical[unit.position] ?? 0
      if mode == .neuron, let t = multipliers?[unit.position][unit.index], t > 0, t.isFinite { k = LipschitzScale.exponent(t) }
      let shared = mode == .layer ? variableOfNode[unit.position] : nil
      variableOfUnit.append(shared ?? variables.count)
      coordinateScales.append(LipschitzScale.power(-k))
      guard shared == nil else { continue }
      variableOfNode[unit.position] = variables.count
      variables.append(mode == .layer ? .node(unit.position) : .unit(node: unit.position, index: unit.index))
      variableScales.append(multipliers == nil ? 1 : 0.5 * LipschitzScale.power(2 * k))
      objective.append(0)
    }
  }

  /// The mean exponent of every activation node's positive multipliers.
  private static func typicalExponents(_ forms: IncrementForms, _ multipliers: [[Double]]?) -> [Int: Double] {
    guard let multipliers else { return [:] }
    var sums: [Int: (sum: Double, count: Double)] = [:]
    for unit in forms.units {
      let t = multipliers[unit.position][unit.index]
      guard t > 0, t.isFinite else { continue }
      let (sum, count) = sums[unit.position] ?? (0, 0)
      sums[unit.position] = (sum + LipschitzScale.exponent(t), count + 1)
    }
    return sums.mapValues { ($0.sum / $0.count).rounded() }
  }
}
