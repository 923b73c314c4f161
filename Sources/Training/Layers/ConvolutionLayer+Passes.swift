import LinearAlgebra

extension ConvolutionLayer {
  /// Convolves the images of the batch.
  ///
  /// In training, kernels of 3 × 3 go by minimal filtering where channels and sizes allow it, whose rounding errors are about ten times
  /// those of plain sums; in evaluation, never.
  public func forward(_ pass: ForwardPass<Element>) {
    let (input, output) = (pass.inputs[0], pass.output)
    guard output.batch > 0, let memory = SharedBuffer(pass.memory.reals) else { return }
    let sums = sums(input.shape)
    let places = sums.places(capacity: output.capacity)
    let isExact = !pass.mode.isTraining
    sums.pack(sums.forward, isExact: isExact, pass.parameters, memory.base + places.forward)
    let (x, y) = (SharedInput(base: input.base), SharedBuffer(base: output.base))
    let bias = hasBias ? SharedInput(base: pass.parameters + outputChannels * sums.geometry.kernelCount) : nil
    let shortcut = hasShortcut ? SharedInput(base: pass.inputs[1].base) : nil
    sums.forEachPart(of: output.batch) { _, samples, slot in
      let copies = memory.base + places.inputs + slot * sums.together * places.inputStep
      let images = x.base + samples.lowerBound * sums.geometry.inputCount
      let to = samples.lowerBound * sums.geometry.outputCount
      let from =
        sums.copiesInput
        ? sums.input.copies(of: images, count: samples.count, at: copies, step: places.inputStep)
        : .init(base: images, step: sums.geometry.inputCount)
      sums.run(
        sums.forward, isExact: isExact, packed: memory.base + places.forward, bias: bias?.base, count: samples.count, from: from,
        addend: shortcut.map { $0.base + to }, to: .init(base: y.base + to, step: sums.geometry.outputCount),
        work: memory.base + places.work + slot * places.workStep)
    }
  }

  /// ∂w(o, i, r, c) = the correlation of input channel i with the gradient of output channel o at shift (r, c); ∂x = the gradient of the
  /// output convolved with the mirrored kernel; ∂b = its sum over pixels; ∂s = itself.
  public func backward(_ pass: BackwardPass<Element>) {
    let (input, gradient) = (pass.inputs[0], pass.outputGradient)
    guard gradient.batch > 0, let memory = SharedBuffer(pass.memory.reals) else { return }
    let sums = sums(input.shape)
    let places = sums.places(capacity: gradient.capacity)
    let isExact = !pass.mode.isTraining
    let batch = gradient.batch
    let wanted = pass.inputGradients[0]
    let wantsKernel = pass.parameterGradient != nil
    if wanted != nil {
      for part in sums.adjoint { sums.pack(part, isExact: isExact, pass.parameters, memory.base + places.adjoint) }
    }
    let (x, dy) = (SharedInput(base: input.base), SharedInput(base: UnsafePointer(gradient.base)))
    let dx = wanted.map { SharedBuffer(base: $0.tensor.base) }
    let isAccumulating = wanted?.isAccumulating ?? false
    let copiesOutput = (wanted != nil && sums.copiesOutput) || (wantsKernel && sums.copiesOutputForKernel)
    let (hasBias, isTransformed) = (hasBias, sums.isTransformed(sums.forward, isExact: isExact))
    sums.forEachPart(of: batch) { chunk, samples, slot in
      let inputCopies = memory.base + places.inputs + slot * sums.together * places.inputStep
      let outputCopies = memory.base + places.outputs + slot * sums.together * places.outputStep
      let outputGradients = dy.base + samples.lowerBound * sums.geometry.outputCount
      let images = x.base + samples.lowerBound * sums.geometry.inputCount
      let from =
        copiesOutput
        ? sums.output.copies(of: outputGradients, count: samples.count, at: outputCopies, step: places.outputStep)
        : .init(base: outputGradients, step: sums.geometry.outputCount)
      if let dx {
        let to = dx.base + samples.lowerBound * sums.geometry.inputCount
        for part in sums.adjoint {
          sums.run(
            part, isExact: isExact, packed: memory.base + places.adjoint, count: samples.count, from: from,
            addend: isAccumulating ? UnsafePointer(to) : nil, to: .init(base: to, step: sums.geometry.inputCount),
            work: memory.base + places.work + slot * places.workStep)
        }
      }
      if wantsKernel {
        let kernel = memory.base + places.kernels + chunk * places.kernelStep
        let bias = memory.base + places.biases + chunk * places.biasStep
        let transformed = memory.base + places.transformed + slot * places.transformedStep
        if samples.lowerBound == sums.firstSample(of: chunk, in: batch) {
          sums.clear(kernel, count: places.kernelStep)
          sums.clear(bias, count: places.biasStep)
          if isTransformed { sums.clear(transformed, count: places.transformedStep) }
        }
        let inputs =
          sums.copiesInput
          ? sums.input.copies(of: images, count: samples.count, at: inputCopies, step: places.inputStep)
          : .init(base: images, step: sums.geometry.inputCount)
        sums.addKernelGradient(
          isExact: isExact, count: samples.count, inputs: inputs,
          outputs: .init(base: from.base + (copiesOutput ? sums.output.origin : 0), step: from.step),
          line: copiesOutput ? sums.output.line : sums.geometry.outputWidth * sums.geometry.outputChannels,
          work: memory.base + places.work + slot * places.workStep, transformed: transformed, packed: kernel)
        if hasBias { sums.addPixels(outputGradients, count: samples.count, to: bias) }
        if isTransformed, samples.upperBound == sums.firstSample(of: chunk + 1, in: batch) {
          sums.addTransformed(transformed, to: kernel)
        }
      }
    }
    if let parameterGradient = pass.parameterGradient {
      let chunks = sums.chunks(batch)
      let kernels = memory.base + places.kernels
      sums.addParts(kernels, step: places.kernelStep, parts: chunks)
      sums.addUnpacked(kernels, to: parameterGradient)
      if hasBias {
        let biases = memory.base + places.biases
        sums.addParts(biases, step: places.biasStep, parts: chunks)
        sums.add(biases, to: parameterGradient + outputChannels * sums.geometry.kernelCount, count: outputChannels)
      }
    }
    if hasShortcut, let shortcut = pass.inputGradients[1] {
      if shortcut.isAccumulating {
        sums.add(gradient.base, to: shortcut.tensor.base, count: gradient.count)
      } else {
        shortcut.tensor.copy(gradient)
      }
    }
  }
}
