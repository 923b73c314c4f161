/// Memory that C reads during one call.
final class GLPKArena {
  private var releases: [() -> Void] = []

  /// A copy of an array; never null, even if it is empty.
  func copy<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    memory.initialize(from: elements, count: elements.count)
    releases.append {
      memory.deinitialize(count: elements.count)
      memory.deallocate()
    }
    return UnsafePointer(memory)
  }

  /// Zeros for C to write.
  func zeros<Element: Numeric>(_ count: Int, _ type: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
    memory.initialize(repeating: 0, count: max(1, count))
    releases.append { memory.deallocate() }
    return memory
  }

  deinit { for release in releases { release() } }
}
