import LinearAlgebra
import Synchronization
import Testing

/// Serialised because the number of threads is global.
@Suite(.serialized) struct ParallelForTests {
  func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = count
    return try body()
  }

  @Test func optimisedBLASIsLinked() { #expect(Threads.optimisedBLAS != nil) }

  @Test func coversEveryIndexOnce() {
    for (threads, count) in [(1, 5), (2, 1), (4, 1000), (3, 0)] {
      withThreads(threads) {
        let visits = Mutex([Int](repeating: 0, count: count))
        ParallelFor.run(count) { index in visits.withLock { $0[index] += 1 } }
        ParallelFor.runRanges(count, minimumChunk: 3) { range in visits.withLock { visits in for i in range { visits[i] += 1 } } }
        #expect(visits.withLock { $0.allSatisfy { $0 == 2 } })
      }
    }
  }

  @Test func nestedRunsAreSerial() {
    withThreads(4) {
      let inOrder = Mutex(0)
      ParallelFor.run(8) { _ in
        let seen = Mutex([Int]())
        ParallelFor.run(20) { index in seen.withLock { $0.append(index) } }
        if seen.withLock({ $0 }) == Array(0..<20) { inOrder.withLock { $0 += 1 } }
      }
      #expect(inOrder.withLock { $0 } == 8)
    }
  }

  /// The same bits for one thread and for five.
  @Test func resultsDoNotDependOnThreads() {
    var random = SplitMix64(seed: 1)
    let geometry = ConvolutionGeometry(
      inputChannels: 16, outputChannels: 24, inputHeight: 14, inputWidth: 14, kernelHeight: 3, kernelWidth: 3, strideWidth: 2, padTop: 1,
      padLeft: 1, padBottom: 1, padRight: 1)
    let convolution = ConvolutionMap<Float>(
      geometry: geometry, weight: random.gaussianMatrix(rows: 24, columns: geometry.kernelCount))
    let dense = DenseMap<Float>(weight: random.gaussianMatrix(rows: 500, columns: 300))
    let images: Matrix<Float> = random.gaussianMatrix(rows: 9, columns: geometry.inputCount)
    let vectors: Matrix<Float> = random.gaussianMatrix(rows: 40, columns: 300)
    let results = [1, 2, 5].map { threads in
      withThreads(threads) {
        let (y, z) = (convolution.apply(images), dense.apply(vectors))
        return [y.elements, convolution.adjoint(y).elements, z.elements, dense.adjoint(z).elements]
      }
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }
}
