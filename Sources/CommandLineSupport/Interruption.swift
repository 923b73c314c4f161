import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Ctrl-C and SIGTERM: the first asks to stop with the best so far, the second ends the process.
public enum Interruption {
  private static let requests = Atomic<Int>(0)

  /// Whether a signal asked to stop.
  public static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  /// Catches SIGINT and SIGTERM from now on.
  public static func install() {
    _ = isRequested  // the flag exists before a signal can come
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { signal in
      // Only what POSIX allows in a handler: an atomic and _exit.
      if Interruption.requests.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(128 + signal) }
    }
    action.sa_flags = Int32(SA_RESTART)
    sigaction(SIGINT, &action, nil)
    sigaction(SIGTERM, &action, nil)
    // A parent may have left them blocked, as threads of a dispatch pool do.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
