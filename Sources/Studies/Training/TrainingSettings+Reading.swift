import CommandLineSupport
import NetworkFormats
import Training

extension TrainingSettings {
  /// The keys of `training:` of a recipe; the seed is the recipe's.
  static let field = Field<TrainingSettings>.group(
    Field(required: "epochs", .integer(in: 1...1_000_000), "How many times training goes through all samples."),
    Field("batch", .integer(in: 1...1_000_000), default: 128, "How many samples make a step."),
    Field(
      "optimiser", OptimiserSettings.notation, default: OptimiserSettings.standard,
      "How steps are made: sgd, adam, adamw or nadam, or one of them with its constants."),
    LearningRateSchedule.field, WeightDecay.field, GradientClipping.field,
    Field("loss", TrainingLoss.notation, default: .crossEntropy(), "What is minimised."),
    Field("augmentation", .orNone(Augmentation.notation), default: nil, "Random changes of the images of a batch."),
    Field(
      "adversary", .orNone(ProjectedGradient.notation), default: nil,
      "The adversary whose samples training sees, in place of the clean ones or beside them as the loss says; none is natural training."),
    Field(
      "select",
      .word([
        "last": TrainingSettings.Selection.last, "best-accuracy": .bestAccuracy, "best-attacked-accuracy": .bestAttackedAccuracy,
      ]), default: .last,
      "Which epoch's network is kept: the last, or the one of best accuracy (also under the validation adversary) on the validation samples."),
    Field(
      "validation-adversary", .orNone(ProjectedGradient.notation), default: nil, "The adversary of select: best-attacked-accuracy.")
  ) {
    mapping, epochs, batch, optimiser, schedule, decay, clipping, loss, augmentation, adversary, selection, validationAdversary in
    var settings = TrainingSettings(epochs: epochs, batch: batch, optimiser: optimiser, schedule: schedule, loss: loss)
    (settings.weightDecay, settings.clipping, settings.augmentation) = (decay, clipping, augmentation)
    (settings.adversary, settings.validationAdversary, settings.selection) = (adversary, validationAdversary, selection)
    do {
      try settings.check()
    } catch let error as TrainingError {
      throw mapping.failure(error.description)
    }
    return settings
  }
}

extension OptimiserSettings {
  fileprivate static let standard = OptimiserSettings.gradientDescent(momentum: 0.9, isNesterov: true)

  /// `optimiser:` of a recipe, such as `adam` or `{sgd: {momentum: 0.9}}`.
  static let notation = Notation<OptimiserSettings>.word(
    ["sgd": standard, "adam": .adaptiveMoments(.adam), "adamw": .adaptiveMoments(.adamW), "nadam": .adaptiveMoments(.nadam)],
    kind: "optimiser",
    or: .mapping(
      nil,
      .one(of: [
        .group(
          Field(required: "sgd", gradientDescent, "Stochastic gradient descent; without constants momentum is 0.9, with Nesterov's rule.")
        ) { $1 },
        .group(Field(required: "adam", moments(.adam), "Adam: steps by means of gradients over means of their squares.")) { $1 },
        .group(Field(required: "adamw", moments(.adamW), "Adam, with weight decay beside the step.")) { $1 },
        .group(Field(required: "nadam", moments(.nadam), "Adam with Nesterov's momentum.")) { $1 },
      ]))
  ).named("optimiser")

  private static let gradientDescent = Notation<OptimiserSettings>.mapping(
    nil,
    .group(
      Field("momentum", .real(in: 0..<1), default: 0, "The share of the last step that goes into the next."),
      Field("dampening", .real(in: 0...1), default: 0, "The share of a gradient that does not go into the momentum."),
      Field("nesterov", .boolean, default: false, "Whether Nesterov's rule is used, which wants a momentum and no dampening.")
    ) { .gradientDescent(momentum: $1, dampening: $2, isNesterov: $3) })

  private static func moments(_ variant: AdaptiveMoments.Variant) -> Notation<OptimiserSettings> {
    .mapping(
      nil,
      .group(
        Field("first-decay", .real(in: 0..<1), default: 0.9, "How much of the mean gradient is kept from step to step."),
        Field("second-decay", .real(in: 0..<1), default: 0.999, "How much of the mean squared gradient is kept from step to step."),
        Field("stabiliser", .positive(below: 1), default: 1e-8, "What is added to the root of the mean squared gradient.")
      ) { .adaptiveMoments(variant, firstDecay: $1, secondDecay: $2, stabiliser: $3) })
  }
}

extension LearningRateSchedule {
  /// The learning rate and how it changes.
  static let field = Field<LearningRateSchedule>.group(
    Field(required: "learning-rate", .positive(below: 1e6), "The learning rate at its highest."),
    Field("warm-up", .real(in: 0...1e6), default: 0, "The epochs in which the rate grows from nearly zero before the schedule begins."),
    Field("schedule", course, default: .constant, "How the learning rate falls: constant, cosine, or one of the keys.")
  ) { LearningRateSchedule(rate: $1, course: $3, warmUpEpochs: $2) }

  private static let course = Notation<Course>.word(
    ["constant": Course.constant, "cosine": .cosine(end: 0)], kind: "schedule",
    or: .mapping(
      nil,
      .one(of: [
        .group(
          Field(
            required: "milestones", .parts(of: .integer(in: 1...1_000_000)).examples("[8, 11]"),
            "The epochs, counted from 0, at whose beginning the rate is multiplied with factor."), factor
        ) { .milestones($1, factor: $2) },
        .group(
          Field(required: "every", .integer(in: 1...1_000_000), "The rate is multiplied with factor every so many epochs."), factor
        ) { .steps(epochs: $1, factor: $2) },
        .group(Field(required: "cosine", .real(in: 0...1), "Down half a cosine to this share of the rate.")) { .cosine(end: $1) },
        .group(
          Field(required: "exponential", .positive(upTo: 1), "Exponentially down to this share of the rate."),
          Field("from", .integer(in: 0...1_000_000), default: 0, "The epoch from which on it falls.")
        ) { .exponential(start: $2, end: $1) },
        .group(
          Field(required: "one-cycle", .real(in: 0...1), "Up along half a cosine for this share of all steps, then down."),
          Field("begin", .positive(below: 1), default: 0.04, "The share of the rate at the beginning."),
          Field("end", .positive(below: 1), default: 4e-6, "The share of the rate at the end.")
        ) { .oneCycle(rise: $1, begin: $2, end: $3) },
      ]))
  ).named("schedule")

  private static let factor = Field("factor", .positive(upTo: 1), default: 0.1, "What the rate is multiplied with.")
}

extension WeightDecay {
  /// How weights are pulled towards zero.
  static let field = Field<WeightDecay>.group(
    Field("weight-decay", .real(in: 0...1e3), default: 0, "How strongly weights are pulled towards zero."),
    Field(
      "decayed", .word(["all": Scope.all, "weights": .weights]), default: .all,
      "What weight-decay pulls: all parameters, or weights only (no biases, no scales of normalisation).")
  ) { WeightDecay($1, scope: $2) }
}

extension GradientClipping {
  /// How large gradients can be.
  static let field = Field<GradientClipping?>.group(
    Field("clip-norm", .positive(below: 1e9), "The largest l2 norm of a gradient; longer ones are shortened."),
    Field("clip-value", .positive(below: 1e9), "The largest magnitude of an entry of a gradient; larger ones are cut.")
  ) { $1.map(GradientClipping.norm) ?? $2.map(GradientClipping.value) }
  .excluding("clip-norm", "clip-value")
}

extension TrainingLoss {
  /// `loss:` of a recipe, such as `{trades: 6}`.
  static let notation = Notation<TrainingLoss>.word(
    ["cross-entropy": TrainingLoss.crossEntropy()], kind: "loss",
    or: .mapping(
      nil,
      .one(of: [
        .group(Field(required: "smoothing", .real(in: 0..<1), "Cross-entropy of labels that are smoothed by this share.")) {
          .crossEntropy(smoothing: $1)
        },
        .group(
          Field(
            required: "trade-off",
            .list(of: .real(in: 0...1e6), count: 2...2, expected: "the weights of the natural and the adversarial loss, such as [1, 8]")
              .examples("[1, 8]"), "The weights of the cross-entropies of natural and adversarial samples; it wants an adversary.")
        ) { .tradeOff(natural: $1[0], adversarial: $1[1]) },
        .group(
          Field(required: "trades", .real(in: 0...1e6), "TRADES: the weight of the divergence between both answers; it wants an adversary.")
        ) { .trades(weight: $1) },
        .group(Field(required: "margin", MarginTraining.notation, "A margin that certifies a radius; it takes no adversary.")) {
          .margin($1)
        },
      ]))
  ).named("loss")
}

extension MarginTraining {
  /// `margin:` of a loss, such as `{loss: gloro, radius: 0.3}`.
  static let notation = Notation<MarginTraining>.mapping(
    nil,
    .group(
      Field(
        "loss",
        .word([
          "lmt": MarginLoss.addedMargin, "gloro": .bottomLogit, "gloro-trades": .bottomLogitTrades(weight: 1), "emma": .efficientMargin,
        ], kind: "loss of margins"), default: .bottomLogit,
        "Lipschitz-margin training (lmt), globally-robust networks (gloro, gloro-trades) or efficient margins (emma)."),
      Field(required: "radius", .positive(below: 1e9), "The l2 radius that is to be certified."),
      Field("start", .real(in: 0...1), default: 0.1, "The share of the radius at the beginning."),
      Field("ramp", .real(in: 0...1), default: 0.5, "The share of all epochs in which the radius grows to its value."),
      Field("power-steps", .integer(in: 1...1000), default: 5, "The steps of the power method with which norms of layers are followed.")
    ) { MarginTraining($1, radius: $2, start: $3, rampShare: $4, powerSteps: $5) })
}
