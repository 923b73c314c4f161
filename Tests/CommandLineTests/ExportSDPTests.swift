import ConicPrograms
import Foundation
import Testing

@Suite("lipcert export-sdp", .needsTool)
struct ExportSDPTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 6,12,10,4 --seed 3", in: folder).status == 0)
  }

  @Test("The file reads back, its head says what it is, and scaling multiplies entries by powers of two")
  func files() throws {
    let json = try Tool.run("export-sdp net.onnx plain.dat-s --json", in: folder).json()
    #expect(json["order"] as? Int == 28)
    #expect(json["variables"] as? Int == 23)
    let plain = try SDPAFile.read(path: folder.path("plain.dat-s"))
    #expect(plain.inequality.blocks == [.symmetric(28)])
    #expect(plain.inequality.objective == [1] + Array(repeating: 0, count: 22))
    #expect(plain.comments.contains { $0.contains("the optimum is the squared Lipschitz bound") })
    #expect(plain.comments.contains { $0.contains("x_1: rho") })

    let other = try Tool.run("export-sdp net.onnx scaled.dat-s --scaled --json", in: folder).json()
    let scale = try #require(other["squaredBoundScale"] as? Double)
    #expect(scale.significand == 1)
    let scaled = try SDPAFile.read(path: folder.path("scaled.dat-s"))
    #expect(scaled.comments.contains { $0.contains("\(scale) times the optimum") })
    #expect(scaled.inequality.coefficients.map(\.count) == plain.inequality.coefficients.map(\.count))
    for (a, b) in zip(scaled.inequality.coefficients.joined(), plain.inequality.coefficients.joined()) {
      #expect(a.row == b.row && a.column == b.column && abs(a.value.significand) == abs(b.value.significand))
    }
  }

  @Test("Modes, norms and targets")
  func options() throws {
    let layer = try Tool.run("export-sdp net.onnx a.dat-s --mode layer --norm linf --target 3,1 --json", in: folder).json()
    #expect(layer["variables"] as? Int == 6 + 2)
    let unsound = try Tool.run("export-sdp net.onnx b.dat-s --mode network", in: folder)
    #expect(unsound.status == 2)
    #expect(unsound.errors.contains("unsound"))
    #expect(try Tool.run("export-sdp net.onnx no/b.dat-s", in: folder).status == 3)
    #expect(try Tool.run("export-sdp net.onnx b.dat-s --target 9", in: folder).status == 2)
  }
}
