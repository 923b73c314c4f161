import ConicPrograms

/// An equivalent program with a way there and back, such as scaling or decomposition.
///
/// The way back is positively homogeneous, so that it also takes certificates of infeasibility to certificates.
protocol Reformulation: Sendable {
  /// What was done, in a few words.
  var summary: String { get }
  /// The reformulated program.
  var program: ConicProgram { get }
  /// The point of the original program for one of the reformulated program.
  func restore(_ point: ConicPoint) throws -> ConicPoint
  /// A point of the reformulated program for one of the original program (a warm start).
  func adapt(_ point: ConicPoint) throws -> ConicPoint
}
