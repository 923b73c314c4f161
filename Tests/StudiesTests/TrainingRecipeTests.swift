import Foundation
import NetworkFormats
import Testing
import Training

@testable import Studies

@Suite("Recipes of training")
struct TrainingRecipeTests {
  @Test("Everything a recipe may say")
  func full() throws {
    let recipe = try TrainingRecipe(
      text: """
        title: T
        description: D
        seed: 9
        data: {glyphs: 14, training-count: 300, test-count: 40, seed: 3, validation: 0.1}
        model: {residual: {depth: 14, channels: [4, 8], members: 3, noise: 0.2}}
        training:
          epochs: 7
          batch: 50
          optimiser: {adam: {first-decay: 0.8}}
          learning-rate: 0.01
          warm-up: 2
          schedule: {exponential: 0.01, from: 3}
          weight-decay: 1e-4
          decayed: weights
          clip-norm: 3
          loss: {trade-off: [1, 8]}
          augmentation: {crop: 2, flip: true, cutout: 3}
          adversary: {norm: l2, epsilon: 0.5, steps: 4, step: 0.2, random-start: false}
          validation-adversary: {epsilon: 0.1, steps: 1}
          select: best-attacked-accuracy
        evaluation: {norm: l2, epsilon: 0.5, attacks: [fgsm, pgd7, nearest], draws: 2}
        """, file: "folder/recipe.yaml")
    #expect(recipe.seed == 9 && recipe.settings.seed == 9 && recipe.evaluation.seed == 9)
    #expect(recipe.data.source == .glyphs(size: 14, training: 300, test: 40, seed: 3) && recipe.data.validationShare == 0.1)
    let ensemble = FeynmanKacEnsemble(members: 3, noise: 0.2)
    #expect(recipe.model == .architecture(.residual(ResidualArchitecture(blocks: 2, channels: [4, 8], ensemble: ensemble))))
    let settings = recipe.settings
    #expect(settings.epochs == 7 && settings.batch == 50 && settings.optimiser == .adaptiveMoments(.adam, firstDecay: 0.8))
    #expect(settings.schedule == LearningRateSchedule(rate: 0.01, course: .exponential(start: 3, end: 0.01), warmUpEpochs: 2))
    #expect(settings.weightDecay == WeightDecay(1e-4, scope: .weights) && settings.clipping == .norm(3))
    #expect(settings.loss == .tradeOff(natural: 1, adversarial: 8) && settings.selection == .bestAttackedAccuracy)
    #expect(settings.augmentation as? Augmentation == (try Augmentation(padding: 2, flips: true, cutout: 3)))
    let adversary = try ProjectedGradient(norm: .l2, epsilon: 0.5, step: 0.2, count: 4, startsAtRandom: false)
    #expect(settings.adversary as? ProjectedGradient == adversary)
    #expect(recipe.evaluation.attacks.map(\.name) == ["fgsm", "pgd7"] && recipe.evaluation.minimalNorm != nil)
  }

  @Test(
    "Every mistake is told with its line and key",
    arguments: [
      ("training: {epochs: 0, learning-rate: 1}", "line 3", "'epochs': 0 does not lie between"),
      ("training: {epochs: 1}", "line 3", "the key 'learning-rate' is missing"),
      ("training: {epochs: 1, learning-rate: 0.1, los: trades}", "line 3", "did you mean 'loss'?"),
      ("training: {epochs: 1, learning-rate: 0.1, loss: {trades: 6}}", "line 3", "wants an adversary"),
      ("training: {epochs: 1, learning-rate: 0.1, optimiser: sdg}", "line 3", "unknown optimiser, found 'sdg'"),
      ("training: {epochs: 1, learning-rate: 0.1, clip-norm: 1, clip-value: 1}", "line 3", "excludes 'clip-norm'"),
      ("training: {epochs: 1, learning-rate: 0.1}\ndata: {glyphs: 14, folder: x}", "line 4", "'folder': does not go with 'glyphs'"),
      ("training: {epochs: 1, learning-rate: 0.1}\nevaluation: {attacks: [pgm]}", "line 4", "unknown attack, found 'pgm'"),
      ("training: {epochs: 1, learning-rate: 0.1}\nevaluation: {attacks: [fgsm]}", "line 4", "the key 'epsilon' is missing"),
    ])
  func mistakes(_ rest: String, _ line: String, _ reason: String) {
    let text = "title: T\nmodel: lenet5\n\(rest)\n"
    let error = #expect(throws: FormatError.self) { try TrainingRecipe(text: text, file: "r.yaml") }
    let words = error.map { "\($0)" } ?? ""
    #expect(words.contains("r.yaml") && words.contains(line) && words.contains(reason), "\(words)")
  }

  @Test(
    "Models that do not exist",
    arguments: [
      "{residual: {depth: 9}}", "{perceptron: {widths: [0]}}", "{perceptron: {widths: [8], activation: rilu}}", "{convolutional: {}}",
      "{perceptron: {widths: [8]}, residual: {depth: 8}}", "lenet6", "{residual: {depth: 8, noise: -1}}",
    ])
  func models(_ model: String) {
    let text = "title: T\nmodel: \(model)\ntraining: {epochs: 1, learning-rate: 0.1}\n"
    #expect(throws: FormatError.self) { try TrainingRecipe(text: text, file: "r.yaml") }
  }
}
