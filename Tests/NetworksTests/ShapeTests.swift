import LinearAlgebra
import Networks
import Testing

/// The shape `operation` gives on inputs of the given shapes.
func shape(of operation: Networks.Operation, on inputs: Shape...) throws -> Shape {
  var network = Network()
  let nodes = inputs.enumerated().map { network.addInput(name: "x\($0)", shape: $1) }
  let node = try network.add(operation, name: "node under test", to: nodes)
  return network.nodes[node].shape
}

@Suite struct ShapeTests {
  let ones23 = Networks.Operation.Constant(shape: [2, 3], values: Array(repeating: 1, count: 6))

  @Test func goodShapes() throws {
    let weight = Matrix<Double>(rows: 5, columns: 3, repeating: 1)
    #expect(try shape(of: .dense(weight: weight, bias: nil), on: [3]) == [5])
    #expect(try shape(of: .dense(weight: weight, bias: nil), on: [2, 4, 3]) == [2, 4, 5])
    let filter = Matrix<Double>(rows: 4, columns: 9, repeating: 1)
    let convolution = Networks.Operation.Convolution(
      weight: filter, kernel: [3, 3], strides: [2, 1], dilations: [1, 2], padBefore: [1, 0], padAfter: [1, 0], groups: 2)
    #expect(try shape(of: .convolution(convolution), on: [1, 2, 8, 9]) == [1, 4, 4, 5])
    let line = Networks.Operation.Convolution(weight: Matrix(rows: 2, columns: 6, repeating: 1), kernel: [3], strides: [2])
    #expect(try shape(of: .convolution(line), on: [1, 2, 9]) == [1, 2, 4])
    #expect(try shape(of: .maxPool(.init(kernel: [2, 2], strides: [2, 2])), on: [1, 3, 5, 6]) == [1, 3, 2, 3])
    #expect(try shape(of: .maxPool(.init(kernel: [2, 2], strides: [2, 2], ceilMode: true)), on: [1, 3, 5, 6]) == [1, 3, 3, 3])
    // The window that would start in the padding after the input is dropped.
    let ceil = Networks.Operation.Pooling(kernel: [2], strides: [2], padBefore: [1], padAfter: [1], ceilMode: true)
    #expect(try shape(of: .averagePool(ceil), on: [1, 1, 3]) == [1, 1, 2])
    #expect(try shape(of: .addConstant(ones23, sign: -1), on: [4, 1, 3]) == [4, 2, 3])
    #expect(try shape(of: .sum(signs: [1, -1, 1]), on: [2, 1], [1, 3], [5, 1, 1]) == [5, 2, 3])
    #expect(try shape(of: .concatenation(axis: 1), on: [2, 1], [2, 4]) == [2, 5])
    #expect(try shape(of: .slice(starts: [4, 0], ends: [-1, 5], steps: [-2, 3]), on: [5, 6]) == [3, 2])
    #expect(try shape(of: .slice(starts: [4], ends: [0], steps: [Int.min]), on: [5]) == [1])
    #expect(try shape(of: .reshape([6]), on: [2, 3]) == [6])
    #expect(try shape(of: .transpose(permutation: [2, 0, 1]), on: [2, 3, 4]) == [4, 2, 3])
    #expect(try shape(of: .pad(before: [1, -1], after: [0, 2], value: 3), on: [2, 3]) == [3, 4])
    #expect(try shape(of: .gather(axis: 1, indices: [2, 0, 2, 1], keepsAxis: true), on: [2, 3]) == [2, 4])
    #expect(try shape(of: .gather(axis: 1, indices: [2], keepsAxis: false), on: [2, 3]) == [2])
    #expect(try shape(of: .reduction(axes: [2, 0], keepsAxes: false, isMean: true), on: [2, 3, 4]) == [3])
    #expect(try shape(of: .reduction(axes: [1], keepsAxes: true, isMean: false), on: [2, 3, 4]) == [2, 1, 4])
    #expect(try shape(of: .globalAveragePool, on: [1, 3, 4, 5]) == [1, 3, 1, 1])
    #expect(try shape(of: .groupSort(size: 2, axis: 1), on: [1, 4, 2]) == [1, 4, 2])
    #expect(try shape(of: .parametricReLU(slopes: .init(shape: [3, 1], values: [1, 2, 3])), on: [1, 3, 4]) == [1, 3, 4])
  }

  /// Every hostile or wrong node is refused with an error that names it; nothing traps.
  @Test func badShapes() throws {
    let huge = 1 << 62
    let weight = Matrix<Double>(rows: 5, columns: 3, repeating: 1)
    let filter = Matrix<Double>(rows: 4, columns: 9, repeating: 1)
    let cases: [(Networks.Operation, [Shape])] = [
      (.input, [[1]]), (.dense(weight: weight, bias: nil), [[4]]), (.dense(weight: weight, bias: nil), [[]]),
      (.dense(weight: weight, bias: [1]), [[3]]), (.dense(weight: weight, bias: [1, 2, 3, 4, .nan]), [[3]]),
      (.dense(weight: Matrix(rows: 1, columns: 1, elements: [.infinity]), bias: nil), [[1]]),
      (.convolution(.init(weight: filter, kernel: [3, 3])), [[1, 2, 8, 8]]),
      (.convolution(.init(weight: filter, kernel: [3, 3], strides: [0, 1])), [[1, 1, 8, 8]]),
      (.convolution(.init(weight: filter, kernel: [3, 3], dilations: [huge, 1])), [[1, 1, 8, 8]]),
      (.convolution(.init(weight: filter, kernel: [3, 3], padBefore: [-1, 0])), [[1, 1, 8, 8]]),
      (.convolution(.init(weight: filter, kernel: [3, 3], groups: 0)), [[1, 1, 8, 8]]),
      (.convolution(.init(weight: filter, kernel: [huge, huge])), [[1, 1, 8, 8]]),
      (.convolution(.init(weight: filter, kernel: [1, 3, 3])), [[1, 1, 8, 8, 8]]),
      (.convolution(.init(weight: filter, kernel: [3, 3], strides: [1])), [[1, 1, 8, 8]]),
      (.maxPool(.init(kernel: [2, 2], padBefore: [2, 0])), [[1, 1, 4, 4]]),
      (.maxPool(.init(kernel: [2], padBefore: [1], padAfter: [1], dilations: [2])), [[1, 1, 1]]),
      (.maxPool(.init(kernel: [5])), [[1, 1, 4]]), (.averagePool(.init(kernel: [0])), [[1, 1, 4]]),
      (.batchNormalization(.init(scale: [1], shift: [0], mean: [0], variance: [0], epsilon: 0)), [[1, 1]]),
      (.batchNormalization(.init(scale: [1], shift: [0], mean: [0], variance: [1], epsilon: 0)), [[1, 2]]),
      (.batchNormalization(.init(scale: [1e300], shift: [0], mean: [0], variance: [1e-300], epsilon: 0)), [[1, 1]]),
      (.addConstant(ones23, sign: 1), [[4]]), (.addConstant(ones23, sign: 2), [[3]]),
      (.divideConstant(.init(shape: [], values: [0])), [[3]]), (.divideConstant(.init(shape: [], values: [.leastNonzeroMagnitude])), [[3]]),
      (.multiplyConstant(.init(shape: [], values: [.nan])), [[3]]),
      (.sum(signs: [1, 1]), [[2], [3]]), (.sum(signs: [1]), [[2], [2]]), (.sum(signs: [0.5]), [[2]]), (.sum(signs: []), []),
      (.concatenation(axis: 2), [[2, 1], [2, 1]]), (.concatenation(axis: 0), [[2, 1], [2, 2]]),
      (.concatenation(axis: -1), [[2]]), (.slice(starts: [0], ends: [0], steps: [1]), [[3]]),
      (.slice(starts: [0], ends: [3], steps: [0]), [[3]]), (.slice(starts: [0], ends: [4], steps: [1]), [[3]]),
      (.slice(starts: [Int.min], ends: [Int.max], steps: [1]), [[3]]), (.slice(starts: [], ends: [], steps: []), [[3]]),
      (.reshape([4]), [[3]]), (.reshape([huge, huge]), [[3]]), (.reshape([huge, 0]), [[3]]),
      (.transpose(permutation: [0, 0]), [[2, 2]]), (.transpose(permutation: [1]), [[2, 2]]),
      (.pad(before: [Int.max], after: [Int.max], value: 0), [[3]]), (.pad(before: [-2], after: [-1], value: 0), [[3]]),
      (.pad(before: [1], after: [1], value: .infinity), [[3]]), (.pad(before: [1 << 31], after: [0], value: 0), [[3]]),
      (.gather(axis: 0, indices: [3], keepsAxis: true), [[3]]), (.gather(axis: 0, indices: [0, 1], keepsAxis: false), [[3]]),
      (.gather(axis: 1, indices: [0], keepsAxis: true), [[3]]), (.reduction(axes: [], keepsAxes: true, isMean: true), [[3]]),
      (.reduction(axes: [0, 0], keepsAxes: true, isMean: true), [[3]]), (.reduction(axes: [1], keepsAxes: true, isMean: true), [[3]]),
      (.globalAveragePool, [[1, 3]]), (.activation(.leakyReLU(slope: .nan)), [[3]]), (.activation(.clip(lower: 1, upper: 0)), [[3]]),
      (.activation(.relu), [[3], [3]]), (.parametricReLU(slopes: ones23), [[1, 3]]), (.maximum, [[3]]), (.minimum, [[3], [1]]),
      (.groupSort(size: 2, axis: 0), [[3]]), (.groupSort(size: 0, axis: 0), [[3]]), (.groupSort(size: 1, axis: 1), [[3]]),
    ]
    for (operation, shapes) in cases {
      var network = Network()
      let nodes = shapes.enumerated().map { network.addInput(name: "x\($0)", shape: $1) }
      let error = #expect(throws: NetworkError.self, "\(operation) on \(shapes)") {
        try network.add(operation, name: "bad node", to: nodes)
      }
      #expect(error?.description.contains("'bad node'") == true)
    }
    #expect(throws: NetworkError.self) { try Shape.checked([1 << 40, 1 << 40], node: "n") }
    #expect(throws: NetworkError.self) { try Shape.checked([-1], node: "n") }
    var network = Network()
    #expect(throws: NetworkError.self) { try network.add(.activation(.relu), name: "n", to: [0]) }
    #expect(throws: NetworkError.self) { try network.setOutputs([]) }
  }
}
