import Foundation

/// How the learning rate goes from the first step to the last.
public struct LearningRateSchedule: Hashable, Sendable, Codable {
  /// The course after the warm-up, as a factor of the base rate.
  public enum Course: Hashable, Sendable, Codable {
    /// Always 1.
    case constant
    /// Multiplied with `factor` at the beginning of each of these epochs, which are counted from 0.
    case milestones([Int], factor: Double)
    /// Multiplied with `factor` every `epochs` epochs.
    case steps(epochs: Int, factor: Double)
    /// From 1 down half a cosine to `end`, step by step.
    ///
    /// Loshchilov, Hutter: SGDR, ICLR 2017, equation 5 without restarts.
    case cosine(end: Double)
    /// 1 until the epoch `start`, then exponentially down to `end`, step by step.
    case exponential(start: Int, end: Double)
    /// From `begin` up to 1 along half a cosine for the share `rise` of all steps, then down half a cosine to `end`. There is no warm-up then.
    ///
    /// Smith, Topin: Super-convergence, 2019; PyTorch's `OneCycleLR` with begin = 1/div, end = begin / final div.
    case oneCycle(rise: Double, begin: Double, end: Double)
  }

  /// The base rate.
  public var rate: Double
  /// The course.
  public var course: Course
  /// The epochs in which the rate grows linearly from nearly zero before the course begins; the course is as if they had been a part of it.
  public var warmUpEpochs: Double

  /// A base rate and its course.
  public init(rate: Double, course: Course = .constant, warmUpEpochs: Double = 0) {
    self.rate = rate
    self.course = course
    self.warmUpEpochs = warmUpEpochs
  }

  /// The rate of a step.
  ///
  /// - Parameters:
  ///   - step: the step, counted from 0 over all epochs.
  ///   - stepsPerEpoch: the steps in an epoch.
  ///   - epochs: the epochs in all.
  public func rate(step: Int, stepsPerEpoch: Int, epochs: Int) -> Double {
    let total = max(1, stepsPerEpoch * epochs)
    let epoch = step / max(1, stepsPerEpoch)
    let warmUp = warmUpEpochs * Double(stepsPerEpoch)
    if case .oneCycle = course {} else if Double(step) < warmUp { return rate * Double(step + 1) / (warmUp + 1) }
    switch course {
    case .constant: return rate
    case .milestones(let milestones, let factor):
      return rate * pow(factor, Double(milestones.count { $0 <= epoch }))
    case .steps(let epochs, let factor): return rate * pow(factor, Double(epoch / epochs))
    case .cosine(let end):
      let progress = (Double(step) - warmUp) / max(1, Double(total) - warmUp)
      return rate * Self.cosine(from: 1, to: end, progress)
    case .exponential(let start, let end):
      let first = max(Double(start * stepsPerEpoch), warmUp)
      let progress = (Double(step) - first) / max(1, Double(total) - first)
      return rate * pow(end, max(0, progress))
    case .oneCycle(let rise, let begin, let end):
      let top = rise * Double(total) - 1
      if Double(step) <= top { return rate * Self.cosine(from: begin, to: 1, top == 0 ? 1 : Double(step) / top) }
      return rate * Self.cosine(from: 1, to: end, (Double(step) - top) / max(1, Double(total) - 1 - top))
    }
  }

  private static func cosine(from start: Double, to end: Double, _ progress: Double) -> Double {
    end + (start - end) * (1 + cos(Double.pi * min(1, max(0, progress)))) / 2
  }

  /// Checks the numbers.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)``.
  func check() throws(TrainingError) {
    func check(_ key: String, _ value: Double, _ range: ClosedRange<Double>) throws(TrainingError) {
      guard range ~= value else { throw .setting(key: key, detail: "\(value) is not between \(range.lowerBound) and \(range.upperBound)") }
    }
    guard rate > 0, rate.isFinite else { throw .setting(key: "rate", detail: "\(rate) is not a positive number") }
    guard warmUpEpochs >= 0, warmUpEpochs.isFinite else {
      throw .setting(key: "warm-up", detail: "\(warmUpEpochs) is not a number of epochs")
    }
    switch course {
    case .constant: break
    case .milestones(let milestones, let factor):
      for milestone in milestones where milestone < 0 {
        throw .setting(key: "milestones", detail: "there is no epoch \(milestone)")
      }
      try check("factor", factor, 0...1)
    case .steps(let epochs, let factor):
      guard epochs > 0 else { throw .setting(key: "step", detail: "\(epochs) is not a positive number of epochs") }
      try check("factor", factor, 0...1)
    case .cosine(let end): try check("end", end, 0...1)
    case .exponential(let start, let end):
      guard start >= 0 else { throw .setting(key: "start", detail: "there is no epoch \(start)") }
      guard end > 0 else { throw .setting(key: "end", detail: "\(end) is not a positive number") }
      try check("end", end, 0...1)
    case .oneCycle(let rise, let begin, let end):
      try check("rise", rise, 0...1)
      try check("begin", begin, 0...1)
      try check("end", end, 0...1)
    }
  }
}
