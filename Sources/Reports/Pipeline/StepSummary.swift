import CommandLineSupport
import Compression
import Foundation
import Lipschitz
import Robustness

/// What a pipeline keeps of one step for its own report: the result in words and numbers, and the figure that says most.
public struct StepSummary: Codable, Sendable, Equatable {
  /// A number and what it is.
  public struct Measure: Codable, Sendable, Equatable {
    /// Its name, such as `certified bound`.
    public var name: String
    /// Its value.
    public var value: Double
    /// The value as people read it, rounded to the safe side.
    public var words: String

    /// Collects the parts.
    public init(_ name: String, _ value: Double, _ words: String) { (self.name, self.value, self.words) = (name, value, words) }
  }

  /// A figure of the step's report.
  public struct Picture: Codable, Sendable, Equatable {
    /// Its file in the step's folder.
    var path: String
    /// What it shows, in words.
    var words: String
    /// How to read it.
    var caption: String
    /// The figure for a page, whose ids begin with the step's.
    var markup: String

    /// A chart of the report of a step.
    init(_ chart: any Chart, step: String) {
      let figure = chart.figure
      (path, words, caption) = (figure.path, figure.words, chart.caption)
      markup = RenamedChart(chart: chart, id: "\(step)-\(chart.id)").markup
    }

    /// For Markdown, in the report beside the step's folder.
    func image(in folder: String) -> String { "![\(Markdown.plain(words))](\(folder)/\(path))" }
  }

  /// The result in a line.
  public var headline: String
  /// What it means, in sentences.
  public var meaning: String
  /// Whether something that was asked is not answered.
  public var isOpen: Bool
  /// The most important numbers.
  public var measures: [Measure]
  /// The networks it is about, by the digests of their files.
  public var models: [String]
  /// The figure that says most; `nil` when there is none.
  public var picture: Picture?

  /// Collects the parts.
  public init(
    headline: String, meaning: String, isOpen: Bool = false, measures: [Measure] = [], models: [String] = []
  ) {
    (self.headline, self.meaning, self.isOpen) = (headline, meaning, isOpen)
    (self.measures, self.models) = (measures, models)
  }

  /// Reads what ``encoded`` wrote; `nil` when it is something else.
  public init?(_ data: Data) {
    guard let summary = try? JSONDecoder().decode(Self.self, from: data) else { return nil }
    self = summary
  }

  /// The summary as text that the same results always give.
  public var encoded: Data {
    get throws { try readableJSON }
  }
}

/// A chart under another name, so that charts of several reports can stand on one page.
private struct RenamedChart: Chart {
  let chart: any Chart
  let id: String

  var title: String { chart.title }
  var caption: String { chart.caption }
  var summary: String { chart.summary }
  var fileWidth: Double { chart.fileWidth }

  func draw(width: Double) -> SVGCanvas { chart.draw(width: width) }
}

extension StepSummary {
  /// The same with a chart of the report of a step, if there is one.
  fileprivate func illustrated(by chart: (any Chart)?, of step: String) -> StepSummary {
    var summary = self
    summary.picture = chart.map { Picture($0, step: step) }
    return summary
  }
}

extension BoundReport {
  /// The least proved bound, and the gain attained.
  public func stepSummary(of step: String) -> StepSummary {
    var measures: [StepSummary.Measure] = []
    if let upper = best?.upper { measures.append(.init("certified bound", upper, DecimalBound.up(upper, digits: Self.digits))) }
    if let attained { measures.append(.init("attained gain", attained, DecimalBound.down(attained, digits: Self.digits))) }
    return StepSummary(headline: headline, meaning: meaning, isOpen: best == nil, measures: measures, models: [model.sha256])
      .illustrated(by: methodCharts.first, of: step)
  }
}

extension RadiusReport {
  /// The median radii, and the certified accuracy at the radii asked for.
  public func stepSummary(of step: String) -> StepSummary {
    var measures = [StepSummary.Measure("natural accuracy", summary.naturalAccuracy, Self.percent(summary.naturalAccuracy))]
    if let median = summary.medianCertified { measures.append(.init("median certified radius", median, Self.down(median))) }
    if let median = summary.attack?.median, median.isFinite {
      measures.append(.init("median attacked radius", median, Self.up(median)))
    }
    measures += summary.points.map { .init("certified accuracy at \($0.radius)", $0.certified, Self.percent($0.certified)) }
    return StepSummary(headline: conclusion, meaning: meaning, isOpen: isOpen, measures: measures, models: [model.sha256])
      .illustrated(by: curveCharts.first, of: step)
  }
}

extension TrainingReport {
  /// The accuracies of one network that was trained.
  public func stepSummary(of step: String) -> StepSummary {
    let measures = (accuracies + pruningMeasures).compactMap { measure -> StepSummary.Measure? in
      guard let value = variants.first?.statistics(measure)?.mean else { return nil }
      return .init(measure.title, value, Self.words((value, nil), measure) + (measure.isShare ? " %" : ""))
    }
    return StepSummary(headline: headline, meaning: meaning, measures: measures, models: records.map(\.network))
      .illustrated(by: learningCharts.first, of: step)
  }
}

extension ModelComparisonReport {
  /// What sets the models apart.
  public func stepSummary(of step: String) -> StepSummary {
    let measures = models.flatMap { model -> [StepSummary.Measure] in
      var own = [
        StepSummary.Measure(
          "\(model.name), non-zero parameters", Double(model.size.nonZeroParameters), Quantity.count(model.size.nonZeroParameters))
      ]
      if let natural = model.accuracy?.natural { own.append(.init("\(model.name), natural accuracy", natural, Quantity.percent(natural))) }
      if let upper = model.best?.upper {
        own.append(.init("\(model.name), certified bound", upper, DecimalBound.up(upper, digits: Self.digits)))
      }
      if let median = model.radii?.medianCertified {
        own.append(.init("\(model.name), median certified radius", median, DecimalBound.down(median, digits: 4)))
      }
      return own
    }
    return StepSummary(
      headline: headline, meaning: findings.joined(separator: " "), isOpen: !isComplete || !contradictions.isEmpty, measures: measures,
      models: models.map(\.sha256)
    ).illustrated(by: radiusCharts.first ?? tradeOffCharts.first, of: step)
  }
}
