import LinearAlgebra
import Networks

/// A network under construction from a model's layers.
///
/// Feature maps become tensors 1 × channels × height × width, vectors 1 × n.
public struct NetworkExport {
  /// The network so far.
  public var network = Network()

  /// The node of a feature map as 1 × channels × height × width, by a reshape where it is a vector.
  ///
  /// - Throws: `NetworkError` when there is a node with the name of the reshape.
  public mutating func spatial(_ node: Int, name: String) throws -> Int {
    let shape = network.nodes[node].shape
    guard shape.rank == 2 else { return node }
    return try network.add(.reshape([shape[0], shape[1], 1, 1]), name: "\(name).spatial", to: [node])
  }

  /// The node as 1 × n, by a reshape where it has spatial axes.
  ///
  /// - Throws: as ``spatial(_:name:)``.
  public mutating func vector(_ node: Int, name: String) throws -> Int {
    let shape = network.nodes[node].shape
    guard shape.rank != 2 else { return node }
    return try network.add(.reshape([shape[0], shape.count / shape[0]]), name: "\(name).flat", to: [node])
  }
}
