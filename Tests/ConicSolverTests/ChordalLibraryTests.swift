import ConicPrograms
import TestSupport
import Testing

@testable import ConicSolver

@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct ChordalLibraryTests {
  private func program(_ name: String) throws -> ConicProgram {
    try SDPAFile.read(path: SharedData.path(name + ".dat-s")).inequality.program()
  }

  /// The input block of LipSDP is diagonal: each input makes a clique with the first hidden layer, and so do neighbouring hidden layers.
  @Test(arguments: [("n050-2x20", 10, 2, 20), ("n200-9x20", 20, 9, 20), ("n400-19x20", 20, 19, 20)])
  func layersMakeCliques(name: String, inputs: Int, layers: Int, width: Int) throws {
    let program = try program("lipsdp-lmi/lip-" + name)
    let pattern = SparsityPattern(order: program.cones[0].size, flags: program.rowsInUse[...])
    let tree = CliqueTree(pattern)
    #expect(tree.cliques.count == inputs + layers - 1)
    #expect(tree.cliques.filter { $0.count == width + 1 }.count == inputs)
    #expect(tree.cliques.filter { $0.count == 2 * width }.count == layers - 1)
    #expect(tree.overlapCount == (inputs + layers - 2) * width * (width + 1) / 2)
    #expect(tree.isValid(for: pattern))
  }

  @Test(arguments: ["control1", "control4", "arch8", "ss30", "mcp250-1", "maxG11", "hinf15", "truss8", "qap7", "theta1"])
  func treesAreValidAndMergingPays(name: String) throws {
    let program = try program("sdplib/" + name)
    let flags = program.rowsInUse
    for (cone, range) in zip(program.cones, program.ranges) {
      guard case .semidefinite(let order) = cone else { continue }
      let pattern = SparsityPattern(order: order, flags: flags[range])
      let tree = CliqueTree(pattern)
      let merged = tree.merged()
      #expect(tree.isValid(for: pattern) && merged.isValid(for: pattern))
      #expect(merged.cost <= tree.cost)
    }
  }

  /// Clarabel says control1 is solved with its value 1.5 % off when it decomposes it; all of its cliques are worth merging.
  @Test func controlStaysDense() throws {
    var settings = ConicSettings()
    settings.decomposition = .always
    for name in ["control1", "control3"] { #expect(try ChordalDecomposition(program("sdplib/" + name), settings: settings) == nil) }
  }

  @Test func automaticChoices() throws {
    let settings = ConicSettings()
    // Few multipliers and many overlaps, or a full pattern.
    for name in ["lipsdp-lmi/lip-n200-9x20", "sdplib/ss30", "sdplib/maxG11", "sdplib/theta1"] {
      #expect(try ChordalDecomposition(program(name), settings: settings)?.overlapCount ?? 0 == 0)
    }
    let cut = try #require(try ChordalDecomposition(program("sdplib/mcp250-1"), settings: settings))
    #expect(cut.parts[0].tree.cliques.allSatisfy { $0.count < 60 } && cut.overlapCount < 750)
  }
}
