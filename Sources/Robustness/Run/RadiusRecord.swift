import Certificates

/// Everything found out about one input: one line of a run's results.
public struct RadiusRecord: Codable, Sendable, Equatable {
  /// A radius proved by one method, or why there is none.
  public struct Certified: Codable, Sendable, Equatable {
    /// The method's id.
    public var method: String
    /// Within this distance the answer is the label; 0 when nothing was proved.
    public var radius: Double
    /// Whether no greater radius exists, up to the run's tolerance.
    public var isExact: Bool
    /// Seconds of the thread that computed it.
    public var seconds: Double
    /// A remark for people, such as why the method does not apply.
    public var note: String?
    /// The file with what proves the radius, in the folder of certificates; `nil` when none was kept.
    public var certificate: String?

    private enum CodingKeys: String, CodingKey { case method, radius, isExact = "exact", seconds, note, certificate }

    /// Collects the parts.
    public init(
      method: String, radius: Double, isExact: Bool = false, seconds: Double, note: String? = nil, certificate: String? = nil
    ) {
      self.method = method
      self.radius = radius
      self.isExact = isExact
      self.seconds = seconds
      self.note = note
      self.certificate = certificate
    }
  }

  /// What an attack found.
  public struct Attacked: Codable, Sendable, Equatable {
    /// The id of the attack that ran.
    public var attack: String
    /// The id of the one that found the adversary, where the attack that ran is several.
    public var finder: String?
    /// The distance of an input with another answer, rounded up; `nil` when none was found.
    public var radius: Double?
    /// The class that is at least level with the label there.
    public var rival: Int?
    /// Seconds of the thread that computed it.
    public var seconds: Double
    /// A remark for people.
    public var note: String?
    /// The input with another answer, when it was to be kept.
    public var input: [Double]?

    /// Collects the parts.
    public init(
      attack: String, finder: String? = nil, radius: Double? = nil, rival: Int? = nil, seconds: Double, note: String? = nil,
      input: [Double]? = nil
    ) {
      self.attack = attack
      self.finder = finder
      self.radius = radius
      self.rival = rival
      self.seconds = seconds
      self.note = note
      self.input = input
    }
  }

  /// The input's row in the data, counted from 0.
  public var index: Int
  /// The class that the input should have.
  public var label: Int
  /// The class that the network gives it.
  public var answer: Int
  /// The label's score minus the greatest other one, in floating point; negative when the answer is wrong.
  public var margin: Double
  /// The norm of all distances.
  public var norm: InputNorm
  /// One entry for each method, in the order of tables; empty when the answer is wrong.
  public var certified: [Certified]
  /// What the attack found; `nil` when none ran.
  public var attack: Attacked?

  /// Collects the parts.
  public init(
    index: Int, label: Int, answer: Int, margin: Double, norm: InputNorm, certified: [Certified] = [], attack: Attacked? = nil
  ) {
    self.index = index
    self.label = label
    self.answer = answer
    self.margin = margin
    self.norm = norm
    self.certified = certified
    self.attack = attack
  }

  // MARK: - What follows from it

  /// Whether the network gives the label; a tie is no answer.
  public var isCorrect: Bool { answer == label && margin > 0 }

  /// The greatest certified radius, the first one's when several are equal; `nil` when nothing was proved.
  public var best: Certified? {
    guard isCorrect else { return nil }
    return certified.reduce(nil) { best, next in next.radius > best?.radius ?? 0 ? next : best }
  }

  /// The greatest certified radius; 0 when nothing was proved or the answer is wrong.
  public var radius: Double { best?.radius ?? 0 }

  /// The radius that one method certified, `nil` when it did not run.
  public func radius(of method: String) -> Double? {
    isCorrect ? certified.first { $0.method == method }?.radius : 0
  }

  /// The attack's radius: 0 when the answer is wrong without any attack, `nil` when no other answer was found.
  public var attackRadius: Double? { isCorrect ? attack?.radius : 0 }

  /// Whether some input is certified to keep the answer and was found to change it: then the program is wrong.
  public var isContradiction: Bool {
    guard isCorrect, let attacked = attack?.radius else { return false }
    // What is not a number contradicts, too.
    return !certified.allSatisfy { $0.radius < attacked }
  }

  // MARK: - Coding

  private enum CodingKeys: String, CodingKey {
    case index, label, answer, isCorrect = "correct", margin, norm, radius, method, isExact = "exact", certified, attack
  }

  /// Reads what ``encode(to:)`` writes; `correct`, `radius`, `method` and `exact` follow from the rest and are not read.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    index = try container.decode(Int.self, forKey: .index)
    label = try container.decode(Int.self, forKey: .label)
    answer = try container.decode(Int.self, forKey: .answer)
    margin = try container.decode(Double.self, forKey: .margin)
    norm = try container.decode(InputNorm.self, forKey: .norm)
    certified = try container.decode([Certified].self, forKey: .certified)
    attack = try container.decodeIfPresent(Attacked.self, forKey: .attack)
  }

  /// Writes all parts and, for readers of the file, whether the answer is correct and the best radius with its method.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(label, forKey: .label)
    try container.encode(answer, forKey: .answer)
    try container.encode(isCorrect, forKey: .isCorrect)
    try container.encode(margin, forKey: .margin)
    try container.encode(norm, forKey: .norm)
    try container.encode(radius, forKey: .radius)
    try container.encodeIfPresent(best?.method, forKey: .method)
    try container.encode(best?.isExact ?? false, forKey: .isExact)
    try container.encode(certified, forKey: .certified)
    try container.encodeIfPresent(attack, forKey: .attack)
  }
}
