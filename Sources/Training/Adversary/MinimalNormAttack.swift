import Foundation
import LinearAlgebra

/// A search for the nearest adversarial sample in l₂: the fast minimum-norm attack, on batches.
///
/// It stands in place of the reference's attack A4, whose distances mean nothing. Each sample walks down the margin, its logit minus the
/// rival's, and is drawn back to a ball whose radius shrinks where it is adversarial and grows where it is not; until it has been
/// adversarial once the radius is the distance of the linearised boundary. The rival is at first the class whose boundary, linearised at the
/// sample, is nearest, as in DeepFool, and in the second half of the steps the greatest other logit's. A bisection between the sample and the
/// best point ends the search.
/// Pintor, Roli, Brendel, Biggio: Fast minimum-norm adversarial attacks through adaptive norm constraints, NeurIPS 2021, algorithm 1.
public struct MinimalNormAttack: Hashable, Sendable, Codable {
  /// Gradients for each sample.
  public var steps: Int
  /// The classes with the greatest logits whose boundaries are linearised; 0 follows the greatest other logit from the start.
  public var rivals: Int
  /// Evaluations of the bisection at the end.
  public var refinements: Int
  /// The least and the greatest value a sample may have; `nil` for samples that are not images.
  public var domain: ClosedRange<Double>?
  /// Logits and gradients are means over this many draws of a noisy classifier's noise.
  public var noiseDraws: Int

  /// Collects the settings.
  ///
  /// - Throws: ``TrainingError/setting(key:detail:)`` when one is out of its range.
  public init(
    steps: Int = 60, rivals: Int = 9, refinements: Int = 8, domain: ClosedRange<Double>? = 0...1, noiseDraws: Int = 1
  ) throws(TrainingError) {
    guard 2...100_000 ~= steps else { throw .setting(key: "steps", detail: "from 2 to 100000, not \(steps)") }
    guard 0...10_000 ~= rivals else { throw .setting(key: "rivals", detail: "from 0 to 10000, not \(rivals)") }
    guard 0...60 ~= refinements else { throw .setting(key: "refinements", detail: "from 0 to 60, not \(refinements)") }
    guard 1...10_000 ~= noiseDraws else { throw .setting(key: "draws", detail: "from 1 to 10000, not \(noiseDraws)") }
    self.steps = steps
    self.rivals = rivals
    self.refinements = refinements
    self.domain = domain
    self.noiseDraws = noiseDraws
  }

  /// Replaces every sample in a classifier's input by the nearest adversarial one that is found.
  ///
  /// - Returns: the distances: 0 for a sample that is misclassified as it is, infinite where none was found; those samples stay.
  /// - Precondition: one label for each sample; samples lie in the domain.
  public func perturb<Element: Scalar>(
    _ classifier: some DifferentiableClassifier<Element>, labels: [Int], random: RandomStream
  ) -> [Double] {
    let (input, n) = (classifier.input, classifier.input.shape.count)
    precondition(labels.count == input.batch, "one label for each sample")
    var walks = Walks(clean: input.elements, count: labels.count)
    var expected = ExpectedGradient<Element>(.margin, draws: noiseDraws)
    let extent = domain.map { ($0.upperBound - $0.lowerBound) } ?? 1
    let (x, gradient) = (SharedBuffer(base: input.base), SharedInput(base: UnsafePointer(classifier.inputGradient.base)))
    let nearest = nearestRivals(classifier, labels, &expected, random.stream(-1))
    for k in 0..<steps {
      let targets = 2 * k < steps ? nearest : nil
      expected.evaluate(classifier, labels: labels, targets: targets, random: random.stream(k))
      let margins = LogitMargins.margins(expected.meanLogits, labels)
      let targetMargins = targets.map { LogitMargins.margins(expected.meanLogits, labels, over: $0) } ?? margins
      let decay = (1 + cos(.pi * Double(k) / Double(steps))) / 2
      let (step, growth) = (extent * (0.01 + 0.99 * decay), 1e-4 + (0.05 - 1e-4) * decay)
      walks.withShared { walks in
        ParallelFor.runRanges(margins.count, minimumChunk: max(1, (1 << 13) / n)) { range in
          for i in range {
            let place = i * n
            let radius = walks.update(
              i, at: x.base + place, gradient.base + place, margin: margins[i], targetMargin: targetMargins[i], growth: growth,
              count: n)
            guard let radius else { continue }
            PerturbationSet(norm: .l2, epsilon: radius, domain: domain)
              .ascend(x.base + place, along: gradient.base + place, by: step, around: walks.clean.base + place, count: n)
          }
        }
      }
    }
    refine(classifier, labels, &walks, random.stream(steps))
    input.elements = walks.nearest
    return walks.distances
  }

  /// The class whose boundary with each label, linearised at the sample, is nearest; `nil` when no choice is wanted or there.
  private func nearestRivals<Element: Scalar>(
    _ classifier: some DifferentiableClassifier<Element>, _ labels: [Int], _ expected: inout ExpectedGradient<Element>,
    _ random: RandomStream
  ) -> [Int]? {
    let classes = classifier.outputGradient.shape.count
    let tried = min(rivals, classes - 1)
    guard tried > 1 else { return nil }
    let logits = LogitMargins.meanLogits(classifier, draws: noiseDraws, random: random)
    let ranked = labels.enumerated().map { index, label in
      let row = logits[index * classes..<(index + 1) * classes]
      return (0..<classes).filter { $0 != label }
        .sorted { (row[row.startIndex + $0], $1) > (row[row.startIndex + $1], $0) }
    }
    var best = labels.map { _ in (rival: 0, distance: Double.infinity) }
    for rank in 0..<tried {
      let targets = ranked.map { $0[rank] }
      expected.evaluate(classifier, labels: labels, targets: targets, random: random)
      for (i, margin) in LogitMargins.margins(expected.meanLogits, labels, over: targets).enumerated() {
        let slope = classifier.inputGradient.sample(i).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        let distance = slope > 0 ? margin / slope : .infinity
        if rank == 0 || distance < best[i].distance { best[i] = (targets[i], distance) }
      }
    }
    return best.map(\.rival)
  }

  /// Shortens the way from each sample to its adversarial point as long as the end stays adversarial.
  private func refine<Element: Scalar>(
    _ classifier: some DifferentiableClassifier<Element>, _ labels: [Int], _ walks: inout Walks<Element>, _ random: RandomStream
  ) {
    let (input, n, ends) = (classifier.input, classifier.input.shape.count, walks.nearest)
    var brackets = labels.map { _ in (low: 0.0, high: 1.0) }
    for round in 0..<refinements {
      for i in labels.indices {
        let share = Element((brackets[i].low + brackets[i].high) / 2)
        for j in i * n..<(i + 1) * n { input.base[j] = walks.clean[j] + share * (ends[j] - walks.clean[j]) }
      }
      let logits = LogitMargins.meanLogits(classifier, draws: noiseDraws, random: random.stream(round))
      for (i, margin) in LogitMargins.margins(logits, labels).enumerated() where walks.distances[i] > 0 && walks.distances[i].isFinite {
        let middle = (brackets[i].low + brackets[i].high) / 2
        if margin > 0 {
          brackets[i].low = middle
        } else {
          brackets[i].high = middle
          walks.offer(i, input.sample(i))
        }
      }
    }
  }
}

/// What is known of each sample of a batch during the search.
private struct Walks<Element: Scalar> {
  /// The samples.
  let clean: [Element]
  /// The nearest adversarial points so far; the samples where there are none.
  private(set) var nearest: [Element]
  /// Their distances.
  private(set) var distances: [Double]
  /// The radii of the balls.
  private var radii: [Double]

  init(clean: [Element], count: Int) {
    self.clean = clean
    nearest = clean
    distances = [Double](repeating: .infinity, count: count)
    radii = distances
  }

  /// Keeps an adversarial point when it is nearer than the one that is there.
  mutating func offer(_ index: Int, _ point: UnsafeMutableBufferPointer<Element>) {
    let start = index * point.count
    var squares = 0.0
    for i in point.indices { squares += (Double(point[i]) - Double(clean[start + i])) * (Double(point[i]) - Double(clean[start + i])) }
    guard squares.squareRoot() < distances[index] else { return }
    distances[index] = squares.squareRoot()
    nearest.replaceSubrange(start..<start + point.count, with: point)
  }

  /// The walks on shared memory, for threads that each care for samples of their own.
  mutating func withShared(_ body: (Shared) -> Void) {
    clean.withUnsafeBufferPointer { clean in
      nearest.withUnsafeMutableBufferPointer { nearest in
        distances.withUnsafeMutableBufferPointer { distances in
          radii.withUnsafeMutableBufferPointer { radii in
            guard let clean = SharedInput(clean), let nearest = SharedBuffer(nearest), let distances = SharedBuffer(distances),
              let radii = SharedBuffer(radii)
            else { return }
            body(Shared(clean: clean, nearest: nearest, distances: distances, radii: radii))
          }
        }
      }
    }
  }

  struct Shared: Sendable {
    let clean: SharedInput<Element>
    let nearest: SharedBuffer<Element>
    let distances: SharedBuffer<Double>
    let radii: SharedBuffer<Double>

    /// Takes note of a sample's point with its margin, and gives the radius of its next ball; `nil` where there is nothing to do.
    ///
    /// - Parameters:
    ///   - gradient: that of the target's logit minus the label's at the point.
    ///   - margin: the label's logit minus the greatest other one.
    ///   - targetMargin: the label's logit minus the target's.
    func update(
      _ index: Int, at x: UnsafePointer<Element>, _ gradient: UnsafePointer<Element>, margin: Double, targetMargin: Double, growth: Double,
      count: Int
    ) -> Double? {
      let start = index * count
      var (length, slope) = (0.0, 0.0)
      for i in 0..<count {
        let d = Double(x[i]) - Double(clean.base[start + i])
        length += d * d
        slope += Double(gradient[i]) * Double(gradient[i])
      }
      (length, slope) = (length.squareRoot(), slope.squareRoot())
      var (distance, radius) = (distances.base[index], radii.base[index])
      if margin <= 0 {
        if length < distance {
          distance = length
          (nearest.base + start).update(from: x, count: count)
        }
        radius = min(radius * (1 - growth), distance)
      } else if distance.isFinite {
        radius *= 1 + growth
      } else if slope > 0, slope.isFinite {
        radius = length + targetMargin / slope
      }
      (distances.base[index], radii.base[index]) = (distance, radius)
      return distance > 0 && slope > 0 && slope.isFinite ? radius : nil
    }
  }
}
