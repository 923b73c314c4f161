import Certificates
import CommandLineSupport
import Compression
import Foundation
import Lipschitz
import Robustness
import Training

extension ModelComparisonReport {
  /// The object for machines; what differs from run to run is in `timings` and nowhere else.
  public var json: JSONValue {
    .object([
      ("title", .string(title)),
      ("complete", .boolean(isComplete)),
      ("reference", .text(reference?.name)),
      (
        "samples",
        samples.map {
          .object([
            ("path", .string($0.path)), ("name", .string($0.name)), ("count", .integer($0.count)), ("classes", .integer($0.classCount)),
            ("shape", .string($0.shape)), ("digest", .string($0.digest)),
          ])
        } ?? .null
      ),
      ("models", .array(models.map(json))),
      ("differences", .array(differences.map(json))),
      ("settings", .object(settings.map { ($0.name, .string($0.value)) })),
      ("timings", timings),
      ("version", .string(version)),
    ])
  }

  private func json(_ model: ModelMeasurement) -> JSONValue {
    let size = model.size
    return .object([
      ("name", .string(model.name)), ("path", .string(model.path)), ("sha256", .string(model.sha256)),
      ("inputs", .integer(model.inputs)), ("outputs", .integer(model.outputs)), ("units", .integer(model.units)),
      (
        "size",
        .object([
          ("bytes", .integer(model.bytes)), ("parameters", .integer(size.parameters)),
          ("nonZeroParameters", .integer(size.nonZeroParameters)),
          ("shareOfReference", .number(share(of: model))), ("multiplications", .integer(size.multiplications)),
          ("nonZeroMultiplications", .integer(size.nonZeroMultiplications)), ("zeroWeights", .number(size.weightShare)),
          ("zeroInputChannels", .number(size.channelShare)), ("zeroFilters", .number(size.filterShare)),
          ("layers", .array(size.layers.map(Self.json))),
        ])
      ),
      ("accuracy", model.accuracy.map { json($0, model) } ?? .null),
      ("boundNorm", .string(model.boundNorm.rawValue)),
      ("attained", .lower(model.attained)),
      (
        "bounds",
        .array(
          model.bounds.map { bound in
            .object([
              ("method", .string(bound.method)), ("upper", .upper(bound.upper)), ("lower", .lower(bound.lower)),
              ("certified", .boolean(bound.isCertified)), ("tightness", .upper(model.tightness(bound))),
              ("stopReason", .string(bound.stopReason.rawValue)), ("note", .text(bound.note)),
            ])
          })
      ),
      ("radii", model.radii.map(json) ?? .null),
      ("complete", .boolean(model.isComplete)),
    ])
  }

  private static func json(_ layer: NetworkSize.Layer) -> JSONValue {
    .object([
      ("name", .string(layer.name)), ("kind", .string(layer.kind.rawValue)), ("weight", .array(layer.weightShape.map { .integer($0) })),
      ("parameters", .integer(layer.parameters)), ("zeroWeights", .integer(layer.zeroWeights)),
      ("inputChannels", .integer(layer.inputChannels)), ("zeroInputChannels", .integer(layer.zeroInputChannels)),
      ("filters", .integer(layer.filters)), ("zeroFilters", .integer(layer.zeroFilters)),
      ("multiplications", .integer(layer.multiplications)),
    ])
  }

  private func json(_ accuracy: MeasuredAccuracy, _ model: ModelMeasurement) -> JSONValue {
    let agreement = reference.flatMap { model.agreement(with: $0) }.map { Double($0.count) / Double($0.of) }
    return .object([
      ("samples", .integer(accuracy.sampleCount)), ("correct", .integer(accuracy.correct)), ("natural", .number(accuracy.natural)),
      ("agreement", .number(agreement)),
      (
        "attacks",
        .array(
          accuracy.attacks.map {
            .object([
              ("attack", .string($0.name)), ("norm", .string($0.norm.rawValue)), ("epsilon", .number($0.epsilon)),
              ("correct", .integer($0.correct)), ("accuracy", .number(accuracy.share($0.correct))),
            ])
          })
      ),
    ])
  }

  private func json(_ own: MeasuredRadii) -> JSONValue {
    .object([
      ("norm", .string(own.norm.rawValue)), ("methods", .array(own.methods.map { .string($0) })), ("attack", .text(own.attack)),
      ("median", .lower(own.medianCertified)),
      (
        "accuracies",
        .array(
          radii.map { radius in
            .object([
              ("radius", .number(radius)), ("certified", .number(own.certifiedCurve.share(at: radius))),
              ("attacked", .number(own.attackedCurve?.share(at: radius))),
            ])
          })
      ),
      (
        "samples",
        .array(
          own.samples.map {
            .object([
              ("index", .integer($0.index)), ("label", .integer($0.label)), ("answer", .integer($0.answer)),
              ("correct", .boolean($0.isCorrect)), ("certified", .lower($0.certified)), ("method", .text($0.method)),
              ("attacked", .upper($0.attacked)),
            ])
          })
      ),
    ])
  }

  private func json(_ difference: ModelDifference) -> JSONValue {
    .object([
      ("model", .string(difference.model)), ("reference", .string(difference.reference)), ("norm", .string(difference.norm.rawValue)),
      ("radius", .number(difference.radius)), ("domain", difference.domain.map { .array($0.map { .number($0) }) } ?? .null),
      ("bound", .upper(difference.largestBound)), ("attained", .lower(difference.largestAttained)),
      (
        "places",
        .array(
          difference.places.map {
            .object([
              ("sample", .integer($0.sample)), ("bound", .upper($0.bound)), ("attained", .lower($0.attained)),
              ("method", .text($0.method)), ("note", .text($0.note)),
            ])
          })
      ),
    ])
  }

  private var timings: JSONValue {
    .object([
      (
        "models",
        .array(
          models.map { model in
            let own = model.timings
            return .object([
              ("name", .string(model.name)), ("natural", .number(own.natural)), ("attacks", .array(own.attacks.map { .number($0) })),
              ("bounds", .object(own.bounds.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })), ("radii", .number(own.radii)),
              ("difference", .number(difference(of: model)?.seconds)),
              (
                "inference",
                .array(
                  own.inference.map {
                    .object([
                      ("batch", .integer($0.batch)), ("secondsPerSample", .number($0.secondsPerSample)),
                      ("repetitions", .integer($0.repetitions)), ("threads", .integer($0.threads)), ("engine", .string($0.engine)),
                    ])
                  })
              ),
            ])
          })
      ),
      ("threads", .integer(machine.threads)), ("cores", .integer(machine.cores)), ("processor", .text(machine.processor)),
      ("blas", .text(machine.blas)), ("date", .string(date.formatted(.iso8601))),
    ])
  }
}
