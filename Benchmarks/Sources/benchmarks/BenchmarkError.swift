/// A check inside a benchmark that did not hold, or input that it needs and does not have.
struct BenchmarkError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
