import Certificates
import Foundation
import LinearAlgebra

/// The forward pass of ECLipsE through a chain.
struct CompositionalPass {
  /// How multipliers are chosen.
  private(set) var rule: LayerRule
  private let budget: Budget
  private let clock: Stopwatch
  /// For each layer λ in the units of its ellipsoid, and the logarithm of that unit.
  private var lambdas: [(values: [Double], logScale: Double)] = []
  /// log ρ; −∞ for a constant.
  private var logValue = 0.0

  init(rule: LayerRule, budget: Budget, clock: Stopwatch) {
    self.rule = rule
    self.budget = budget
    self.clock = clock
  }

  /// The bound √ρ, as computed in floating point.
  var bound: Double { exp(0.5 * logValue) }

  /// The multipliers t = ρλ of the certificate, a rounding error larger; zero for units that do not matter.
  var multipliers: [[Double]] {
    lambdas.map { lambda in
      let factor = (1 + 1e-9) * exp(logValue - lambda.logScale)
      return lambda.values.map { $0 * factor }
    }
  }

  /// Passes a chain over all inputs.
  mutating func run(_ layers: ChainLayers, sectors: [UnitSectors], report: (Int) -> Void) throws {
    var shape = IncrementShape(firstMap: layers.maps[0])
    for (layer, sector) in sectors.enumerated() {
      let (own, next) = (CentredSectors(sector), layers.maps[layer + 1])
      let choice = try rule.choose(shape: shape.matrix, sectors: own, next: next, budget: budget, clock: clock)
      lambdas.append((LayerRule.lambda(choice.tau, own), shape.logScale))
      try shape.pass(own, tau: choice.tau)
      shape.pass(next)
      report(layer + 1)
    }
    logValue = log(max(0, try shape.matrix.largestEigenvalueEstimate())) + shape.logScale
  }

  /// Passes a chain on a ball; the problem's sectors become those that are proved on the way.
  mutating func run(_ layers: ChainLayers, localising problem: inout LipschitzProblem, report: (Int) -> Void) throws {
    var value = try layers.maps[0].gram(transposing: true).largestEigenvalueEstimate()
    try problem.localise { layer, stage in
      let own = CentredSectors(stage.sectors)
      let choice = try rule.choose(shape: stage.shape, sectors: own, next: layers.maps[layer + 1], budget: budget, clock: clock)
      lambdas.append((LayerRule.lambda(choice.tau, own), 0))
      value = choice.value
      report(layer + 1)
      return try LayerRule.provable(choice.tau, shape: stage.shape, sectors: own)
    }
    logValue = log(max(0, value))
  }
}
