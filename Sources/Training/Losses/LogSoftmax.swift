import Foundation
import LinearAlgebra

/// Logarithms of softmax probabilities.
enum LogSoftmax {
  /// log softmax(z).
  static func write<Element: Scalar>(_ logits: UnsafeMutableBufferPointer<Element>, to result: inout [Double]) {
    for i in logits.indices { result[i] = Double(logits[i]) }
    normalise(&result)
  }

  /// log softmax in place.
  ///
  /// - Returns: log Σ exp.
  @discardableResult
  static func normalise(_ logits: inout [Double]) -> Double {
    // Subtracting the largest logit keeps every exponential within [0, 1].
    let largest = logits.max() ?? 0
    let normaliser = largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
    for i in logits.indices { logits[i] -= normaliser }
    return normaliser
  }
}
