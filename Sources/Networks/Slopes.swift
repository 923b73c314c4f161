import LinearAlgebra

/// How a step's output moves with its input at given points.
enum Slopes<Element: Scalar>: Sendable {
  /// The step is linear.
  case none
  /// One slope for each element: batch × count.
  case diagonal(Matrix<Element>)
  /// Which source element each output element equals: batch × count indices into the source row.
  case selection([Int])
}
