import LinearAlgebra
import Networks

/// LeNet-5 as Caffe and the pruning literature have it: 430 500 weights on 28×28 images.
///
/// Convolutions 5×5 to 20 and 50 channels, each with a 2×2 maximum after it, then dense layers of 500 (ReLU) and the classes.
/// ADMM-NN (Ren et al., ASPLOS 2019) and its baselines report on this variant.
enum LeNet5 {
  static func build<Element: Scalar>(_ model: inout Model<Element>, classes: Int) throws(TrainingError) {
    let channels = model.inputShape.channels
    try model.add(ConvolutionLayer("conv1", inputs: channels, outputs: 20, size: 5, padding: 0, hasBias: true))
    try model.add(MaximumPoolLayer("pool1", PoolWindow(2)))
    try model.add(ConvolutionLayer("conv2", inputs: 20, outputs: 50, size: 5, padding: 0, hasBias: true))
    let node = try model.addFlattening("flatten", of: try model.add(MaximumPoolLayer("pool2", PoolWindow(2))))
    try model.addHidden([500], nonlinearity: .scalar(.relu), after: node, classes: classes)
  }
}
