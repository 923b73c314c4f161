import Certificates
import Lipschitz
import NetworkFormats
import Robustness

extension ModelComparison.Settings {
  /// Reads `certification:` of a study, such as `{methods: [lifted, attained], radii: 50, norm: l2}`.
  ///
  /// Accuracies are the recipes' own business, and speed is not asked for.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(certification value: YAMLEntry) throws {
    let mapping = try value.mapping([
      "methods", "tolerance", "time-limit", "radii", "radius-methods", "radius-attack", "norm", "bounded",
    ])
    self.init()
    (differenceCount, inferenceBatches) = (0, [])
    func known(_ key: String, _ names: [String]) throws -> [String]? {
      guard let entry = mapping[key] else { return nil }
      return try entry.words().map { word in
        guard names.contains(word) else { throw entry.failure("unknown method '\(word)'; choose from \(names.joined(separator: ", "))") }
        return word
      }
    }
    methods = try known("methods", Estimators.names) ?? methods
    radiusMethods = try known("radius-methods", RadiusMethods.names) ?? radiusMethods
    tolerance = try mapping["tolerance"]?.positive(below: 1) ?? tolerance
    timeLimit = try mapping["time-limit"]?.positive(below: 1e9)
    radiusCount = try mapping["radii"]?.integer(in: 0...1_000_000) ?? radiusCount
    radiusNorm = try mapping["norm"]?.choice(["l2": InputNorm.l2, "linf": .lInfinity]) ?? radiusNorm
    if let attack = try known("radius-attack", Attacks.all.map(\.name) + ["none"])?.first { radiusAttack = attack == "none" ? nil : attack }
    domain = try mapping["bounded"]?.boolean() ?? true ? 0...1 : nil
  }
}
