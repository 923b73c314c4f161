import ConicSolver
import Testing

@Suite struct SettingsTests {
  @Test func everyRangeIsChecked() throws {
    try ConicSettings().validate()
    let offenders: [(inout ConicSettings) -> Void] = [
      { $0.tolerance = 0 }, { $0.tolerance = .nan }, { $0.infeasibilityTolerance = 2 }, { $0.maximumIterations = -1 },
      { $0.timeLimit = -1 },
      { $0.relaxation = 2 }, { $0.scalingPasses = -1 }, { $0.penalty = .infinity }, { $0.checkInterval = 0 },
      { $0.acceleration = .anderson(memory: 0) },
    ]
    for change in offenders {
      var settings = ConicSettings()
      change(&settings)
      #expect(throws: ConicSettingsError.self) { try settings.validate() }
    }
  }
}
