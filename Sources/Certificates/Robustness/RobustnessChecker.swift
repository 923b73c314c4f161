import LinearAlgebra
import Networks

/// Decides whether a certificate of a radius proves its statement about a network.
///
/// Intervals, sectors, margins and bounds are derived from the network alone. What the certificate adds are free choices, slopes of lines and
/// coefficients of forms, for which every value gives a sound bound or none; it is trusted in nothing.
public enum RobustnessChecker {
  /// Proves the certificate's statement or throws.
  ///
  /// - Parameters:
  ///   - certificate: the claim and its proofs.
  ///   - network: the lowered form of the model, all outputs.
  ///   - isCancelled: asked now and then; a cancelled check throws.
  /// - Throws: ``NotProved`` with the reason.
  public static func check(
    _ certificate: RobustnessCertificate, of network: LoweredNetwork, isCancelled: () -> Bool = { false }
  ) throws {
    try certificate.require(about: network)
    let statement = certificate.statement
    let region = try region(of: statement, network: network)
    let classCount = max(2, network.outputCount)
    guard (0..<classCount).contains(statement.label) else { throw NotProved("the label is no class of the network") }
    let classes = (0..<classCount).filter { $0 != statement.label }
    guard certificate.rivals.map(\.rival) == classes else { throw NotProved("there is not one proof for every other class, in order") }
    let rows = marginRows(statement.label, outputCount: network.outputCount)

    // Bounds are derived once, and only where a proof rests on them.
    let needsBounds = certificate.rivals.contains { if case .global = $0.proof { false } else { true } }
    let bounds = needsBounds ? try bounds(certificate, network, region: region, isCancelled: isCancelled) : nil
    let linear = certificate.rivals.indices.compactMap { k -> (row: Int, slopes: RelaxationSlopes)? in
      if case .linear(let slopes) = certificate.rivals[k].proof { (k, slopes ?? RelaxationSlopes(default: network)) } else { nil }
    }
    if let bounds, !linear.isEmpty {
      let lower = try bounds.lowerBounds(
        of: rows.selecting(rows: linear.map(\.row)), slopes: linear.map(\.slopes), isCancelled: isCancelled)
      for (entry, bound) in zip(linear, lower) where !(bound > 0) {
        throw NotProved("linear bounds prove \(bound) for the margin over class \(classes[entry.row]), which is not positive")
      }
    }
    if let bounds {
      try checkQuadratic(certificate, network, region: region, intervals: bounds.intervals, rows: rows, isCancelled: isCancelled)
    }
    for rival in certificate.rivals {
      guard case .global(let own) = rival.proof else { continue }
      try checkGlobal(own, rival: rival.rival, statement: statement, network: network, rows: rows, isCancelled: isCancelled)
    }
  }

  /// The margins that rest on unit forms, all rivals that share forms by one elimination.
  private static func checkQuadratic(
    _ certificate: RobustnessCertificate, _ network: LoweredNetwork, region: Region, intervals: NodeIntervals, rows: Matrix<Double>,
    isCancelled: () -> Bool
  ) throws {
    var own: [(rival: Int, proof: RobustnessCertificate.Quadratic)] = []
    // The rows of the rivals concerned, and whose forms each of them rests on.
    var targets: [(row: Int, base: Int)] = []
    for (row, rival) in certificate.rivals.enumerated() {
      switch rival.proof {
      case .quadratic(let proof):
        own.append((rival.rival, proof))
        targets.append((row, rival.rival))
      case .shared(let base): targets.append((row, base))
      case .linear, .global: break
      }
    }
    guard !targets.isEmpty else { return }
    if let other = targets.first(where: { target in !own.contains { $0.rival == target.base } }) {
      throw NotProved("there are no forms of class \(other.base) to share")
    }
    guard case .ball(let center, _) = region else { throw NotProved("quadratic proofs are about balls of the l2 norm") }
    let form = try LocalForm(
      try IncrementNetwork(network), center: center, region: region, intervals: intervals, rows: rows.selecting(rows: targets.map(\.row)),
      unitLimit: 4000, isCancelled: isCancelled)
    let input = try InputFactor(form.inputRows, isCancelled: isCancelled)
    for (base, proof) in own {
      let proved: [Bool]
      do {
        proved = try MarginProof.prove(
          form, input: input, forms: try proof.forms(of: form), weight: proof.weight, isCancelled: isCancelled)
      } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("the margin over class \(base): \(error)")
      }
      for (k, target) in targets.enumerated() where target.base == base && !proved[k] {
        throw NotProved(
          "the margin over class \(certificate.rivals[target.row].rival): the forms and the input's weight take more than the margin")
      }
    }
  }

  /// Bounds on the region with the certificate's slopes.
  private static func bounds(
    _ certificate: RobustnessCertificate, _ network: LoweredNetwork, region: Region, isCancelled: () -> Bool
  ) throws -> BoundPropagation {
    var slopes: [Int: RelaxationSlopes] = [:]
    for own in certificate.slopes ?? [] {
      guard network.nodes.indices.contains(own.node), own.slopes.fits(network) else { throw NotProved("slopes do not fit the network") }
      slopes[own.node] = own.slopes
    }
    return try BoundPropagation(network, region: region, slopes: slopes, isCancelled: isCancelled)
  }

  /// The inputs that a statement is about.
  private static func region(of statement: RobustnessCertificate.Statement, network: LoweredNetwork) throws -> Region {
    guard statement.arithmetic == RobustnessCertificate.Statement.realArithmetic else {
      throw NotProved("statements about the arithmetic '\(statement.arithmetic)' are not proved")
    }
    guard statement.norm != .l1 else { throw NotProved("radii are in the norms l2 and linf") }
    guard statement.center.count == network.inputCount, statement.radius > 0,
      NumberRange.holds(statement.center + [statement.radius], limit: NumberRange.largestCoefficient)
    else { throw NotProved("the centre or the radius does not fit the network's input") }
    var domain: ClosedRange<Double>?
    if let ends = statement.domain {
      guard statement.norm == .lInfinity else { throw NotProved("a domain is for the norm linf") }
      guard ends.count == 2, ends[0] <= ends[1], NumberRange.holds(ends, limit: NumberRange.largestCoefficient) else {
        throw NotProved("the domain is no interval")
      }
      domain = ends[0]...ends[1]
    }
    let region = Region.around(statement.center, radius: statement.radius, norm: statement.norm, domain: domain)
    guard region.fits(inputCount: network.inputCount) else { throw NotProved("the region does not fit the network's input") }
    return region
  }

  /// |(f_t − f_j)(x) − (f_t − f_j)(x₀)| ≤ L · radius < margin at x₀.
  private static func checkGlobal(
    _ certificate: Certificate, rival: Int, statement: RobustnessCertificate.Statement, network: LoweredNetwork, rows: Matrix<Double>,
    isCancelled: () -> Bool
  ) throws {
    let own = certificate.statement
    guard own.region == .global, own.inputNorm == statement.norm else {
      throw NotProved("the Lipschitz bound for class \(rival) is about another region or norm")
    }
    let isRight: Bool
    switch own.output {
    case .difference(let i, let j): isRight = Set([i, j]) == Set([statement.label, rival]) && network.outputCount > 1
    case .output(let i): isRight = network.outputCount == 1 && i == 0
    case .all: isRight = network.outputCount == 1
    }
    guard isRight else { throw NotProved("the Lipschitz bound for class \(rival) is about other outputs") }
    let center = try CentreEnclosure(network, input: statement.center)
    let row = network.outputCount == 1 ? 0 : rival < statement.label ? rival : rival - 1
    let margin = center.lowerBounds(of: rows.selecting(rows: [row]))[0]
    guard ErrorBounds.multiplyUp(own.bound, statement.radius) < margin else {
      throw NotProved("the Lipschitz bound times the radius is not below the margin over class \(rival)")
    }
    try CertificateChecker.check(certificate, of: network, isCancelled: isCancelled)
  }

  /// For every rival j, in order, the row whose product with the outputs is the margin over j.
  static func marginRows(_ label: Int, outputCount: Int) -> Matrix<Double> {
    guard outputCount > 1 else { return Matrix(rows: 1, columns: 1, elements: [label == 1 ? 1 : -1]) }
    let rivals = (0..<outputCount).filter { $0 != label }
    var rows = Matrix<Double>(rows: rivals.count, columns: outputCount)
    for (i, j) in rivals.enumerated() {
      rows[i, label] = 1
      rows[i, j] = -1
    }
    return rows
  }
}

extension Matrix<Double> {
  /// Some rows, in the order given.
  func selecting(rows chosen: [Int]) -> Matrix {
    Matrix(rows: chosen.count, columns: columns, elements: chosen.flatMap { row($0) })
  }
}
