import Certificates
import LinearAlgebra
import Networks

extension BoxPropagation {
  /// Lower bounds of rows over a node's vector, each on its own box.
  ///
  /// - Parameters:
  ///   - rows: the coefficients.
  ///   - node: what they are over; the last node by default.
  ///   - boxes: the box of each row.
  ///   - inputs: coefficients over the inputs that are added to each row; `nil` for none.
  ///   - slack: what each row's value may be less for other reasons, such as coefficients that are not doubles.
  ///   - choices: slopes and multipliers of the rows; `nil` for the relaxations' own slopes.
  ///   - record: told the coefficients over every activation node before they are moved through it.
  func lowerBounds(
    of rows: Matrix<Double>, at node: Int? = nil, boxes: [Int], inputs: Matrix<Double>? = nil, slack: [Double]? = nil,
    choices: [Int: RowChoices] = [:], record: (Int, Matrix<Double>) -> Void = { _, _ in }
  ) -> LinearBounds {
    let target = node ?? plan.nodes.count - 1
    var coefficients = [Matrix<Double>?](repeating: nil, count: target + 1)
    coefficients[target] = rows
    if target > 0, let inputs { coefficients[0] = inputs }
    var sums = [Double](repeating: 0, count: rows.rows)
    var slack = slack ?? sums
    for index in stride(from: target, to: 0, by: -1) {
      guard let c = coefficients[index].take() else { continue }
      switch plan.nodes[index].kind {
      case .input: break
      case .affine(let terms, let bias, _):
        addConstants(c, bias, index, boxes, &sums, &slack)
        for term in terms {
          if var sum = coefficients[term.source].take() {
            if let map = term.map { map.adjoint(c, to: &sum, accumulating: true) } else { Self.add(c, to: &sum) }
            coefficients[term.source] = sum
          } else {
            coefficients[term.source] = term.map?.adjoint(c) ?? c
          }
        }
      case .activation(let source, _):
        record(index, c)
        var moved = throughActivation(c, index, source, boxes, choices[index], &sums, &slack)
        if let multipliers = choices[index]?.multipliers { addMultipliers(multipliers, to: &moved, source, boxes, &sums, &slack) }
        if var sum = coefficients[source].take() {
          Self.add(moved, to: &sum)
          coefficients[source] = sum
        } else {
          coefficients[source] = moved
        }
      }
    }
    let last = coefficients[0] ?? Matrix(rows: rows.rows, columns: plan.inputCount)
    return concretised(last, boxes, sums, slack)
  }

  /// Adds c · b to the sums, and to the slack what rounding can do in c · (A h + b).
  private func addConstants(
    _ c: Matrix<Double>, _ bias: [Double]?, _ node: Int, _ boxes: [Int], _ sums: inout [Double], _ slack: inout [Double]
  ) {
    let width = c.columns
    let gamma = ErrorBounds.gamma(width + plan.nodes.count + 8)
    c.elements.withUnsafeBufferPointer { c in
      roundoff[node].elements.withUnsafeBufferPointer { roundoff in
        (bias ?? []).withUnsafeBufferPointer { bias in
          guard let c = c.baseAddress, let roundoff = roundoff.baseAddress else { return }
          for row in 0..<boxes.count {
            let error = RowKernels.weightedSize(c + row &* width, roundoff + boxes[row] &* width, width)
            let (sum, size) = bias.isEmpty ? (0, 0) : bias.baseAddress.map { RowKernels.dot(c + row &* width, $0, width) } ?? (0, 0)
            sums[row] += sum
            slack[row] += (error + gamma * (size + sums[row].magnitude)) * (1 + 8 * gamma) + Self.tiny
          }
        }
      }
    }
  }

  /// Replaces each unit by the line that bounds it on the side where its coefficient looks.
  private func throughActivation(
    _ c: Matrix<Double>, _ node: Int, _ source: Int, _ boxes: [Int], _ choices: RowChoices?, _ sums: inout [Double], _ slack: inout [Double]
  ) -> Matrix<Double> {
    var result = Matrix<Double>(rows: c.rows, columns: c.columns)
    guard let lines = relaxations[node] else { return result }
    let width = c.columns
    let gamma = ErrorBounds.gamma(width + plan.nodes.count + 8)
    // The product, and the sums with what others who read the source have of it.
    let relative = ErrorBounds.gamma(plan.nodes.count + 2)
    lines.withPointers { lines in
      (choices?.slopes.elements ?? []).withUnsafeBufferPointer { chosen in
        result.elements.withUnsafeMutableBufferPointer { result in
          c.elements.withUnsafeBufferPointer { c in
            guard let c = c.baseAddress, let result = result.baseAddress else { return }
            for row in 0..<boxes.count {
              let (start, place) = (row &* width, boxes[row] &* width)
              let slopes = (chosen.isEmpty ? nil : chosen.baseAddress).map { $0 + start } ?? lines.lowerSlope + place
              let parts = RowKernels.move(c + start, result + start, lines, lowerSlope: slopes, place: place, width)
              sums[row] += parts.sum
              slack[row] += (relative * parts.error + gamma * (parts.size + sums[row].magnitude)) * (1 + 8 * gamma) + Self.tiny
            }
          }
        }
      }
    }
    return result
  }

  /// Adds multiples of the assumptions about units: for a unit with p ≥ t the row may lose β (p − t), for p ≤ t it may gain it, β ≥ 0.
  private func addMultipliers(
    _ multipliers: [RowChoices.Multiplier], to rows: inout Matrix<Double>, _ source: Int, _ boxes: [Int], _ sums: inout [Double],
    _ slack: inout [Double]
  ) {
    let relative = ErrorBounds.gamma(plan.nodes.count + 4)
    for multiplier in multipliers where multiplier.value > 0 {
      let (row, unit) = (multiplier.row, multiplier.phase.unit)
      let signed = multiplier.phase.isAbove ? -multiplier.value : multiplier.value
      let before = rows[row, unit]
      rows[row, unit] = before + signed
      let greatest = max(lower[source][boxes[row], unit].magnitude, upper[source][boxes[row], unit].magnitude)
      let constant = -signed * multiplier.phase.threshold
      sums[row] += constant
      slack[row] += relative * ((before.magnitude + signed.magnitude) * greatest + constant.magnitude + sums[row].magnitude) + Self.tiny
    }
  }

  /// The least values of linear functions on their boxes.
  private func concretised(_ rows: Matrix<Double>, _ boxes: [Int], _ sums: [Double], _ slack: [Double]) -> LinearBounds {
    let width = rows.columns
    let gamma = ErrorBounds.gamma(width + plan.nodes.count + 8)
    var constants = [Double](repeating: 0, count: boxes.count)
    var values = constants
    rows.elements.withUnsafeBufferPointer { c in
      lower[0].elements.withUnsafeBufferPointer { low in
        upper[0].elements.withUnsafeBufferPointer { high in
          guard let c = c.baseAddress, let low = low.baseAddress, let high = high.baseAddress else { return }
          for row in 0..<boxes.count {
            let (sum, size) = RowKernels.minimum(c + row &* width, low + boxes[row] &* width, high + boxes[row] &* width, width)
            let own = slack[row] * (1 + 64 * gamma)
            constants[row] = ErrorBounds.subtractDown(sums[row], own)
            values[row] = ErrorBounds.subtractDown(
              constants[row] + sum, gamma * (size + constants[row].magnitude) * (1 + 8 * gamma) + Self.tiny)
          }
        }
      }
    }
    return LinearBounds(coefficients: rows, constants: constants, values: values)
  }
}
