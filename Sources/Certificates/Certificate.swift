import Foundation
import Networks

/// A Lipschitz bound together with everything needed to prove it from the model alone.
///
/// Stored as JSON. Numbers are decimals that read back to the same double. The fields are
/// - `format`, `version`: `lipcert-certificate`, 1;
/// - `generator`: the program that made it (not trusted);
/// - `model`: SHA-256 of the canonical weights, and sizes;
/// - `statement`: what is proved;
/// - `inputWeights`: [ρ] for the input norms l₂ and l₁, d₁ … d_n for l_∞;
/// - `nodes`: for every activation node in order its name, sectors [α, β] and multipliers t, one for each unit, and for a region that is a
///   ball the forward multipliers τ that prove the sectors;
/// - `derivation`: absent when multipliers and input weights are the proof; otherwise the data of another proof, and both are empty;
/// - `seal`: SHA-256 of all of the above but the names, against accidental change. It proves nothing: the proof is the recursion.
public struct Certificate: SealedCertificate, Equatable {
  /// The model a certificate is about.
  public struct Model: Codable, Sendable, Equatable {
    /// The file's name, for people.
    public var name: String
    /// ``NetworkDigest`` of the lowered network.
    public var sha256: String
    /// Input coordinates.
    public var inputs: Int
    /// Outputs.
    public var outputs: Int
    /// Activation units.
    public var units: Int
  }

  /// One activation node's part of the proof.
  public struct Node: Codable, Sendable, Equatable {
    /// The node's name, for people.
    public var name: String
    /// α of every unit, or one value when all are equal.
    public var alpha: [Double]
    /// β of every unit, or one value when all are equal.
    public var beta: [Double]
    /// t of every unit.
    public var multipliers: [Double]
    /// For a ball: τ of every unit, on which the sectors rest; see ``ForwardProof``.
    public var forwardMultipliers: [Double]?
  }

  /// The value of ``format`` in every certificate.
  public static let formatName = "lipcert-certificate"
  /// The version this code reads and writes.
  public static let currentVersion = 1

  /// `lipcert-certificate`.
  public var format: String
  /// The format's version.
  public var version: Int
  /// The program that made it.
  public var generator: String
  /// The model it is about.
  public var model: Model
  /// What it proves.
  public var statement: Statement
  /// ρ, or the weights d of the input coordinates.
  public var inputWeights: [Double]
  /// The activation nodes in order.
  public var nodes: [Node]
  /// The data of a proof that does not rest on one multiplier for each unit; `nil` when it does.
  public var derivation: Derivation?
  /// SHA-256 of the content.
  public var seal: String

  /// Assembles and seals a certificate. Nothing is proved here; see ``CertificateChecker``.
  ///
  /// - Parameters:
  ///   - generator: the program that made it.
  ///   - modelName: the model's name, for people.
  ///   - network: the lowered model, all outputs.
  ///   - statement: what it proves.
  ///   - inputWeights: ρ, or the weights d of the input coordinates.
  ///   - sectors: of every activation node in order.
  ///   - multipliers: of every activation node in order.
  ///   - forwardMultipliers: for a ball, those on which the sectors rest.
  ///   - digest: ``NetworkDigest`` of the network, when it is known already.
  public init(
    generator: String, modelName: String, network: LoweredNetwork, statement: Statement, inputWeights: [Double], sectors: [UnitSectors],
    multipliers: [[Double]], forwardMultipliers: [[Double]]? = nil, digest: String? = nil
  ) {
    format = Self.formatName
    version = Self.currentVersion
    self.generator = generator
    model = Model(
      name: modelName, sha256: digest ?? NetworkDigest.sha256(of: network), inputs: network.inputCount, outputs: network.outputCount,
      units: network.unitCount)
    self.statement = statement
    self.inputWeights = inputWeights
    nodes = zip(network.activationNodes, zip(sectors, multipliers)).enumerated().map { position, node in
      let (index, (sector, own)) = node
      return Node(
        name: network.nodes[index].name, alpha: Self.compact(sector.lower), beta: Self.compact(sector.upper), multipliers: own,
        forwardMultipliers: forwardMultipliers.flatMap { $0.indices.contains(position) ? $0[position] : nil })
    }
    seal = ""
    seal = contentDigest
  }

  /// Assembles and seals a certificate whose proof is a derivation. Nothing is proved here; see ``CertificateChecker``.
  public init(generator: String, modelName: String, network: LoweredNetwork, statement: Statement, derivation: Derivation) {
    self.init(
      generator: generator, modelName: modelName, network: network, statement: statement, inputWeights: [], sectors: [], multipliers: [])
    nodes = []
    self.derivation = derivation
    seal = contentDigest
  }

  private static func compact(_ values: [Double]) -> [Double] {
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return values }
    return [first]
  }

  /// SHA-256 of everything that bears on the proof.
  public var contentDigest: String {
    var sha = SHA256()
    func add(_ text: String) {
      sha.update(UInt64(text.utf8.count))
      sha.update(text.utf8)
    }
    func add(_ values: [Double]) { sha.update(list: values) }
    add(format)
    sha.update(integer: version)
    add(model.sha256)
    for count in [model.inputs, model.outputs, model.units] { sha.update(integer: count) }
    add(statement.inputNorm.rawValue)
    add(statement.output.description)
    switch statement.region {
    case .global: add("global")
    case .ball(let center, let radius):
      add("ball")
      add(center)
      add([radius])
    case .box(let lower, let upper):
      add("box")
      add(lower)
      add(upper)
    }
    add([statement.bound])
    add(inputWeights)
    sha.update(UInt64(nodes.count))
    for node in nodes {
      add(node.alpha)
      add(node.beta)
      add(node.multipliers)
      if let forward = node.forwardMultipliers {
        add("forward")
        add(forward)
      }
    }
    derivation?.digest(into: &sha)
    return sha.finish()
  }

  /// The sectors as stated; `nil` when there is not one pair of ends for each unit, or an end is NaN or below its other end.
  public func sectors(of network: LoweredNetwork) -> [UnitSectors]? {
    let counts = network.activationNodes.map { network.nodes[$0].count }
    guard nodes.count == counts.count else { return nil }
    var result: [UnitSectors] = []
    for (node, count) in zip(nodes, counts) {
      func expanded(_ ends: [Double]) -> [Double]? {
        ends.count == count ? ends : ends.count == 1 ? Array(repeating: ends[0], count: count) : nil
      }
      guard let lower = expanded(node.alpha), let upper = expanded(node.beta), zip(lower, upper).allSatisfy({ $0 <= $1 }) else {
        return nil
      }
      result.append(UnitSectors(lower: lower, upper: upper))
    }
    return result
  }
}
