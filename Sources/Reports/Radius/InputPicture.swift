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

  /// An image as a file in a URL: a bitmap of 24 bits a pixel, which needs no compression and no checksum.
  ///
  /// - Parameters:
  ///   - values: the input.
  ///   - range: the values shown as black and as white.
  func dataURI(_ values: [Double], range: ClosedRange<Double>) -> String {
    "data:image/bmp;base64," + bitmap(values, range: range).base64EncodedString()
  }

  /// BITMAPFILEHEADER, BITMAPINFOHEADER and the rows from the lowest up, blue before green before red, each filled up to four bytes.
  func bitmap(_ values: [Double], range: ClosedRange<Double>) -> Data {
    let rowLength = (3 * width + 3) / 4 * 4
    let size = rowLength * height
    var data = Data("BM".utf8)
    func append(_ value: Int, bytes: Int) { for k in 0..<bytes { data.append(UInt8(truncatingIfNeeded: value >> (8 * k))) } }
    for field in [54 + size, 0, 54, 40, width, height] { append(field, bytes: 4) }
    append(1, bytes: 2)
    append(24, bytes: 2)
    for field in [0, size, 2835, 2835, 0, 0] { append(field, bytes: 4) }
    let extent = range.upperBound - range.lowerBound
    for row in (0..<height).reversed() {
      for column in 0..<width {
        for channel in [2, 1, 0] {
          let value = values[index(min(channel, channels - 1), row, column)]
          let share = extent > 0 ? (value - range.lowerBound) / extent : 0
          data.append(UInt8((255 * min(1, max(0, share.isNaN ? 0 : share))).rounded()))
        }
      }
      for _ in 3 * width..<rowLength { data.append(0) }
    }
    return data
  }

  private func index(_ channel: Int, _ row: Int, _ column: Int) -> Int {
    isInterleaved ? (row * width + column) * channels + channel : (channel * height + row) * width + column
  }
}
