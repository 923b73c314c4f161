import Foundation
import TestSupport
import Testing

@testable import Robustness

/// The staged benchmark files.
@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct VNNLIBSampleTests {
  private static let valid2 = [
    "acc", "cartpole", "drones", "dubinsrejoin", "initialized", "lunarlander", "mnist", "single_network", "test_linearise",
  ]

  @Test(arguments: valid2) func examplesOfVersion2(_ name: String) throws {
    let property = try VNNLIBReader.read(path: SharedData.path("verification/vnnlib2_syntax/\(name).vnnlib"))
    #expect(property.isAboutReals && property.version.hasPrefix("2."))
    // test_linearise asks for X[0] ≥ 5 and 3.5 X[0] ≤ 7.
    #expect(property.disjuncts.count == ["acc": 2, "drones": 2, "single_network": 8, "test_linearise": 0][name] ?? 1)
  }

  @Test(arguments: [("intermediate_nodes", 4), ("multiple_networks", 7)]) func whatNeedsMoreIsRefused(_ name: String, line: Int) throws {
    #expect { try VNNLIBReader.read(path: SharedData.path("verification/vnnlib2_syntax/\(name).vnnlib")) } throws: {
      ($0 as? VNNLIBError)?.kind == .unsupported && ($0 as? VNNLIBError)?.line == line
    }
  }

  @Test(arguments: ["instance_7_v2", "monotonic_instance_0_v2_INVALID"]) func queriesOfTwoNetworks(_ name: String) {
    #expect(throws: VNNLIBError.self) { try VNNLIBReader.read(path: SharedData.path("verification/acas_pruned/\(name).vnnlib")) }
  }

  @Test func otherToolsSamples() throws {
    let refused = ["test_command_not_implemented", "test_assert_operator_not_implemented", "test_mul_var_var"]
    for path in SharedData.files(in: "verification/marabou_resources/vnnlib", extension: "vnnlib") {
      let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      if refused.contains(name) {
        #expect(throws: VNNLIBError.self) { try VNNLIBReader.read(path: SharedData.path(path)) }
      } else {
        #expect(throws: Never.self, "\(name)") { try VNNLIBReader.read(path: SharedData.path(path)) }
      }
    }
  }

  /// Sizes and disjuncts of all pairs that the reference lists.
  @Test func sizesAgreeWithTheReference() throws {
    var seen = Set<String>()
    for instance in try ReferenceInstance.all() where seen.insert(instance.property).inserted && instance.disjuncts < 1000 {
      let property = try VNNLIBReader.read(path: instance.propertyPath)
      #expect(property.inputCount == instance.inputCount && property.outputCount == instance.outputCount, "\(instance.property)")
      #expect(property.disjuncts.count <= instance.disjuncts, "\(instance.property)")
      #expect(property.disjuncts.allSatisfy { $0.box.firstUnbounded == nil }, "\(instance.property)")
    }
    #expect(seen.count > 100)
  }
}
