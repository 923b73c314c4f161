/// The attacks that there are, by id.
public enum Attacks {
  /// One of each, with its default effort, in the order of tables.
  public static let all: [any Attack] = [
    GradientSignAttack(), DeepFoolAttack(), ProjectedGradientAttack(), BoundaryAttack(), BestAttack(),
  ]

  /// The attack that is used when none is named.
  public static let standard: any Attack = BestAttack()

  /// The attack with an id, or `nil`.
  public static func named(_ name: String) -> (any Attack)? { all.first { $0.name == name } }
}
