import Testing

@testable import Training

@Suite struct LearningRateScheduleTests {
  private func rates(_ schedule: LearningRateSchedule, steps: Int, epochs: Int) -> [Double] {
    (0..<steps * epochs).map { schedule.rate(step: $0, stepsPerEpoch: steps, epochs: epochs) }
  }

  private func agree(_ rates: [Double], _ expected: [Double]) -> Bool {
    rates.count == expected.count && zip(rates, expected).allSatisfy { abs($0 - $1) <= 1e-8 }
  }

  @Test func milestonesActAtTheBeginningOfTheirEpochs() {
    let schedule = LearningRateSchedule(rate: 0.1, course: .milestones([1, 3], factor: 0.1))
    #expect(agree(rates(schedule, steps: 2, epochs: 4), [0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.001, 0.001]))
    let steps = LearningRateSchedule(rate: 1, course: .steps(epochs: 2, factor: 0.5))
    #expect(agree(rates(steps, steps: 1, epochs: 5), [1, 1, 0.5, 0.5, 0.25]))
  }

  /// PyTorch: `CosineAnnealingLR(SGD(lr=0.8), T_max=20, eta_min=0.008)`.
  @Test func aCosineIsThatOfPyTorch() {
    let schedule = LearningRateSchedule(rate: 0.8, course: .cosine(end: 0.01))
    let expected = [
      0.8, 0.79512458, 0.78061838, 0.75683858, 0.72437073, 0.68401429, 0.63676296, 0.58378024, 0.52637073, 0.46594805, 0.404, 0.34205195,
      0.28162927, 0.22421976, 0.17123704, 0.12398571, 0.08362927, 0.05116142, 0.02738162, 0.01287542,
    ]
    #expect(agree(rates(schedule, steps: 4, epochs: 5), expected))
  }

  /// PyTorch: `OneCycleLR(SGD(lr=0.1), max_lr=0.8, total_steps=20, pct_start=0.3)`, whose divisors are 25 and 10⁴.
  @Test func oneCycleIsThatOfPyTorch() {
    let schedule = LearningRateSchedule(rate: 0.8, course: .oneCycle(rise: 0.3, begin: 1.0 / 25, end: 1.0 / 250_000))
    let expected = [
      0.032, 0.10533747, 0.29733747, 0.53466253, 0.72666253, 0.8, 0.7899712, 0.76038771, 0.71273294, 0.64939652, 0.5735544, 0.48900962,
      0.4000016, 0.31099358, 0.2264488, 0.15060668, 0.08727026, 0.03961549, 0.010032, 3.2e-06,
    ]
    #expect(agree(rates(schedule, steps: 5, epochs: 4), expected))
  }

  @Test func theWarmUpGrowsInEqualSteps() {
    let schedule = LearningRateSchedule(rate: 0.6, warmUpEpochs: 2.5)
    #expect(agree(rates(schedule, steps: 2, epochs: 4), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.6, 0.6]))
  }

  @Test func anExponentialBeginsAtItsEpoch() {
    let schedule = LearningRateSchedule(rate: 1, course: .exponential(start: 2, end: 0.01))
    let rates = rates(schedule, steps: 2, epochs: 4)
    #expect(agree(rates, [1, 1, 1, 1, 1, 0.316227766, 0.1, 0.0316227766]))
  }

  /// Every course keeps between nothing and the base rate.
  @Test func noRateIsNegativeOrAboveTheBase() {
    let courses: [LearningRateSchedule.Course] = [
      .constant, .milestones([2, 4], factor: 0.3), .steps(epochs: 3, factor: 0.5), .cosine(end: 0), .exponential(start: 1, end: 1e-3),
      .oneCycle(rise: 0.01, begin: 0.1, end: 0), .oneCycle(rise: 1, begin: 0, end: 0),
    ]
    for course in courses {
      for warmUp in [0, 0.3, 3, 100] {
        let all = rates(LearningRateSchedule(rate: 0.7, course: course, warmUpEpochs: warmUp), steps: 3, epochs: 6)
        #expect(all.allSatisfy { 0...0.7 ~= $0 }, "\(course)")
      }
    }
  }

  @Test(arguments: [
    LearningRateSchedule(rate: 0), LearningRateSchedule(rate: .nan), LearningRateSchedule(rate: 1, warmUpEpochs: -1),
    LearningRateSchedule(rate: 1, course: .milestones([-1], factor: 0.1)), LearningRateSchedule(rate: 1, course: .cosine(end: 2)),
    LearningRateSchedule(rate: 1, course: .steps(epochs: 0, factor: 0.1)),
    LearningRateSchedule(rate: 1, course: .exponential(start: 0, end: 0)),
  ]) func numbersOutOfRangeAreRefused(_ schedule: LearningRateSchedule) {
    #expect(throws: TrainingError.self) { try schedule.check() }
  }
}
