import CKernels

/// The processor's arithmetic as the proofs assume it.
enum FloatingPointEnvironment {
  /// Refuses to prove anything on a thread that does not round to nearest or flushes subnormal numbers to zero.
  ///
  /// Libraries compiled for speed are known to switch flushing on for the whole process when they are loaded.
  ///
  /// - Throws: ``NotProved``.
  static func requireStandard() throws {
    guard lipcert_arithmetic_is_standard() != 0 else {
      throw NotProved("this process does not round to nearest with gradual underflow")
    }
  }
}
