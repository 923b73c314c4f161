import Certificates
import LinearAlgebra
import Networks

/// A network seen as a classifier, with everything about it that many inputs share.
public struct Classifier: Sendable {
  /// The model.
  public let network: Network
  /// Its normal form: what certificates are about.
  public let lowered: LoweredNetwork
  /// `NetworkDigest` of ``lowered``.
  public let digest: String
  /// Evaluates the model in double precision.
  public let evaluator: Evaluator<Double>
  /// Prepared when first asked for, by ``propagation()``.
  let cache = PropagationCache()

  /// Prepares a network.
  ///
  /// - Throws: `NetworkError` when it cannot be lowered or evaluated.
  public init(_ network: Network) throws {
    self.network = network
    lowered = try network.lowered()
    digest = NetworkDigest.sha256(of: lowered)
    evaluator = try Evaluator(network)
  }

  /// The number of classes: the outputs, or 2 for a network with one output, whose sign decides (class 1 when it is positive).
  public var classCount: Int { max(2, lowered.outputCount) }

  /// The classes that a class competes with, in order.
  public func rivals(of label: Int) -> [Int] { (0..<classCount).filter { $0 != label } }

  /// One row for each rival j: the margin of class `label` over j is row · y.
  ///
  /// The answer is `label` exactly when all margins are positive; a tie is no answer.
  ///
  /// - Precondition: `label` is a class.
  public func marginRows(_ label: Int) -> Matrix<Double> {
    guard lowered.outputCount > 1 else { return Matrix(rows: 1, columns: 1, elements: [label == 1 ? 1 : -1]) }
    let rivals = rivals(of: label)
    var rows = Matrix<Double>(rows: rivals.count, columns: lowered.outputCount)
    for (i, j) in rivals.enumerated() {
      rows[i, label] = 1
      rows[i, j] = -1
    }
    return rows
  }

  /// The margins of a class over its rivals at every point, computed in floating point: points × rivals.
  public func margins(_ label: Int, at points: Matrix<Double>) -> Matrix<Double> {
    DenseMap(weight: marginRows(label)).apply(evaluator.forward(points))
  }

  /// The class that the network gives an input, in floating point.
  public func answer(_ input: [Double]) -> Int {
    let y = evaluator.forward(Matrix(rows: 1, columns: input.count, elements: input)).elements
    guard y.count > 1 else { return (y.first ?? 0) > 0 ? 1 : 0 }
    return y.indices.max { y[$0] < y[$1] } ?? 0
  }
}
