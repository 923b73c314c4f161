import LinearAlgebra

@testable import Certificates

/// One elimination and what it claims, for tests.
struct Elimination {
  let original: Matrix<Double>
  let eliminated: Int
  /// After elimination: L and Y below, the trailing block −(Q + YY′).
  let stage: Matrix<Double>
  let inflation: [Double]

  init(_ stage: Matrix<Double>, eliminated: Int, starts: [Int]? = nil, isCancelled: () -> Bool = { false }) throws {
    original = stage
    self.eliminated = eliminated
    let (e, r) = (eliminated, stage.rows - eliminated)
    var pivots = Matrix<Double>(rows: e, columns: e)
    var coupling = Matrix<Double>(rows: r, columns: e)
    var gain = Matrix<Double>(rows: r, columns: r)
    for i in 0..<e + r {
      for j in 0...i {
        if i < e {
          pivots[i, j] = stage[i, j]
        } else if j < e {
          coupling[i - e, j] = stage[i, j]
        } else {
          gain[i - e, j - e] = -stage[i, j]
          gain[j - e, i - e] = -stage[i, j]
        }
      }
    }
    let starts = starts ?? Array(repeating: 0, count: r)
    let elimination = try VerifiedElimination(pivots: &pivots, coupling: &coupling, starts: starts, isCancelled: isCancelled)
    inflation = try elimination.update(gain: &gain, coupling: &coupling, starts: starts, isCancelled: isCancelled)
    var result = stage
    for i in 0..<e + r {
      for j in 0...i { result[i, j] = i < e ? pivots[i, j] : j < e ? coupling[i - e, j] : -gain[i - e, j - e] }
    }
    self.stage = result
  }

  /// Decides exactly whether [[X, B], [B′, G − Q]] is positive definite, G as the elimination claims it.
  var isExactlyPositiveDefinite: Bool {
    let m = original.rows
    return SymmetricForm(order: m) { i, j in
      let entry = Dyadic(original[i, j])
      guard j >= eliminated else { return entry }
      // The original trailing block is −Q; G − Q adds −(computed) + g to it.
      let claim = entry + -Dyadic(stage[i, j])
      return i == j ? claim + Dyadic(inflation[i - eliminated]) : claim
    }.isPositiveDefinite
  }
}

extension SymmetricForm {
  /// The matrix with these entries on and below the diagonal.
  init(order: Int, entry: (Int, Int) -> Dyadic) {
    self.init(order: order)
    func unit(_ i: Int) -> [Dyadic] { (0..<order).map { $0 == i ? 1 : 0 } }
    for i in 0..<order {
      for j in 0...i {
        let value = entry(i, j)
        add(i == j ? value : value + value, unit(i), unit(j))
      }
    }
  }
}

/// [[X, B], [B′, −Q]] with X = FF′ + ridge, F Gaussian, and everything else Gaussian.
func randomStage(eliminated e: Int, trailing r: Int, ridge: Double, using generator: inout SplitMix64) -> Matrix<Double> {
  let f: Matrix<Double> = generator.gaussianMatrix(rows: e, columns: e)
  var stage = Matrix<Double>(rows: e + r, columns: e + r)
  for i in 0..<e + r {
    for j in 0...i {
      if i < e {
        for k in 0..<e { stage[i, j] += f[i, k] * f[j, k] / Double(e) }
        if i == j { stage[i, i] += ridge }
      } else {
        stage[i, j] = generator.nextGaussian()
      }
    }
  }
  return stage
}

/// A sum of products with an error far below that of plain arithmetic (Ogita, Rump, Oishi: dot product in twice the precision).
struct PreciseSum {
  private var high = 0.0
  private var low = 0.0

  mutating func add(_ a: Double, _ b: Double) {
    let product = a * b
    let productError = (-product).addingProduct(a, b)
    let sum = high + product
    let part = sum - high
    low += ((high - (sum - part)) + (product - part)) + productError
    high = sum
  }

  var value: Double { high + low }
}
