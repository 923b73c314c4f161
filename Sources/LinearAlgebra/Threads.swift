import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// How many threads the project uses, and what stands behind BLAS.
///
/// Policy: BLAS itself runs on one thread, always; ``ParallelFor`` spreads loops over `count` threads. Two levels of threads would spin
/// against each other and lose up to two orders of magnitude on a busy machine.
public enum Threads {
  private static let setting = Atomic<Int>(ProcessInfo.processInfo.activeProcessorCount)

  /// The number of threads ``ParallelFor`` uses; the number of cores unless set.
  public static var count: Int {
    get { setting.load(ordering: .relaxed) }
    set { setting.store(max(1, newValue), ordering: .relaxed) }
  }

  /// The BLAS in this process: its description when it is OpenBLAS, or `nil` when an unoptimised reference library was linked.
  ///
  /// Reading it once also fixes OpenBLAS at one thread.
  public static let optimisedBLAS: String? = {
    let handle = dlopen(nil, RTLD_NOW)
    if let symbol = dlsym(handle, "openblas_set_num_threads") {
      unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(1)
    }
    guard let symbol = dlsym(handle, "openblas_get_config") else { return nil }
    let configuration = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<CChar>?).self)()
    guard let configuration else { return "OpenBLAS" }
    return String(cString: configuration).trimmingCharacters(in: .whitespaces)
  }()
}
