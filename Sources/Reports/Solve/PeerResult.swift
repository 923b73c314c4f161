import CommandLineSupport
import Foundation

/// What another solver made of an instance.
public struct PeerResult: Sendable, Equatable {
  /// What the other solver claims.
  public enum Claim: Sendable, Equatable {
    /// A solution.
    case solved
    /// SDPA's (P) has no feasible point.
    case primalInfeasible
    /// SDPA's (D) has no feasible point.
    case dualInfeasible
    /// One of the two has none.
    case infeasible
    /// Nothing, or nothing firm: a limit, reduced accuracy, "almost".
    case nothing
  }

  /// The instance: a file's name without ending.
  public var instance: String
  /// The solver and its tolerance, such as "csdp 1e-08".
  public var solver: String
  /// The status as recorded.
  public var status: String
  /// Seconds of processor time.
  public var processorSeconds: Double?
  /// Iterations.
  public var iterations: Int?
  /// The objective of (P).
  public var primalObjective: Double?
  /// The objective of (D).
  public var dualObjective: Double?
  /// Digits that agree with the reference.
  public var digits: Double?
  /// The value that is known.
  public var reference: Double?
  /// Where it is known from.
  public var referenceKind: String

  /// The status as a claim about SDPA's (P) and (D).
  public var claim: Claim {
    switch status {
    case "ok": .solved
    case "primal inf.", "dUNBD": .primalInfeasible
    case "dual inf.", "pUNBD": .dualInfeasible
    case "pdINF": .infeasible
    default: .nothing
    }
  }

  /// Half-way between the two objectives, or the one there is.
  var value: Double? {
    let values = [primalObjective, dualObjective].compactMap { $0 }.filter(\.isFinite)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// "[status] seconds / digits"; the status is left out when it is "solved".
  var cell: String {
    let prefix = claim == .solved ? "" : "[\(status)] "
    guard let processorSeconds else { return claim == .solved ? "-" : String(prefix.dropLast()) }
    return prefix + Quantity.fineSeconds(processorSeconds) + " / " + (digits.map { String(format: "%.1f", $0) } ?? "-")
  }
}
