import Foundation

/// How the values of an input are the pixels of an image, grey or in colours.
struct InputPicture: Equatable {
  let channels: Int
  let height: Int
  let width: Int
  /// Whether a pixel's channels lie side by side; otherwise there is one plane for each.
  let isInterleaved: Bool

  /// The layout that a shape says, or that the number of values suggests: 28 × 28 grey, 3 × 32 × 32; `nil` when it is no image.
  init?(shape: [Int]) {
    let axes = shape.count == 4 && shape[0] == 1 ? Array(shape.dropFirst()) : shape
    let count = shape.reduce(1, *)
    let sides = (4...512)
    switch axes.count {
    case 3 where [1, 3].contains(axes[0]) && sides.contains(axes[1]) && sides.contains(axes[2]):
      (channels, height, width, isInterleaved) = (axes[0], axes[1], axes[2], false)
    case 3 where [1, 3].contains(axes[2]) && sides.contains(axes[0]) && sides.contains(axes[1]):
      (channels, height, width, isInterleaved) = (axes[2], axes[0], axes[1], true)
    case 2 where axes[0] > 1 && sides.contains(axes[0]) && sides.contains(axes[1]):
      (channels, height, width, isInterleaved) = (1, axes[0], axes[1], false)
    default:
      switch count {
      case 784: (channels, height, width, isInterleaved) = (1, 28, 28, false)
      case 3072: (channels, height, width, isInterleaved) = (3, 32, 32, false)
      default: return nil
      }
    }
  }

  /// The number of values.
  var count: Int { channels * height * width }

  /// An image as a file in a URL.
  ///
  /// - Parameters:
  ///   - values: the input.
  ///   - range: the values shown as black and as white.
  func dataURI(_ values: [Double], range: ClosedRange<Double>) -> String {
    "data:image/png;base64," + image(values, range: range).png.base64EncodedString()
  }

  /// The pixels; images of more than 128 rows or columns are averaged over squares of pixels.
  func image(_ values: [Double], range: ClosedRange<Double>) -> PixelImage {
    let factor = max(1, (max(height, width) + Self.largestSide - 1) / Self.largestSide)
    let (rows, columns) = ((height + factor - 1) / factor, (width + factor - 1) / factor)
    let extent = range.upperBound - range.lowerBound
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows * columns * channels)
    for row in 0..<rows {
      for column in 0..<columns {
        for channel in 0..<channels {
          let square = (row * factor..<min(height, (row + 1) * factor)).flatMap { y in
            (column * factor..<min(width, (column + 1) * factor)).map { x in values[index(channel, y, x)] }
          }
          let value = square.reduce(0, +) / Double(square.count)
          let share = extent > 0 ? (value - range.lowerBound) / extent : 0
          bytes.append(UInt8((255 * min(1, max(0, share.isNaN ? 0 : share))).rounded()))
        }
      }
    }
    return PixelImage(width: columns, height: rows, isGrey: channels == 1, bytes: bytes)
  }

  private static let largestSide = 128

  private func index(_ channel: Int, _ row: Int, _ column: Int) -> Int {
    isInterleaved ? (row * width + column) * channels + channel : (channel * height + row) * width + column
  }
}
