import LinearAlgebra

extension WeightGroups {
  /// Replaces every group of weights by its proximal point: its norm goes through the map, its direction stays.
  ///
  /// For a penalty P of norms, argmin μ P(‖u‖) + ‖u − w‖² / 2 lies on the ray of w, since for a given ‖u‖ the distance is least there; what is
  /// left is the map of the norm. Groups of one weight are mapped as they are.
  ///
  /// - Parameters:
  ///   - map: the map of the norms.
  ///   - parameters: those of the model; the weights of the groups change.
  /// - Complexity: two passes over the weights, layers side by side; one allocation for each layer, none for single weights.
  public func apply(_ map: ProximalMap, to parameters: inout [Float]) {
    parameters.withUnsafeMutableBufferPointer { buffer in
      guard let memory = SharedBuffer(buffer) else { return }
      ParallelFor.run(layers.count) { layers[$0].apply(map, to: memory.base + layers[$0].range.lowerBound) }
    }
  }
}

extension WeightGroups.Layer {
  fileprivate func apply(_ map: ProximalMap, to weights: UnsafeMutablePointer<Float>) {
    if groupSize == 1 { return map.apply(to: UnsafeMutableBufferPointer(start: weights, count: range.count)) }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { factors in
      squares(weights, into: factors)
      for group in factors.indices {
        let norm = factors[group].squareRoot()
        let image = map(norm)
        factors[group] = image == norm ? 1 : image / norm
      }
      forEachRun { group, run in
        let factor = Float(factors[group])
        // Zeros are set: a product could be −0.
        if factor == 0 { for i in run { weights[i] = 0 } } else if factor != 1 { for i in run { weights[i] *= factor } }
      }
    }
  }
}
