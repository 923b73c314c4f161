import Foundation

/// The strokes of a digit, as broken lines in the square [−1, 1]², x to the right and y downwards.
struct GlyphShape: Sendable {
  typealias Point = SIMD2<Double>

  /// Broken lines.
  let strokes: [[Point]]

  /// The ways in which each of the ten digits is written.
  static let digits: [[GlyphShape]] = [
    [GlyphShape(arc(0, 0, 0.5, 0.8, from: 0, to: 360))],
    [
      GlyphShape([Point(-0.28, -0.45), Point(0.05, -0.8), Point(0.05, 0.8)]),
      GlyphShape([Point(0, -0.8), Point(0, 0.8)]),
      GlyphShape([Point(-0.28, -0.45), Point(0.05, -0.8), Point(0.05, 0.8)], [Point(-0.35, 0.8), Point(0.45, 0.8)]),
    ],
    [
      GlyphShape(arc(0, -0.36, 0.45, 0.44, from: 190, to: 390) + [Point(-0.5, 0.8), Point(0.5, 0.8)]),
      GlyphShape(
        arc(0, -0.36, 0.45, 0.44, from: 190, to: 390) + arc(-0.3, 0.62, 0.2, 0.18, from: 180, to: 360) + [Point(0.5, 0.8)]),
    ],
    [
      GlyphShape(arc(-0.05, -0.4, 0.45, 0.4, from: 205, to: 450) + arc(-0.05, 0.4, 0.5, 0.42, from: 270, to: 510)),
      GlyphShape([Point(-0.45, -0.8), Point(0.4, -0.8), Point(-0.05, -0.1)] + arc(-0.05, 0.37, 0.5, 0.45, from: 280, to: 510)),
    ],
    [
      GlyphShape([Point(0.22, 0.8), Point(0.22, -0.8), Point(-0.5, 0.25), Point(0.52, 0.25)]),
      GlyphShape([Point(-0.3, -0.8), Point(-0.45, 0.1), Point(0.5, 0.1)], [Point(0.25, -0.6), Point(0.2, 0.8)]),
    ],
    [GlyphShape([Point(0.45, -0.8), Point(-0.35, -0.8), Point(-0.42, -0.08)] + arc(0, 0.3, 0.48, 0.5, from: 228, to: 510))],
    [
      GlyphShape([Point(0.35, -0.8)] + arc(0.25, 0.35, 0.72, 1.15, from: 265, to: 180) + arc(0, 0.35, 0.46, 0.45, from: 180, to: 540)),
      GlyphShape([Point(0.1, -0.8), Point(-0.4, 0.2)] + arc(0, 0.38, 0.44, 0.42, from: 190, to: 550)),
    ],
    [
      GlyphShape([Point(-0.5, -0.8), Point(0.5, -0.8), Point(-0.15, 0.8)]),
      GlyphShape([Point(-0.5, -0.8), Point(0.5, -0.8), Point(-0.15, 0.8)], [Point(-0.2, 0), Point(0.4, 0)]),
    ],
    [GlyphShape(arc(0, -0.42, 0.38, 0.38, from: 90, to: 450), arc(0, 0.38, 0.47, 0.42, from: 270, to: 630))],
    [
      GlyphShape(arc(0, -0.36, 0.44, 0.44, from: 0, to: 360) + [Point(0.38, 0.2), Point(0.25, 0.8)]),
      GlyphShape(arc(0, -0.36, 0.44, 0.44, from: 0, to: 360) + arc(0, 0.25, 0.44, 0.55, from: 0, to: 130)),
    ],
  ]

  private init(_ strokes: [Point]...) { self.strokes = strokes }

  /// Part of an ellipse; degrees clockwise from the right, as y points downwards.
  private static func arc(_ x: Double, _ y: Double, _ a: Double, _ b: Double, from: Double, to: Double) -> [Point] {
    let pieces = max(4, Int((abs(to - from) / 24).rounded(.up)))
    return (0...pieces).map { i in
      let angle = (from + (to - from) * Double(i) / Double(pieces)) * .pi / 180
      return Point(x + a * cos(angle), y + b * sin(angle))
    }
  }
}
