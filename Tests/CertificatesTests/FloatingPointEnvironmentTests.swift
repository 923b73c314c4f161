import LinearAlgebra
import Networks
import Testing

@testable import Certificates

#if canImport(Glibc) && arch(x86_64)
  import Glibc

  /// The control register belongs to the thread, and the test does not suspend, so no other test sees the change.
  @Suite struct FloatingPointEnvironmentTests {
    /// Rounding down, up and towards zero; results flushed to zero; operands read as zero.
    @Test(arguments: [0x2000, 0x4000, 0x6000, 0x8000, 0x0040] as [UInt32]) func otherArithmeticProvesNothing(_ flags: UInt32) {
      let network = LoweredNetwork(nodes: [
        .init(name: "input", kind: .input, count: 1),
        .init(name: "output", kind: .affine(terms: [.init(source: 0, map: nil)], bias: nil), count: 1),
      ])
      func isProved() -> Bool { (try? GainProof(network: network, sectors: [], multipliers: [])) != nil }
      #expect(isProved())
      var standard = fenv_t()
      fegetenv(&standard)
      var changed = standard
      changed.__mxcsr |= flags
      fesetenv(&changed)
      let isProvedNow = isProved()
      fesetenv(&standard)
      #expect(!isProvedNow)
      #expect(isProved())
    }
  }
#endif
