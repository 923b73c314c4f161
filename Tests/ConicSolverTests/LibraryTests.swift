import ConicPrograms
import ConicSolver
import Foundation
import TestSupport
import Testing

/// Programs of SDPLIB and LipSDP's inequalities, against optima known to at least five digits.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct LibraryTests {
  /// SDPA-GMP with 300 bits, or eight digits of CSDP where SDPA agrees to 10⁻⁶.
  static let optima: [(name: String, optimum: Double)] = [
    ("sdplib/truss1", -8.99999631529), ("sdplib/truss3", -9.1099962092), ("sdplib/truss4", -9.009996291),
    ("sdplib/truss2", -123.380356364), ("sdplib/control1", 17.7846267175), ("sdplib/control2", 8.29999998579),
    ("sdplib/control3", 13.6332662284), ("sdplib/theta1", 23), ("sdplib/mcp100", 226.157351483), ("sdplib/gpp100", -44.943551),
    ("sdplib/qap5", -436), ("sdplib/hinf9", 236.249258253), ("lipsdp-lmi/lip-n050-2x20", 5.00542714322),
    ("lipsdp-lmi/lip-n100-2x40", 5.89053183511),
  ]

  /// The rest of the staged programs with an interior, for runs that may take minutes in a debug build.
  static let longOptima: [(name: String, optimum: Double)] = [
    ("sdplib/truss5", -132.635677973), ("sdplib/truss8", -133.11459), ("sdplib/control4", 19.794231), ("sdplib/control5", 16.8836005),
    ("sdplib/control6", 37.304413), ("sdplib/theta2", 32.879169), ("sdplib/theta3", 42.1669815), ("sdplib/mcp124-1", 141.990477098),
    ("sdplib/mcp250-1", 317.26434), ("sdplib/mcp500-1", 598.14852), ("sdplib/gpp124-1", -7.3430762), ("sdplib/gpp250-1", -15.444917),
    ("sdplib/arch0", 0.56651727), ("sdplib/arch8", 7.05698), ("sdplib/ss30", 20.2395105), ("sdplib/maxG11", 629.16478),
    ("lipsdp-lmi/lip-n200-9x20", 95.835545), ("lipsdp-lmi/lip-n200-3x50", 6.7645122), ("lipsdp-lmi/lip-n400-19x20", 14641.3415),
    ("lipsdp-lmi/lip-n400-3x100", 7.275737976), ("lipsdp-lmi/lip-n848-mnist64", 1.864352954),
  ]

  static func check(_ name: String, _ optimum: Double) throws {
    let program = try SDPAFile.read(path: SharedData.path(name + ".dat-s")).inequality.program()
    let solution = try ConicProgramSolver(program).solve()
    try verify(solution, of: program, "\(name)")
    #expect(solution.status == .solved, "\(name): \(solution.info)")
    let residuals = try #require(solution.residuals)
    for value in [residuals.primalObjective, residuals.dualObjective] {
      #expect(abs(value - optimum) <= 1e-5 * max(1, abs(optimum)), "\(name): \(value) instead of \(optimum)")
    }
  }

  @Test(arguments: optima) func fiveDigits(name: String, optimum: Double) throws { try Self.check(name, optimum) }

  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["LIPCERT_LONG_TESTS"] != nil, "set LIPCERT_LONG_TESTS to run it"),
    arguments: longOptima)
  func fiveDigitsOfLargerPrograms(name: String, optimum: Double) throws { try Self.check(name, optimum) }

  /// SDPLIB's "dual infeasible" is an unbounded (P).
  @Test(arguments: [
    ("infd1", ConicStatus.dualInfeasible), ("infd2", .dualInfeasible), ("infp1", .primalInfeasible), ("infp2", .primalInfeasible),
  ])
  func infeasibleWithinAHundredIterations(name: String, expected: ConicStatus) throws {
    let program = try SDPAFile.read(path: SharedData.path("sdplib/\(name).dat-s")).inequality.program()
    for method in ConicSettings.Method.allCases {
      var settings = ConicSettings()
      settings.method = method
      let solution = try ConicProgramSolver(program, settings: settings).solve()
      try verify(solution, of: program, settings: settings, "\(name)")
      #expect(solution.status == expected && solution.info.iterations <= 100, "\(method)")
    }
  }

  /// Without interior, or ill posed: whatever the status, it must be true. Values have at most five digits in the literature.
  @Test(arguments: [
    ("hinf1", 2.0326), ("hinf2", 10.967055621), ("hinf12", .nan), ("hinf15", .nan), ("qap6", -381.43844), ("qap7", -424.82),
  ])
  func hardProgramsAreNotCalledSolvedWrongly(name: String, optimum: Double) throws {
    let program = try SDPAFile.read(path: SharedData.path("sdplib/\(name).dat-s")).inequality.program()
    for tolerance in [1e-3, 1e-7] {
      var settings = ConicSettings()
      settings.tolerance = tolerance
      let solution = try ConicProgramSolver(program, settings: settings).solve()
      try verify(solution, of: program, settings: settings, "\(name)")
      #expect(solution.status != .primalInfeasible && solution.status != .dualInfeasible)
      if solution.status == .solved, optimum.isFinite {
        #expect(abs(solution.objective - optimum) <= max(1e-2, 10 * tolerance) * abs(optimum), "\(name): \(solution.objective)")
      }
    }
  }

  /// Another solver says solved to 18.0562 after decomposing this one.
  @Test(arguments: ConicSettings.Method.allCases) func control1WithDecomposition(method: ConicSettings.Method) throws {
    let program = try SDPAFile.read(path: SharedData.path("sdplib/control1.dat-s")).inequality.program()
    var settings = ConicSettings()
    (settings.method, settings.decomposition, settings.maximumIterations) = (method, .always, 5000)
    let solution = try ConicProgramSolver(program, settings: settings).solve()
    try verify(solution, of: program, settings: settings)
    if solution.status == .solved { #expect(abs(solution.objective - 17.7846267175) <= 1e-5 * 17.8) }
  }

  @Test(arguments: ["truss1", "mcp100", "theta1"]) func decompositionDoesNotChangeTheValue(name: String) throws {
    let program = try SDPAFile.read(path: SharedData.path("sdplib/\(name).dat-s")).inequality.program()
    var values: [Double] = []
    for decomposition in ConicSettings.Decomposition.allCases {
      var settings = ConicSettings()
      settings.decomposition = decomposition
      let solution = try ConicProgramSolver(program, settings: settings).solve()
      try verify(solution, of: program, settings: settings, "\(name)")
      #expect(solution.status == .solved)
      values.append(solution.objective)
    }
    #expect(values.allSatisfy { abs($0 - values[0]) <= 1e-6 * (1 + abs(values[0])) })
  }
}
