internal import CKernels
import LinearAlgebra
import Networks

/// A window that moves over an image, as PyTorch's pools have it: the same padding on both sides, output lengths rounded down.
public struct PoolWindow: Hashable, Sendable {
  /// The window's rows and columns.
  public var height, width: Int
  /// The distance between windows.
  public var strideHeight, strideWidth: Int
  /// What is added on each side of the image.
  public var padHeight, padWidth: Int

  /// A square window; it moves by its own length unless told otherwise.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    self.init(height: size, width: size, strideHeight: stride, strideWidth: stride, padHeight: padding, padWidth: padding)
  }

  /// A window whose axes differ.
  public init(height: Int, width: Int, strideHeight: Int? = nil, strideWidth: Int? = nil, padHeight: Int = 0, padWidth: Int = 0) {
    self.height = height
    self.width = width
    self.strideHeight = strideHeight ?? height
    self.strideWidth = strideWidth ?? width
    self.padHeight = padHeight
    self.padWidth = padWidth
  }

  func outputShape(of shape: FeatureShape, layer: String) throws(TrainingError) -> FeatureShape {
    guard min(height, width, strideHeight, strideWidth) > 0, 0...height / 2 ~= padHeight, 0...width / 2 ~= padWidth else {
      throw .setting(key: layer, detail: "windows and strides must be positive, and padding at most half a window")
    }
    guard shape.height + 2 * padHeight >= height, shape.width + 2 * padWidth >= width else {
      throw .shape(
        layer: layer, detail: "a window of \(height)x\(width) does not fit into \(shape) with padding \(padHeight) and \(padWidth)")
    }
    return FeatureShape(
      height: (shape.height + 2 * padHeight - height) / strideHeight + 1, width: (shape.width + 2 * padWidth - width) / strideWidth + 1,
      channels: shape.channels)
  }

  func onImage(_ input: FeatureShape, _ output: FeatureShape, countsPadding: Bool = false) -> lipcert_window {
    lipcert_window(
      height: input.height, width: input.width, channels: input.channels, kernel_height: height, kernel_width: width,
      stride_height: strideHeight, stride_width: strideWidth, pad_height: padHeight, pad_width: padWidth, output_height: output.height,
      output_width: output.width, counts_padding: countsPadding ? 1 : 0)
  }

  func operation(countsPadding: Bool = false) -> Operation.Pooling {
    Operation.Pooling(
      kernel: [height, width], strides: [strideHeight, strideWidth], padBefore: [padHeight, padWidth], padAfter: [padHeight, padWidth],
      countsPadding: countsPadding)
  }
}
