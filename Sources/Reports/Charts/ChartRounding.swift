import CommandLineSupport
import Foundation

/// How the numbers of a series are rounded in words: bounds to the side on which they stay true.
enum ChartRounding {
  /// What is no bound.
  case nearest
  /// Upper bounds.
  case up
  /// Lower bounds, certified radii, gains that were attained.
  case down

  /// A number with so many significant digits.
  func text(_ value: Double, digits: Int) -> String {
    switch self {
    case .nearest: String(format: "%.\(digits)g", value)
    case .up: DecimalBound.up(value, digits: digits)
    case .down: DecimalBound.down(value, digits: digits)
    }
  }
}
