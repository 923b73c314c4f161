import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import TestSupport
import Testing

/// Networks stored as arrays, with and without architecture files.
struct NPZNetworkTests {
  /// The input whose i-th element is sin i.
  static func wave(_ network: Network) -> [[Double]] { [(0..<network.inputCount).map { sin(Double($0)) }] }

  /// The first outputs on that input, computed with NumPy, and the architecture.
  struct Reference: Sendable, CustomTestStringConvertible {
    let file: String
    let outputs: [Double]
    var architecture = ""
    var nonlinearity = NPZNonlinearity.activation(.relu)
    var testDescription: String { file }
  }

  static func residuals(_ kind: String, _ options: String = "") -> String {
    (0..<8).map { block in
      """
        - residual:
            layers:
              - \(kind): {weight: W\(2 * block + 1)\(options)}
              - activation: relu
              - \(kind): {weight: W\(2 * block + 2)\(options)}
        - activation: relu

      """
    }.joined()
  }

  static let references = [
    Reference(
      file: "ppauli_GLipSDP/comparison_digits/cnn2_seed0.npz", outputs: [-5.090642045, -10.78751721, -15.63343764],
      architecture: """
        input: [1, 8, 8]
        layers:
          - conv: {weight: W0, bias: b0, padding: 1}
          - activation: relu
          - flatten
          - dense: W1
        """),
    Reference(
      file: "ppauli_GLipSDP/versatility/LeNet5ReLU.npz", outputs: [-0.1773189318, -0.09589605905, -0.442640634],
      architecture: """
        input: [1, 28, 28]
        layers:
          - conv: {weight: W0, padding: [2, 2]}
          - activation: relu
          - averagePool: 2
          - conv: W1
          - activation: relu
          - averagePool: {kernel: [2, 2], stride: 2}
          - flatten
          - dense: W2
          - activation: relu
          - dense: W3
          - activation: relu
          - dense: W4
        """),
    Reference(
      file: "ppauli_GLipSDP/versatility/2C2F.npz", outputs: [-0.09331126574, 0.1493787417, -0.1146713653],
      architecture: """
        input: [1, 28, 28]
        layers:
          - conv: {weight: W0, stride: 2, padding: 1}
          - activation: relu
          - conv: {weight: W1, stride: [2, 2], padding: [1, 1, 1, 1]}
          - activation: relu
          - flatten
          - dense: W2
          - activation: relu
          - dense: W3
        """),
    Reference(
      file: "ppauli_GLipSDP/versatility/FC-R18.npz", outputs: [-1.068825131, 0.1104727612, 0.9279598989],
      architecture: "input: [784]\nlayers:\n  - dense: W0\n  - activation: relu\n" + residuals("dense") + "  - dense: W17\n"),
    Reference(
      file: "ppauli_GLipSDP/versatility/C-R18.npz", outputs: [0.0215656612, 3.593354594, -0.5463209439],
      architecture: "input: [1, 28, 28]\nlayers:\n  - conv: {weight: W0, padding: 3}\n  - activation: relu\n  - maxPool: 2\n"
        + residuals("conv", ", padding: 1") + "  - averagePool: 2\n  - flatten\n  - dense: W17\n"),
    Reference(
      file: "ppauli_GLipSDP/scalability_cnn/cnn_C3_CH8.npz", outputs: [0.5988475891, -2.044319056, 0.4626379947],
      architecture: """
        input: [1, 28, 28]
        layers:
          - conv: {weight: W0, padding: 1}
          - activation: relu
          - conv: {weight: W1, padding: 1}
          - activation: relu
          - conv: {weight: W2, padding: 1}
          - activation: relu
          - globalAveragePool
          - flatten
          - dense: W3
        """),
    Reference(
      file: "ppauli_QCs_MaxMin/weights_l2_5fc_32.npz", outputs: [-31.62627297, -1.225066768, 9.938918288], nonlinearity: .groupSort(size: 2)
    ),
    Reference(
      file: "ppauli_QCs_MaxMin/resweights_5_32.npz", outputs: [-1.378489529, 1.086069573, -1.083756393],
      architecture: "input: [784]\nlayers:\n  - dense: W0\n"
        + (1...3).map { "  - residual: {layers: [{dense: W\($0)}, {groupSort: 2}]}\n" }.joined() + "  - dense: W4\n"),
    Reference(file: "YuezhuXu_ECLipsE/demo_lyr2n80test1.npz", outputs: [0.7185900806]),
    Reference(
      file: "YuezhuXu_ECLipsE/mnist_genlocal_elu/mnist_base.npz", outputs: [-9.079445136, -0.0834452861, -0.8289828085],
      nonlinearity: .activation(.elu(alpha: 1))),
  ]

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)), arguments: references)
  func agreesWithNumPy(reference: Reference) throws {
    var options = ReadOptions()
    options.nonlinearity = reference.nonlinearity
    let path = SharedData.path("lipschitz/" + reference.file)
    let network: Network
    if reference.architecture.isEmpty {
      network = try ModelFile.read(path: path, options: options)
    } else {
      network = try Architecture(text: reference.architecture).network(from: NumPyArchive.read(path: path))
    }
    let output = try network.forward(Self.wave(network))[0]
    for (a, b) in zip(output, reference.outputs) { #expect(abs(a - b) < 1e-8 * max(1, abs(b))) }
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func readsEveryFullyConnectedNetwork() throws {
    let folders = ["arobey1_LipSDP", "YuezhuXu_ECLipsE", "ppauli_QCs_MaxMin", "ppauli_GLipSDP/scalability_mlp"]
    let files = folders.flatMap { SharedData.files(in: "lipschitz/\($0)", extension: "npz") }
    #expect(files.count > 20)
    for file in files { #expect(try ModelFile.read(path: SharedData.path(file)).outputs.count == 1, "\(file)") }
  }

  @Test(arguments: 0..<6)
  func roundTrip(seed: UInt64) throws {
    var samples = SampleNetworks(seed: seed, isSingle: false)
    let network = try samples.perceptron(layers: Int(seed) + 1)
    let archive = try NumPyArchive(npz: NPZNetwork.archive(of: network).archive.npzData())
    let copy = try NPZNetwork.network(from: archive)
    let inputs = samples.inputs(for: network)
    #expect(try copy.forward(inputs) == network.forward(inputs))
    #expect(throws: FormatError.self) { try NPZNetwork.archive(of: samples.image()) }
  }

  @Test func architectureErrorsNameTheLine() throws {
    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [2, 3], elements: .double([1, 2, 3, 4, 5, 6])), for: "W0")
    archive.set(NumPyArray(dimensions: [2], elements: .float([1, 2])), for: "b0")
    func failure(_ text: String) -> FormatError? {
      #expect(throws: FormatError.self) { try Architecture(text: text).network(from: archive) }
    }
    #expect(failure("input: [3]\nlayers:\n  - dence: W0")?.place == .line(3))
    #expect(failure("input: [3]\nlayers:\n  - dense: {weight: W0, gain: 2}")?.reason.contains("'gain'") == true)
    #expect(failure("input: [4]\nlayers:\n  - dense: W0")?.place == .line(3))
    #expect(failure("input: [3]\nlayers:\n  - flatten")?.place == .array("W0"))
    #expect(failure("input: [3]\nlayers:\n  - dense: W7")?.place == .array("W7"))
    #expect(failure("input: [3, x]\nlayers: []")?.place == .line(1))
    #expect(failure("- [") != nil)
    #expect(failure("") != nil)
    #expect(failure(String(repeating: "[", count: 100_000))?.kind == .tooLarge)
    #expect(failure(String(repeating: "- ", count: 100_000))?.kind == .tooLarge)
    let network = try Architecture(text: "input: [3]\nignore: [b0]\nlayers:\n  - dense: {weight: W0, bias: none}").network(from: archive)
    #expect(try network.forward([[1.0, 1, 1]]) == [[6, 15]])
  }
}
