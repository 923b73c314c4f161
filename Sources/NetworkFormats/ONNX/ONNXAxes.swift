/// Rules for axis lengths that variable and constant tensors share.
enum ONNXAxes {
  /// The lengths after a reshape: 0 keeps a length, one −1 takes what is left.
  static func reshaped(_ dimensions: [Int], to target: [Int], allowZero: Bool, _ call: ONNXCall) throws -> [Int] {
    func impossible() -> FormatError { call.failure(.malformed, "\(dimensions) cannot be reshaped to \(target)") }
    var result: [Int] = []
    var free: Int?
    for (axis, length) in target.enumerated() {
      switch length {
      case -1:
        guard free == nil else { throw impossible() }
        free = axis
        result.append(1)
      case 0 where !allowZero:
        guard axis < dimensions.count else { throw impossible() }
        result.append(dimensions[axis])
      default:
        result.append(length)
      }
    }
    guard let count = ONNXConstant.count(dimensions, limit: 1 << 40), let known = ONNXConstant.count(result, limit: 1 << 40) else {
      throw impossible()
    }
    if let free {
      guard known > 0, count.isMultiple(of: known) else { throw impossible() }
      result[free] = count / known
    } else if known != count {
      throw impossible()
    }
    return result
  }

  /// The lengths without the given axes, or without all of length 1.
  static func squeezed(_ dimensions: [Int], axes: [Int]?, _ call: ONNXCall) throws -> [Int] {
    guard let axes, !axes.isEmpty else { return dimensions.filter { $0 != 1 } }
    let removed = try call.axes(axes, rank: dimensions.count)
    guard removed.allSatisfy({ dimensions[$0] == 1 }) else {
      throw call.failure(.malformed, "cannot remove the axes \(axes) of \(dimensions)")
    }
    return dimensions.indices.filter { !removed.contains($0) }.map { dimensions[$0] }
  }

  /// The lengths with axes of length 1 put in where the result shall have them.
  static func unsqueezed(_ dimensions: [Int], axes: [Int], _ call: ONNXCall) throws -> [Int] {
    let added = try call.axes(axes, rank: dimensions.count + axes.count).sorted()
    var result = dimensions
    for axis in added { result.insert(1, at: axis) }
    return result
  }

  /// Clamps a slice to an axis, by the rules of NumPy; `nil` when nothing is left.
  static func clamped(start: Int, end: Int, step: Int, length: Int) -> (start: Int, end: Int)? {
    func fromFront(_ position: Int) -> Int { position < 0 ? position.addingReportingOverflow(length).partialValue : position }
    if step > 0 {
      let first = min(max(fromFront(start), 0), length)
      let last = min(max(fromFront(end), 0), length)
      return first < last ? (first, last) : nil
    }
    let first = min(max(fromFront(start), 0), length - 1)
    // The end of a backward slice: anything before the front is −1.
    let last = min(max(fromFront(end), -1), length - 1)
    return first > last ? (first, last) : nil
  }
}
