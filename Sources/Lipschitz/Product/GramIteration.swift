import LinearAlgebra

/// An upper bound on a convolution's spectral norm that does not depend on the size of the image, for kernels with so many channels that
/// ``ConvolutionNorm`` cannot afford single frequencies.
///
/// A zero-padded convolution is a compression of the same convolution on the infinite plane, so its norm is not larger. A stride s is made
/// one by taking the s × s residue classes of pixels as channels. Then the Gram kernel G[d] = Σ_k W[k]′W[k + d] (in channels × in channels)
/// satisfies ‖W‖² = ‖G‖ ≤ max over channels of Σ_d Σ_j |G[d]_ij|, and G may be squared once more first: ‖G‖² = ‖G ∗ G‖. Gram iteration:
/// Delattre et al., ICML 2023. Rounding errors are carried as a bound on the row sums of the error kernel.
enum GramIteration {
  /// The bound, rounded up.
  ///
  /// - Complexity: O(channels³ · kernel⁴) for each squaring; a squaring that would cost more than `budget` multiplications is left out.
  static func upperBound(geometry: ConvolutionGeometry, weight: Matrix<Double>, budget: Double = 3e9) -> Double {
    var largest = 0.0
    let outputs = geometry.outputChannels / geometry.groups
    for group in 0..<geometry.groups {
      let rows = Matrix(
        rows: outputs, columns: weight.columns,
        elements: Array(weight.elements[group * outputs * weight.columns..<(group + 1) * outputs * weight.columns]))
      largest = max(largest, groupBound(geometry: geometry, weight: rows, budget: budget))
    }
    return largest
  }

  /// A kernel of matrices on a grid, `rows` × `columns` offsets, each matrix `order` × `inner`.
  private struct Kernel {
    var height: Int
    var width: Int
    var matrices: [Matrix<Double>]
  }

  private static func groupBound(geometry: ConvolutionGeometry, weight: Matrix<Double>, budget: Double) -> Double {
    let kernel = polyphase(geometry: geometry, weight: weight)
    guard let first = kernel.matrices.first else { return 0 }
    let magnitudes = Kernel(
      height: kernel.height, width: kernel.width,
      matrices: kernel.matrices.map { Matrix(rows: $0.rows, columns: $0.columns, elements: $0.elements.map(\.magnitude)) })
    // Row sums of |W|′∗|W| bound those of |G| and, times γ, those of G's rounding error.
    let terms = kernel.matrices.count * max(first.rows, first.columns) + 8
    var gamma = 2 * ErrorBounds.gamma(2 * terms)
    var gram = correlate(kernel, kernel)
    var error = gamma * rowSum(correlate(magnitudes, magnitudes)) * (1 + 1e-9)
    var power = 2.0
    let order = Double(first.columns)
    while power < 8 {
      let cells = Double(gram.height * gram.width)
      if order * order * order * cells * cells > budget { break }
      gamma = 2 * ErrorBounds.gamma(2 * (gram.matrices.count * first.columns + 8))
      let sum = rowSum(gram)
      error = (2 * sum * error + error * error + gamma * (sum + error) * (sum + error)) * (1 + 1e-9)
      gram = correlate(gram, gram)
      power *= 2
    }
    let bound = (rowSum(gram) * (1 + 1e-9) + error).nextUp
    var root = bound
    var remaining = power
    while remaining > 1 {
      root = ErrorBounds.sqrtUp(root)
      remaining /= 2
    }
    return root
  }

  /// The largest row sum of magnitudes over all offsets, within a relative 10⁻⁹.
  private static func rowSum(_ kernel: Kernel) -> Double {
    guard let first = kernel.matrices.first else { return 0 }
    var sums = [Double](repeating: 0, count: first.rows)
    for matrix in kernel.matrices {
      for i in 0..<matrix.rows { for j in 0..<matrix.columns { sums[i] += matrix[i, j].magnitude } }
    }
    return sums.max() ?? 0
  }

  /// Σ_k a[k]′ b[k + d] for every offset d.
  private static func correlate(_ a: Kernel, _ b: Kernel) -> Kernel {
    let (height, width) = (a.height + b.height - 1, a.width + b.width - 1)
    guard let order = a.matrices.first?.columns else { return a }
    var result = Kernel(
      height: height, width: width, matrices: Array(repeating: Matrix(rows: order, columns: order), count: height * width))
    for i in 0..<a.height {
      for j in 0..<a.width {
        for k in 0..<b.height {
          for l in 0..<b.width {
            let target = (k - i + a.height - 1) * width + l - j + a.width - 1
            Matrix.multiply(
              a.matrices[i * a.width + j], b.matrices[k * b.width + l], transposingLeft: true, into: &result.matrices[target],
              accumulating: true)
          }
        }
      }
    }
    return result
  }

  /// The kernel with stride one on s × s times as many input channels.
  private static func polyphase(geometry g: ConvolutionGeometry, weight: Matrix<Double>) -> Kernel {
    let inputs = g.inputChannels / g.groups
    let (spanH, spanW) = ((g.kernelHeight - 1) * g.dilationHeight + 1, (g.kernelWidth - 1) * g.dilationWidth + 1)
    let (height, width) = ((spanH + g.strideHeight - 1) / g.strideHeight, (spanW + g.strideWidth - 1) / g.strideWidth)
    let phases = g.strideHeight * g.strideWidth
    var kernel = Kernel(
      height: height, width: width,
      matrices: Array(repeating: Matrix(rows: weight.rows, columns: inputs * phases), count: height * width))
    for kh in 0..<g.kernelHeight {
      for kw in 0..<g.kernelWidth {
        let (y, x) = (kh * g.dilationHeight, kw * g.dilationWidth)
        let cell = (y / g.strideHeight) * width + x / g.strideWidth
        let phase = (y % g.strideHeight) * g.strideWidth + x % g.strideWidth
        for o in 0..<weight.rows {
          for c in 0..<inputs {
            kernel.matrices[cell][o, phase * inputs + c] = weight[o, (c * g.kernelHeight + kh) * g.kernelWidth + kw]
          }
        }
      }
    }
    return kernel
  }
}
