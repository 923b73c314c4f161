import Certificates

/// What a run's records come to.
///
/// Shares are of all inputs; one with a wrong answer counts as radius 0, both certified and attacked. Medians are over the inputs with the
/// right answer.
public struct RadiusSummary: Sendable, Equatable {
  /// One method.
  public struct Method: Sendable, Equatable {
    /// The method's id.
    public var name: String
    /// The share of inputs that it certifies at every radius.
    public var curve: RadiusCurve
    /// The median radius, 0 where it proved nothing.
    public var median: Double?
    /// Inputs with a positive radius.
    public var certifiedCount: Int
    /// Inputs for which no method has a greater radius, among those with a positive one.
    public var bestCount: Int
    /// Inputs whose radius cannot be improved, up to the tolerance.
    public var exactCount: Int
    /// Seconds over all inputs, summed over threads.
    public var seconds: Double
    /// The median of the seconds of one input.
    public var medianSeconds: Double?
    /// The greatest of the seconds of one input.
    public var largestSeconds: Double
    /// The most frequent remark of inputs with radius 0.
    public var note: String?
  }

  /// The attack.
  public struct Attack: Sendable, Equatable {
    /// The attack's id.
    public var name: String
    /// The share of inputs whose answer it does not change at every radius.
    public var curve: RadiusCurve
    /// The median distance of the inputs with another answer; infinite when most inputs have none.
    public var median: Double?
    /// Inputs with a right answer for which another one was found.
    public var foundCount: Int
    /// Seconds over all inputs, summed over threads.
    public var seconds: Double
    /// The median of the seconds of one input.
    public var medianSeconds: Double?
  }

  /// The shares at one radius.
  public struct Point: Codable, Sendable, Equatable {
    /// The radius.
    public var radius: Double
    /// The share that is certified: the verified-robust accuracy (VRA).
    public var certified: Double
    /// The share whose answer the attack does not change: the robust accuracy is between the two; `nil` without attack.
    public var attacked: Double?
  }

  /// The norm of all distances.
  public var norm: InputNorm
  /// The number of inputs.
  public var inputCount: Int
  /// Those with the right answer.
  public var correctCount: Int
  /// The methods, in the order of tables.
  public var methods: [Method]
  /// The share of inputs that some method certifies at every radius.
  public var best: RadiusCurve
  /// The attack, when one ran.
  public var attack: Attack?
  /// The median of the best certified radii.
  public var medianCertified: Double?
  /// The median of attacked minus best certified radius, among the inputs that have both.
  public var medianBracket: Double?
  /// The median of best certified over attacked radius, among the inputs that have an attacked one.
  public var medianRatio: Double?
  /// The shares at the radii asked for.
  public var points: [Point]
  /// The inputs at which a certified radius reaches an attacked one; not empty only when the program is wrong.
  public var contradictions: [Int]

  /// The share of inputs with the right answer.
  public var naturalAccuracy: Double { inputCount == 0 ? 0 : Double(correctCount) / Double(inputCount) }

  /// Sums up records.
  ///
  /// - Parameters:
  ///   - records: one for each input.
  ///   - norm: the norm of all distances.
  ///   - methods: the ids of the methods that ran, in the order of tables.
  ///   - radii: where shares are to be stated.
  public init(_ records: [RadiusRecord], norm: InputNorm, methods: [String], radii: [Double] = []) {
    self.norm = norm
    inputCount = records.count
    let correct = records.filter(\.isCorrect)
    correctCount = correct.count
    let count = records.count
    self.methods = methods.map { Method($0, correct: correct, inputCount: count) }
    best = RadiusCurve(.closed, inputCount: count, radii: correct.map(\.radius))
    medianCertified = Self.median(correct.map(\.radius))
    attack = Attack(correct: correct, inputCount: count)
    let attacked = correct.compactMap { record in record.attack?.radius.map { (certified: record.radius, attacked: $0) } }
    medianBracket = Self.median(attacked.map { $0.attacked - $0.certified })
    medianRatio = Self.median(attacked.map { $0.certified / $0.attacked })
    points = []
    contradictions = records.filter(\.isContradiction).map(\.index).sorted()
    points = radii.map { point(at: $0) }
  }

  /// The shares at a radius.
  public func point(at radius: Double) -> Point {
    Point(radius: radius, certified: best.share(at: radius), attacked: attack?.curve.share(at: radius))
  }

  /// The middle value, the mean of the two middle ones for an even count; `nil` for none.
  static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    return low == high ? low : 0.5 * low + 0.5 * high
  }
}

extension RadiusSummary.Method {
  fileprivate init(_ name: String, correct: [RadiusRecord], inputCount: Int) {
    let own = correct.compactMap { record in record.certified.first { $0.method == name }.map { (record: record, result: $0) } }
    self.name = name
    curve = RadiusCurve(.closed, inputCount: inputCount, radii: own.map(\.result.radius))
    median = RadiusSummary.median(own.map(\.result.radius))
    certifiedCount = own.count { $0.result.radius > 0 }
    bestCount = own.count { $0.result.radius > 0 && $0.result.radius >= $0.record.radius }
    exactCount = own.count { $0.result.isExact }
    seconds = own.reduce(0) { $0 + $1.result.seconds }
    medianSeconds = RadiusSummary.median(own.map(\.result.seconds))
    largestSeconds = own.map(\.result.seconds).max() ?? 0
    let notes = Dictionary(own.filter { !($0.result.radius > 0) }.compactMap(\.result.note).map { ($0, 1) }, uniquingKeysWith: +)
    note = notes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}

extension RadiusSummary.Attack {
  fileprivate init?(correct: [RadiusRecord], inputCount: Int) {
    let own = correct.compactMap(\.attack)
    guard let first = own.first else { return nil }
    name = first.attack
    let radii = own.map { $0.radius ?? .infinity }
    curve = RadiusCurve(.open, inputCount: inputCount, radii: radii)
    median = RadiusSummary.median(radii)
    foundCount = own.count { $0.radius != nil }
    seconds = own.reduce(0) { $0 + $1.seconds }
    medianSeconds = RadiusSummary.median(own.map(\.seconds))
  }
}
