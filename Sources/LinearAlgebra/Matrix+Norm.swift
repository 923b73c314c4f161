extension Matrix {
  /// The square root of the sum of squares, summed in double precision without intermediate overflow.
  ///
  /// - Complexity: O(rows · columns).
  public var frobeniusNorm: Double { Element.routines.norm(elements.count, elements) }

  /// Whether no element is NaN or infinite.
  ///
  /// - Complexity: O(rows · columns).
  public var isFinite: Bool { Element.routines.allFinite(elements.count, elements) != 0 }

  /// The largest singular value, as LAPACK computes it (an estimate: backward stable, but no bound); 0 for an empty matrix.
  ///
  /// - Throws: ``LinearAlgebraError``, as ``singularValues()``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public func spectralNorm() throws(LinearAlgebraError) -> Element { try singularValues().first ?? 0 }

  /// Throws when an element is NaN or infinite: LAPACK's iterations may not end on such a matrix.
  func requireFinite(_ routine: String) throws(LinearAlgebraError) {
    guard isFinite else { throw .notFinite(routine: routine) }
  }
}
