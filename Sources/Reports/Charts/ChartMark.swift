/// Marks whose form tells the series as well as their colour does.
enum ChartMark {
  /// Draws the mark of one of four series.
  static func draw(_ canvas: inout SVGCanvas, _ x: Double, _ y: Double, series: Int, isFilled: Bool) {
    let name = "mark-\(series + 1)" + (isFilled ? "" : " hollow")
    switch series {
    case 0: canvas.dot(x, y, radius: 5, class: name)
    case 1: canvas.area([(x - 4, y - 4), (x + 4, y - 4), (x + 4, y + 4), (x - 4, y + 4)], class: name)
    case 2: canvas.area([(x, y - 5.5), (x + 5.5, y), (x, y + 5.5), (x - 5.5, y)], class: name)
    default: canvas.area([(x, y - 5), (x + 5, y + 4), (x - 5, y + 4)], class: name)
    }
  }
}
