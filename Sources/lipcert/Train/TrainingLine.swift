import CommandLineSupport
import Foundation
import Studies
import Training

/// Training in one line.
enum TrainingLine {
  /// `epoch 3 of 12  step 41 of 79  loss 0.4312  87.2% right  5210 samples/s  about 40 s left`.
  static func words(_ event: TrainingRun.Event) -> String {
    if Interruption.isRequested { return "stopping; Ctrl-C again ends at once" }
    switch event {
    case .training(let progress, let phase):
      let position = progress.position
      let (epoch, step) = position.step == 0 ? (position.epoch, position.stepsPerEpoch) : (position.epoch + 1, position.step)
      var parts = phase.count > 1 ? ["\(phase.name) (\(phase.number) of \(phase.count))"] : []
      parts += ["epoch \(epoch) of \(position.epochs)", "step \(step) of \(position.stepsPerEpoch)"]
      if position.step > 0 {
        parts += ["loss \(String(format: "%.4f", progress.loss))", "\(Quantity.percent(progress.accuracy)) right"]
      } else if let last = progress.lastEpoch {
        parts += ["loss \(String(format: "%.4f", last.loss))", "\(Quantity.percent(last.accuracy)) right"]
      }
      parts += ["\(Int(progress.samplesPerSecond)) samples/s", "about \(Quantity.wait(progress.secondsLeft)) left"]
      return parts.joined(separator: "  ")
    case .evaluating(let words, let done, let total): return "accuracy \(words): \(done) of \(total)"
    }
  }
}
