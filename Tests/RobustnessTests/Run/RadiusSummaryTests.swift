import Certificates
import Foundation
import LinearAlgebra
import Testing

@testable import Robustness

@Suite("Summaries of radii")
struct RadiusSummaryTests {
  /// Records with wrong answers, methods that fail, ties and inputs that no attack changes.
  static func records(_ count: Int, seed: UInt64) -> [RadiusRecord] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      let label = Int.random(in: 0..<3, using: &random)
      let isRight = Int.random(in: 0..<4, using: &random) > 0
      var record = RadiusRecord(
        index: index, label: label, answer: isRight ? label : (label + 1) % 3, margin: isRight ? 0.5 : -0.5, norm: .l2)
      guard isRight else { return record }
      record.certified = ["global", "other"].map { name in
        // Few different values, so that radii coincide.
        let radius = Double(Int.random(in: 0...6, using: &random)) / 8
        return .init(
          method: name, radius: radius, isExact: radius == 0.5, seconds: Double.random(in: 0...1, using: &random),
          note: radius == 0 ? "not proved" : nil)
      }
      let isFound = Int.random(in: 0..<5, using: &random) > 0
      record.attack = .init(
        attack: "best", finder: "pgd", radius: isFound ? Double(Int.random(in: 7...12, using: &random)) / 8 : nil,
        rival: isFound ? 2 : nil, seconds: 0.25)
      return record
    }
  }

  @Test("Every number is that of a plain count", arguments: [0, 1, 2, 7, 60], [1, 2] as [UInt64])
  func oracle(count: Int, seed: UInt64) {
    let records = Self.records(count, seed: seed)
    let radii = [0, 0.125, 0.25, 0.3, 0.75, 0.875, 1.5, 9]
    let summary = RadiusSummary(records, norm: .l2, methods: ["global", "other"], radii: radii)
    let right = records.filter { $0.answer == $0.label }
    #expect(summary.inputCount == count && summary.correctCount == right.count)
    #expect(summary.naturalAccuracy == (count == 0 ? 0 : Double(right.count) / Double(count)))
    func best(_ record: RadiusRecord) -> Double { record.certified.map(\.radius).max() ?? 0 }
    for (point, r) in zip(summary.points, radii) {
      let certified = right.count { best($0) >= r && best($0) > 0 }
      let attacked = right.count { $0.attack?.radius.map { $0 > r } ?? true }
      #expect(point.radius == r)
      #expect(summary.best.count(at: r) == certified)
      #expect(point.certified == (count == 0 ? 0 : Double(certified) / Double(count)))
      if !right.isEmpty { #expect(point.attacked == Double(attacked) / Double(count)) }
      for (position, method) in summary.methods.enumerated() {
        #expect(method.curve.count(at: r) == right.count { $0.certified[position].radius >= r && $0.certified[position].radius > 0 })
      }
    }
    func median(_ values: [Double]) -> Double? {
      let sorted = values.sorted()
      if sorted.isEmpty { return nil }
      return sorted.count % 2 == 1 ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
    #expect(summary.medianCertified == median(right.map(best)))
    #expect(summary.attack?.median == median(right.map { $0.attack?.radius ?? .infinity }))
    let both = right.filter { $0.attack?.radius != nil }
    #expect(summary.medianBracket == median(both.map { ($0.attack?.radius ?? 0) - best($0) }))
    for (position, method) in summary.methods.enumerated() {
      #expect(method.certifiedCount == right.count { $0.certified[position].radius > 0 })
      #expect(method.bestCount == right.count { $0.certified[position].radius > 0 && $0.certified[position].radius == best($0) })
      #expect(method.exactCount == right.count { $0.certified[position].radius == 0.5 })
      #expect(method.median == median(right.map { $0.certified[position].radius }))
      #expect(abs(method.seconds - right.reduce(0) { $0 + $1.certified[position].seconds }) < 1e-9)
    }
    #expect(summary.contradictions.isEmpty)
  }

  @Test("Curves only fall, and their steps say the same as their shares", arguments: [RadiusCurve.Kind.closed, .open])
  func curve(kind: RadiusCurve.Kind) {
    let radii = Self.records(80, seed: 5).map(\.radius) + (kind == .open ? [.infinity] : [])
    let curve = RadiusCurve(kind, inputCount: radii.count, radii: radii)
    let steps = curve.steps
    for (step, next) in zip(steps, steps.dropFirst()) {
      #expect(step.radius < next.radius && step.share > next.share)
      // Between two steps the share stays the same, whichever end belongs to it.
      #expect(curve.share(at: (step.radius + next.radius) / 2) == step.share)
    }
    #expect(steps.last?.share == (kind == .open ? 1 / Double(radii.count) : 0))
  }

  @Test("A certified radius that reaches an attacked one is told, also when it is not a number")
  func contradiction() {
    var records = Self.records(40, seed: 9)
    let victims = records.indices.filter { records[$0].attack?.radius != nil }.prefix(3)
    for (victim, radius) in zip(victims, [Double.nan, .infinity, records[victims[2]].attack?.radius ?? 0]) {
      records[victim].certified[1].radius = radius
    }
    #expect(RadiusSummary(records, norm: .l2, methods: []).contradictions == Array(victims))
  }
}
