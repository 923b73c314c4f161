/// What a property declares.
struct VNNLIBDeclarations {
  /// The version from 2.0 on; `nil` stands for 1.0.
  var version: String?
  /// In version 1.0 the tensors `X` and `Y`.
  var inputs: [Property.Variable] = []
  var outputs: [Property.Variable] = []
  /// For a name of version 2.0: whether it is an input, the place of its first element and its shape.
  var tensors: [String: (isInput: Bool, offset: Int, shape: [Int])] = [:]
  /// The numbers declared in version 1.0.
  var scalars = (inputs: Set<Int>(), outputs: Set<Int>())
  var hasNetwork = false

  /// Checks what can only be known at the end.
  mutating func finish(_ scanner: inout VNNLIBScanner) throws {
    if version == nil {
      for (letter, numbers) in [("X", scalars.inputs), ("Y", scalars.outputs)] {
        // n different numbers from 0 on are 0 … n − 1 exactly when the greatest is n − 1.
        if let greatest = numbers.max(), greatest >= numbers.count, let missing = (0..<greatest).first(where: { !numbers.contains($0) }) {
          throw VNNLIBError(.malformed, reason: "\(letter)_\(greatest) is declared, but \(letter)_\(missing) is not")
        }
      }
      inputs = [Property.Variable(name: "X", elementType: "real", shape: nil, count: scalars.inputs.count)]
      outputs = [Property.Variable(name: "Y", elementType: "real", shape: nil, count: scalars.outputs.count)]
    }
    guard inputs.contains(where: { $0.count > 0 }) else { throw VNNLIBError(.malformed, reason: "no input is declared") }
    guard outputs.contains(where: { $0.count > 0 }) else { throw VNNLIBError(.malformed, reason: "no output is declared") }
  }
}
