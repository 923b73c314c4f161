import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import NetworkFormats
import Networks
import Testing

@testable import Robustness

@Suite("Global radii")
struct GlobalRadiusTests {
  private func affine(_ weight: Matrix<Double>, bias: [Double]) throws -> Classifier {
    var network = Network()
    let input = network.addInput(name: "x", shape: [1, weight.columns])
    let output = try network.add(.dense(weight: weight, bias: bias), name: "dense", to: [input])
    try network.setOutputs([output])
    return try Classifier(network)
  }

  private func random(_ rows: Int, _ columns: Int, _ generator: inout SplitMix64) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &generator) })
  }

  @Test("An affine network's radii are the distances to its hyperplanes", arguments: [InputNorm.l2, .lInfinity], 1...6)
  func affineNetworks(norm: InputNorm, outputs: Int) throws {
    var generator = SplitMix64(seed: UInt64(outputs))
    let (weight, bias) = (random(outputs, 5, &generator), random(1, outputs, &generator).elements)
    let classifier = try affine(weight, bias: bias)
    let method = GlobalRadius(tolerance: 1e-4)
    for _ in 0..<5 {
      let x = random(1, 5, &generator).elements
      let label = classifier.answer(x)
      let found = try method.radius(of: RadiusProblem(classifier, input: x, label: label, norm: norm), ceiling: nil, budget: Budget())
      let rows = DenseMap(weight: classifier.marginRows(label))
      let margins = rows.apply(zip(DenseMap(weight: weight).apply(x), bias).map { $0 + $1 })
      let exact =
        margins.indices.map { i -> Double in
          let row = Matrix.product(rows.weight, weight).row(i)
          let dual = norm == .l2 ? row.reduce(0) { $0 + $1 * $1 }.squareRoot() : row.reduce(0) { $0 + $1.magnitude }
          return margins[i] / dual
        }.min() ?? 0
      #expect(found.radius <= exact * (1 + 1e-12))
      #expect(found.radius >= exact * (1 - 1e-3))
    }
  }

  @Test("No attack reaches within the radii of random networks", arguments: [InputNorm.l2, .lInfinity], 0..<3)
  func attacked(norm: InputNorm, seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed))
    let networks = [
      try NetworkBuilders.multilayerPerceptron(widths: [6, 12, 8, 4], seed: UInt64(seed)),
      try NetworkBuilders.multilayerPerceptron(widths: [6, 10, 1], activation: .tanh, seed: UInt64(seed)),
      try NetworkBuilders.sortingPerceptron(widths: [6, 8, 8, 3], seed: UInt64(seed)),
      try NetworkBuilders.convolutional(size: 4, channels: [2], outputs: 3, seed: UInt64(seed)),
    ]
    for network in networks {
      let classifier = try Classifier(network)
      let method = GlobalRadius()
      for _ in 0..<4 {
        let x = random(1, classifier.lowered.inputCount, &generator).elements
        let problem = try RadiusProblem(classifier, input: x, label: classifier.answer(x), norm: norm)
        let radius = try method.radius(of: problem, ceiling: nil, budget: Budget()).radius
        #expect(radius > 0)
        if let adversary = try GradientSignAttack().search(problem, budget: Budget()) { #expect(radius < adversary.distance) }
        // Points on the sphere keep the answer.
        for _ in 0..<50 {
          let direction = (0..<x.count).map { _ in Double.random(in: -1...1, using: &generator) }
          let size = norm == .l2 ? direction.reduce(0) { $0 + $1 * $1 }.squareRoot() : direction.map(\.magnitude).max() ?? 1
          #expect(classifier.answer(zip(x, direction).map { $0 + radius * (1 - 1e-9) / size * $1 }) == problem.label)
        }
      }
    }
  }

  @Test("Constants are those of certificates in a folder, checked anew; altered ones count for nothing")
  func folder() throws {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("constants-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    let folder = CertificateFolder(path: place.path)
    let classifier = try Classifier(NetworkBuilders.multilayerPerceptron(widths: [5, 8, 3], seed: 3))
    let first = try GlobalConstants(classifier, norm: .l2, folder: folder)
    #expect(first.isComplete && first.sources == [.lifted: 3])
    let again = try GlobalConstants(classifier, norm: .l2, folder: folder)
    #expect(again.sources == [.stored: 3])
    for (i, j) in [(0, 1), (2, 0), (1, 2)] {
      #expect(again.constant(i, j) == first.constant(i, j) && first.constant(i, j) == first.constant(j, i))
    }

    let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    #expect(names.count == 3)
    let victim = place.appendingPathComponent(names[0])
    var certificate = try Certificate(decoding: Data(contentsOf: victim))
    certificate.statement.bound *= 0.5
    try certificate.encoded().write(to: victim)
    try Data("nonsense".utf8).write(to: place.appendingPathComponent(names[1]))
    let repaired = try GlobalConstants(classifier, norm: .l2, folder: folder)
    #expect(repaired.sources == [.stored: 1, .lifted: 2])
    #expect(repaired.constant(0, 1) == first.constant(0, 1))

    // Certificates of another network or norm are not used.
    let other = try Classifier(NetworkBuilders.multilayerPerceptron(widths: [5, 8, 3], seed: 4))
    #expect(try GlobalConstants(other, norm: .l2, folder: folder).sources[.stored] == nil)
    #expect(try GlobalConstants(classifier, norm: .lInfinity, folder: folder).sources[.stored] == nil)
  }

  @Test("A certificate of one of two outputs says nothing about their margin")
  func singleOutput() throws {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("constants-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    let folder = CertificateFolder(path: place.path)
    // The first output is constant, the second is not.
    let classifier = try affine(Matrix(rows: 2, columns: 2, elements: [0.001, 0, 3, 4]), bias: [0, 1])
    let problem = try LipschitzProblem(lowered: classifier.lowered, output: .output(0))
    try folder.keep(#require(try LiftedEstimator().estimate(problem, budget: Budget()) { _ in }.certificate))
    #expect(folder.certificates(of: classifier, norm: .l2).count == 1)
    let constant = try #require(try GlobalConstants(classifier, norm: .l2, folder: folder).constant(0, 1))
    #expect(constant > 4.9)
  }

  @Test("A constant network keeps its answer everywhere; a tie is no answer")
  func degenerate() throws {
    let zero = Matrix<Double>(rows: 2, columns: 3)
    let constant = try affine(zero, bias: [1, 0])
    let problem = try RadiusProblem(constant, input: [1, 2, 3], label: 0)
    #expect(try GlobalRadius().radius(of: problem, ceiling: nil, budget: Budget()).radius > 1e100)
    let tie = try RadiusProblem(affine(zero, bias: [1, 1]), input: [1, 2, 3], label: 0)
    #expect(try GlobalRadius().radius(of: tie, ceiling: nil, budget: Budget()).radius == 0)
  }
}
