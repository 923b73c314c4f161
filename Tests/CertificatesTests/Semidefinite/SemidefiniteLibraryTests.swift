import ConicPrograms
import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Certificates

/// Proofs on instances of the shared data, from rough vectors, against the optima of their tables.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence))) struct SemidefiniteLibraryTests {
  struct Instance: Sendable, CustomTestStringConvertible {
    let path: String
    let optimum: Double
    let iterations: Int
    let penalty: Double
    /// How far from the optimum the proved bounds may lie; nil for no bound.
    let upper: Double
    let lower: Double?
    var testDescription: String { path }
  }

  @Test(arguments: [
    Instance(path: "sdplib/truss1.dat-s", optimum: -8.99999631529, iterations: 1200, penalty: 1, upper: 1e-3, lower: 0.02),
    Instance(path: "sdplib/truss4.dat-s", optimum: -9.009996291, iterations: 1200, penalty: 1, upper: 1e-3, lower: 0.02),
    Instance(path: "sdplib/theta1.dat-s", optimum: 23, iterations: 400, penalty: 0.1, upper: 0.1, lower: 2),
    Instance(path: "lipsdp-lmi/lip-n050-2x20.dat-s", optimum: 5.00542714322, iterations: 800, penalty: 0.3, upper: 0.02, lower: 1.5),
  ]) func provedBoundsEncloseTheOptimum(instance: Instance) throws {
    let problem = try SDPAFile.read(path: SharedData.path(instance.path)).inequality
    let point = try AlternatingDirections.solve(problem.program(), iterations: instance.iterations, penalty: instance.penalty)
    let prover = SemidefiniteProver(problem)
    // The tables have eleven digits or so.
    let tolerance = 1e-9 * abs(instance.optimum)
    let upper = try prover.upperBound(near: point.x)
    #expect(upper.value >= instance.optimum - tolerance && upper.value < instance.optimum + instance.upper, "upper \(upper)")
    #expect(upper.assumptions.isEmpty)
    if let allowed = instance.lower {
      let lower = try prover.lowerBound(near: point.z)
      #expect(lower.value <= instance.optimum + tolerance && lower.value > instance.optimum - allowed, "lower \(lower)")
      #expect(lower.assumptions.isEmpty)
    }
    // From these rough vectors the central path leads to both bounds.
    let enclosure = try prover.enclosure(near: point.x, point.z)
    let (below, above) = (try #require(enclosure.lower).value, try #require(enclosure.upper).value)
    #expect(below <= instance.optimum + tolerance && above >= instance.optimum - tolerance)
    #expect(above - below < 1e-6 * abs(instance.optimum), "\(below) … \(above)")
    // The optimal x of these problems are moderate; twice the computed ones are a priori bounds good enough for a test.
    let bounds = point.x.map { 2 * abs($0) + 1 }
    let bounded = try prover.lowerBound(at: point.z, variableBounds: bounds)
    #expect(bounded.value <= instance.optimum + tolerance && bounded.value > instance.optimum - 1, "bounded \(bounded.value)")
  }

  /// The dual traces of the inequalities of networks have a priori bounds: products of squared norms; one block holds all layers here.
  @Test func traceBoundsOfNetworks() throws {
    let problem = try SDPAFile.read(path: SharedData.path("lipsdp-lmi/lip-n050-2x20.dat-s")).inequality
    let point = try AlternatingDirections.solve(problem.program(), iterations: 300)
    let bound = try SemidefiniteProver(problem).upperBound(at: point.x, dualTraceBounds: [1 + 5.2 + 15.9])
    #expect(bound.value >= 5.00542714322 && bound.value < 5.3)
  }
}
