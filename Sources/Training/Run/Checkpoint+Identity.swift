import LinearAlgebra

extension Checkpoint.Identity {
  /// The identity of a run; values are recognised by their words.
  init(
    settings: TrainingSettings, hooks: [any TrainingHook], model: Model<Float>, data: [Dataset], beginning: ModelState<Float>
  ) {
    func checksum(_ words: [String]) -> UInt32 {
      // The words of private types name an address, which differs from process to process.
      let words = words.joined(separator: "\n").replacing(/\(unknown context at \$[0-9a-f]+\)/, with: "")
      return Checkpoint.checksum(Array(words.utf8))
    }
    func checksum(_ numbers: [Float], _ start: UInt32) -> UInt32 {
      numbers.withUnsafeBytes { Checkpoint.checksum($0, continuing: start) }
    }
    self.settings = checksum([String(reflecting: settings)] + hooks.map(\.identity))
    self.model = checksum(model.nodes.map { "\($0.inputs) \($0.shape) \($0.layer.map { String(reflecting: $0) } ?? "input")" })
    self.data = data.reduce(0) { sum, data in
      let labels = data.labels.withUnsafeBytes { Checkpoint.checksum($0, continuing: sum) }
      return Checkpoint.checksum(Array("\(data.shape) \(data.count) \(data.classCount)".utf8), continuing: checksum(data.samples, labels))
    }
    self.beginning = checksum(beginning.statistics, checksum(beginning.parameters, 0))
  }
}
