import Certificates

/// Lipschitz statements in words and symbols.
public enum StatementWords {
  /// The difference of the selected outputs at two inputs, in its norm.
  public static func outputs(_ output: OutputSelection) -> String {
    switch output {
    case .all: "|f(x) - f(x')|_2"
    case .output(let i): "|f_\(i)(x) - f_\(i)(x')|"
    case .difference(let i, let j): "|(f_\(i) - f_\(j))(x) - (f_\(i) - f_\(j))(x')|"
    }
  }

  /// The difference of two inputs, in its norm.
  public static func inputs(_ norm: InputNorm) -> String {
    switch norm {
    case .l2: "|x - x'|_2"
    case .lInfinity: "|x - x'|_inf"
    case .l1: "|x - x'|_1"
    }
  }

  /// The inequality for the inputs of a region; the bound is rounded up.
  public static func inequality(
    _ output: OutputSelection, _ norm: InputNorm, region: Region = .global, bound: Double, digits: Int = 6
  ) -> String {
    "\(outputs(output)) <= \(DecimalBound.up(bound, digits: digits)) \(inputs(norm)) \(extent(region))"
  }

  /// A certificate's statement, its bound with all digits.
  public static func inequality(_ statement: Statement) -> String {
    inequality(statement.output, statement.inputNorm, region: statement.region, bound: statement.bound, digits: 17)
  }

  /// Which inputs a statement is about.
  public static func extent(_ region: Region) -> String {
    switch region {
    case .global: "for all inputs"
    case .ball(let center, let radius):
      // The centre is in the certificate in full; a short one fits here, too.
      "for all inputs with |x - c|_2, |x' - c|_2 <= \(radius)"
        + (center.count <= 8 ? ", c = (\(center.map { "\($0)" }.joined(separator: ", ")))" : "")
    case .box(let lower, let upper):
      "for all inputs of a box with sides of at most \(zip(upper, lower).map { $0 - $1 }.max() ?? 0)"
    }
  }

  /// The selected outputs in ASCII.
  public static func name(_ output: OutputSelection) -> String {
    switch output {
    case .all: "all outputs"
    case .output(let i): "output \(i)"
    case .difference(let i, let j): "output \(i) - output \(j)"
    }
  }
}
