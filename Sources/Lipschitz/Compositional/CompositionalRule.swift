/// How ``CompositionalEstimator`` chooses a layer's multipliers.
public enum CompositionalRule: String, Sendable, CaseIterable {
  /// One multiplier for each unit, by a semidefinite program (ECLipsE; `Acc` of ECLipsE-Gen-Local).
  case semidefinite
  /// One multiplier for the layer, by a line search (`Fast` of ECLipsE-Gen-Local).
  case scalar
  /// The closed form τ = (1 + |c|/d) S, S the scaled spectral majorant (in place of ECLipsE-Fast and of `CF` of ECLipsE-Gen-Local, for any
  /// sectors).
  case closedForm = "closed-form"
}
