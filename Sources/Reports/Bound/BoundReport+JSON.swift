import Certificates
import CommandLineSupport
import Lipschitz

extension BoundReport {
  /// The object for machines.
  public var json: JSONValue {
    .object([
      (
        "model",
        .object([
          ("path", .string(model.path)), ("sha256", .string(model.sha256)), ("inputs", .integer(model.inputs)),
          ("outputs", .integer(model.outputs)), ("units", .integer(model.units)),
        ])
      ),
      ("norm", .string(inputNorm.rawValue)),
      ("region", .string(StatementWords.extent(region))),
      ("target", targetJSON),
      ("attained", .lower(attained)),
      ("results", .array(outcomes.map(json))),
      ("partitions", .array(partitions.map { $0.rows.map(Self.json) } ?? [])),
      ("certificate", certificateJSON),
      ("tolerance", .number(tolerance)),
      ("timeLimit", .number(timeLimit)),
      ("seed", .integer(seed)),
      ("threads", .integer(machine.threads)),
      ("cores", .integer(machine.cores)),
      ("blas", .text(machine.blas)),
      ("version", .string(version)),
    ])
  }

  private var targetJSON: JSONValue {
    switch output {
    case .all: .null
    case .output(let i): .array([.integer(i)])
    case .difference(let i, let j): .array([.integer(i), .integer(j)])
    }
  }

  private var certificateJSON: JSONValue {
    guard let certificate else { return .null }
    return .object([
      ("path", .string(certificate.path)), ("method", .string(certificate.method)), ("bound", .upper(certificate.bound)),
      ("checked", .boolean(certificate.isChecked)),
    ])
  }

  private static func json(_ row: PartitionStudy.Row) -> JSONValue {
    .object([
      ("factor", .integer(row.factor)), ("layers", .integer(row.layers)), ("blocks", .integer(row.blocks)), ("tiles", .integer(row.tiles)),
      ("upper", .upper(row.bound)), ("seconds", .number(row.seconds)), ("note", .text(row.note)),
    ])
  }

  private static func json(_ moment: LipschitzEstimate.Progress) -> JSONValue {
    .object([
      ("seconds", .number(moment.seconds)), ("iteration", .integer(moment.iteration)),
      ("lower", .lower(moment.lower > 0 ? moment.lower : nil)), ("upper", .upper(moment.upper)),
    ])
  }

  private func json(_ outcome: MethodOutcome) -> JSONValue {
    let estimate = outcome.estimate
    return .object([
      ("method", .string(estimate.method)),
      ("upper", .upper(estimate.upper)),
      ("lower", .lower(estimate.lower)),
      ("certified", .boolean(estimate.isCertified)),
      ("ratioToBest", .upper(outcome.ratio(to: best?.upper))),
      ("tightness", .upper(outcome.ratio(to: attained))),
      ("seconds", .number(estimate.seconds)),
      ("iterations", .integer(estimate.iterations)),
      ("rank", .integer(estimate.rank)),
      ("peakMemoryBytes", .integer(outcome.peakMemory)),
      ("stopReason", .string(estimate.stopReason.rawValue)),
      ("note", .text(estimate.note)),
      ("absence", .text(outcome.absence)),
      ("history", .array(estimate.thinnedHistory.map(Self.json))),
    ])
  }
}
