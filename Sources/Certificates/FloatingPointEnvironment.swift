import LinearAlgebra

/// The processor's arithmetic as the proofs assume it.
enum FloatingPointEnvironment {
  /// Refuses to prove anything on a thread that does not round to nearest or flushes subnormal numbers to zero.
  ///
  /// - Throws: ``NotProved``.
  static func requireStandard() throws {
    guard ErrorBounds.isArithmeticStandard else {
      throw NotProved("this process does not round to nearest with gradual underflow")
    }
  }
}
