/// The bounds of a Slice operator along every axis, clamped.
struct ONNXSlice {
  private(set) var starts: [Int]
  private(set) var ends: [Int]
  private(set) var steps: [Int]

  /// Reads the bounds: attributes before operator set 10, inputs since.
  ///
  /// - Throws: ``FormatError`` when they do not fit, or when nothing is left of the tensor.
  init(_ call: inout ONNXCall, dimensions: [Int]) throws {
    let first: [Int]
    let last: [Int]
    var axes: [Int]?
    var strides: [Int]?
    if call.version < 10 {
      guard let starts = try call.attributes.integers("starts"), let ends = try call.attributes.integers("ends") else {
        throw call.failure(.malformed, "starts or ends are missing")
      }
      (first, last, axes) = (starts, ends, try call.attributes.integers("axes"))
    } else {
      (first, last, axes) = (try call.integers(1), try call.integers(2), try call.optionalIntegers(3))
      strides = try call.optionalIntegers(4)
    }
    let places = try call.axes(axes ?? Array(0..<first.count), rank: dimensions.count)
    guard last.count == first.count, places.count == first.count, (strides?.count ?? first.count) == first.count else {
      throw call.failure(.malformed, "starts, ends, axes and steps differ in number")
    }
    starts = dimensions.map { _ in 0 }
    ends = dimensions
    steps = dimensions.map { _ in 1 }
    for (index, axis) in places.enumerated() {
      let step = strides?[index] ?? 1
      guard step != 0, step != .min,
        let bounds = ONNXAxes.clamped(start: first[index], end: last[index], step: step, length: dimensions[axis])
      else { throw call.failure(.malformed, "the slice \(first[index]) to \(last[index]) in steps of \(step) is empty") }
      starts[axis] = bounds.start
      ends[axis] = bounds.end
      steps[axis] = step
    }
  }

  /// The positions taken along an axis.
  func positions(_ axis: Int) -> [Int] { Array(stride(from: starts[axis], to: ends[axis], by: steps[axis])) }
}
