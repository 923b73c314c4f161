import Foundation
import LinearAlgebra
import Networks

/// Chooses slopes and multipliers that make lower bounds of rows large, by gradient ascent.
///
/// Below a convex unit with an open kink any line through 0 with a slope between the two sides' is valid (α-CROWN, Xu et al. 2021), and
/// assumptions about units may be added with any non-negative multiplier (β-CROWN, Wang et al. 2021). The bound is a function of these numbers;
/// its derivative by a slope is the row's positive coefficient times the unit's argument where the bound is attained, and by a multiplier the
/// argument's distance from the threshold. Whatever the search gives, the bound holds: it is computed anew, soundly, for the numbers chosen.
struct SlopeSearch {
  let propagation: BoxPropagation
  let evaluatedRows: Matrix<Double>
  let boxes: [Int]
  /// The rows' coefficients over the inputs.
  let inputs: Matrix<Double>?
  let slack: [Double]
  /// What is added to each row's bound.
  let constants: [Double]

  /// The best bounds so far and where the last ones were attained.
  struct Result {
    var values: [Double]
    var choices: [Int: BoxPropagation.RowChoices]
    /// The inputs at which the rows' last linear bounds are least.
    var points: Matrix<Double>
    /// For each row what each activation unit costs the bound: its coefficient times the height of its upper line where it is looked at.
    var losses: [Int: Matrix<Double>]
  }

  /// Climbs for at most `steps` steps; rows that are positive stay as they are.
  ///
  /// - Parameter start: choices to begin with; the relaxations' own by default.
  func run(_ start: [Int: BoxPropagation.RowChoices]? = nil, phases: [[BoxPropagation.Phase]], steps: Int, mustStop: () -> Bool) -> Result {
    let plan = propagation.plan
    var choices = start ?? initialChoices(phases)
    var best = [Double](repeating: -.infinity, count: boxes.count)
    var result = Result(values: best, choices: choices, points: Matrix(rows: 0, columns: 0), losses: [:])
    var moments: [Int: (first: [Double], second: [Double])] = [:]
    var multiplierMoments: [Int: (first: [Double], second: [Double])] = [:]
    for step in 0...steps {
      var coefficients: [Int: Matrix<Double>] = [:]
      let bounds = propagation.lowerBounds(
        of: evaluatedRows, boxes: boxes, inputs: inputs, slack: slack, choices: choices, record: { coefficients[$0] = $1 })
      for row in boxes.indices {
        let value = ErrorBounds.addDown(bounds.values[row], constants[row])
        if value > best[row] { best[row] = value }
      }
      let points = minimisers(bounds.coefficients)
      result.points = points
      if step == steps || best.allSatisfy({ $0 > 0 }) || mustStop() {
        result.losses = losses(coefficients)
        break
      }
      let arguments = forward(points, coefficients, choices)
      let rate = (start == nil ? 0.3 : 0.15) * pow(0.9, Double(step))
      let correction = ((1 - pow(0.9, Double(step + 1))), (1 - pow(0.999, Double(step + 1))))
      for (index, c) in coefficients {
        guard case .activation(let source, let units) = plan.nodes[index].kind, let p = arguments[index], var choice = choices[index] else {
          continue
        }
        let width = c.columns
        var moment = moments[index] ?? ([Double](repeating: 0, count: c.elements.count), [Double](repeating: 0, count: c.elements.count))
        let (low, high) = (propagation.lower[source], propagation.upper[source])
        for row in boxes.indices where !(best[row] > 0) {
          for i in 0..<width {
            let (k, place) = (row * width + i, boxes[row] * width + i)
            guard low.elements[place] < 0, high.elements[place] > 0, let kink = units.activation(of: i).kink else { continue }
            let gradient = max(0, c.elements[k]) * p.elements[k]
            moment.first[k] = 0.9 * moment.first[k] + 0.1 * gradient
            moment.second[k] = 0.999 * moment.second[k] + 0.001 * gradient * gradient
            let move = rate * (moment.first[k] / correction.0) / ((moment.second[k] / correction.1).squareRoot() + 1e-12)
            choice.slopes.elements[k] = min(kink.above, max(kink.below, choice.slopes.elements[k] + move))
          }
        }
        moments[index] = moment
        if !choice.multipliers.isEmpty {
          let count = choice.multipliers.count
          var moment = multiplierMoments[index] ?? ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
          for k in choice.multipliers.indices {
            let multiplier = choice.multipliers[k]
            let distance = p[multiplier.row, multiplier.phase.unit] - multiplier.phase.threshold
            let gradient = multiplier.phase.isAbove ? -distance : distance
            moment.first[k] = 0.9 * moment.first[k] + 0.1 * gradient
            moment.second[k] = 0.999 * moment.second[k] + 0.001 * gradient * gradient
            // Multipliers are in units of the row's coefficients.
            let scale = max(c[multiplier.row, multiplier.phase.unit].magnitude, 1e-3)
            let move = scale * rate * (moment.first[k] / correction.0) / ((moment.second[k] / correction.1).squareRoot() + 1e-12)
            choice.multipliers[k].value = max(0, multiplier.value + move)
          }
          multiplierMoments[index] = moment
        }
        choices[index] = choice
      }
    }
    result.values = best
    result.choices = choices
    return result
  }

  /// The relaxations' own slopes, and multipliers 0.
  func initialChoices(_ phases: [[BoxPropagation.Phase]]) -> [Int: BoxPropagation.RowChoices] {
    var choices: [Int: BoxPropagation.RowChoices] = [:]
    for (index, lines) in propagation.relaxations {
      let width = propagation.plan.nodes[index].count
      let slopes = boxes.flatMap { lines.lowerSlope[$0 * width..<($0 + 1) * width] }
      var multipliers: [BoxPropagation.RowChoices.Multiplier] = []
      for (row, box) in boxes.enumerated() where !phases.isEmpty {
        for phase in phases[box] where phase.node == index { multipliers.append(.init(row: row, phase: phase, value: 0)) }
      }
      choices[index] = .init(slopes: Matrix(rows: boxes.count, columns: width, elements: slopes), multipliers: multipliers)
    }
    return choices
  }

  private func minimisers(_ coefficients: Matrix<Double>) -> Matrix<Double> {
    var points = coefficients
    let width = coefficients.columns
    for k in points.elements.indices {
      let place = boxes[k / width] * width + k % width
      points.elements[k] = points.elements[k] >= 0 ? propagation.lower[0].elements[place] : propagation.upper[0].elements[place]
    }
    return points
  }

  /// The arguments of all activation units when every unit follows the line that its coefficient looks at.
  private func forward(
    _ points: Matrix<Double>, _ coefficients: [Int: Matrix<Double>], _ choices: [Int: BoxPropagation.RowChoices]
  ) -> [Int: Matrix<Double>] {
    var values: [Matrix<Double>] = [points]
    var arguments: [Int: Matrix<Double>] = [:]
    for (index, node) in propagation.plan.nodes.enumerated().dropFirst() {
      switch node.kind {
      case .input: break
      case .affine(let terms, let bias, _):
        var sum = Matrix<Double>(rows: points.rows, columns: node.count)
        if let bias { for row in 0..<points.rows { sum.elements.replaceSubrange(row * node.count..<(row + 1) * node.count, with: bias) } }
        for term in terms {
          if let map = term.map {
            map.apply(values[term.source], to: &sum, accumulating: true)
          } else {
            for k in sum.elements.indices { sum.elements[k] += values[term.source].elements[k] }
          }
        }
        values.append(sum)
      case .activation(let source, _):
        let p = values[source]
        arguments[index] = p
        var h = p
        if let lines = propagation.relaxations[index], let slopes = choices[index]?.slopes {
          let c = coefficients[index]
          for k in h.elements.indices {
            let place = boxes[k / node.count] * node.count + k % node.count
            h.elements[k] =
              c.map { $0.elements[k] >= 0 } ?? true
              ? slopes.elements[k] * p.elements[k] + lines.lowerIntercept[place]
              : lines.upperSlope[place] * p.elements[k] + lines.upperIntercept[place]
          }
        }
        values.append(h)
      }
    }
    return arguments
  }

  private func losses(_ coefficients: [Int: Matrix<Double>]) -> [Int: Matrix<Double>] {
    var result: [Int: Matrix<Double>] = [:]
    for (index, c) in coefficients {
      guard let lines = propagation.relaxations[index] else { continue }
      var loss = c
      for k in loss.elements.indices {
        let place = boxes[k / c.columns] * c.columns + k % c.columns
        let value = c.elements[k]
        loss.elements[k] = value >= 0 ? -value * lines.lowerIntercept[place] : -value * lines.upperIntercept[place]
      }
      result[index] = loss
    }
    return result
  }
}
