extension [Double] {
  /// |v|₂.
  var norm: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
