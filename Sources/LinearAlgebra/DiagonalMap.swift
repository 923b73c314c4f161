/// Scales each element: y = scale ⊙ x.
public struct DiagonalMap<Element: Scalar>: LinearMap {
  /// The factors.
  public let scale: [Element]
  /// Bounds on the distance of each factor from the real number it stands for, or `nil` when the factors are exact.
  public let radius: [Element]?

  /// The number of factors.
  public var inputCount: Int { scale.count }
  /// The number of factors.
  public var outputCount: Int { scale.count }

  /// The map with these factors; `radius` matters to ``sparseRows()`` only, `apply` uses the factors as they are.
  ///
  /// - Precondition: `radius` has as many elements as `scale`, none negative.
  public init(scale: [Element], radius: [Element]? = nil) {
    precondition(radius.map { $0.count == scale.count && $0.allSatisfy { $0 >= 0 } } ?? true, "one non-negative radius for each factor")
    self.scale = scale
    self.radius = radius
  }

  /// Multiplies.
  ///
  /// - Complexity: O(batch · inputCount).
  public func apply(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, inputCount, output, outputCount)
    let (routines, count) = (Element.routines, inputCount)
    transform(input, &output, scale) { row, x, y, scale in
      routines.scale(count, scale, x, y, accumulating ? 1 : 0)
    }
  }

  /// The same as ``apply(_:to:accumulating:)``: a diagonal matrix is symmetric.
  public func adjoint(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    apply(input, to: &output, accumulating: accumulating)
  }

  /// The map in another precision. Where a factor is rounded, its radius grows by the rounding error, so that it still covers.
  public func converted<Other: Scalar>(to type: Other.Type) -> any LinearMap<Other> {
    if Other.significandBitCount >= Element.significandBitCount {
      return DiagonalMap<Other>(scale: scale.map { Other($0) }, radius: radius.map { $0.map { Other($0) } })
    }
    let rounded = scale.map { Other($0) }
    guard let radius else { return DiagonalMap<Other>(scale: rounded) }
    let grown = zip(zip(scale, rounded), radius).map { pair, radius -> Other in
      // The subtraction of two nearby numbers is exact or within one unit; the sum is rounded up twice, once in each precision.
      let bound = ((pair.0 - Element(pair.1)).magnitude.nextUp + radius).nextUp
      return Other(bound).nextUp
    }
    return DiagonalMap<Other>(scale: rounded, radius: grown)
  }

  /// The explicit matrix: one entry in every row (also where a factor is zero), with its radius.
  public func sparseRows() -> SparseRows<Element> {
    SparseRows(
      columnCount: scale.count, starts: Array(0...scale.count), columns: Array(0..<scale.count), values: scale, radii: radius ?? [])
  }

  /// Integers: the length and whether there are radii (0 or 1). Reals: the factors, then the radii.
  public var description: LinearMapDescription {
    LinearMapDescription(
      kind: "diagonal", integers: [scale.count, radius == nil ? 0 : 1], reals: (scale + (radius ?? [])).map { Double($0) })
  }
}
