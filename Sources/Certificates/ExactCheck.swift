import BigInt
import LinearAlgebra
import Networks

/// A second, slow and obviously correct checker in exact rational arithmetic.
///
/// It builds the whole linear matrix inequality of the statement (not the recursion) in the increments of the input and of all activation
/// units, with every weight, slope and multiplier as the dyadic rational it is, and decides positive definiteness by fraction-free
/// elimination (Bareiss): a symmetric matrix is positive definite exactly when all its leading principal minors are positive. It shares no
/// arithmetic with ``GainProof``.
public enum ExactCheck {
  /// The largest number of coordinates (inputs and units together) for which the exact check is offered.
  public static let largestOrder = 200

  /// Whether diag(d) over the input minus the network's quadratic form plus the multiplier terms is positive definite, exactly.
  ///
  /// - Throws: ``NotProved`` when the network is too large or has weights known only up to a radius.
  public static func isPositiveDefinite(
    _ network: LoweredNetwork, sectors: [UnitSectors], multipliers: [[Double]], inputWeights d: [Double]
  ) throws -> Bool {
    let free = network.inputCount + network.unitCount
    guard free <= largestOrder else {
      throw NotProved("the exact check takes networks of up to \(largestOrder) inputs and units; this one has \(free)")
    }
    // Every node's increment as rows over the free increments (input, then the units of each activation node).
    var rows: [[[Dyadic]]] = []
    var offset = 0
    var next = 0
    var form = SymmetricForm(order: free)
    for node in network.nodes {
      switch node.kind {
      case .input:
        rows.append((0..<node.count).map { unit(offset + $0, of: free) })
        for i in 0..<node.count { form.add(Dyadic(d[i]), rows[0][i], rows[0][i]) }
        offset += node.count
      case .affine(let terms, _):
        var result = [[Dyadic]](repeating: [Dyadic](repeating: .zero, count: free), count: node.count)
        for term in terms {
          guard let map = term.map else {
            for i in 0..<node.count { result[i] = sum(result[i], 1, rows[term.source][i]) }
            continue
          }
          let sparse = map.sparseRows()
          guard sparse.radii.allSatisfy({ $0 == 0 }) else { throw NotProved("'\(node.name)' has weights that are not exact doubles") }
          for i in 0..<node.count {
            for k in sparse.starts[i]..<sparse.starts[i + 1] {
              result[i] = sum(result[i], Dyadic(sparse.values[k]), rows[term.source][sparse.columns[k]])
            }
          }
        }
        rows.append(result)
      case .activation(let source, _):
        let own = (0..<node.count).map { unit(offset + $0, of: free) }
        offset += node.count
        for i in 0..<node.count {
          let (alpha, beta) = (Dyadic(sectors[next].lower[i]), Dyadic(sectors[next].upper[i]))
          let t = Dyadic(multipliers[next][i])
          let p = rows[source][i]
          // −t (h − αp)(βp − h): the quadratic form t h² − t(α + β) hp + tαβ p².
          form.add(t, sum(own[i], -alpha, p), sum(own[i], -beta, p))
        }
        next += 1
        rows.append(own)
      }
    }
    for row in rows[network.nodes.count - 1] { form.add(-1, row, row) }
    return form.isPositiveDefinite
  }

  private static func unit(_ i: Int, of count: Int) -> [Dyadic] {
    var row = [Dyadic](repeating: .zero, count: count)
    row[i] = 1
    return row
  }

  private static func sum(_ a: [Dyadic], _ factor: Dyadic, _ b: [Dyadic]) -> [Dyadic] {
    if factor.isZero { return a }
    return zip(a, b).map { $1.isZero ? $0 : $0 + factor * $1 }
  }
}

/// An exact dyadic rational: significand · 2^exponent.
struct Dyadic: ExpressibleByIntegerLiteral {
  private(set) var significand: BigInt
  private(set) var exponent: Int

  static let zero: Dyadic = 0

  init(significand: BigInt, exponent: Int) {
    self.significand = significand
    self.exponent = exponent
  }

  init(integerLiteral value: Int) { self.init(significand: BigInt(value), exponent: 0) }

  /// The exact value of a finite double.
  init(_ value: Double) {
    guard value != 0 else {
      self.init(significand: 0, exponent: 0)
      return
    }
    let scaled = value.significand * 0x1p52
    self.init(significand: BigInt(scaled) * (value < 0 ? -1 : 1), exponent: Int(value.exponent) - 52)
  }

  var isZero: Bool { significand.isZero }

  static func + (a: Dyadic, b: Dyadic) -> Dyadic {
    if a.isZero { return b }
    if b.isZero { return a }
    let exponent = min(a.exponent, b.exponent)
    return Dyadic(significand: a.aligned(to: exponent) + b.aligned(to: exponent), exponent: exponent)
  }

  static func * (a: Dyadic, b: Dyadic) -> Dyadic {
    Dyadic(significand: a.significand * b.significand, exponent: a.exponent + b.exponent)
  }

  static prefix func - (a: Dyadic) -> Dyadic { Dyadic(significand: -a.significand, exponent: a.exponent) }

  /// The significand over 2^exponent, for an exponent not above this number's.
  func aligned(to exponent: Int) -> BigInt { significand << (self.exponent - exponent) }
}

/// A symmetric matrix of dyadic rationals, built as a sum of products of linear forms.
struct SymmetricForm {
  private let order: Int
  private var entries: [[Dyadic]]

  init(order: Int) {
    self.order = order
    entries = Array(repeating: Array(repeating: .zero, count: order), count: order)
  }

  /// Adds factor · (a′x)(b′x).
  mutating func add(_ factor: Dyadic, _ a: [Dyadic], _ b: [Dyadic]) {
    if factor.isZero { return }
    let half = Dyadic(significand: factor.significand, exponent: factor.exponent - 1)
    for i in 0..<order where !(a[i].isZero && b[i].isZero) {
      for j in 0..<order where !(a[j].isZero && b[j].isZero) {
        let term = half * (a[i] * b[j] + b[i] * a[j])
        entries[i][j] = entries[i][j] + term
      }
    }
  }

  /// Whether all leading principal minors are positive, by Bareiss's fraction-free elimination on the integer matrix.
  var isPositiveDefinite: Bool {
    // A common power of two per row and column keeps signs of minors: scale the whole matrix at once.
    let exponent = entries.joined().lazy.filter { !$0.isZero }.map(\.exponent).min() ?? 0
    var m = entries.map { $0.map { $0.isZero ? BigInt(0) : $0.aligned(to: exponent) } }
    var previous: BigInt = 1
    for k in 0..<order {
      guard m[k][k] > 0 else { return false }
      for i in k + 1..<max(order, k + 1) {
        for j in k + 1..<order {
          m[i][j] = (m[i][j] * m[k][k] - m[i][k] * m[k][j]) / previous
        }
      }
      previous = m[k][k]
    }
    return true
  }
}
