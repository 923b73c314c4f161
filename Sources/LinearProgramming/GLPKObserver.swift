import CGLPKSupport

/// The callbacks of one call of GLPK.
///
/// GLPK calls them on the thread of the call and they return to C before anything jumps.
final class GLPKObserver {
  private let log: ((String) -> Void)?
  private let isCancelled: (() -> Bool)?
  private var line: [UInt8] = []
  /// The lines so far, if they are kept.
  private(set) var lines: [String] = []
  private let keepsLines: Bool
  private let message = UnsafeMutablePointer<CChar>.allocate(capacity: GLPKObserver.capacity)
  private static let capacity = 1024

  init(log: ((String) -> Void)?, isCancelled: (() -> Bool)?, keepsLines: Bool = false) {
    (self.log, self.isCancelled, self.keepsLines) = (log, isCancelled, keepsLines)
    message.initialize(repeating: 0, count: Self.capacity)
  }

  deinit { message.deallocate() }

  /// Runs `body` with the callbacks.
  func observe<Result>(_ body: (UnsafePointer<cglpk_observer>) -> Result) -> Result {
    var observer = cglpk_observer(
      context: Unmanaged.passUnretained(self).toOpaque(),
      write: { context, text in
        guard let context else { return }
        Unmanaged<GLPKObserver>.fromOpaque(context).takeUnretainedValue().receive(text)
      },
      is_cancelled: { context in
        guard let context else { return 0 }
        return Unmanaged<GLPKObserver>.fromOpaque(context).takeUnretainedValue().isCancelled?() == true ? 1 : 0
      },
      message: message, capacity: Self.capacity)
    let result = withExtendedLifetime(self) { body(&observer) }
    if !line.isEmpty { endLine() }
    return result
  }

  /// The tail of the output in one line.
  var tail: String {
    String(cString: message).split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private func receive(_ text: UnsafePointer<CChar>) {
    guard log != nil || keepsLines else { return }
    var next = text
    while next.pointee != 0 {
      if UInt8(bitPattern: next.pointee) == UInt8(ascii: "\n") { endLine() } else { line.append(UInt8(bitPattern: next.pointee)) }
      next += 1
    }
  }

  private func endLine() {
    let text = String(decoding: line, as: UTF8.self)
    line.removeAll(keepingCapacity: true)
    log?(text)
    // A hostile file can make GLPK warn without end.
    if keepsLines, lines.count < 1000 { lines.append(text) }
  }
}
