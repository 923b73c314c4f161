import Foundation

/// Counts, sizes and times as people read them.
public enum Quantity {
  /// Seconds with about three digits.
  public static func seconds(_ value: Double) -> String {
    switch value {
    case ..<10: String(format: "%.2f", value)
    case ..<100: String(format: "%.1f", value)
    default: String(format: "%.0f", value)
    }
  }

  /// Seconds with two decimals at least, three where they are few.
  public static func fineSeconds(_ value: Double) -> String { value < 1 ? String(format: "%.3f", value) : seconds(value) }

  /// As ``fineSeconds(_:)``, but never 0: less than half a millisecond is "<0.001".
  public static func positiveSeconds(_ value: Double) -> String { value < 0.0005 ? "<0.001" : fineSeconds(value) }

  /// A time to wait, rounded up: "40 s", "3 min", "1 h 20 min".
  public static func wait(_ seconds: Double) -> String {
    guard seconds >= 60 else { return "\(Int(max(0, seconds).rounded(.up))) s" }
    // A rate that is hardly more than nothing promises no end.
    guard seconds < 1e9 else { return "years" }
    let minutes = Int((seconds / 60).rounded(.up))
    return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }

  /// What is done of a whole, with a bar of twenty signs: "[#####---------------]  25 of 100".
  public static func progress(_ done: Int, of total: Int) -> String {
    let width = 20
    let filled = total <= 0 ? width : width * min(max(0, done), total) / total
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]  \(done) of \(total)"
  }

  /// Bytes in binary units, rounded up.
  public static func bytes(_ value: Int) -> String {
    var (size, unit) = (Double(value), 0)
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while size >= 1024, unit < units.count - 1 {
      size /= 1024
      unit += 1
    }
    if unit == 0 { return "\(value) B" }
    return String(format: "%.1f ", (size * 10).rounded(.up) / 10) + units[unit]
  }

  /// A whole number with a comma between thousands.
  public static func count(_ value: Int) -> String {
    var text = ""
    for (position, digit) in String(value.magnitude).reversed().enumerated() {
      if position > 0, position % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + String(text.reversed())
  }

  /// A large approximate count, as in 2.4e9.
  public static func approximate(_ value: Double) -> String { value < 1e6 ? count(Int(value)) : DecimalBound.down(value, digits: 3) }

  /// A share with two decimals: "98.00 %".
  public static func percent(_ share: Double) -> String {
    let size = (share * 10_000).rounded().magnitude
    // Shares may come from files: a number that no integer holds is no reason to stop.
    guard size < 1e15 else { return "\(100 * share) %" }
    let (whole, hundredths) = Int(size).quotientAndRemainder(dividingBy: 100)
    return "\(share < 0 && size > 0 ? "-" : "")\(whole).\(hundredths < 10 ? "0" : "")\(hundredths) %"
  }

  /// "1 unit", "2 units".
  public static func counted(_ count: Int, _ noun: String) -> String { "\(self.count(count)) \(noun)\(count == 1 ? "" : "s")" }
}
