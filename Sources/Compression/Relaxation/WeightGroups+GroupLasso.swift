import LinearAlgebra

extension WeightGroups {
  /// What stands under the root of a group's norm, so that the gradient exists at zero; the reference implementation's value.
  static let lassoSmoothing = 1e-8

  /// The smoothed group lasso λ₂ Σ_g √(‖w_g‖² + 10⁻⁸) and its gradient λ₂ w_g / √(‖w_g‖² + 10⁻⁸).
  ///
  /// The gradient's Lipschitz constant is λ₂ / √10⁻⁸ = 10⁴ λ₂.
  ///
  /// - Parameters:
  ///   - strength: λ₂.
  ///   - parameters: those of the model.
  ///   - gradient: what the gradient is added to.
  /// - Returns: the penalty.
  public func addGroupLasso(_ strength: Double, of parameters: [Float], to gradient: inout [Float]) -> Double {
    parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        guard let weights = parameters.baseAddress, let target = gradient.baseAddress else { return 0 }
        return strength
          * layers.reduce(0) { sum, layer in
            sum + layer.addGroupLasso(strength, of: weights + layer.range.lowerBound, to: target + layer.range.lowerBound)
          }
      }
    }
  }
}

extension WeightGroups.Layer {
  /// Adds the gradient; the sum of the norms.
  fileprivate func addGroupLasso(
    _ strength: Double, of weights: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { norms in
      squares(weights, into: norms)
      var sum = 0.0
      for group in norms.indices {
        norms[group] = (norms[group] + WeightGroups.lassoSmoothing).squareRoot()
        sum += norms[group]
      }
      forEachRun { group, run in
        let factor = Float(strength / norms[group])
        for i in run { gradient[i] += factor * weights[i] }
      }
      return sum
    }
  }
}
