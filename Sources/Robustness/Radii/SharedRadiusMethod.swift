import Certificates
import Lipschitz

/// A method that does some work once for all inputs of a network.
public protocol SharedRadiusMethod: RadiusMethod {
  /// Does the work, on all threads, unless it has been done.
  ///
  /// - Parameters:
  ///   - classifier: the network.
  ///   - norm: the norm of all radii to come.
  ///   - budget: `isCancelled` and `memoryLimit` matter.
  ///   - progress: told how much of how much is done, from any thread.
  /// - Returns: a remark for people.
  func prepare(
    _ classifier: Classifier, norm: InputNorm, budget: Budget, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) throws -> String?
}
