import Foundation
import LinearAlgebra
import Lipschitz
import NetworkFormats
import Networks

/// Networks of the literature, next to what others report for them.
///
/// The files are not part of the repository: `LIPCERT_SHARED_DATA` or `../shared/data` beside the package. Without them the topic is empty.
enum PublishedBenchmarks {
  static let topic = Topic(
    id: "published", title: "Published networks",
    note: """
      Ours: estimate to the tolerance, and its check, here. Others: as reported, on their machines; the last \
      column has the source. Ratios are theirs over ours (time: estimate and check to 1e-3; bound: ours to 1e-6). A bound of a solver below \
      the optimum is none; all of ours are checked.
      """,
    columns: ["network", "method", "bound", "seconds", "check", "n", "time ratio", "bound ratio", "where and on what"],
    cases: folder.map { folder in networks.map { network in Topic.Case(name: network.name) { try rows(network, folder, $0) } } } ?? [])

  /// What somebody else reports.
  private struct Peer {
    let method: String
    let bound: Double?
    let seconds: Double?
    /// Whether it is about this very network, so that ratios make sense.
    var isComparable = true
    let source: String
  }

  private struct PublishedNetwork: Sendable {
    let name: String
    let file: String
    /// W1 ... W_depth, transposed, instead of W0, W1, ...
    var transposedDepth: Int?
    let peers: [Peer]
  }

  private static let newton = "a barrier method for chains, shared 2-core VM at load 6-11"

  private static let networks: [PublishedNetwork] = [
    .init(
      name: "784-200-200-10 MNIST", file: "YuezhuXu_ECLipsE/mnist_neurips/lyr3n200test1.npz",
      peers: [
        .init(method: "barrier Newton (optimum)", bound: 17.01470875, seconds: 45, source: newton),
        .init(method: "ECLipsE-Fast", bound: 19.664168, seconds: 0.08, source: "own numpy code of the formula, same VM"),
        .init(method: "LipLT", bound: 21.075063, seconds: nil, source: "own numpy code of the formula"),
        .init(method: "norm product", bound: 26.181844, seconds: nil, source: "own numpy code"),
      ]),
    .init(
      name: "5-20x24-2 Gen-Local", file: "YuezhuXu_ECLipsE/random_genlocal/lyr25n20.npz",
      peers: [
        .init(method: "barrier Newton (optimum)", bound: 4.501972617, seconds: 35, source: newton),
        .init(method: "ECLipsE-Fast", bound: 149.24396, seconds: nil, source: "own numpy code of the formula"),
        .init(method: "LipLT", bound: 324.17482, seconds: nil, source: "own numpy code of the formula"),
        .init(method: "norm product", bound: 34901.424, seconds: nil, source: "own numpy code"),
      ]),
    .init(
      name: "4-20x99-1 ECLipsE", file: "YuezhuXu_ECLipsE/random_current_signed/lyr100n20test1.npz",
      peers: [
        .init(
          method: "ECLipsE, 80 units, 100 layers", bound: nil, seconds: 157, isComparable: false,
          source: "read off the NeurIPS 2024 figure (MATLAB, CVX, MOSEK): another, wider network; none is published for this one")
      ]),
    .init(
      name: "64 matrices 16x16 MNIST", file: "ppauli_GLipSDP/scalability_mlp/mlp_L65_W16.npz", transposedDepth: 64,
      peers: [
        .init(method: "barrier Newton (optimum)", bound: 8.093882821e-9, seconds: 220, source: newton),
        .init(method: "LipSDP", bound: 3.137e-4, seconds: 9.77, source: "GLipSDP's result files: MOSEK on a Mac, solver time"),
        .init(method: "GLipSDP", bound: 3.163e-4, seconds: 0.378, source: "GLipSDP's result files: MOSEK on a Mac, solver time"),
        .init(method: "GLipSDP in one piece", bound: nil, seconds: 7.24, source: "GLipSDP's result files: MOSEK on a Mac, solver time"),
        .init(method: "ECLipsE (Clarabel)", bound: 6.11326e-7, seconds: 41, source: "CVXPY on the shared VM"),
        .init(method: "ECLipsE-Fast", bound: 1.1585929e-5, seconds: 0.02, source: "own numpy code of the formula, same VM"),
      ]),
  ]

  private static func rows(_ network: PublishedNetwork, _ folder: URL, _ harness: Harness) throws -> [[Cell]] {
    let problem = try LipschitzProblem(lowered: chain(weights(network, folder)))
    let runs = try [1e-3, 1e-6].map { (tolerance: $0, run: try CertifiedRun(problem, tolerance: $0, harness)) }
    let ours = runs.map { tolerance, run -> [Cell] in
      let isReached = run.estimate.gap ?? .infinity <= tolerance
      return [
        .text(network.name), .text("lipcert to \(tolerance)" + (isReached ? "" : ", not reached")), .value(run.bound),
        .seconds(run.estimateTime.best), .seconds(run.checkTime.best), .count(run.estimateTime.count), .missing, .missing,
        .text("certified, here, best of n"),
      ]
    }
    let seconds = runs[0].run.estimateTime.best + runs[0].run.checkTime.best
    let bound = runs[runs.count - 1].run.bound
    func ratio(_ theirs: Double?, _ ours: Double, _ peer: Peer) -> Cell {
      theirs.flatMap { peer.isComparable ? .ratio($0 / ours) : nil } ?? .missing
    }
    return ours
      + network.peers.map { peer in
        [
          .text(network.name), .text(peer.method), peer.bound.map { .value($0) } ?? .missing,
          peer.seconds.map { .seconds($0) } ?? .missing, .missing, .missing, ratio(peer.seconds, seconds, peer),
          ratio(peer.bound, bound, peer), .text(peer.source),
        ]
      }
  }

  // MARK: - Files

  /// The folder of the reference networks, or `nil` when there is none.
  private static let folder: URL? = {
    let candidate: URL
    if let path = ProcessInfo.processInfo.environment["LIPCERT_SHARED_DATA"] {
      candidate = URL(fileURLWithPath: path)
    } else {
      var package = URL(fileURLWithPath: #filePath)
      for _ in 0..<4 { package.deleteLastPathComponent() }
      candidate = package.deletingLastPathComponent().appendingPathComponent("shared/data")
    }
    let networks = candidate.appendingPathComponent("lipschitz")
    return FileManager.default.fileExists(atPath: networks.path) ? networks : nil
  }()

  private static func weights(_ network: PublishedNetwork, _ folder: URL) throws -> [Matrix<Double>] {
    let archive = try NumPyArchive.read(path: folder.appendingPathComponent(network.file).path)
    var result: [Matrix<Double>] = []
    while let array = archive["W\(result.count)"], array.dimensions.count == 2, let values = array.doubles {
      result.append(Matrix(rows: array.dimensions[0], columns: array.dimensions[1], elements: values))
    }
    guard let depth = network.transposedDepth else { return result }
    guard result.count > depth else { throw BenchmarkError("\(network.file) has \(result.count) matrices, too few") }
    return result[1...depth].map(\.transposed)
  }

  /// Matrices with a ReLU between each two.
  private static func chain(_ weights: [Matrix<Double>]) throws -> LoweredNetwork {
    guard let first = weights.first else { throw BenchmarkError("the archive has no matrices W0, W1, ...") }
    var nodes = [LoweredNetwork.Node(name: "input", kind: .input, count: first.columns)]
    for (layer, weight) in weights.enumerated() {
      if layer > 0 {
        let source = nodes.count - 1
        nodes.append(.init(name: "relu\(layer)", kind: .activation(source: source, units: .uniform(.relu)), count: weight.columns))
      }
      let term = LoweredNetwork.Term(source: nodes.count - 1, map: DenseMap(weight: weight))
      nodes.append(.init(name: "matrix\(layer)", kind: .affine(terms: [term], bias: nil), count: weight.rows))
    }
    return LoweredNetwork(nodes: nodes)
  }
}
