import LinearAlgebra
import Networks

/// How the coordinates of a node's vector stand in an image: channels × height × width.
///
/// It only decides how tiles are cut; bounds hold for any tiles.
struct TensorLayout: Equatable {
  var channels: Int
  var height: Int
  var width: Int

  /// Whether there is more than one pixel.
  var isImage: Bool { height * width > 1 }

  /// The coordinates of the pixels in these rows and columns, all channels, ascending.
  func coordinates(rows: Range<Int>, columns: Range<Int>) -> [Int] {
    (0..<channels).flatMap { channel in
      rows.flatMap { row in columns.map { (channel * height + row) * width + $0 } }
    }
  }

  /// Rectangles of equal size, the last ones smaller, `factor` along each axis or one for each pixel: all channels of their pixels.
  func tiles(factor: Int) -> [[Int]] {
    func parts(_ length: Int) -> [Range<Int>] {
      let size = (length + factor - 1) / factor
      return stride(from: 0, to: length, by: size).map { $0..<min($0 + size, length) }
    }
    return parts(height).flatMap { rows in parts(width).map { coordinates(rows: rows, columns: $0) } }
  }

  /// The layouts of a network's nodes, as far as its convolutions tell: from those that write or read a node, and from there along maps that
  /// keep the channels.
  static func layouts(of network: LoweredNetwork) -> [TensorLayout?] {
    var result = [TensorLayout?](repeating: nil, count: network.nodes.count)
    for node in network.nodes {
      guard case .affine(let terms, _) = node.kind else { continue }
      for term in terms {
        guard let geometry = (term.map as? ConvolutionMap<Double>)?.geometry else { continue }
        result[term.source] = TensorLayout(
          channels: geometry.inputChannels, height: geometry.inputHeight, width: geometry.inputWidth)
      }
    }
    for (index, node) in network.nodes.enumerated() where result[index] == nil {
      switch node.kind {
      case .input: break
      case .activation(let source, _): result[index] = result[source]
      case .affine(let terms, _):
        result[index] = terms.lazy.compactMap { Self.layout(count: node.count, after: $0, of: result[$0.source]) }.first
      }
    }
    return result
  }

  private static func layout(count: Int, after term: LoweredNetwork.Term, of source: TensorLayout?) -> TensorLayout? {
    if let geometry = (term.map as? ConvolutionMap<Double>)?.geometry {
      return TensorLayout(channels: geometry.outputChannels, height: geometry.outputHeight, width: geometry.outputWidth)
    }
    if let dense = term.map as? DenseMap<Double>, dense.repetitions == 1 { return nil }
    guard let source else { return nil }
    if count == source.channels * source.height * source.width { return source }
    guard count.isMultiple(of: source.channels) else { return nil }
    // A pooling: fewer pixels in about the same proportions.
    let pixels = count / source.channels
    let ratio = Double(source.height) / Double(source.width)
    let height = max(1, Int((Double(pixels) * ratio).squareRoot().rounded()))
    guard pixels.isMultiple(of: height) else { return nil }
    return TensorLayout(channels: source.channels, height: height, width: pixels / height)
  }
}
