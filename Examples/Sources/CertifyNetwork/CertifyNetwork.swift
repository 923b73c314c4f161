import Certificates
import Foundation
import Lipschitz
import NetworkFormats
import Networks

/// Bounds a network's Lipschitz constant, and proves the bound from the file that was written.
///
///     certify-network [MODEL [CERTIFICATE]]
///
/// The model is an ONNX, npz or NNet file; without one, a small random network is made and saved as `network.onnx`. The certificate goes to
/// `network.lipcert` unless another path is given. `lipcert check CERTIFICATE MODEL` proves it again, elsewhere and without this program.
@main
enum CertifyNetwork {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      let model = try arguments.first ?? generated("network.onnx")
      try certify(model, certificate: arguments.count > 1 ? arguments[1] : "network.lipcert")
    } catch {
      // Every error of the library is one sentence that names the file, the node or the setting.
      FileHandle.standardError.write(Data("certify-network: \(error)\n".utf8))
      exit(2)
    }
  }

  /// The whole job: read, bound, write, check.
  static func certify(_ model: String, certificate path: String) throws {
    let network = try ModelFile.read(path: model)
    let problem = try LipschitzProblem(network, inputNorm: .l2, output: .all)
    let estimate = try LiftedEstimator().estimate(problem, budget: Budget(tolerance: 1e-4))
    guard let certificate = estimate.certificate else { throw NotProved(estimate.note ?? "the time limit came before a proof") }
    try certificate.write(path: path)

    // From here on the solver is out of the game: whoever has the two files proves the bound, or finds out that it is not proved.
    let received = try Certificate(path: path)
    try CertificateChecker.check(received, of: network.lowered())
    print("proved: |f(x) - f(x')|_2 <= \(received.statement.bound) |x - x'|_2 for all inputs x, x' of \(model)")

    let attained = try AttainedEstimator().estimate(problem)
    print("attained by a pair of inputs: \(attained.lower ?? 0)")
  }

  /// Saves a random network, the same every time: 10 inputs, two hidden layers of 20 units, 5 outputs.
  static func generated(_ path: String) throws -> String {
    try ModelFile.write(NetworkBuilders.multilayerPerceptron(widths: [10, 20, 20, 5], activation: .relu, seed: 0), to: path)
    return path
  }
}
