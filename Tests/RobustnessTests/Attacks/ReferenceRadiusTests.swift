import Certificates
import Foundation
import Lipschitz
import NetworkFormats
import Robustness
import TestSupport
import Testing

@Suite("Attacks on reference networks", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct ReferenceRadiusTests {
  /// The exact l_∞ radii that a mixed-integer program found for a network of 20 units, to about 10⁻⁴.
  @Test("Never below the exact radius, and near it", arguments: [(image: 2, radius: 0.129019), (4, 0.092242)])
  func exactRadii(image: Int, radius: Double) throws {
    let folder = "verification/"
    let classifier = try Classifier(ModelFile.read(path: SharedData.path(folder + "exported_pth/mnist_mlp_784_20_10.onnx")))
    let table = try String(contentsOfFile: SharedData.path(folder + "inputs/mnist_test_100_eran.csv"), encoding: .utf8)
    let numbers = table.split(separator: "\n")[image].split(separator: ",").compactMap { Double($0) }
    // Pixels as single precision has them.
    let input = numbers.dropFirst().map { Double(Float($0 / 255)) }
    let problem = try RadiusProblem(classifier, input: input, label: Int(numbers[0]), norm: .lInfinity)
    let found = try #require(try BestAttack().search(problem, budget: Budget()))
    #expect(found.distance >= radius * (1 - 2e-4) && found.distance <= radius * 1.05, "\(found.distance / radius)")
    #expect(try problem.provedRival(at: found.input) == found.rival)
  }
}
