/// What a tensor name stands for while a graph is imported.
enum ONNXValue {
  /// A tensor that does not depend on the network's input.
  case constant(ONNXConstant)
  /// The tensor of a node of the network.
  case variable(Int)
}
