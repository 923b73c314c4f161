import LinearAlgebra
import Networks
import Reports
import Training

/// Measures how long a saved network takes for one sample.
///
/// Every network is evaluated by the layers of training, or by the general evaluator where they do not know an operation, in single precision.
/// The values of the inputs do not matter to either, so they are random.
enum InferenceTiming {
  /// Repetitions end once they took this long, but there are five at least.
  private static let seconds = 0.3
  private static let repetitions = 5...400

  /// The median time for each size of batches.
  ///
  /// - Throws: `NetworkError` when the network cannot be evaluated.
  static func measure(_ network: Network, batches: [Int], isCancelled: () -> Bool) throws -> [ModelTimings.Inference] {
    if let (model, state) = try? Model<Float>.importing(network) {
      return batches.compactMap { batch in
        var state = state
        let execution = Execution(model, capacity: batch)
        execution.input.elements = values(batch * model.inputShape.count)
        return timing(batch, "layers", isCancelled) { execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 0)) }
      }
    }
    let evaluator = try Evaluator<Float>(network)
    return batches.compactMap { batch in
      let points = Matrix<Float>(rows: batch, columns: network.inputCount, elements: values(batch * network.inputCount))
      return timing(batch, "general evaluator", isCancelled) { _ = evaluator.forward(points) }
    }
  }

  private static func values(_ count: Int) -> [Float] {
    var random = SplitMix64(seed: 0)
    return (0..<count).map { _ in Float(random.nextUniform()) }
  }

  /// `nil` when it was cancelled before the least number of repetitions.
  private static func timing(_ batch: Int, _ engine: String, _ isCancelled: () -> Bool, _ body: () -> Void) -> ModelTimings.Inference? {
    body()
    let began = ContinuousClock.now
    var times: [Double] = []
    while times.count < repetitions.upperBound, !isCancelled() {
      let start = ContinuousClock.now
      body()
      times.append(start.duration(to: .now) / .seconds(1))
      if times.count >= repetitions.lowerBound, began.duration(to: .now) / .seconds(1) > seconds { break }
    }
    guard times.count >= repetitions.lowerBound else { return nil }
    times.sort()
    return ModelTimings.Inference(
      batch: batch, secondsPerSample: times[times.count / 2] / Double(batch), repetitions: times.count, threads: Threads.count,
      engine: engine)
  }
}
