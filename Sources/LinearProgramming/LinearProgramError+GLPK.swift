import CGLPKSupport

extension LinearProgramError {
  /// The error of a call that GLPK did not return from.
  init?(_ end: cglpk_end, _ observer: GLPKObserver) {
    switch end {
    case CGLPK_ABORTED: self = .solverAborted(observer.tail)
    case CGLPK_BUSY: self = .environmentInUse
    case CGLPK_NO_RESOURCES: self = .outOfResources
    default: return nil
    }
  }
}
