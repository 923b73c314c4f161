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

    let needed = try Self.needed(graph, known: known, producers: producers, fusion: fusion)
    enum State { case new, open, done }
    var states = Array(repeating: State.new, count: graph.node.count)
    // In the file's order, but after what each node needs; depth first with an explicit stack, as graphs can be of any depth.
    for first in graph.node.indices {
      guard let step = needed[first], states[first] == .new else { continue }
      states[first] = .open
      var stack = [(node: first, step: step, next: 0)]
      while let (node, step, next) = stack.last {
        let inputs = step.inputs
        guard next < inputs.count else {
          states[node] = .done
          stack.removeLast()
          steps.append(step)
          for input in inputs where !input.isEmpty { useCounts[input, default: 0] += 1 }
          continue
        }
        stack[stack.count - 1].next += 1
        guard let producer = producers[inputs[next]], let needed = needed[producer], states[producer] != .done else { continue }
        guard states[producer] == .new else {
          throw FormatError(.malformed, place: .node(needed.name), reason: "the graph has a cycle through this node")
        }
        states[producer] = .open
        stack.append((producer, needed, 0))
      }
    }
    for output in graph.output { useCounts[output.name, default: 0] += 1 }
  }

  /// The nodes that the graph's outputs need, by index.
  private static func needed(
    _ graph: ONNXGraph, known: Set<String>, producers: [String: Int], fusion: ONNXFusion
  ) throws -> [Int: Step] {
    var needed: [Int: Step] = [:]
    var waiting = graph.output.map { (tensor: $0.name, user: $0.name) }
    while let (tensor, user) = waiting.popLast() {
      guard !tensor.isEmpty, !known.contains(tensor) else { continue }
      guard let producer = producers[tensor] else {
        throw FormatError(.malformed, place: .node(user), reason: "tensor '\(tensor)' does not exist")
      }
      guard needed[producer] == nil else { continue }
      let step = Step(node: graph.node[producer], fused: fusion.match(graph.node[producer]))
      needed[producer] = step
      waiting += step.inputs.map { ($0, step.name) }
    }
    return needed
  }
}
