import Networks

/// A saved network as a classifier on the fastest of the two engines that know its operations.
public enum SavedClassifier {
  /// The network on the layers of training where they know all its operations, else on the slower evaluator that knows every one.
  ///
  /// - Returns: the classifier for batches of up to `capacity` samples, and why it is the slower one, or `nil`.
  /// - Throws: As ``NetworkClassifier/init(_:capacity:)``.
  public static func make(
    _ network: Network, capacity: Int
  ) throws -> (classifier: any DifferentiableClassifier<Float>, detour: String?) {
    var detour: String?
    do {
      let (model, state) = try Model<Float>.importing(network)
      if model.outputShape.isVector, model.outputShape.count > 1 {
        return (ModelClassifier(Execution(model, capacity: capacity), state: state, mode: .evaluation), nil)
      }
    } catch {
      detour = "\(error)"
    }
    return (try NetworkClassifier<Float>(network, capacity: capacity), detour)
  }
}
