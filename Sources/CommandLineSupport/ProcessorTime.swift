#if canImport(Glibc)
  import Glibc
#endif

/// The processor time of this process.
public enum ProcessorTime {
  /// Seconds that all threads together have computed so far, user and system.
  public static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
