import Certificates
import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import Robustness

/// How far one input can move before a network's answer may change: between a proof and an attack.
///
///     robust-radius [MODEL INPUT [CERTIFICATE]]
///
/// The model is an ONNX, npz or NNet file, the input a npy, npz, IDX or csv file, of which the first row counts. Without them, a small random
/// network and an input are made, and the network is saved as `classifier.onnx`. The radius is certified around the class that the network gives the
/// input; its certificate goes to `radius.lipcert` unless another path is given.
@main
enum RobustRadius {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch arguments.count {
      case 0:
        let network = try NetworkBuilders.multilayerPerceptron(widths: [6, 16, 16, 3], activation: .relu, seed: 1)
        try ModelFile.write(network, to: "classifier.onnx")
        var random = SplitMix64(seed: 1)
        try bracket(network, at: (0..<network.inputCount).map { _ in random.nextGaussian() }, certificate: "radius.lipcert")
      case 2, 3:
        let network = try ModelFile.read(path: arguments[0])
        let inputs = try InputReading().read(inputs: arguments[1], labels: nil, for: network)
        try bracket(network, at: inputs[0], certificate: arguments.count == 3 ? arguments[2] : "radius.lipcert")
      default:
        leave("usage: robust-radius [MODEL INPUT [CERTIFICATE]]")
      }
    } catch {
      leave("robust-radius: \(error)")
    }
  }

  private static func leave(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(2)
  }

  /// Prints the two ends of the bracket.
  static func bracket(_ network: Network, at input: [Double], certificate path: String) throws {
    // What many inputs share, such as the normal form of the network, is prepared once.
    let classifier = try Classifier(network)
    let problem = try RadiusProblem(classifier, input: input, label: classifier.answer(input), norm: .l2)
    print("answer: class \(problem.label)")

    // Upper end: an input with another answer. Nothing beyond it can be proved, so the search for a proof need not look there.
    let adversary = try BestAttack().search(problem)
    if let adversary { print("attacked: at distance \(adversary.distance) the answer is class \(adversary.rival)") }

    // Lower end: lines around the units that are undecided in the ball, and a semidefinite program over them.
    let proved = try LocalRadius().radius(of: problem, ceiling: adversary?.distance)
    guard let certificate = proved.certificate else { return print("proved: nothing\(proved.note.map { ", \($0)" } ?? "")") }
    try certificate.write(path: path)
    try RobustnessChecker.check(RobustnessCertificate(path: path), of: classifier.lowered)
    print("proved: within \(proved.radius) of the input the answer does not change")
  }
}
