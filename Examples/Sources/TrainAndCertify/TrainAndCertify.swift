import Foundation
import NetworkFormats
import Robustness
import Training

/// Trains a classifier whose answers can be certified, saves it, and certifies how far some test images can move.
///
///     train-and-certify [MODEL]
///
/// The images are digits that the program draws itself, 14 × 14 pixels; nothing is downloaded. The network is saved as `glyphs.onnx` unless
/// another path is given, and what proves the radii goes to the folder `proofs`.
@main
enum TrainAndCertify {
  static func main() {
    do {
      let path = CommandLine.arguments.dropFirst().first ?? "glyphs.onnx"
      let glyphs = try GlyphImages(size: 14)
      try train(on: glyphs.dataset(.training, count: 2_000), savingTo: path)
      try certify(path, on: glyphs.dataset(.test, count: 500))
    } catch {
      FileHandle.standardError.write(Data("train-and-certify: \(error)\n".utf8))
      exit(2)
    }
  }

  /// Trains a small perceptron for margins that an l₂ ball of radius 0.5 cannot close.
  static func train(on data: Dataset, savingTo path: String) throws {
    let architecture = ModelArchitecture.perceptron(PerceptronArchitecture(widths: [48, 32]))
    let settings = TrainingSettings(
      epochs: 10, batch: 100, optimiser: .adaptiveMoments(), schedule: LearningRateSchedule(rate: 3e-3),
      loss: .margin(MarginTraining(.bottomLogit, radius: 0.5)), seed: 1)
    let trainer = try Trainer(
      model: architecture.model(input: data.shape, classes: data.classCount), data: data, settings: settings)
    let outcome = try trainer.run()
    try ModelFile.write(trainer.model.network(outcome.state), to: path)
  }

  /// Measures the network that was saved, not the one in memory: that file is what is deployed and what the proofs are about. Radii are
  /// distances in the l₂ norm.
  static func certify(_ path: String, on test: Dataset) throws {
    let classifier = try Classifier(ModelFile.read(path: path))
    let inputs = LabelledInputs(inputs: test.networkInputs, labels: test.labels)
    let correct = test.labels.indices.count { classifier.answer(inputs[$0]) == test.labels[$0] }
    print("\(path): \(correct) of \(test.count) test images classified correctly")

    var settings = RadiusRun.Settings(methods: [GlobalRadius(), LinearRadius()], attack: BestAttack())
    settings.certificates = CertificateFolder(path: "proofs")
    for record in try RadiusRun(classifier, inputs, settings: settings).run(Array(0..<10)) {
      guard record.isCorrect else {
        print("image \(record.index): a \(record.label), taken for a \(record.answer)")
        continue
      }
      let attacked = record.attackRadius.map { "changed by an attack at \($0)" } ?? "not changed by an attack"
      print("image \(record.index): a \(record.label), proved within \(record.radius), \(attacked)")
    }
  }
}
