/// A set of coordinates as ascending runs: short for tiles of images, whose rows are consecutive in memory.
///
/// In files it is the flat list of first and past-the-end coordinates: `[0, 4, 32, 36]` is {0, 1, 2, 3, 32, 33, 34, 35}.
public struct IndexRuns: Codable, Sendable, Equatable {
  /// First and past-the-end coordinates of the runs, alternating.
  public var ends: [Int]

  /// The runs of an ascending list without repetitions.
  public init(_ indices: [Int]) {
    ends = []
    for index in indices {
      if ends.last == index {
        ends[ends.count - 1] += 1
      } else {
        ends += [index, index + 1]
      }
    }
  }

  /// Reads the flat list; whether it makes sense is asked when it is used.
  ///
  /// - Throws: `DecodingError` when there is no list of whole numbers.
  public init(from decoder: any Decoder) throws {
    ends = try decoder.singleValueContainer().decode([Int].self)
  }

  /// Writes the flat list.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(ends)
  }

  /// The coordinates, ascending.
  ///
  /// - Throws: ``NotProved`` unless the runs ascend, are not empty and lie within `0 ..< count`.
  func indices(below count: Int) throws -> [Int] {
    guard ends.count.isMultiple(of: 2) else { throw NotProved("a run of coordinates has no end") }
    var next = 0
    var result: [Int] = []
    for run in stride(from: 0, to: ends.count, by: 2) {
      let (start, end) = (ends[run], ends[run + 1])
      guard start >= next, end > start, end <= count else {
        throw NotProved("runs of coordinates that are empty, do not ascend or lie outside")
      }
      result += start..<end
      next = end
    }
    return result
  }
}
