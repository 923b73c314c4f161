/// A matrix, applied to one or several consecutive pieces of a vector: I ⊗ W.
///
/// The vector is `repetitions` pieces of length `weight.columns`; each becomes a piece of length `weight.rows`.
public struct DenseMap<Element: Scalar>: LinearMap {
  /// W, outputs × inputs of one piece.
  public let weight: Matrix<Element>
  /// The number of pieces.
  public let repetitions: Int

  /// `repetitions` · `weight.columns`.
  public var inputCount: Int { repetitions * weight.columns }
  /// `repetitions` · `weight.rows`.
  public var outputCount: Int { repetitions * weight.rows }

  /// The map x ↦ (I ⊗ W) x with an identity of order `repetitions`.
  ///
  /// - Precondition: `repetitions` ≥ 1; batch · repetitions and the dimensions of W are below 2³¹.
  public init(weight: Matrix<Element>, repetitions: Int = 1) {
    precondition(repetitions >= 1, "a dense map needs at least one piece")
    self.weight = weight
    self.repetitions = repetitions
  }

  /// Multiplies every piece by W.
  ///
  /// - Complexity: O(batch · repetitions · weight.rows · weight.columns).
  public func apply(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, inputCount, output, outputCount)
    multiply(input, &output, transposingWeight: true, accumulating: accumulating)
  }

  /// Multiplies every piece by Wᵀ.
  ///
  /// - Complexity: O(batch · repetitions · weight.rows · weight.columns).
  public func adjoint(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, outputCount, output, inputCount)
    multiply(input, &output, transposingWeight: false, accumulating: accumulating)
  }

  /// Rows are vectors, so A x is X Wᵀ and Aᵀ y is Y W; pieces are further rows.
  @_specialize(where Element == Double)
  @_specialize(where Element == Float)
  private func multiply(
    _ input: Matrix<Element>, _ output: inout Matrix<Element>, transposingWeight: Bool, accumulating: Bool
  ) {
    let (n, k) = transposingWeight ? (weight.rows, weight.columns) : (weight.columns, weight.rows)
    let gemm = Gemm<Element>(
      m: input.rows * repetitions, n: n, k: k, transposingRight: transposingWeight, accumulating: accumulating)
    input.elements.withUnsafeBufferPointer { x in
      weight.elements.withUnsafeBufferPointer { w in
        output.elements.withUnsafeMutableBufferPointer { y in gemm.run(x.baseAddress, w.baseAddress, y.baseAddress) }
      }
    }
  }

  /// The map in another precision; coefficients are rounded to nearest when it is narrower.
  public func converted<Other: Scalar>(to type: Other.Type) -> any LinearMap<Other> {
    DenseMap<Other>(weight: weight.converted(to: type), repetitions: repetitions)
  }

  /// The explicit matrix: blocks of the non-zero elements of W.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func sparseRows() -> SparseRows<Element> {
    var result = SparseRows<Element>(columnCount: inputCount, starts: [0], columns: [], values: [])
    result.starts.reserveCapacity(outputCount + 1)
    for piece in 0..<repetitions {
      for i in 0..<weight.rows {
        for j in 0..<weight.columns where weight[i, j] != 0 {
          result.columns.append(piece * weight.columns + j)
          result.values.append(weight[i, j])
        }
        result.starts.append(result.columns.count)
      }
    }
    return result
  }

  /// Integers: rows and columns of W, repetitions. Reals: W row by row.
  public var description: LinearMapDescription {
    LinearMapDescription(
      kind: "dense", integers: [weight.rows, weight.columns, repetitions], reals: weight.converted(to: Double.self).elements)
  }
}
