import LinearAlgebra
import Lipschitz
import Networks
import Robustness

/// Certified radii of single inputs on seeded networks.
enum RadiusBenchmarks {
  static let topic = Topic(
    id: "radius", title: "Radii of single inputs in l2",
    note: "The mean over five seeded inputs, tolerance 1e-2, the network prepared before. / crown: radius to the radius of linear bounds.",
    columns: ["network", "method", "inputs", "radius", "/ crown", "best", "median"],
    cases: [([100, 50, 50, 10], false), ([784, 200, 200, 10], false), ([784, 400, 400, 10], true)].map { widths, isSlow in
      let name = widths.map(String.init).joined(separator: "-")
      return Topic.Case(name: name, isSlow: isSlow) { try rows(widths, name, $0) }
    })

  private static func rows(_ widths: [Int], _ name: String, _ harness: Harness) throws -> [[Cell]] {
    let classifier = try Classifier(try NetworkBuilders.multilayerPerceptron(widths: widths, seed: 1))
    var random = SplitMix64(seed: 2)
    let problems = try (0..<5).map { _ in
      let input = (0..<widths[0]).map { _ in random.nextUniform() }
      return try RadiusProblem(classifier, input: input, label: classifier.answer(input))
    }
    var budget = Budget()
    budget.tolerance = 1e-2
    var linear = 0.0
    return try RadiusMethods.named(["crown", "local"]).map { method in
      // The first input prepares the network.
      _ = try method.radius(of: problems[0], ceiling: nil, budget: budget)
      var sum = 0.0
      let seconds = try problems.map { problem in
        try Harness.seconds { sum += try method.radius(of: problem, ceiling: nil, budget: budget).radius }
      }
      if method.name == "crown" { linear = sum }
      guard sum >= 0.98 * linear else { throw BenchmarkError("\(method.name) proves less than crown") }
      let timing = Timing(seconds)
      return [
        .text(name), .text(method.name), .count(problems.count), .value(sum / Double(problems.count)), .ratio(sum / linear),
        .seconds(timing.best), .seconds(timing.median),
      ]
    }
  }
}
