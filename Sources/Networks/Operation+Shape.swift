extension Operation {
  /// The shape of the result for inputs of the given shapes.
  ///
  /// - Throws: ``NetworkError`` that names `node` when the shapes or parameters do not fit.
  func outputShape(of inputs: [Shape], node: String) throws -> Shape {
    throw NetworkError.unsupported(node: node, detail: "shape inference")
  }
}
