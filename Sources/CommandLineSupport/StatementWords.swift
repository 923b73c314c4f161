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

  /// The inequality for all inputs; the bound is rounded up.
  public static func inequality(_ output: OutputSelection, _ norm: InputNorm, bound: Double, digits: Int = 6) -> String {
    "\(outputs(output)) <= \(DecimalBound.up(bound, digits: digits)) \(inputs(norm)) for all inputs"
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
