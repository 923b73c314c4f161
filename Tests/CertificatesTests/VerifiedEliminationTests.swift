import Foundation
import LinearAlgebra
import Testing

@testable import Certificates

@Suite struct VerifiedEliminationTests {
  /// The claim, decided in exact arithmetic, for many small matrices.
  @Test func claimHoldsExactly() throws {
    var generator = SplitMix64(seed: 1)
    for round in 0..<150 {
      let (e, r) = (round % 6, 1 + round / 6 % 4)
      let stage = randomStage(eliminated: e, trailing: r, ridge: round.isMultiple(of: 2) ? 0.1 : 1e-6, using: &generator)
      guard let result = try? Elimination(stage, eliminated: e) else { continue }
      #expect(result.isExactlyPositiveDefinite)
      // The inflation is what makes it true: the claim is close to singular.
      let scale = (0..<r).map { abs(result.stage[e + $0, e + $0]) }.max() ?? 1
      #expect(result.inflation.allSatisfy { $0 <= 1e-12 * (1 + scale) })
    }
  }

  /// The hypotheses of the lemma at sizes around the panel of 64: residuals in twice the precision within γ times the row norms.
  @Test(arguments: [(1, 3), (63, 2), (64, 65), (65, 1), (128, 7), (130, 70), (40, 130)]) func residuals(_ e: Int, _ r: Int) throws {
    var generator = SplitMix64(seed: UInt64(1000 * e + r))
    let stage = randomStage(eliminated: e, trailing: r, ridge: 0.2, using: &generator)
    let result = try Elimination(stage, eliminated: e)
    let m = e + r
    let gamma = ErrorBounds.gamma(e + 2)
    let norms = (0..<m).map { i in (0..<min(i + 1, e)).reduce(0.0) { $0 + result.stage[i, $1] * result.stage[i, $1] }.squareRoot() }
    for i in 0..<m {
      for j in 0..<i {
        var sum = PreciseSum()
        sum.add(-1, stage[i, j])
        for k in 0..<min(j + 1, e) { sum.add(result.stage[i, k], result.stage[j, k]) }
        if j >= e { sum.add(1, result.stage[i, j]) }
        let size = norms[i] * norms[j] + (j >= e ? abs(stage[i, j]) : 0)
        #expect(abs(sum.value) <= gamma * size)
      }
      if i < e {
        var sum = PreciseSum()
        sum.add(1, stage[i, i])
        for k in 0...i { sum.add(-result.stage[i, k], result.stage[i, k]) }
        // What was subtracted, c, dominates its share of the error matrix: γ m v².
        #expect(sum.value >= gamma * Double(m - 1) * norms[i] * norms[i])
      } else {
        #expect(result.inflation[i - e] >= gamma * (Double(m) * norms[i] * norms[i] + abs(stage[i, i])))
      }
    }
  }

  /// A symmetric matrix with given eigenvalues and random eigenvectors.
  private func matrix(eigenvalues: [Double], using generator: inout SplitMix64) throws -> Matrix<Double> {
    let n = eigenvalues.count
    let gaussian: Matrix<Double> = generator.gaussianMatrix(rows: n, columns: n)
    let q = try gaussian.qr().q
    var result = Matrix<Double>(rows: n, columns: n)
    for i in 0..<n {
      for j in 0..<n {
        var sum = PreciseSum()
        for k in 0..<n { sum.add(q[i, k] * eigenvalues[k], q[j, k]) }
        result[i, j] = sum.value
      }
    }
    return result
  }

  @Test(arguments: [2, 10, 40, 66]) func smallestEigenvalueDecides(_ n: Int) throws {
    var generator = SplitMix64(seed: UInt64(n))
    for _ in 0..<3 {
      let rest = (1..<n).map { _ in Double.random(in: 0.1...1, using: &generator) }
      for (smallest, isProved) in [(1e-12, true), (0, false), (-1e-12, false)] {
        let a = try matrix(eigenvalues: [smallest] + rest, using: &generator)
        #expect(((try? Elimination(a, eliminated: n)) != nil) == isProved, "\(smallest) at order \(n)")
        // Any scaling of the variables by powers of two leaves the verdict as it is.
        let scales = (0..<n).map { _ in scalbn(1.0, Int.random(in: -120...120, using: &generator)) }
        var scaled = a
        for i in 0..<n { for j in 0..<n { scaled[i, j] *= scales[i] * scales[j] } }
        #expect(((try? Elimination(scaled, eliminated: n)) != nil) == isProved, "\(smallest) at order \(n), scaled")
      }
    }
  }

  /// Exactly singular integer Gram matrices are never proved.
  @Test func singularIntegerMatrices() {
    var generator = SplitMix64(seed: 5)
    for n in 2..<40 {
      let factor = (0..<n).map { _ in (0..<n - 1).map { _ in Double(Int.random(in: -9...9, using: &generator)) } }
      var gram = Matrix<Double>(rows: n, columns: n)
      for i in 0..<n { for j in 0..<n { gram[i, j] = zip(factor[i], factor[j]).reduce(0) { $0 + $1.0 * $1.1 } } }
      #expect(throws: NotProved.self) { try Elimination(gram, eliminated: n) }
    }
  }

  @Test func numbersThatAreNotFiniteProveNothing() throws {
    var generator = SplitMix64(seed: 6)
    for bad in [Double.nan, .infinity, -.infinity] {
      let stage = randomStage(eliminated: 5, trailing: 3, ridge: 1, using: &generator)
      for i in 0..<8 {
        for j in 0...i {
          var broken = stage
          broken[i, j] = bad
          guard let result = try? Elimination(broken, eliminated: 5) else { continue }
          // A bad trailing row leaves a diagonal that every later stage refuses.
          #expect(i >= 5 && (5...i).contains { !(result.inflation[$0 - 5] - result.stage[$0, $0]).isFinite })
        }
      }
    }
  }

  /// Rows that begin with zeros: saying so changes at most the order of the sums.
  @Test func startsOnlySaveWork() throws {
    var generator = SplitMix64(seed: 7)
    for e in [5, 70, 140] {
      var stage = randomStage(eliminated: e, trailing: 80, ridge: 1, using: &generator)
      let starts = (0..<80).map { _ in Int.random(in: 0...e, using: &generator) }
      for (row, start) in starts.enumerated() { for column in 0..<start { stage[e + row, column] = 0 } }
      let (with, without) = (try Elimination(stage, eliminated: e, starts: starts), try Elimination(stage, eliminated: e))
      for i in 0..<e + 80 {
        for j in 0...i { #expect(abs(with.stage[i, j] - without.stage[i, j]) <= 1e-12 * (1 + abs(without.stage[i, j]))) }
      }
    }
  }

  @Test func nothingToEliminate() throws {
    let empty = try Elimination(Matrix(rows: 0, columns: 0), eliminated: 0)
    #expect(empty.inflation.isEmpty)
    let trailing = try Elimination(Matrix(rows: 2, columns: 2, elements: [-1, 0, 3, -2]), eliminated: 0)
    #expect(trailing.stage.elements == [-1, 0, 3, -2])
    #expect(throws: NotProved.self) { try Elimination(Matrix(rows: 1, columns: 1), eliminated: 1) }
  }

  @Test func cancellation() throws {
    var generator = SplitMix64(seed: 8)
    let stage = randomStage(eliminated: 130, trailing: 5, ridge: 1, using: &generator)
    var questions = 0
    _ = try Elimination(stage, eliminated: 130) {
      questions += 1
      return false
    }
    // Three panels and the trailing block.
    #expect(questions == 4)
    #expect(throws: NotProved("cancelled")) { try Elimination(stage, eliminated: 130) { true } }
  }
}
