import LinearAlgebra

extension LoweredNetwork {
  /// Feeds what determines the network, byte by byte in a fixed order, to `sink`: the input of digests.
  ///
  /// Version 1: the ASCII text `lipcert-lowered-network 1` and a line feed, the number of nodes, then for each node its length, its kind and
  /// - input (0): nothing more;
  /// - affine (1): the number of terms; for each its source and its map (kind, integers, reals; the empty kind is the identity); then the
  ///   bias;
  /// - activation (2): source, name, parameters, and for units with slopes of their own these as parameters of `leakyReLU[]`.
  ///
  /// Integers are 64-bit little-endian two's complement, reals the little-endian bytes of their binary64 patterns, texts and lists begin with
  /// their length (an absent bias with −1). Names of nodes are left out: they do not change the function.
  public func feedCanonicalBytes(to sink: (UnsafeRawBufferPointer) -> Void) {
    func feed(_ values: [Int]) { values.map { Int64($0).littleEndian }.withUnsafeBytes(sink) }
    func feed(_ text: String) {
      feed([text.utf8.count])
      Array(text.utf8).withUnsafeBytes(sink)
    }
    func feed(_ values: [Double]) {
      feed([values.count])
      values.map(\.bitPattern.littleEndian).withUnsafeBytes(sink)
    }
    Array("lipcert-lowered-network 1\n".utf8).withUnsafeBytes(sink)
    feed([nodes.count])
    for node in nodes {
      switch node.kind {
      case .input: feed([node.count, 0])
      case .affine(let terms, let bias):
        feed([node.count, 1, terms.count])
        for term in terms {
          let description = term.map?.description ?? LinearMapDescription(kind: "", integers: [], reals: [])
          feed([term.source])
          feed(description.kind)
          feed([description.integers.count] + description.integers)
          feed(description.reals)
        }
        if let bias { feed(bias) } else { feed([-1]) }
      case .activation(let source, let units):
        feed([node.count, 2, source])
        switch units {
        case .uniform(let activation):
          feed(activation.name)
          feed(activation.parameters)
        case .leakyReLU(let slopes):
          feed("leakyReLU[]")
          feed(slopes)
        }
      }
    }
  }
}
