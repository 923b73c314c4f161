import Foundation
import LinearAlgebra
import Networks

/// A radius around an input within which a network's answer cannot change, together with what is needed to prove it from the model alone.
///
/// Stored as JSON. The fields are
/// - `format`, `version`: `lipcert-robustness`, 1;
/// - `generator`: the program that made it (not trusted);
/// - `model`: SHA-256 of the canonical weights, and sizes;
/// - `statement`: the norm, the centre x₀, the radius, the label, the domain of the inputs if there is one, and `arithmetic`: `real`;
/// - `slopes`: for nodes that feed activations, the slopes of the lines that the bounds of their units rest on; absent for those that enclose
///   least;
/// - `rivals`: for every other class its proof;
/// - `seal`: SHA-256 of all of the above but the names, against accidental change. It proves nothing.
public struct RobustnessCertificate: SealedCertificate, Equatable {
  /// What is proved: for all x with |x − centre| ≤ radius (and within the domain) every output but the label's is less than the label's, in
  /// real arithmetic with the stored weights; for one output, that it is positive (label 1) or negative (label 0).
  public struct Statement: Codable, Sendable, Equatable {
    /// The norm of x − x₀: l₂ or l_∞.
    public var norm: InputNorm
    /// x₀.
    public var center: [Double]
    /// The radius.
    public var radius: Double
    /// The class.
    public var label: Int
    /// The least and the greatest value that an input can have; `nil` for any. Only for l_∞.
    public var domain: [Double]?
    /// The arithmetic that the statement is about.
    public var arithmetic: String

    /// A statement about real arithmetic.
    public init(norm: InputNorm, center: [Double], radius: Double, label: Int, domain: ClosedRange<Double>? = nil) {
      (self.norm, self.center, self.radius, self.label) = (norm, center, radius, label)
      self.domain = norm == .lInfinity ? domain.map { [$0.lowerBound, $0.upperBound] } : nil
      arithmetic = Self.realArithmetic
    }

    /// `real`.
    public static let realArithmetic = "real"
  }

  /// One activation node's share of a quadratic proof.
  public struct NodeForms: Codable, Sendable, Equatable {
    /// The node's position among the activation nodes.
    public var node: Int
    /// The units with forms, ascending.
    public var units: [Int]
    /// For each of the units hh, hp, pp, h and p of its ``UnitForm``, one after the other.
    public var forms: [Double]
  }

  /// A proof from unit forms: see ``MarginProof``.
  public struct Quadratic: Codable, Sendable, Equatable {
    /// ρ.
    public var weight: Double
    /// The forms.
    public var nodes: [NodeForms]

    /// The forms of a local form's units.
    public init(_ form: LocalForm, forms: [UnitForm], weight: Double) {
      self.weight = weight
      nodes = []
      for (unit, q) in zip(form.units, forms) {
        if nodes.last?.node != unit.position { nodes.append(NodeForms(node: unit.position, units: [], forms: [])) }
        nodes[nodes.count - 1].units.append(unit.index)
        nodes[nodes.count - 1].forms += q.coefficients
      }
    }

    /// The forms in the order of a local form's units; zero for units that have none.
    ///
    /// - Throws: ``NotProved`` when lists do not fit, or a form belongs to no unit.
    func forms(of form: LocalForm) throws -> [UnitForm] {
      var places: [[Int]: Int] = [:]
      for (k, unit) in form.units.enumerated() { places[[unit.position, unit.index]] = k }
      var result = [UnitForm](repeating: UnitForm(), count: form.units.count)
      for node in nodes {
        guard node.forms.count == 5 * node.units.count else { throw NotProved("there are not five coefficients for each unit") }
        for (k, unit) in node.units.enumerated() {
          // A unit that is linear here needs no form.
          guard let place = places[[node.node, unit]] else { continue }
          let q = node.forms[5 * k..<5 * k + 5]
          let first = q.startIndex
          result[place] = UnitForm(hh: q[first], hp: q[first + 1], pp: q[first + 2], h: q[first + 3], p: q[first + 4])
        }
      }
      return result
    }
  }

  /// Why one rival stays behind.
  public enum Proof: Codable, Sendable, Equatable {
    /// Backward linear bounds, with lines of the slopes, or with those that enclose least.
    case linear(RelaxationSlopes?)
    /// Unit forms.
    case quadratic(Quadratic)
    /// The unit forms of another rival's quadratic proof, and its weight, both times what suits this one.
    case shared(rival: Int)
    /// A Lipschitz bound L of the difference of the two outputs for all inputs, with L · radius below the margin at x₀.
    case global(Certificate)

    private enum Keys: String, CodingKey { case linear, quadratic, shared, global }

    /// Reads `"linear"`, `{"linear": {…}}` with slopes, `{"quadratic": {…}}`, `{"shared": class}` or `{"global": {…}}`.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
      if let container = try? decoder.singleValueContainer(), let name = try? container.decode(String.self) {
        guard name == "linear" else {
          throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "the proof '\(name)' is not known"))
        }
        self = .linear(nil)
        return
      }
      let container = try decoder.container(keyedBy: Keys.self)
      if container.contains(.linear) {
        self = .linear(try container.decode(RelaxationSlopes.self, forKey: .linear))
      } else if container.contains(.shared) {
        self = .shared(rival: try container.decode(Int.self, forKey: .shared))
      } else if container.contains(.global) {
        self = .global(try container.decode(Certificate.self, forKey: .global))
      } else {
        self = .quadratic(try container.decode(Quadratic.self, forKey: .quadratic))
      }
    }

    /// Writes the form that ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
      switch self {
      case .linear(nil):
        var container = encoder.singleValueContainer()
        try container.encode("linear")
      case .linear(let slopes?):
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(slopes, forKey: .linear)
      case .quadratic(let quadratic):
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(quadratic, forKey: .quadratic)
      case .shared(let rival):
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(rival, forKey: .shared)
      case .global(let certificate):
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(certificate, forKey: .global)
      }
    }

    /// `linear`, `quadratic`, `shared` or `global`.
    public var name: String {
      switch self {
      case .linear: "linear"
      case .quadratic: "quadratic"
      case .shared: "shared"
      case .global: "global"
      }
    }
  }

  /// The lines of the bounds of one node's units.
  public struct NodeSlopes: Codable, Sendable, Equatable {
    /// The node of the lowered network, one that feeds activations.
    public var node: Int
    /// The slopes.
    public var slopes: RelaxationSlopes

    /// The slopes of a node.
    public init(node: Int, slopes: RelaxationSlopes) { (self.node, self.slopes) = (node, slopes) }
  }

  /// A rival with its proof.
  public struct Rival: Codable, Sendable, Equatable {
    /// The class.
    public var rival: Int
    /// Why it stays behind.
    public var proof: Proof

    /// A rival with its proof.
    public init(rival: Int, proof: Proof) { (self.rival, self.proof) = (rival, proof) }
  }

  /// The value of ``format`` in every certificate of a radius.
  public static let formatName = "lipcert-robustness"
  /// The version this code reads and writes.
  public static let currentVersion = 1

  /// `lipcert-robustness`.
  public var format: String
  /// The format's version.
  public var version: Int
  /// The program that made it.
  public var generator: String
  /// The model it is about.
  public var model: Certificate.Model
  /// What it proves.
  public var statement: Statement
  /// The slopes of inner bounds; `nil` for lines that enclose least.
  public var slopes: [NodeSlopes]?
  /// The proofs.
  public var rivals: [Rival]
  /// SHA-256 of the content.
  public var seal: String

  /// Assembles and seals a certificate. Nothing is proved here; see ``RobustnessChecker``.
  ///
  /// - Parameters:
  ///   - generator: the program that made it.
  ///   - modelName: the model file's name, for people.
  ///   - network: the lowered form of the model, all outputs.
  ///   - digest: ``NetworkDigest`` of the network, when it is known already.
  ///   - statement: what is proved.
  ///   - slopes: of the lines in the bounds of inner nodes, by node; none for those that enclose least.
  ///   - rivals: for every other class, in order, its proof.
  public init(
    generator: String, modelName: String = "", network: LoweredNetwork, digest: String? = nil, statement: Statement,
    slopes: [Int: RelaxationSlopes] = [:], rivals: [Rival]
  ) {
    format = Self.formatName
    version = Self.currentVersion
    self.generator = generator
    model = Certificate.Model(
      name: modelName, sha256: digest ?? NetworkDigest.sha256(of: network), inputs: network.inputCount, outputs: network.outputCount,
      units: network.unitCount)
    self.statement = statement
    self.slopes = slopes.isEmpty ? nil : slopes.sorted { $0.key < $1.key }.map { NodeSlopes(node: $0.key, slopes: $0.value) }
    self.rivals = rivals
    seal = ""
    seal = contentDigest
  }

  /// SHA-256 of everything that bears on the proof.
  public var contentDigest: String {
    var sha = SHA256()
    func add(_ text: String) {
      sha.update(UInt64(text.utf8.count))
      sha.update(text.utf8)
    }
    func add(_ values: [Double]) {
      sha.update(UInt64(values.count))
      sha.update(values)
    }
    func add(_ value: Int) { sha.update(UInt64(bitPattern: Int64(value))) }
    func add(_ slopes: RelaxationSlopes) {
      for lists in [slopes.lower, slopes.upper] {
        add(lists.count)
        for list in lists { add(list) }
      }
    }
    add(format)
    add(version)
    add(model.sha256)
    for count in [model.inputs, model.outputs, model.units] { add(count) }
    add(statement.norm.rawValue)
    add(statement.center)
    add([statement.radius])
    add(statement.label)
    add(statement.domain ?? [])
    add(statement.arithmetic)
    add(slopes?.count ?? 0)
    for own in slopes ?? [] {
      add(own.node)
      add(own.slopes)
    }
    add(rivals.count)
    for rival in rivals {
      add(rival.rival)
      add(rival.proof.name)
      switch rival.proof {
      case .linear(let slopes):
        if let slopes { add(slopes) }
      case .quadratic(let quadratic):
        add([quadratic.weight])
        add(quadratic.nodes.count)
        for node in quadratic.nodes {
          add(node.node)
          add(node.units.count)
          for unit in node.units { add(unit) }
          add(node.forms)
        }
      case .shared(let other): add(other)
      case .global(let certificate): add(certificate.contentDigest)
      }
    }
    return sha.finish()
  }
}
