import Certificates
import ConicPrograms
import Foundation
import LinearAlgebra
import Networks
import TestSupport
import Testing

@testable import Lipschitz

@Suite("LMI of LipSDP")
struct LipschitzInequalityTests {
  // MARK: - Against files made elsewhere

  /// The published form, entry by entry: a chain of matrices whose weights are read off the file's own entries must give the file.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)),
    arguments: [("lip-n050-2x20", [10, 20, 20, 5]), ("lip-n100-2x40", [20, 40, 40, 5]), ("lip-n848-mnist64", [784, 64, 10])])
  func reproducesStagedFile(_ name: String, _ widths: [Int]) throws {
    let file = try SDPAFile.read(path: SharedData.path("lipsdp-lmi/\(name).dat-s")).inequality
    let weights = try Self.weights(of: file, widths: widths)
    let ours = try LipschitzInequality(try LipschitzProblem(lowered: ChainNetworks.lowered(weights)))
    #expect(ours.inequality.blocks == file.blocks)
    #expect(ours.inequality.objective == file.objective)
    #expect(ours.squaredBoundScale == 1)
    #expect(Self.sorted(ours.inequality.coefficients) == Self.sorted(file.coefficients))
    // Only the last matrix's Gram matrix is rounded, and here its factor is one by Cholesky.
    let (a, b) = (Self.dense([ours.inequality.constant], file.blocks[0].order), Self.dense([file.constant], file.blocks[0].order))
    #expect(zip(a.elements, b.elements).allSatisfy { abs($0 - $1) < 1e-13 })
  }

  private static func sorted(_ matrices: [[LinearMatrixInequality.Entry]]) -> [[LinearMatrixInequality.Entry]] {
    matrices.map { $0.filter { $0.value != 0 }.sorted { ($0.row, $0.column) < ($1.row, $1.column) } }
  }

  private static func dense(_ matrices: [[LinearMatrixInequality.Entry]], _ order: Int) -> Matrix<Double> {
    var result = Matrix<Double>(rows: order, columns: order)
    for entry in matrices.joined() {
      result[entry.row, entry.column] += entry.value
      if entry.row != entry.column { result[entry.column, entry.row] += entry.value }
    }
    return result
  }

  /// W_k from the entries −w of the variables' matrices, and a factor of W′W for the last matrix, which is all that the file knows of it.
  private static func weights(of file: LinearMatrixInequality, widths: [Int]) throws -> [Matrix<Double>] {
    var result: [Matrix<Double>] = []
    var (first, variable) = (0, 1)
    for (inputs, outputs) in zip(widths, widths.dropFirst().dropLast()) {
      var weight = Matrix<Double>(rows: outputs, columns: inputs)
      for row in 0..<outputs {
        for entry in file.coefficients[variable + row] where entry.row != entry.column { weight[row, entry.row - first] = -entry.value }
      }
      result.append(weight)
      variable += outputs
      first += inputs
    }
    let order = file.blocks[0].order
    let gram = dense([file.constant], order)
    let hidden = order - first
    var block = Matrix<Double>(rows: hidden, columns: hidden)
    for i in 0..<hidden { for j in 0..<hidden { block[i, j] = gram[first + i, first + j] } }
    let eigen = try block.symmetricEigen()
    let last = widths[widths.count - 1]
    var factor = Matrix<Double>(rows: last, columns: hidden)
    for k in 0..<last {
      let index = hidden - 1 - k
      for j in 0..<hidden { factor[k, j] = max(0, eigen.values[index]).squareRoot() * eigen.vectors[index, j] }
    }
    return result + [factor]
  }

  // MARK: - The form itself

  /// v′X(x)v is the S-procedure's sum for every increment v and every x, whatever the graph, sectors, scale, norm and mode.
  @Test(arguments: 0..<6)
  func matrixIsTheQuadraticForm(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let samples = try [
      NetworkBuilders.multilayerPerceptron(widths: [4, 6, 5, 3], activation: .leakyReLU(slope: 0.2), seed: 1),
      NetworkBuilders.multilayerPerceptron(widths: [4, 6, 5, 3], activation: .gelu, seed: 2),
      StructuredNetworks.all[8].build(), StructuredNetworks.all[9].build(), StructuredNetworks.all[6].build(),
      NetworkBuilders.convolutional(size: 4, channels: [2, 3], outputs: 2, seed: 1),
    ]
    let network = try samples[seed].lowered()
    let sectors = network.globalSectors
    for norm in [InputNorm.l2, .lInfinity] {
      for mode in MultiplierMode.allCases {
        let units = network.activationNodes.map { network.nodes[$0].count }
        let scale = LipschitzScale(
          multipliers: units.map { count in (0..<count).map { _ in exp2(20 * random.nextUniform() - 10) } },
          inputWeights: (0..<network.inputCount).map { _ in exp2(20 * random.nextUniform() - 10) })
        for scale in [nil, scale] {
          let inequality = try LipschitzInequality(network, sectors: sectors, inputNorm: norm, mode: mode, scale: scale)
          try Self.compareForm(inequality, network, sectors, &random)
        }
      }
    }
  }

  private static func compareForm(
    _ inequality: LipschitzInequality, _ network: LoweredNetwork, _ sectors: [UnitSectors], _ random: inout SplitMix64
  ) throws {
    let x = inequality.variables.map { _ in random.nextUniform() + 0.1 }
    let multipliers = inequality.multipliers(x)
    let weights = inequality.inputWeights(x, inputCount: network.inputCount)
    // Free increments of inputs and units; the rest follows by the maps.
    var values: [[Double]] = []
    var sum = 0.0
    var position = 0
    var free: [[Double]] = []
    let isCoordinate = inequality.isCoordinate
    for node in network.nodes {
      switch node.kind {
      case .input:
        values.append((0..<node.count).map { _ in random.nextGaussian() })
        for i in 0..<node.count { sum += weights[inequality.inputNorm == .l2 ? 0 : i] * values[0][i] * values[0][i] }
      case .affine(let terms, _):
        var total = [Double](repeating: 0, count: node.count)
        for term in terms {
          let part = term.map?.apply(values[term.source]) ?? values[term.source]
          for i in total.indices { total[i] += part[i] }
        }
        values.append(total)
      case .activation(let source, _):
        let (p, sector) = (values[source], sectors[position])
        var h = [Double](repeating: 0, count: node.count)
        for i in h.indices {
          // Where the unit is no coordinate its increment is determined, or without consequence.
          h[i] = isCoordinate[position][i] ? random.nextGaussian() : sector.upper[i] * p[i]
          if isCoordinate[position][i] {
            sum += multipliers[position][i] * (h[i] - sector.lower[i] * p[i]) * (h[i] - sector.upper[i] * p[i])
          }
        }
        free.append(h)
        values.append(h)
        position += 1
      }
    }
    for y in values[values.count - 1] { sum -= y * y }

    let forms = inequality.forms
    var v = forms.inputs.map { values[0][$0] } + forms.units.map { free[$0.position][$0.index] }
    for i in v.indices { v[i] /= inequality.coordinateScales[i] }
    let matrix = inequality.matrix(x)
    var form = 0.0
    for i in v.indices { for j in v.indices { form += v[i] * matrix[i, j] * v[j] } }
    let size = zip(matrix.elements, 0...).reduce(0) { $0 + abs($1.0 * v[$1.1 / v.count] * v[$1.1 % v.count]) }
    #expect(abs(form - sum) <= 1e-12 * size)
    // The objective is the squared bound in both norms.
    let value = inequality.squaredBoundScale * zip(inequality.inequality.objective, x).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(value - weights.reduce(0, +)) <= 1e-14 * value)
    // The way there and back.
    let back = inequality.variables(multipliers: multipliers, inputWeights: weights)
    #expect(zip(back, x).allSatisfy { abs($0 - $1) <= 1e-14 * $1 })
  }

  /// Multipliers that the lifted solver proved satisfy the inequality; with ρ below the optimum they do not.
  @Test(arguments: [Activation.relu, .leakyReLU(slope: 0.1), .tanh, .silu, .absoluteValue])
  func liftedMultipliersAreFeasible(_ activation: Activation) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [5, 8, 8, 3], activation: activation, seed: 3)
    for norm in [InputNorm.l2, .lInfinity] {
      let problem = try LipschitzProblem(network, inputNorm: norm, output: .output(0))
      var budget = Budget()
      budget.tolerance = 1e-6
      let estimate = try LiftedEstimator().estimate(problem, budget: budget)
      let certificate = try #require(estimate.certificate)
      let weights = certificate.inputWeights
      let lower = try #require(estimate.lower)
      let upper = try #require(estimate.upper)
      let scale = LipschitzScale(multipliers: certificate.multiplierLists, inputWeights: weights)
      for scale in [nil, scale] {
        let inequality = try LipschitzInequality(problem, scale: scale)
        let x = inequality.variables(multipliers: certificate.multiplierLists, inputWeights: weights)
        let matrix = inequality.matrix(x)
        let size = (0..<matrix.rows).reduce(0) { max($0, matrix[$1, $1]) }
        #expect(try matrix.symmetricEigenvalues()[0] >= -1e-14 * size)
        // Smaller input weights in the same proportion: below the optimum whatever the multipliers are.
        let factor = 0.99 * (lower / upper) * (lower / upper)
        let less = inequality.variables(multipliers: certificate.multiplierLists, inputWeights: weights.map { $0 * factor })
        #expect(try inequality.matrix(less).symmetricEigenvalues()[0] < 0)
        // Any variables give a bound by the a-priori traces, feasible or not.
        let traces = inequality.traceBounds()
        #expect(traces.map(\.range.count).reduce(0, +) == matrix.rows)
        let prover = SemidefiniteProver(inequality.inequality)
        let trace = inequality.dualTraceBound()
        for point in [x, less, x.map { 0.9 * $0 }, x.map { _ in 0 }] {
          #expect(try inequality.penaltyBound(point, traceBounds: traces) >= lower * lower * (1 - 1e-9))
          let proved = try prover.upperBound(at: point, dualTraceBounds: [trace]).value * inequality.squaredBoundScale
          #expect(proved >= lower * lower * (1 - 1e-12))
        }
        #expect(try inequality.penaltyBound(x, traceBounds: traces) <= upper * upper * (1 + 1e-9))
      }
    }
  }

  /// Rounded dual matrices give lower bounds: from any matrix, and the optimum from an optimal one.
  @Test func dualPointsAreBelowTheOptimum() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [5, 8, 8, 3], activation: .leakyReLU(slope: 0.1), seed: 4)
    var random = SplitMix64(seed: 1)
    for norm in [InputNorm.l2, .lInfinity] {
      let problem = try LipschitzProblem(network, inputNorm: norm)
      let upper = try #require(try LiftedEstimator().estimate(problem).upper)
      for mode in MultiplierMode.allCases {
        let inequality = try LipschitzInequality(problem, mode: mode)
        let n = inequality.coordinateScales.count
        let factor: Matrix<Double> = random.gaussianMatrix(rows: 3, columns: n)
        let point = try DualPoint(factor.gram(), of: inequality, network: problem.selected, sectors: problem.sectors)
        #expect(point.squaredBound > 0)
        if mode == .neuron { #expect(point.squaredBound <= upper * upper) }
        // Feasible: ⟨Fᵢ, Y⟩ = cᵢ for the matrix of its increments.
        let v = Self.coordinates(of: point, inequality, problem.selected)
        let y = v.gram()
        for (entries, c) in zip(inequality.inequality.coefficients, inequality.inequality.objective) {
          let product = entries.reduce(0) { $0 + $1.value * y[$1.row, $1.column] * ($1.row == $1.column ? 1 : 2) }
          let size = entries.reduce(0) { $0 + abs($1.value * y[$1.row, $1.column]) }
          #expect(abs(product - c) <= 1e-12 * (size + c))
        }
      }
    }
  }

  private static func coordinates(of point: DualPoint, _ inequality: LipschitzInequality, _ network: LoweredNetwork) -> Matrix<Double> {
    let forms = inequality.forms
    let rank = point.values[0].rows
    var v = Matrix<Double>(rows: rank, columns: forms.coordinateCount)
    let activations = network.activationNodes
    for row in 0..<rank {
      for (k, input) in forms.inputs.enumerated() { v[row, k] = point.values[0][row, input] / inequality.coordinateScales[k] }
      for (k, unit) in forms.units.enumerated() {
        let place = forms.inputs.count + k
        v[row, place] = point.values[activations[unit.position]][row, unit.index] / inequality.coordinateScales[place]
      }
    }
    return v
  }

  /// Linear units are substituted, units that do not move or are not seen are left out, and so are l_∞ weights of inputs without effect.
  @Test func deadAndLinearUnitsAreNoVariables() throws {
    let first = Matrix<Double>(rows: 3, columns: 3, elements: [3, 4, 0, 0, 0, 0, 1, 1, 0])
    let second = Matrix<Double>(rows: 1, columns: 3, elements: [2, 5, 0])
    let network = ChainNetworks.lowered([first, second])
    let l2 = try LipschitzInequality(try LipschitzProblem(lowered: network))
    #expect(l2.variables == [.squaredBound, .unit(node: 0, index: 0)])
    #expect(l2.inequality.blocks == [.symmetric(4)])
    let lInfinity = try LipschitzInequality(try LipschitzProblem(lowered: network, inputNorm: .lInfinity))
    #expect(lInfinity.variables == [.inputWeight(0), .inputWeight(1), .unit(node: 0, index: 0)])
    #expect(lInfinity.inequality.blocks == [.symmetric(3)])
    let linear = try LipschitzInequality(
      try LipschitzProblem(lowered: ChainNetworks.lowered([first, second], activation: .leakyReLU(slope: 1))))
    #expect(linear.variables == [.squaredBound])
  }

  /// A scale is a congruence with powers of two: undone, every entry is the unscaled one to the last bit.
  @Test func scalingIsExact() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [4, 7, 6, 2], activation: .relu, seed: 8)
    let problem = try LipschitzProblem(network)
    let certificate = try #require(try ClosedFormEstimator().estimate(problem).certificate)
    let plain = try LipschitzInequality(problem)
    let scaled = try LipschitzInequality(
      problem, scale: LipschitzScale(multipliers: certificate.multiplierLists, inputWeights: certificate.inputWeights))
    #expect(scaled.coordinateScales.allSatisfy { $0.significand == 1 } && scaled.variableScales.allSatisfy { $0.significand == 1 })
    let s = scaled.coordinateScales
    for (k, (ours, theirs)) in zip(scaled.inequality.coefficients, plain.inequality.coefficients).enumerated() {
      let undone = ours.map { $0.value / (s[$0.row] * s[$0.column]) / scaled.variableScales[k] }
      #expect(undone == theirs.map(\.value))
    }
    // At the closed form's own multipliers the variables are within the rounding to powers of two of one.
    let x = scaled.variables(multipliers: certificate.multiplierLists, inputWeights: certificate.inputWeights)
    #expect(x.allSatisfy { $0 >= 0.5 && $0 <= 2 })
  }

  @Test func networkModeIsRefused() {
    #expect(throws: MultiplierModeError.unsound) { try MultiplierMode(named: "network") }
    #expect(MultiplierModeError.unsound.description.contains("unsound"))
    #expect(throws: MultiplierModeError.unknown("x")) { try MultiplierMode(named: "x") }
    #expect((try? MultiplierMode(named: "layer")) == .layer)
  }
}

extension Certificate {
  /// One list for each activation node.
  fileprivate var multiplierLists: [[Double]] { nodes.map(\.multipliers) }
}
