import Lipschitz

/// A network of the literature, how it is to be read, and what is reported for it.
struct PublishedNetwork {
  /// A unique name: the file, and the reading when a file has several.
  var name: String
  /// How the file was read, for people; empty for a plain chain of matrices with ReLU units.
  var reading: String
  /// What is reported.
  var references: [Reference]
  /// Builds the problem.
  var problem: () throws -> LipschitzProblem
}
