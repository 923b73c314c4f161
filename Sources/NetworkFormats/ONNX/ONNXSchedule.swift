/// The nodes an ONNX graph's outputs need, each after those it takes its tensors from.
///
/// Files list Constant nodes after their users, and keep parts that no output needs; both are fine. A cycle is not.
struct ONNXSchedule {
  /// A node to import, or a group of nodes recognised as one activation function of one tensor.
  struct Step {
    /// The node; in a group, the last one.
    let node: ONNXNode
    /// What the group computes, and of which tensor.
    let fused: ONNXFusion.Match?

    /// The tensors the step needs.
    var inputs: [String] { fused.map { [$0.input] } ?? node.input }
    /// The node's name, or its first output's when it has none.
    var name: String { node.name.isEmpty ? node.output.first ?? "" : node.name }
  }

  /// The steps in order.
  private(set) var steps: [Step] = []
  /// How often each tensor is used, by steps and as an output of the graph.
  private(set) var useCounts: [String: Int] = [:]

  /// Orders the nodes of `graph`.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - known: Names of graph inputs and initialisers.
  ///   - initialisers: The initialisers by name.
  /// - Throws: ``FormatError`` that names a node on a cycle, or one that uses a tensor that does not exist.
  init(_ graph: ONNXGraph, known: Set<String>, initialisers: [String: ONNXTensor]) throws {
    var producers: [String: Int] = [:]
    for (index, node) in graph.node.enumerated() {
      for output in node.output where !output.isEmpty {
        guard !known.contains(output), producers.updateValue(index, forKey: output) == nil else {
          throw FormatError(.malformed, place: .node(node.name.isEmpty ? output : node.name), reason: "tensor '\(output)' is given twice")
        }
      }
    }
    let fusion = ONNXFusion(nodes: graph.node, producers: producers, initialisers: initialisers)

    enum State { case new, open, done }
    var states = Array(repeating: State.new, count: graph.node.count)
    var opened: [Int: Step] = [:]
    // Depth first with an explicit stack: graphs from outside can be as deep as they like.
    var stack: [(node: Int, next: Int)] = []

    func enter(_ tensor: String, for user: String) throws {
      guard !tensor.isEmpty, !known.contains(tensor) else { return }
      guard let producer = producers[tensor] else {
        throw FormatError(.malformed, place: .node(user), reason: "tensor '\(tensor)' does not exist")
      }
      switch states[producer] {
      case .done: return
      case .open:
        let name = graph.node[producer].name
        throw FormatError(.malformed, place: .node(name.isEmpty ? tensor : name), reason: "the graph has a cycle through this node")
      case .new:
        states[producer] = .open
        opened[producer] = Step(node: graph.node[producer], fused: fusion.match(graph.node[producer]))
        stack.append((producer, 0))
      }
    }

    for output in graph.output {
      useCounts[output.name, default: 0] += 1
      try enter(output.name, for: output.name)
      while let (node, next) = stack.last {
        guard let step = opened[node] else { break }
        let inputs = step.inputs
        if next < inputs.count {
          stack[stack.count - 1].next += 1
          try enter(inputs[next], for: step.name)
        } else {
          states[node] = .done
          opened[node] = nil
          stack.removeLast()
          steps.append(step)
          for input in inputs where !input.isEmpty { useCounts[input, default: 0] += 1 }
        }
      }
    }
  }
}
