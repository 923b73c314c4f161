import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import TestSupport
import Testing

@testable import Lipschitz

/// Published stacks of convolutions as systems on the infinite plane.
@Suite("Frequency method on published stacks") struct FrequencyStackTests {
  /// A published stack with the bound of GLipSDP on the infinite plane.
  struct Stack: Sendable, CustomTestStringConvertible {
    let channels: Int
    let depth: Int
    let published: Double
    var testDescription: String { "\(depth) convolutions of \(channels) channels" }
  }

  /// GLipSDP's inequality is sufficient for the frequencies', and necessary as it seems for two layers.
  @Test(
    .enabled(if: SharedData.isPresent, "\(SharedData.absence)"),
    arguments: [Stack(channels: 8, depth: 2, published: 7.648757)])
  func publishedStack(_ stack: Stack) throws {
    let network = try Self.published(
      "scalability_cnn/cnn_C\(stack.depth + 1)_CH\(stack.channels).npz", depth: stack.depth, size: 8)
    var budget = Budget()
    budget.tolerance = 1e-4
    let own = try FrequencyEstimator(coversAllImageSizes: true).estimate(try LipschitzProblem(network), budget: budget)
    let upper = try #require(own.upper, "\(own.note ?? "")")
    #expect(own.isCertified)
    #expect(upper <= stack.published * (1 + 1e-4))
    if stack.depth == 2 { #expect(upper >= stack.published * (1 - 1e-4)) }
  }

  @Test(
    .enabled(
      if: SharedData.isPresent && ProcessInfo.processInfo.environment["LIPCERT_LONG_TESTS"] != nil, "set LIPCERT_LONG_TESTS"),
    arguments: [
      Stack(channels: 8, depth: 4, published: 28.489883), Stack(channels: 8, depth: 8, published: 274.0045),
      Stack(channels: 8, depth: 16, published: 11323.600), Stack(channels: 16, depth: 2, published: 8.026805),
      Stack(channels: 16, depth: 4, published: 36.09973), Stack(channels: 16, depth: 8, published: 177.6398),
      Stack(channels: 32, depth: 2, published: 7.852075),
    ])
  func moreStacks(_ stack: Stack) throws { try publishedStack(stack) }

  /// conv_1 ... conv_depth of a published stack of 3 × 3 convolutions, on images of `size` × `size`.
  private static func published(_ file: String, depth: Int, size: Int) throws -> Network {
    let archive = try NumPyArchive.read(path: SharedData.path("lipschitz/ppauli_GLipSDP/" + file))
    var network = Network()
    var node = -1
    for layer in 1...depth {
      let array = try archive.array("W\(layer)")
      let weight = Matrix(
        rows: array.dimensions[0], columns: array.dimensions[1] * 9, elements: array.doubles ?? [])
      if layer == 1 { node = network.addInput(name: "input", shape: Shape([1, array.dimensions[1], size, size])) }
      node = try network.add(
        .convolution(.init(weight: weight, kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1])), name: "conv\(layer)", to: [node])
      if layer < depth { node = try network.add(.activation(.relu), name: "relu\(layer)", to: [node]) }
    }
    try network.setOutputs([node])
    return network
  }
}
