import LinearAlgebra
import Networks
import Reports
import Training

/// Measures how long a saved network takes for one sample, in single precision: on the layers of training, which multiply every stored number,
/// where they know all its operations, and on the general evaluator.
///
/// The values of the inputs do not matter to either, so they are random.
enum InferenceTiming {
  /// Repetitions end once they took this long, but there are five at least.
  private static let seconds = 0.3
  private static let repetitions = 5...400

  /// The median time for each engine and size of batches.
  ///
  /// - Throws: `NetworkError` when the network cannot be evaluated.
  static func measure(_ network: Network, batches: [Int], isCancelled: () -> Bool) throws -> [ModelTimings.Inference] {
    var timings: [ModelTimings.Inference] = []
    if let (model, state) = try? Model<Float>.importing(network) {
      timings += batches.compactMap { batch in
        var state = state
        let execution = Execution(model, capacity: batch)
        execution.input.elements = values(batch * model.inputShape.count)
        return timing(batch, "layers", isCancelled) { execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 0)) }
      }
    }
    let evaluator = try Evaluator<Float>(network)
    timings += batches.compactMap { batch in
      let points = Matrix<Float>(rows: batch, columns: network.inputCount, elements: values(batch * network.inputCount))
      return timing(batch, "evaluator", isCancelled) { _ = evaluator.forward(points) }
    }
    return timings
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
