import Compression
import Foundation
import LinearAlgebra
import Networks
import Testing
import Training

@Suite("Proximal maps and lasso of groups") struct GroupProximalTests {
  private static func model() throws -> Model<Float> {
    try ModelArchitecture.residual(.init(depth: 8, channels: [2, 3, 4])).model(
      input: FeatureShape(height: 6, width: 6, channels: 1), classes: 3)
  }

  private static func values(_ model: Model<Float>, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return random.gaussianVector(model.parameterCount, deviation: 0.3)
  }

  private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  @Test("The group lasso maps (3, 4) to (2.4, 3.2)")
  func golden() throws {
    var model = Model<Float>(input: .vector(2))
    try model.add(DenseLayer("dense", inputs: 2, outputs: 2))
    var parameters = [Float](repeating: 0, count: model.parameterCount)
    parameters[0] = 3
    parameters[2] = 4
    try WeightGroups(.inputChannels, of: model, scope: .all).apply(ProximalMap(.l1, weight: 1), to: &parameters)
    #expect(abs(parameters[0] - 2.4) < 1e-6 && abs(parameters[2] - 3.2) < 1e-6 && parameters[1] == 0 && parameters[3] == 0)
  }

  @Test("Every group is mapped by its norm and keeps its direction; other parameters stay", arguments: WeightGroups.Kind.allCases)
  func norms(kind: WeightGroups.Kind) throws {
    let model = try Self.model()
    for scope in PruningScope.allCases {
      let groups = try WeightGroups(kind, of: model, scope: scope)
      let before = Self.values(model, seed: 4)
      for penalty in PenaltyTests.penalties {
        // Weights by which about half of the groups vanish.
        let norms = groups.layers.flatMap { $0.norms(before) }.sorted()
        let median = norms[norms.count / 2]
        let μ: Double =
          switch penalty {
          case .l0: median * median / 2
          default: median / 2
          }
        let map = ProximalMap(penalty, weight: μ)
        var after = before
        groups.apply(map, to: &after)
        var expected = before.map(Double.init)
        var zeroGroups = 0
        for layer in groups.layers {
          for members in (0..<layer.count).map(layer.members) {
            let norm = Self.norm(members.map { Double(before[$0]) })
            let image = penalty.proximal(norm, weight: μ)
            if image == 0 { zeroGroups += 1 }
            for place in members { expected[place] *= image / norm }
          }
        }
        for place in before.indices {
          #expect(abs(Double(after[place]) - expected[place]) <= 3e-7 * abs(expected[place]))
          if expected[place] == 0 { #expect(after[place] == 0 && after[place].sign == .plus) }
        }
        #expect(zeroGroups > 0)
        // What hard thresholding keeps, it does not touch, so it is a projection.
        if penalty == .l0 {
          #expect(before.indices.allSatisfy { after[$0] == 0 || after[$0] == before[$0] })
          var again = after
          groups.apply(map, to: &again)
          #expect(again == after)
          #expect(zeroGroups < norms.count)
        }
      }
    }
  }

  /// The proximal point of a group is best among all multiples of the group and among points beside it.
  @Test("Neither another length nor another direction is better", arguments: PenaltyTests.penalties)
  func bruteForce(penalty: Penalty) throws {
    var model = Model<Float>(input: .vector(1))
    try model.add(DenseLayer("dense", inputs: 1, outputs: 4))
    let groups = try WeightGroups(.inputChannels, of: model, scope: .all)
    var random = SplitMix64(seed: 8)
    for _ in 0..<20 {
      let μ = exp(4 * random.nextUniform() - 3)
      let t = penalty.threshold(weight: μ)
      let direction: [Double] = random.gaussianVector(4)
      let length = 2 * t * random.nextUniform() / Self.norm(direction)
      var parameters = direction.map { Float($0 * length) } + [0, 0, 0, 0]
      let w = parameters.prefix(4).map(Double.init)
      groups.apply(ProximalMap(penalty, weight: μ), to: &parameters)
      let u = parameters.prefix(4).map(Double.init)
      func objective(_ u: [Double]) -> Double {
        μ * penalty.value(Self.norm(u)) + zip(u, w).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2
      }
      let least = objective(u)
      // Where u is not zero the objective is stationary, so u's rounding to 2⁻²⁴ counts squared.
      let tolerance = 1e-12 * (1 + least)
      for step in -10...120 { #expect(least <= objective(w.map { $0 * Double(step) / 100 }) + tolerance) }
      for _ in 0..<20 {
        let aside: [Double] = random.gaussianVector(4, deviation: 0.3 * Self.norm(w))
        #expect(least <= objective(zip(u, aside).map { $0 + $1 }) + tolerance)
      }
    }
  }

  @Test("Neither the number of threads nor the place in memory matters")
  func threads() throws {
    let model = try Self.model()
    let groups = try WeightGroups(.inputChannels, of: model, scope: .all)
    let count = Threads.count
    defer { Threads.count = count }
    let results = [1, 2].map { threads in
      Threads.count = threads
      var values = Self.values(model, seed: 5)
      groups.apply(ProximalMap(.transformedL1(a: 1), weight: 0.2), to: &values)
      return values
    }
    #expect(results[0] == results[1])
  }

  @Test("A float just above the threshold is kept, one just below is not", arguments: [0.1, 0.3, 1e-6, 7])
  func roundedThreshold(μ: Double) throws {
    var model = Model<Float>(input: .vector(2))
    try model.add(DenseLayer("dense", inputs: 2, outputs: 2))
    let groups = try WeightGroups(.entries, of: model, scope: .all)
    let t = Penalty.l0.threshold(weight: μ)
    let nearest = Float(t)
    let weights = [nearest.nextDown, nearest, nearest.nextUp, -nearest.nextUp]
    var values = weights + [0, 0]
    groups.apply(ProximalMap(.l0, weight: μ), to: &values)
    for (w, u) in zip(weights, values) { #expect(u == (abs(Double(w)) > t ? w : 0)) }
  }

  @Test("The group lasso is the sum of norms, and its gradient that of differences", arguments: WeightGroups.Kind.allCases)
  func lasso(kind: WeightGroups.Kind) throws {
    let model = try Self.model()
    let groups = try WeightGroups(kind, of: model, scope: .convolutions)
    var parameters = Self.values(model, seed: 6)
    // A group at zero, where the gradient is zero.
    let first = groups.layers[0]
    for place in first.members(0) { parameters[place] = 0 }
    var gradient = [Float](repeating: 1, count: parameters.count)
    let value = groups.addGroupLasso(0.7, of: parameters, to: &gradient)
    func lasso(_ parameters: [Double]) -> Double {
      groups.layers.reduce(0) { sum, layer in
        (0..<layer.count).reduce(sum) { sum, group in
          sum + 0.7 * (layer.members(group).reduce(0) { $0 + parameters[$1] * parameters[$1] } + 1e-8).squareRoot()
        }
      }
    }
    let exact = parameters.map(Double.init)
    #expect(abs(value - lasso(exact)) < 1e-12 * value)
    let inScope = Set(groups.layers.flatMap { Array($0.range) })
    for place in stride(from: 0, to: parameters.count, by: 7) {
      guard inScope.contains(place) else {
        #expect(gradient[place] == 1)
        continue
      }
      var (up, down) = (exact, exact)
      up[place] += 1e-6
      down[place] -= 1e-6
      #expect(abs(Double(gradient[place] - 1) - (lasso(up) - lasso(down)) / 2e-6) < 1e-5)
    }
    for place in first.members(0) { #expect(gradient[place] == 1) }
  }
}
