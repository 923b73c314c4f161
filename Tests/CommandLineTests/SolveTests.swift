import Foundation
import Testing

@Suite("Solving linear programs", .needsTool)
struct SolveTests {
  private static let program = """
    NAME          small
    OBJSENSE
        MAX
    ROWS
     N  profit
     L  sum
     L  mix
    COLUMNS
        x         profit             3.0   sum                1.0
        x         mix                1.0
        y         profit             2.0   sum                1.0
        y         mix                3.0
    RHS
        rhs       sum                4.0   mix                7.0
        rhs       profit            -0.5
    BOUNDS
     UP bnd       x                  3.0
    ENDATA

    """
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Data(Self.program.utf8), to: "small.mps")
  }

  @Test("An optimum: exit code 0, the same by every method", arguments: ["primal", "dual", "interior", "exact"])
  func optimum(method: String) throws {
    let run = try Tool.run("solve small.mps --json --method \(method) --solution out.json", in: folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    let result = try run.json()
    #expect(result["status"] as? String == "optimal" && result["method"] as? String == method)
    let objective = try #require(result["objective"] as? Double)
    let bound = try #require(result["safeBound"] as? Double)
    #expect((objective - 11.5).magnitude < 1e-6 && (bound - 11.5).magnitude < 1e-6 && bound >= 11.5)
    let file = try #require(try JSONSerialization.jsonObject(with: folder.read("out.json")) as? [String: Any])
    let x = try #require(file["x"] as? [Double])
    #expect((x[0] - 3).magnitude < 1e-6 && (x[1] - 1).magnitude < 1e-6)
    #expect(file["columnNames"] as? [String] == ["x", "y"])
    let text = try Tool.run("solve small.mps --method \(method)", in: folder)
    #expect(text.output.contains("safe upper bound") && text.output.contains("optimal"))
  }

  @Test("Infeasible and unbounded: exit code 1")
  func negative() throws {
    try folder.write(
      Data(Self.program.replacing(" UP bnd", with: " LO bnd").replacing("3.0\nENDATA", with: "9.0\nENDATA").utf8), to: "no.mps")
    let infeasible = try Tool.run("solve no.mps --json", in: folder)
    #expect(infeasible.status == 1)
    #expect(try infeasible.json()["status"] as? String == "infeasible")
    #expect(try infeasible.json()["infeasibilityProved"] as? Bool == true)
    try folder.write(Data(Self.program.replacing(" L  ", with: " G  ").utf8), to: "up.mps")
    let unbounded = try Tool.run("solve up.mps --solution ray.json", in: folder)
    #expect(unbounded.status == 1 && unbounded.output.contains("unbounded"))
    let file = try #require(try JSONSerialization.jsonObject(with: folder.read("ray.json")) as? [String: Any])
    #expect((file["ray"] as? [Double])?.count == 2)
  }

  @Test("Limits: exit code 3")
  func limit() throws {
    let run = try Tool.run("solve small.mps --iteration-limit 0 --no-presolve", in: folder)
    #expect(run.status == 3 && run.output.contains("iteration limit"))
  }

  @Test("The log goes to standard error, and only when asked for")
  func log() throws {
    #expect(try Tool.run("solve small.mps", in: folder).errors.isEmpty)
    #expect(try Tool.run("solve small.mps --log", in: folder).errors.contains("OPTIMAL LP SOLUTION FOUND"))
  }

  @Test("Conversion to both formats", arguments: ["mps", "lp"])
  func conversion(suffix: String) throws {
    let run = try Tool.run("solve small.mps --write copy.\(suffix) --json", in: folder)
    #expect(run.status == 0)
    if suffix == "mps" { #expect(try run.json()["sameProgram"] as? Bool == true) }
    let objective = try #require(try Tool.run("solve copy.\(suffix) --json", in: folder).json()["objective"] as? Double)
    #expect((objective - 11.5).magnitude < 1e-9)
  }

  @Test("Malformed input and options: exit code 2 and the line")
  func malformed() throws {
    try folder.write(Data(Self.program.replacing("             3.0   sum", with: "             3,0   sum").utf8), to: "bad.mps")
    let run = try Tool.run("solve bad.mps", in: folder)
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.contains("bad.mps: line 9: cannot convert '3,0'"), "\(run.errors)")
    for arguments in ["missing.mps", "small.txt", "small.mps --method magic", "small.mps --time-limit 0", "small.mps --write x.txt"] {
      #expect(try Tool.run("solve \(arguments)", in: folder).status == 2, "\(arguments)")
    }
  }
}
